/**
 * @file A policy as one ONNX file that other programs run: `onnx/model.onnx` of a Hugging Face folder.
 *
 * Inputs and outputs are named as Hugging Face's exporter (optimum) names them, so that transformers.js and ONNX Runtime
 * GenAI know what to do: token ids in, logits out, and the keys and values of every layer in and out. Any batch, any
 * length, padding on either side. Only standard operators, float32 weights; RMSNorm is written in the six nodes that
 * ONNX Runtime recognises and fuses. The engine does not use this graph: it has faster ones of fixed sizes.
 */
import { OnnxWriter } from '../graph/onnx-writer';
import { CheckpointError } from './checkpoint-error';
import type { ModelConfig } from './config';
import { rotaryTables } from './decoder';
import { parameterLayout, parameterView } from './parameters';

/** A protobuf message ends at 2 GiB, the nodes included. Larger models have their weights in a second file; ours have not. */
const MAX_WEIGHT_BYTES = 2 ** 31 - 2 ** 24;
/** Added to the score of a key that must not be seen. */
const HIDDEN = -1e9;

/** What all layers need, worked out once a run. */
interface Shared {
  readonly writer: OnnxWriter;
  readonly config: ModelConfig;
  /** Names the weight called so in theta's layout. */
  readonly weight: (name: string) => string;
  /** Rotary rows of the positions asked for, `[B, T, 1, K]`. */
  readonly cos: string;
  readonly sin: string;
  /** 0 or {@link HIDDEN} for each query and key, once for each query head of a key head: `[B, 1, (H/G)·T, S]`. */
  readonly bias: string;
}

/** x / √(mean x² + ε) · weight. `x [B, T, D]` */
function rmsNorm({ writer, config, weight }: Shared, x: string, name: string): string {
  const squares = writer.node('Pow', [x, writer.scalar(2)]);
  const mean = writer.node('ReduceMean', [squares, writer.numbers(-1)], { keepdims: 1 });
  const root = writer.node('Sqrt', [writer.node('Add', [mean, writer.scalar(config.normEpsilon)])]);
  return writer.node('Mul', [writer.node('Div', [x, root]), weight(name)]);
}

/** Rotary positions, rotate-half. `x [B, T, ·, K]` */
function turn({ writer, cos, sin }: Shared, x: string): string {
  const [first, second] = writer.nodes('Split', [x], 2, { axis: -1, num_outputs: 2 }) as [string, string];
  const rotated = writer.node('Concat', [writer.node('Neg', [second]), first], { axis: -1 });
  return writer.node('Add', [writer.node('Mul', [x, cos]), writer.node('Mul', [rotated, sin])]);
}

/** Grouped-query attention over the keys and values of the past and of now. `x [B, T, D]` → `[B, T, H·K]` */
function attention(shared: Shared, x: string, layer: number): string {
  const { writer, config, weight, bias } = shared;
  const { numHeads: H, numKeyValueHeads: G, headSize: K } = config;
  const projected = writer.node('MatMul', [x, weight(`layers.${layer}.attention.qkv`)]); // [B, T, (H + 2G)·K]
  const heads = writer.node('Reshape', [projected, writer.numbers(0, 0, H + 2 * G, K)]);
  const [queriesAndKeys, values] = writer.nodes('Split', [heads, writer.numbers(H + G, G)], 2, { axis: 2 }) as [string, string];
  const forward = (rows: string) => writer.node('Transpose', [rows], { perm: [0, 2, 1, 3] }); // [B, ·, T, K]
  const turned = forward(turn(shared, queriesAndKeys));
  const [queries, keys] = writer.nodes('Split', [turned, writer.numbers(H, G)], 2, { axis: 1 }) as [string, string];
  const cached = (kind: 'key' | 'value', now: string) => {
    const dims = (length: string) => ['batch_size', G, length, K];
    const past = writer.input(`past_key_values.${layer}.${kind}`, 'float32', dims('past_sequence_length'));
    const present = `present.${layer}.${kind}`;
    writer.output(present, 'float32', dims('total_sequence_length'));
    return writer.node('Concat', [past, now], { axis: 2 }, present); // [B, G, S, K]
  };
  const allKeys = writer.node('Transpose', [cached('key', keys)], { perm: [0, 1, 3, 2] }); // [B, G, K, S]
  const allValues = cached('value', forward(values));
  // The query heads that share a key head lie one below the other, so that one product serves them all.
  const stacked = writer.node('Reshape', [queries, writer.numbers(0, G, -1, K)]); // [B, G, (H/G)·T, K]
  const scores = writer.node('Mul', [writer.node('MatMul', [stacked, allKeys]), writer.scalar(1 / Math.sqrt(K))]);
  const weights = writer.node('Softmax', [writer.node('Add', [scores, bias])], { axis: -1 }); // [B, G, (H/G)·T, S]
  const attended = writer.node('Reshape', [writer.node('MatMul', [weights, allValues]), writer.numbers(0, H, -1, K)]);
  return writer.node('Reshape', [forward(attended), writer.numbers(0, 0, H * K)]);
}

