/**
 * @file The Llama-style decoder as graph: embedding, L × (attention, feed-forward), norm, head.
 *
 * Pre-norm with RMSNorm, rotary positions, grouped-query attention, SwiGLU (Touvron et al., arXiv 2302.13971; Ainslie
 * et al., arXiv 2305.13245). `decodeSequence` sees whole sequences (training, scoring); `decodeStep` one token a row with a
 * cache (rollouts). They share everything but attention. Sequences are padded on the right, where causality makes
 * padding invisible to every real token, so no padding mask exists.
 */
import type { Graph, Value } from '../graph/graph';
import { add, concat, gather, matmul, reshape, slice, split, transpose } from '../graph/ops';
import { attend, rmsNorm, rotaryEmbedding, swiGlu } from '../graph/composites';
import type { ModelConfig } from './config';
import { parameterLayout } from './parameters';

/** Parameters by name, as values cut out of theta. */
export type Parameters = ReadonlyMap<string, Value>;

/** Cuts `theta [N]` into the parameters of the layout. */
export function unpackParameters(config: ModelConfig, theta: Value): Parameters {
  return new Map(
    parameterLayout(config).entries.map(({ name, offset, size, dims }) => [name, reshape(slice(theta, 0, offset, offset + size), dims)]),
  );
}

/** A parameter by name. @throws when the layout has none */
export function parameter(parameters: Parameters, name: string): Value {
  const value = parameters.get(name);
  if (!value) throw new Error(`the model has no parameter "${name}"`);
  return value;
}

/** Cosines and sines of positions `start … start + count`, each `[count, K]`, both halves filled. */
export function rotaryTables(config: ModelConfig, start: number, count: number): { cos: Float32Array; sin: Float32Array } {
  const { headSize, ropeTheta } = config;
  const cos = new Float32Array(count * headSize);
  const sin = new Float32Array(count * headSize);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < headSize; i++) {
      const angle = (start + row) * ropeTheta ** ((-2 * (i % (headSize / 2))) / headSize);
      cos[row * headSize + i] = Math.cos(angle);
      sin[row * headSize + i] = Math.sin(angle);
    }
  return { cos, sin };
}

/** 0 where a query may look, −1e9 where not: `[G·T, T]`, the causal square once for each query head of a key head. */
function causalMask(graph: Graph, length: number, headsPerKey: number): Value {
  const mask = new Float32Array(headsPerKey * length * length);
  for (let row = 0; row < headsPerKey * length; row++) mask.fill(-1e9, row * length + (row % length) + 1, (row + 1) * length);
  return graph.constant(mask, [headsPerKey * length, length]);
}

/** Feed-forward block with its norm and residual. `x [M, D]` */
function feedForward(config: ModelConfig, parameters: Parameters, layer: number, x: Value): Value {
  const normed = rmsNorm(x, parameter(parameters, `layers.${layer}.feedForward.norm`), config.normEpsilon);
  const both = matmul(normed, parameter(parameters, `layers.${layer}.feedForward.gateUp`)); // [M, 2F]
  const [gate, up] = split(both, 1, [config.feedForwardSize, config.feedForwardSize]) as [Value, Value];
  return add(x, matmul(swiGlu(gate, up), parameter(parameters, `layers.${layer}.feedForward.down`)));
}

/** Norm, then queries, keys and values of every row in one product. `x [M, D]` → `[M, (H + 2G)·K]` */
function projectHeads(config: ModelConfig, parameters: Parameters, layer: number, x: Value): Value {
  const normed = rmsNorm(x, parameter(parameters, `layers.${layer}.attention.norm`), config.normEpsilon);
  return matmul(normed, parameter(parameters, `layers.${layer}.attention.qkv`));
}

/** Splits heads `[B, H + 2G, T, K]` into turned queries `[B, H, T, K]`, turned keys and values `[B, G, T, K]`. */
function turnHeads(config: ModelConfig, heads: Value, cos: Value, sin: Value): [Value, Value, Value] {
  const { numHeads, numKeyValueHeads } = config;
  const [queriesAndKeys, values] = split(heads, 1, [numHeads + numKeyValueHeads, numKeyValueHeads]) as [Value, Value];
  const [queries, keys] = split(rotaryEmbedding(queriesAndKeys, cos, sin), 1, [numHeads, numKeyValueHeads]) as [Value, Value];
  return [queries, keys, values];
}

