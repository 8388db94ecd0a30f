/**
 * @file The rollout program: prompts read at once, then sampling and log-probabilities of a whole batch, many steps a run.
 *
 * Prompts of different lengths share a batch: they are read as whole sequences, padded on the right, and every row of the
 * loop continues its prompt at its own length. Rows may share a prompt, which is then read once. Sampling is by inverse CDF
 * from uniforms drawn outside, so a seed gives the same tokens on every backend, up to float rounding. A row that has
 * drawn an end token is filled with padding.
 */
import { Graph, UNKNOWN, type Value } from '../graph/graph';
import {
  add,
  cast,
  concat,
  cumSum,
  equal,
  expand,
  gather,
  gatherElements,
  greater,
  log,
  matmul,
  max,
  min,
  mul,
  not,
  or,
  reduceMin,
  reduceSum,
  reshape,
  slice,
  softmax,
  sub,
  topK,
  where,
} from '../graph/ops';
import { loop, unroll, type LoopScope } from '../graph/loops';
import type { ModelConfig } from './config';
import { cachedHeadSize, decodeStep, padHeads, stepWeights, type Cache } from './decode-step';
import { decodeSequence, oneSequencePerRow, outputEmbedding, unpackParameters, type Parameters } from './decoder';
import { parameterLayout } from './parameters';

/** What a rollout program is compiled for. */
export interface RolloutShape {
  /** B: sequences side by side. */
  readonly batch: number;
  /** S: most tokens drawn by one run. */
  readonly numSteps: number;
  /**
   * Prompts read at the start, and their longest length but for the last token; or go on from a cache that is fed, of the same
   * rows or of some of those it holds.
   */
  readonly prompts: { readonly count: number; readonly length: number } | 'same rows' | 'some rows';
  /** Give the cache back, for a run that goes on. */
  readonly keepsCache: boolean;
  /** Tokens a cache holds; `UNKNOWN`: it grows with every step, which only a Loop can. */
  readonly cacheLength: number;
  /** Report log-probabilities of the distribution drawn from, or of the model itself (temperature 1). */
  readonly reports: 'sampling' | 'model';
  /** Alternatives to report at each step, 0 for none. */
  readonly numAlternatives: number;
  /**
   * How the steps are repeated. `until-ended`: an ONNX Loop that stops when every row has ended. `unrolled`: written out, for
   * a GPU, where a Loop would move all that it carries to the processor and back at every step.
   */
  readonly steps: 'until-ended' | 'unrolled';
}

/** Name of the cache input and output of a layer. */
export const cacheName = (kind: 'keys' | 'values', layer: number) => `${kind}_${layer}`;

/** The least probability whose logarithm is reported: the smallest that float32 holds in full. */
const LEAST_PROBABILITY = 2 ** -126;

/**
 * Inputs: `theta [N]`; `cos, sin [P, K'/2]` (`stepTables`, of at least as many positions as are reached);
 * `first int32 [B]` (the last token of each prompt), `lengths int32 [B]` (tokens before it), `ended int32 [B]` (1: the row
 * only pads), `uniforms [S, B]`, `inverse_temperature []`; with prompts `prompts int32 [U, P]` (without their last tokens,
 * padded on the right) and `prompt_of int32 [B]`; without them the caches `[B₀, G, S₀, K']`, and `rows int32 [B]` when some of
 * the B₀ go on. Outputs: `tokens int32 [S', B]`, `logprobs [S', B]` (S' ≤ S when stopping early), `ended [B]`, with alternatives
 * `alternative_tokens`, `alternative_logprobs [S', B, k]`, and the caches when they are kept.
 */