/** SwiGLU. `x [B, T, D]` */
function feedForward({ writer, weight }: Shared, x: string, layer: number): string {
  const both = writer.node('MatMul', [x, weight(`layers.${layer}.feedForward.gateUp`)]); // [B, T, 2F]
  const [gate, up] = writer.nodes('Split', [both], 2, { axis: -1, num_outputs: 2 }) as [string, string];
  const silu = writer.node('Mul', [gate, writer.node('Sigmoid', [gate])]);
  return writer.node('MatMul', [writer.node('Mul', [silu, up]), weight(`layers.${layer}.feedForward.down`)]);
}

/**
 * Which keys each query may see: those that are no padding and not after it. The T queries are the last of the S keys.
 * @param tokens `[B, T]`
 * @param mask `[B, S]`, 1 for a token and 0 for padding
 * @returns {@link Shared.bias}
 */
function attentionBias(writer: OnnxWriter, config: ModelConfig, tokens: string, mask: string): string {
  const lengthOf = (x: string) => writer.node('Squeeze', [writer.node('Shape', [x], { start: 1, end: 2 })]);
  const [numQueries, numKeys] = [lengthOf(tokens), lengthOf(mask)];
  const range = (from: string) => writer.node('Range', [from, numKeys, writer.index(1)]);
  const keyPlaces = range(writer.index(0)); // [S]
  const queryPlaces = range(writer.node('Sub', [numKeys, numQueries])); // [T]
  const isPast = writer.node('LessOrEqual', [keyPlaces, writer.node('Unsqueeze', [queryPlaces, writer.numbers(1)])]); // [T, S]
  const isToken = writer.node('Unsqueeze', [writer.cast(mask, 'bool'), writer.numbers(1, 2)]); // [B, 1, 1, S]
  const isSeen = writer.node('And', [isPast, isToken]); // [B, 1, T, S]
  const bias = writer.node('Where', [isSeen, writer.scalar(0), writer.scalar(HIDDEN)]);
  return writer.node('Tile', [bias, writer.numbers(1, 1, config.numHeads / config.numKeyValueHeads, 1)]);
}

/** Rows of `[P, K/2]`, each written twice. `[P, K]` */
function bothHalves(table: Float32Array, half: number): Float32Array {
  return Float32Array.from({ length: 2 * table.length }, (_, at) => table[Math.floor(at / (2 * half)) * half + (at % half)]!);
}

/**
 * The ONNX file of a language model.
 *
 * Inputs, with B sequences, T new tokens and S = T + past ones: `input_ids`, `position_ids` int64 `[B, T]`, `attention_mask`
 * int64 `[B, S]`, `past_key_values.i.key` and `.value` `[B, G, S − T, K]`. Outputs: `logits [B, T, V]`, `present.i.key` and
 * `.value` `[B, G, S, K]`. Positions count from 0 at a row's first token that is no padding; a run fails at one beyond
 * the model's last.
 *
 * @param theta `[N]`
 * @throws RangeError when theta has another length than `config` says, or the model has a score head
 * @throws CheckpointError when the file would have more than two gigabytes
 */
export function exportOnnx(config: ModelConfig, theta: Float32Array): Uint8Array {
  if (config.numLabels > 0) throw new RangeError('a model with a score head has no logits to export');
  const layout = parameterLayout(config);
  const { maxPositions, headSize, numLayers, vocabularySize } = config;
  if (4 * (layout.numParameters + 2 * maxPositions * headSize) > MAX_WEIGHT_BYTES)
    throw new CheckpointError(`The model has ${layout.numParameters} parameters, too many for one ONNX file, which ends at two gigabytes.`);
  const writer = new OnnxWriter();
  const dimsOf = new Map(layout.entries.map(({ name, dims }) => [name, dims]));
  const weight = (name: string) => writer.tensor(name, dimsOf.get(name)!, parameterView(layout, theta, name));

  const tokens = writer.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const mask = writer.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  const positions = writer.input('position_ids', 'int64', ['batch_size', 'sequence_length']);
  writer.output('logits', 'float32', ['batch_size', 'sequence_length', vocabularySize]);

  const tables = rotaryTables(config, maxPositions);
  const rows = (kind: 'cos' | 'sin') =>
    writer.node('Gather', [writer.tensor(kind, [maxPositions, 1, headSize], bothHalves(tables[kind], headSize / 2)), positions]);
  const shared = { writer, config, weight, cos: rows('cos'), sin: rows('sin'), bias: attentionBias(writer, config, tokens, mask) };

  const embedding = weight('embedding');
  let x = writer.node('Gather', [embedding, tokens]); // [B, T, D]
  for (let layer = 0; layer < numLayers; layer++) {
    const mixed = attention(shared, rmsNorm(shared, x, `layers.${layer}.attention.norm`), layer);
    x = writer.node('Add', [x, writer.node('MatMul', [mixed, weight(`layers.${layer}.attention.output`)])]);
    x = writer.node('Add', [x, feedForward(shared, rmsNorm(shared, x, `layers.${layer}.feedForward.norm`), layer)]);
  }
  const head = config.tiedEmbeddings ? writer.node('Transpose', [embedding], { perm: [1, 0] }) : weight('head');
  writer.node('MatMul', [rmsNorm(shared, x, 'norm'), head], {}, 'logits'); // [B, T, V]
  return writer.finish();
}
