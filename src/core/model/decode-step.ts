/**
 * @file The decoder one token a row, with a cache: what a rollout does at every step.
 *
 * The same model as `decoder.ts`, built from fused operators that have no gradient (residual sum and norm; rotary embedding,
 * cache and attention), because here the number of operators is what costs. Rows of a batch may be of different lengths.
 */
import type { HostTensor } from '../graph/engine';
import type { Graph, Value } from '../graph/graph';
import {
  concat,
  expand,
  gather,
  groupQueryAttention,
  matmul,
  mul,
  reshape,
  silu,
  skipSimplifiedLayerNorm,
  simplifiedLayerNorm,
  split,
} from '../graph/ops';
import type { ModelConfig } from './config';
import { parameter, rotaryTables, type Parameters } from './decoder';

/** Heads in the cache are padded with zeros to a multiple of this, which the attention kernels want. */
const HEAD_MULTIPLE = 16;

/** K of the cache: the head size, padded. */
export const cachedHeadSize = ({ headSize }: ModelConfig): number => Math.ceil(headSize / HEAD_MULTIPLE) * HEAD_MULTIPLE;

/** Keys and values of every layer, `[B, G, S, K]` each with K the {@link cachedHeadSize}. */
export interface Cache {
  readonly keys: readonly Value[];
  readonly values: readonly Value[];
}

/**
 * Pads heads with zeros, each half of a head by itself: rotary embedding turns element i with element i + K/2.
 * `x [..., K]` → `[..., K']`
 */
export function padHeads(config: ModelConfig, x: Value): Value {
  const padding = (cachedHeadSize(config) - config.headSize) / 2;
  if (padding === 0) return x;
  const lead = x.dims.slice(0, -1);
  const halves = reshape(x, [...lead, 2, config.headSize / 2]);
  const zeros = expand(x.graph.scalar(0), [...lead, 2, padding]);
  return reshape(concat([halves, zeros], -1), [...lead, cachedHeadSize(config)]);
}

/** The weights of a layer as a step wants them: heads padded, gate and up apart. Made once, outside the loop. */
interface StepLayer {
  readonly attentionNorm: Value;
  /** `[D, (H + 2·G)·K']` */
  readonly qkv: Value;
  /** `[H·K', D]` */
  readonly output: Value;
  readonly feedForwardNorm: Value;
  /** `[D, F]` each. */
  readonly gate: Value;
  readonly up: Value;
  readonly down: Value;
}

/** What every step needs besides its token and cache. */
export interface StepWeights {
  readonly embedding: Value;
  readonly layers: readonly StepLayer[];
  readonly norm: Value;
  /** Angles of every position, `[P, K'/2]`. */
  readonly cos: Value;
  readonly sin: Value;
}

/** Prepares a model for steps. `cos`, `sin`: what {@link stepTables} makes. */
export function stepWeights(graph: Graph, config: ModelConfig, parameters: Parameters, cos: Value, sin: Value): StepWeights {
  const { width, numLayers, numHeads, numKeyValueHeads, headSize, feedForwardSize } = config;
  const padded = cachedHeadSize(config);
  const numAll = numHeads + 2 * numKeyValueHeads;
  // The operator divides scores by √K'; queries are made longer by √(K'/K) to divide by √K in all.
  const stretch = Float32Array.from({ length: numAll }, (_, head) => (head < numHeads ? Math.sqrt(padded / headSize) : 1));
  const layers = Array.from({ length: numLayers }, (_, layer): StepLayer => {
    const named = (name: string) => parameter(parameters, `layers.${layer}.${name}`);
    const heads = padHeads(config, reshape(named('attention.qkv'), [width, numAll, headSize]));
    const stretched = padded === headSize ? heads : mul(heads, graph.constant(stretch, [numAll, 1]));
    const output = reshape(named('attention.output'), [numHeads, headSize, width]);
    const [gate, up] = split(named('feedForward.gateUp'), 1, [feedForwardSize, feedForwardSize]) as [Value, Value];
    return {
      attentionNorm: named('attention.norm'),
      qkv: reshape(stretched, [width, numAll * padded]),
      output: reshape(padRows(config, output), [numHeads * padded, width]),
      feedForwardNorm: named('feedForward.norm'),
      gate,
      up,
      down: named('feedForward.down'),
    };
  });
  return { embedding: parameter(parameters, 'embedding'), layers, norm: parameter(parameters, 'norm'), cos, sin };
}