export function rolloutProgram(config: ModelConfig, shape: RolloutShape): Graph {
  const { batch, numSteps, numAlternatives, cacheLength } = shape;
  const { numLayers } = config;
  const graph = new Graph(null, `${shape.reports === 'model' ? 'answer' : 'rollout'} ${batch}×${numSteps}`);
  graph.allowsFloat16 = true;
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  const tables = ['cos', 'sin'].map((name) => graph.input(name, [UNKNOWN, cachedHeadSize(config) / 2])) as [Value, Value];
  const weights = stepWeights(graph, config, parameters, ...tables);
  const embedding = outputEmbedding(config, parameters);
  const first = graph.input('first', [batch], 'int32');
  const lengths = graph.input('lengths', [batch], 'int32');
  const ended = graph.input('ended', [batch], 'int32');
  const uniforms = graph.input('uniforms', [numSteps, batch]);
  const inverseTemperature = graph.input('inverse_temperature', []);
  const start = startCache(graph, config, parameters, shape);
  const grows = cacheLength === UNKNOWN;
  // The longest row decides how far a cache grows. A fixed one is as long as it is.
  const total = grows ? graph.input('total', [1], 'int32') : graph.constant(Int32Array.of(cacheLength), [1]);

  const cacheDims = start.keys[0]!.dims.map((dim, axis) => (axis === 2 ? cacheLength : dim));
  const initial = [first, ended, lengths, ...(grows ? [total] : []), ...start.keys, ...start.values];
  const carriedDims = initial.map((value) => (value.dims.length === 4 ? cacheDims : value.dims));
  const one = graph.constant(Int32Array.of(1), [1]);
  const body = ({ row, carried: state }: LoopScope) => {
    const [token, done, length] = state as [Value, Value, Value];
    const longest = grows ? state[3]! : total;
    const caches = state.slice(state.length - 2 * numLayers);
    const cache = { keys: caches.slice(0, numLayers), values: caches.slice(numLayers) };
    const step = decodeStep(config, weights, token, cache, { lengths: length, total: longest, cacheLength });
    const logits = matmul(step.hidden, embedding, { transposeB: true }); // [B, V]
    const probabilities = softmax(mul(logits, inverseTemperature));
    const drawn = sampleByInverseCdf(probabilities, row(uniforms));
    const isDone = greater(done, graph.integer(0));
    const next = where(isDone, graph.integer(config.padTokenId), drawn);
    const isEnd = config.eosTokenIds.map((id) => equal(next, graph.integer(id))).reduce(or);
    const doneOut = max(done, cast(isEnd, 'int32'));
    const reported = shape.reports === 'sampling' ? probabilities : softmax(logits);
    const logOf = (p: Value) => log(max(p, graph.scalar(LEAST_PROBABILITY)));
    const logprob = reshape(logOf(gatherElements(reported, reshape(next, [batch, 1]), 1)), [batch]);
    const alternatives = numAlternatives > 0 ? topK(reported, numAlternatives) : null;
    return {
      carried: [next, doneOut, add(length, one), ...(grows ? [add(longest, one)] : []), ...step.cache.keys, ...step.cache.values],
      scanned: [next, logprob, ...(alternatives ? [alternatives[1], logOf(alternatives[0])] : [])],
      proceed: not(greater(reduceMin(cast(doneOut, 'float32'), [0]), graph.scalar(0.5))),
    };
  };
  const { carried, scanned } =
    shape.steps === 'unrolled' ? unroll(graph, numSteps, initial, body) : loop(graph, numSteps, initial, carriedDims, body);

  graph.output('tokens', scanned[0]!);
  graph.output('logprobs', scanned[1]!);
  graph.output('ended', carried[1]!);
  if (numAlternatives > 0) {
    graph.output('alternative_tokens', scanned[2]!);
    graph.output('alternative_logprobs', scanned[3]!);
  }
  if (shape.keepsCache)
    carried.slice(carried.length - 2 * numLayers).forEach((value, i) => {
      graph.output(cacheName(i < numLayers ? 'keys' : 'values', i % numLayers), value, { resident: true });
    });
  return graph;
}

