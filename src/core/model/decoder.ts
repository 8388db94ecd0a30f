/**
 * @file The Llama-style decoder as graph: embedding, L × (attention, feed-forward), norm, head.
 *
 * Pre-norm with RMSNorm, rotary positions, grouped-query attention, SwiGLU (Touvron et al., arXiv 2302.13971; Ainslie
 * et al., arXiv 2305.13245). This file sees whole sequences: training, scoring, reading a prompt. One token at a time, with
 * a cache, is `decode-step.ts`. Sequences may be one a row, padded on the right, where causality makes padding invisible
 * to every real token, or packed, several a row; a `Placement` says which tokens see which.
 */
import type { Graph, Value } from '../graph/graph';
import { add, and, cast, equal, gather, matmul, or, reshape, scale, slice, split, sub, transpose } from '../graph/ops';
import { attend, rmsNorm, rotaryEmbedding, swiGluProjection, type RotaryTables } from '../graph/composites';
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

/** Cosines and sines of positions 0 … count − 1, each `[count, K/2]`. */
export function rotaryTables({ headSize, ropeTheta }: ModelConfig, count: number): { cos: Float32Array; sin: Float32Array } {
  const half = headSize / 2;
  const angles = Float64Array.from(
    { length: count * half },
    (_, at) => Math.floor(at / half) * ropeTheta ** ((-2 * (at % half)) / headSize),
  );
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}

/** Rotary tables as constants. */
function tableValues(graph: Graph, config: ModelConfig, count: number): RotaryTables {
  const { cos, sin } = rotaryTables(config, count);
  const dims = [count, config.headSize / 2];
  return { cos: graph.constant(cos, dims), sin: graph.constant(sin, dims) };
}

/** Where the tokens of `[B, T]` stand, and which they may see. */
export interface Placement {
  /** int64 `[B, T]`, each below T. */
  readonly positions: Value;
  /** Added to attention scores: 0 where seen, −1e9 where not. `[T, T]` or `[B, 1, T, T]` */
  readonly mask: Value;
}

/** 1 where column ≤ row, `[T, T]`. */
const lowerTriangle = (length: number) =>
  Uint8Array.from({ length: length * length }, (_, at) => Number(at % length <= Math.floor(at / length)));

/** One sequence a row, from position 0. */
export function oneSequencePerRow(graph: Graph, batch: number, length: number): Placement {
  const mask = Float32Array.from(lowerTriangle(length), (seen) => (seen ? 0 : -1e9));
  const positions = BigInt64Array.from({ length: batch * length }, (_, at) => BigInt(at % length));
  return { positions: graph.constant(positions, [batch, length]), mask: graph.constant(mask, [length, length]) };
}

/**
 * Several sequences a row: a token sees what stands before it in its own segment, and all of its segment's parent (the
 * prompt that a completion continues).
 *
 * @param positions int64 `[B, T]`
 * @param segments, parents int32 `[B, T]`; a parent that no segment has means none
 */
export function packedSequences(positions: Value, segments: Value, parents: Value): Placement {
  const [batch, length] = segments.dims as [number, number];
  const keys = reshape(segments, [batch, 1, 1, length]);
  const before = segments.graph.constant(lowerTriangle(length), [length, length]);
  const own = equal(reshape(segments, [batch, 1, length, 1]), keys);
  const parental = equal(reshape(parents, [batch, 1, length, 1]), keys);
  const seen = cast(and(or(own, parental), before), 'float32'); // [B, 1, T, T]
  return { positions, mask: scale(sub(seen, segments.graph.scalar(1)), 1e9) };
}

/** Feed-forward block with its norm and residual. `x [M, D]` */
function feedForward(config: ModelConfig, parameters: Parameters, layer: number, x: Value): Value {
  const normed = rmsNorm(x, parameter(parameters, `layers.${layer}.feedForward.norm`), config.normEpsilon);
  // Two products rather than one that is cut in two: cutting weights is cheap, cutting activations is not.
  const [gate, up] = split(parameter(parameters, `layers.${layer}.feedForward.gateUp`), 1, [
    config.feedForwardSize,
    config.feedForwardSize,
  ]);
  const down = parameter(parameters, `layers.${layer}.feedForward.down`);
  return add(x, swiGluProjection(matmul(normed, gate!), matmul(normed, up!), down));
}

/** Hidden states after the last norm, and the turned keys and the values of every layer. */
export interface DecodedSequence {
  /** `[B·T, D]` */
  readonly hidden: Value;
  /** Per layer `[B, G, T, K]`. */
  readonly keys: readonly Value[];
  readonly values: readonly Value[];
}

/**
 * Whole sequences.
 *
 * @param tokens int32 `[B, T]`
 */
export function decodeSequence(config: ModelConfig, parameters: Parameters, tokens: Value, placement: Placement): DecodedSequence {
  const [batch, length] = tokens.dims as [number, number];
  const { width, numLayers, numHeads, numKeyValueHeads, headSize, normEpsilon } = config;
  const tables = tableValues(tokens.graph, config, length);
  const allKeys: Value[] = [];
  const allValues: Value[] = [];
  const heads = (x: Value, count: number) => transpose(reshape(x, [batch, length, count, headSize]), [0, 2, 1, 3]); // [B, count, T, K]
  const turned = (x: Value, count: number) =>
    heads(rotaryEmbedding(reshape(x, [batch, length, count * headSize]), placement.positions, tables, count), count);
  let x = reshape(gather(parameter(parameters, 'embedding'), tokens), [batch * length, width]); // [B·T, D]
  for (let layer = 0; layer < numLayers; layer++) {
    const normed = rmsNorm(x, parameter(parameters, `layers.${layer}.attention.norm`), normEpsilon);
    const sizes = [numHeads, numKeyValueHeads, numKeyValueHeads].map((count) => count * headSize);
    const [toQueries, toKeys, toValues] = split(parameter(parameters, `layers.${layer}.attention.qkv`), 1, sizes);
    const queries = turned(matmul(normed, toQueries!), numHeads);
    const keys = turned(matmul(normed, toKeys!), numKeyValueHeads);
    const values = heads(matmul(normed, toValues!), numKeyValueHeads);
    const attended = attend(queries, keys, values, placement.mask); // [B, T, H, K]
    const rows = reshape(attended, [batch * length, numHeads * headSize]);
    x = add(x, matmul(rows, parameter(parameters, `layers.${layer}.attention.output`)));
    x = feedForward(config, parameters, layer, x);
    allKeys.push(keys);
    allValues.push(values);
  }
  return { hidden: rmsNorm(x, parameter(parameters, 'norm'), normEpsilon), keys: allKeys, values: allValues };
}

/** The rows that logits are products with: the embedding, or the untied head. `[V, D]` */
export function outputEmbedding(config: ModelConfig, parameters: Parameters): Value {
  return config.tiedEmbeddings ? parameter(parameters, 'embedding') : transpose(parameter(parameters, 'head'), [1, 0]);
}

/** Scalar score of each row. `hidden [M, D]` → `[M]` */
export function scoreHead(parameters: Parameters, hidden: Value): Value {
  return reshape(matmul(hidden, parameter(parameters, 'score')), [hidden.dims[0]!]);
}
