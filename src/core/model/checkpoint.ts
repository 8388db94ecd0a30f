/**
 * @file Between theta and Hugging Face's tensors for Llama models.
 *
 * Theirs are one matrix a projection, `[out, in]`; ours are fused and `[in, out]` (see parameters.ts). So each of their
 * tensors is a block of columns of one of our parameters, transposed. Rotary positions turn first half with second half
 * in both, so no rows are permuted. Nothing is computed: weights come back bit for bit.
 */
import { CheckpointError } from './checkpoint-error';
import type { ModelConfig, TorchDtype } from './config';
import { parameterEntry, parameterLayout, type ParameterEntry, type ParameterLayout } from './parameters';
import {
  quoted,
  readSafetensors,
  tensorData,
  writeSafetensors,
  type NamedTensor,
  type SafetensorsDtype,
  type StoredTensor,
} from './safetensors';

/** Where one Hugging Face tensor lives in theta. */
interface TensorPlace {
  readonly name: string;
  /** The file's dims: `[out, in]` for a projection. */
  readonly dims: readonly number[];
  readonly entry: ParameterEntry;
  /** For a projection, the first of its `out` columns within our matrix; null when it is stored as it is. */
  readonly firstColumn: number | null;
}

/** Files carry these though they say nothing new: a copy of the tied embedding, and the rotary frequencies. */
const REDUNDANT = /^model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/;
const HEAD = 'lm_head.weight';
/** Element types as Hugging Face's configuration and as safetensors spell them. */
const STORED_AS: Readonly<Record<TorchDtype, SafetensorsDtype>> = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' };

function tensorPlaces(config: ModelConfig, layout: ParameterLayout): TensorPlace[] {
  const { vocabularySize: V, width: D, numHeads, numKeyValueHeads, headSize, feedForwardSize: F } = config;
  const queries = numHeads * headSize;
  const keys = numKeyValueHeads * headSize;
  const entry = (name: string): ParameterEntry => parameterEntry(layout, name);
  const same = (name: string, ours: string): TensorPlace => ({ name, dims: entry(ours).dims, entry: entry(ours), firstColumn: null });
  const projection = (name: string, [out, from]: [number, number], ours: string, firstColumn = 0): TensorPlace => ({
    name,
    dims: [out, from],
    entry: entry(ours),
    firstColumn,
  });

  const places = [same('model.embed_tokens.weight', 'embedding'), same('model.norm.weight', 'norm')];
  for (let i = 0; i < config.numLayers; i++) {
    const theirs = `model.layers.${i}`;
    const ours = `layers.${i}`;
    places.push(
      projection(`${theirs}.self_attn.q_proj.weight`, [queries, D], `${ours}.attention.qkv`),
      projection(`${theirs}.self_attn.k_proj.weight`, [keys, D], `${ours}.attention.qkv`, queries),
      projection(`${theirs}.self_attn.v_proj.weight`, [keys, D], `${ours}.attention.qkv`, queries + keys),
      projection(`${theirs}.self_attn.o_proj.weight`, [D, queries], `${ours}.attention.output`),
      projection(`${theirs}.mlp.gate_proj.weight`, [F, D], `${ours}.feedForward.gateUp`),
      projection(`${theirs}.mlp.up_proj.weight`, [F, D], `${ours}.feedForward.gateUp`, F),
      projection(`${theirs}.mlp.down_proj.weight`, [D, F], `${ours}.feedForward.down`),
      same(`${theirs}.input_layernorm.weight`, `${ours}.attention.norm`),
      same(`${theirs}.post_attention_layernorm.weight`, `${ours}.feedForward.norm`),
    );
  }
  if (config.numLabels === 1) places.push(projection('score.weight', [1, D], 'score'));
  else if (!config.tiedEmbeddings) places.push(projection(HEAD, [V, D], 'head'));
  return places;
}