/** The cache of the first step: of the prompts, each row with the one it continues, or as fed. */
function startCache(graph: Graph, config: ModelConfig, parameters: Parameters, { batch, prompts, cacheLength }: RolloutShape): Cache {
  const { numLayers, numKeyValueHeads } = config;
  const headSize = cachedHeadSize(config);
  if (typeof prompts === 'string') {
    const some = prompts === 'some rows';
    const dims = [some ? UNKNOWN : batch, numKeyValueHeads, cacheLength, headSize];
    const rows = some ? graph.input('rows', [batch], 'int32') : null;
    const fed = (kind: 'keys' | 'values') =>
      Array.from({ length: numLayers }, (_, layer) => {
        const cache = graph.input(cacheName(kind, layer), dims);
        return rows ? gather(cache, rows) : cache;
      });
    return { keys: fed('keys'), values: fed('values') };
  }
  const { count, length } = prompts;
  const tokens = graph.input('prompts', [count, length], 'int32');
  const promptOf = graph.input('prompt_of', [batch], 'int32');
  const read = decodeSequence(config, parameters, tokens, oneSequencePerRow(graph, count, length));
  const room = cacheLength === UNKNOWN ? 0 : cacheLength - length;
  if (room < 0) throw new RangeError(`prompts of ${length} tokens for a cache of ${cacheLength}`);
  const spread = (x: Value) => {
    const rows = gather(padHeads(config, x), promptOf); // [B, G, P, K']
    return room === 0 ? rows : concat([rows, expand(graph.scalar(0), [batch, numKeyValueHeads, room, headSize])], 2);
  };
  return { keys: read.keys.map(spread), values: read.values.map(spread) };
}

/**
 * The first token whose cumulative probability exceeds u: first the block of tokens it is in, then its place there, which
 * is far less work than a running sum over the whole vocabulary.
 *
 * @param probabilities `[B, V]`
 * @param uniforms in [0, 1), `[B]`
 * @returns int32 `[B]`
 */
function sampleByInverseCdf(probabilities: Value, uniforms: Value): Value {
  const graph = probabilities.graph;
  const [batch, vocabulary] = probabilities.dims as [number, number];
  const width = blockWidth(vocabulary);
  const numBlocks = vocabulary / width;
  /** How many cumulative sums are at or below the threshold: the index of the first above it. */
  const firstAbove = (cumulative: Value, threshold: Value, count: number) => {
    const numBelow = reduceSum(cast(not(greater(cumulative, threshold)), 'float32'), [1]); // [B]
    return cast(min(numBelow, graph.scalar(count - 1)), 'int32');
  };
  const sums = reduceSum(reshape(probabilities, [batch, numBlocks, width]), [2]); // [B, V / width]
  const cumulative = cumSum(sums);
  const total = slice(cumulative, 1, numBlocks - 1, numBlocks); // [B, 1]
  const threshold = mul(reshape(uniforms, [batch, 1]), total);
  const block = firstAbove(cumulative, threshold, numBlocks);
  const column = reshape(block, [batch, 1]);
  const before = sub(gatherElements(cumulative, column, 1), gatherElements(sums, column, 1)); // [B, 1]
  const rowStarts = graph.constant(
    Int32Array.from({ length: batch }, (_, row) => row * numBlocks),
    [batch],
  );
  const inside = gather(reshape(probabilities, [batch * numBlocks, width]), add(rowStarts, block)); // [B, width]
  const place = firstAbove(add(cumSum(inside), before), threshold, width);
  return add(timesInteger(block, width), place);
}

/** Times a whole number. */
const timesInteger = (x: Value, factor: number): Value => mul(x, x.graph.integer(factor));

/** The largest divisor of the vocabulary size that is at most 64. */
function blockWidth(vocabulary: number): number {
  let width = Math.min(64, vocabulary);
  while (vocabulary % width !== 0) width--;
  return width;
}