/**
 * Hidden states of whole sequences after the last norm.
 *
 * @param tokens int32 `[B, T]`
 * @returns `[B·T, D]`
 */
export function decodeSequence(config: ModelConfig, parameters: Parameters, tokens: Value): Value {
  const [batch, length] = tokens.dims as [number, number];
  const { width, numLayers, numHeads, numKeyValueHeads, headSize } = config;
  const graph = tokens.graph;
  const tables = rotaryTables(config, 0, length);
  const cos = graph.constant(tables.cos, [length, headSize]);
  const sin = graph.constant(tables.sin, [length, headSize]);
  const headsPerKey = numHeads / numKeyValueHeads;
  const mask = causalMask(graph, length, headsPerKey);
  let x = reshape(gather(parameter(parameters, 'embedding'), tokens), [batch * length, width]); // [B·T, D]
  for (let layer = 0; layer < numLayers; layer++) {
    const projected = projectHeads(config, parameters, layer, x);
    const heads = transpose(reshape(projected, [batch, length, numHeads + 2 * numKeyValueHeads, headSize]), [0, 2, 1, 3]); // [B, H + 2G, T, K]
    const [queries, keys, values] = turnHeads(config, heads, cos, sin);
    const stacked = reshape(queries, [batch, numKeyValueHeads, headsPerKey * length, headSize]); // query heads of one key head, one below the other
    const attended = reshape(attend(stacked, keys, values, mask), [batch, numHeads, length, headSize]);
    const rows = reshape(transpose(attended, [0, 2, 1, 3]), [batch * length, numHeads * headSize]); // [B·T, H·K]
    x = add(x, matmul(rows, parameter(parameters, `layers.${layer}.attention.output`)));
    x = feedForward(config, parameters, layer, x);
  }
  return rmsNorm(x, parameter(parameters, 'norm'), config.normEpsilon);
}

/** Keys and values seen so far, per layer: `[B, G, S, K]`. */
export interface Cache {
  readonly keys: readonly Value[];
  readonly values: readonly Value[];
}

/**
 * One more token a row.
 *
 * @param tokens int32 `[B]`
 * @param cos, sin rotary row of this position, `[1, K]`
 * @returns hidden states after the last norm `[B, D]`, and the cache with the token added
 */
export function decodeStep(
  config: ModelConfig,
  parameters: Parameters,
  tokens: Value,
  cache: Cache,
  cos: Value,
  sin: Value,
): { hidden: Value; cache: Cache } {
  const [batch] = tokens.dims as [number];
  const { numLayers, numHeads, numKeyValueHeads, headSize } = config;
  const keysNow: Value[] = [];
  const valuesNow: Value[] = [];
  let x = gather(parameter(parameters, 'embedding'), tokens); // [B, D]
  for (let layer = 0; layer < numLayers; layer++) {
    const heads = reshape(projectHeads(config, parameters, layer, x), [batch, numHeads + 2 * numKeyValueHeads, 1, headSize]);
    const [queries, key, value] = turnHeads(config, heads, cos, sin);
    const keys = concat([cache.keys[layer]!, key], 2); // [B, G, S + 1, K]
    const values = concat([cache.values[layer]!, value], 2);
    const stacked = reshape(queries, [batch, numKeyValueHeads, numHeads / numKeyValueHeads, headSize]);
    const rows = reshape(attend(stacked, keys, values, null), [batch, numHeads * headSize]);
    x = add(x, matmul(rows, parameter(parameters, `layers.${layer}.attention.output`)));
    x = feedForward(config, parameters, layer, x);
    keysNow.push(keys);
    valuesNow.push(values);
  }
  return { hidden: rmsNorm(x, parameter(parameters, 'norm'), config.normEpsilon), cache: { keys: keysNow, values: valuesNow } };
}

/** Logits of the next token. `hidden [M, D]` → `[M, V]` */
export function languageHead(config: ModelConfig, parameters: Parameters, hidden: Value): Value {
  return config.tiedEmbeddings
    ? matmul(hidden, parameter(parameters, 'embedding'), { transposeB: true })
    : matmul(hidden, parameter(parameters, 'head'));
}

/** Scalar score of each row. `hidden [M, D]` → `[M]` */
export function scoreHead(parameters: Parameters, hidden: Value): Value {
  return reshape(matmul(hidden, parameter(parameters, 'score')), [hidden.dims[0]!]);
}