/** Calls `copy(index in the file's tensor, index in theta)` for every element of a tensor. */
function forEachElement({ dims, entry, firstColumn }: TensorPlace, copy: (theirs: number, ours: number) => void): void {
  if (firstColumn === null) {
    for (let i = 0; i < entry.size; i++) copy(i, entry.offset + i);
    return;
  }
  const [numOut, numIn] = dims as [number, number];
  const numColumns = entry.dims[1]!;
  for (let out = 0; out < numOut; out++)
    for (let from = 0; from < numIn; from++) copy(out * numIn + from, entry.offset + from * numColumns + firstColumn + out);
}

/**
 * Theta `[N]` from the tensors of a model.
 * @throws CheckpointError naming a tensor that is missing, unknown or of another shape than `config` wants
 */
function thetaFromTensors(config: ModelConfig, tensors: ReadonlyMap<string, StoredTensor>): Float32Array {
  const layout = parameterLayout(config);
  const places = tensorPlaces(config, layout);
  // All shapes first, so that a wrong configuration fails before theta is filled.
  for (const { name, dims } of places) {
    const tensor = tensors.get(name);
    if (!tensor) throw new CheckpointError(`The weights lack the tensor ${quoted(name)}.`);
    if (tensor.dims.length !== dims.length || tensor.dims.some((dim, i) => dim !== dims[i]))
      throw new CheckpointError(
        `The tensor ${quoted(name)} has shape [${tensor.dims.join(', ')}]; the configuration wants [${dims.join(', ')}].`,
      );
  }
  const known = new Set(places.map((place) => place.name));
  if (config.tiedEmbeddings && config.numLabels === 0) known.add(HEAD);
  for (const name of tensors.keys())
    if (!known.has(name) && !REDUNDANT.test(name))
      throw new CheckpointError(`The weights have a tensor ${quoted(name)} that this model does not.`);

  const theta = new Float32Array(layout.numParameters);
  // As integers: moving a float through a register may change the bits of a NaN.
  const target = new Uint32Array(theta.buffer);
  for (const place of places) {
    const source = new Uint32Array(tensorData(tensors.get(place.name)!).buffer);
    forEachElement(place, (theirs, ours) => (target[ours] = source[theirs]!));
  }
  return theta;
}

/**
 * Theta `[N]` from one safetensors file or from the shards of one model.
 * @throws CheckpointError when a file is damaged, a tensor occurs in two shards, or the tensors do not fit `config`
 */
export function thetaFromSafetensors(config: ModelConfig, files: Uint8Array | readonly Uint8Array[]): Float32Array {
  const tensors = new Map<string, StoredTensor>();
  for (const file of files instanceof Uint8Array ? [files] : files) {
    for (const [name, tensor] of readSafetensors(file)) {
      if (tensors.has(name)) throw new CheckpointError(`The tensor ${quoted(name)} is in two of the weights files.`);
      tensors.set(name, tensor);
    }
  }
  return thetaFromTensors(config, tensors);
}

/**
 * A `model.safetensors` file that Hugging Face's `from_pretrained` reads.
 * @param theta `[N]`
 * @throws RangeError when theta has another length than `config` says
 * @throws CheckpointError when a weight is too large for the type
 */
export function thetaToSafetensors(config: ModelConfig, theta: Float32Array, dtype: TorchDtype): Uint8Array<ArrayBuffer> {
  const layout = parameterLayout(config);
  if (theta.length !== layout.numParameters)
    throw new RangeError(`theta has ${theta.length} elements; the configuration has ${layout.numParameters}.`);
  const source = new Uint32Array(theta.buffer, theta.byteOffset, theta.length);
  const tensors = tensorPlaces(config, layout).map((place): NamedTensor => {
    const data = new Float32Array(place.dims.reduce((product, dim) => product * dim, 1));
    const target = new Uint32Array(data.buffer);
    forEachElement(place, (theirs, ours) => (target[theirs] = source[ours]!));
    return { name: place.name, dims: place.dims, data };
  });
  return writeSafetensors(tensors, STORED_AS[dtype]);
}