/** Cosines and sines of positions 0 … count − 1 for padded heads, `[count, K'/2]`; padding is turned by no angle. */
export function stepTables(config: ModelConfig, count: number): { cos: HostTensor; sin: HostTensor } {
  const tables = rotaryTables(config, count);
  const [half, padded] = [config.headSize / 2, cachedHeadSize(config) / 2];
  const widen = (numbers: Float32Array, fill: number): HostTensor => ({
    dims: [count, padded],
    data: Float32Array.from({ length: count * padded }, (_, at) =>
      at % padded < half ? numbers[Math.floor(at / padded) * half + (at % padded)]! : fill,
    ),
  });
  return { cos: widen(tables.cos, 1), sin: widen(tables.sin, 0) };
}

/** Pads the rows of an output projection as {@link padHeads} pads columns. `[H, K, D]` → `[H, K', D]` */
function padRows(config: ModelConfig, x: Value): Value {
  const padding = (cachedHeadSize(config) - config.headSize) / 2;
  if (padding === 0) return x;
  const [numHeads, headSize, width] = x.dims as [number, number, number];
  const zeros = expand(x.graph.scalar(0), [numHeads, 2, padding, width]);
  return reshape(concat([reshape(x, [numHeads, 2, headSize / 2, width]), zeros], 2), [numHeads, cachedHeadSize(config), width]);
}

/** Where a step stands. */
export interface StepPlace {
  /** int32 `[B]`: tokens before this one, which is its position. */
  readonly lengths: Value;
  /** int32 `[1]`: the longest row, this token included. */
  readonly total: Value;
  /** S of the caches given back: fixed, or `UNKNOWN` where they grow. */
  readonly cacheLength: number;
}

/**
 * One more token a row.
 *
 * @param tokens int32 `[B]`
 * @returns hidden states after the last norm `[B, D]`, and the cache with the token added
 */
export function decodeStep(
  config: ModelConfig,
  weights: StepWeights,
  tokens: Value,
  cache: Cache,
  place: StepPlace,
): { hidden: Value; cache: Cache } {
  const [batch] = tokens.dims as [number];
  const { numHeads, numKeyValueHeads, normEpsilon } = config;
  const keysNow: Value[] = [];
  const valuesNow: Value[] = [];
  let x = gather(weights.embedding, tokens); // [B, D], the residual stream
  let added: Value | null = null; // what the last block adds to it
  const normed = (weight: Value): Value => {
    if (!added) return simplifiedLayerNorm(x, weight, normEpsilon);
    const [y, sum] = skipSimplifiedLayerNorm(x, added, weight, normEpsilon);
    x = sum;
    return y;
  };
  weights.layers.forEach((layer, i) => {
    const qkv = matmul(normed(layer.attentionNorm), layer.qkv);
    const [attended, keys, values] = groupQueryAttention(
      {
        qkv: reshape(qkv, [batch, 1, qkv.dims[1]!]),
        keys: cache.keys[i]!,
        values: cache.values[i]!,
        lengths: place.lengths,
        total: place.total,
        cos: weights.cos,
        sin: weights.sin,
        numHeads,
        numKeyValueHeads,
      },
      place.cacheLength,
    );
    added = matmul(reshape(attended, [batch, attended.dims[2]!]), layer.output);
    const inner = normed(layer.feedForwardNorm);
    added = matmul(mul(silu(matmul(inner, layer.gate)), matmul(inner, layer.up)), layer.down);
    keysNow.push(keys);
    valuesNow.push(values);
  });
  return { hidden: normed(weights.norm), cache: { keys: keysNow, values: valuesNow } };
}
