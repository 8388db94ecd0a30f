/**
 * @file The rollout program: prompt feeding, cache, sampling and log-probabilities of a whole batch in one ONNX Loop.
 *
 * Prompts of different lengths share a batch without padding: every row is fed its own prompt token by token
 * (`forced ≥ 0`) and starts to sample where its prompt ends (`forced = −1`). Sampling is by inverse CDF from uniforms
 * drawn outside, so a seed gives the same tokens on every backend, up to float rounding. A row that has drawn an end
 * token is filled with padding.
 */
import { Graph, UNKNOWN, type Value } from '../graph/graph';
import {
  and,
  cast,
  cumSum,
  equal,
  gather,
  gatherElements,
  greater,
  less,
  loop,
  max,
  min,
  mul,
  not,
  or,
  reduceLogSumExp,
  reduceMin,
  reduceSum,
  reshape,
  slice,
  softmax,
  sub,
  topK,
  where,
} from '../graph/ops';
import type { ModelConfig } from './config';
import { decodeStep, languageHead, unpackParameters } from './decoder';
import { parameterLayout } from './parameters';

/** What a rollout program is compiled for. */
export interface RolloutShape {
  /** B: sequences side by side. */
  readonly batch: number;
  /** S: steps, prompt tokens included. */
  readonly numSteps: number;
  /** Continue from a cache that is fed, and give the cache back (streaming in chunks). */
  readonly continues: 'none' | 'out' | 'in-out';
  /** Alternatives to report at each step, 0 for none. */
  readonly numAlternatives: number;
  /** End the loop when every row has ended. Costs a read-back a step, so only worth it on a CPU. */
  readonly stopsEarly: boolean;
}

/** Name of the cache input and output of a layer. */
export const cacheName = (kind: 'keys' | 'values', layer: number) => `${kind}_${layer}`;

/**
 * Inputs: `theta [N]`, `first int32 [B]`, `ended int32 [B]` (1: the row only pads), `forced int32 [S, B]`, `uniforms [S, B]`, `cos, sin [S, K]`,
 * `inverse_temperature []` (of sampling), `report_inverse_temperature []` (of the log-probabilities reported), and the
 * caches `[B, G, S₀, K]` when continuing. Outputs: `tokens int32 [S', B]`, `logprobs [S', B]` (S' ≤ S when stopping
 * early), `ended [B]`, with alternatives `alternative_tokens`, `alternative_logprobs [S', B, k]`, and the caches.
 */
export function rolloutProgram(config: ModelConfig, shape: RolloutShape): Graph {
  const { batch, numSteps, continues, numAlternatives, stopsEarly } = shape;
  const { numLayers, numKeyValueHeads, headSize, vocabularySize } = config;
  const graph = new Graph(null, `${continues === 'none' ? 'rollout' : 'answer'} ${batch}×${numSteps}`);
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  const first = graph.input('first', [batch], 'int32');
  const ended = graph.input('ended', [batch], 'int32');
  const forced = graph.input('forced', [numSteps, batch], 'int32');
  const uniforms = graph.input('uniforms', [numSteps, batch]);
  const cos = graph.input('cos', [numSteps, headSize]);
  const sin = graph.input('sin', [numSteps, headSize]);
  const inverseTemperature = graph.input('inverse_temperature', []);
  const reportInverseTemperature = graph.input('report_inverse_temperature', []);
  const cacheDims = [batch, numKeyValueHeads, UNKNOWN, headSize];
  const layers = Array.from({ length: numLayers }, (_, layer) => layer);
  const startCache = (kind: 'keys' | 'values') =>
    layers.map((layer) =>
      continues === 'in-out'
        ? graph.input(cacheName(kind, layer), cacheDims)
        : graph.constant(new Float32Array(0), [batch, numKeyValueHeads, 0, headSize]),
    );
  const initial = [first, ended, ...startCache('keys'), ...startCache('values')];
  const carriedDims = [[batch], [batch], ...layers.map(() => cacheDims), ...layers.map(() => cacheDims)];

  const { carried, scanned } = loop(graph, numSteps, initial, carriedDims, ({ iteration, carried: [token, done, ...cache] }) => {
    const row = (table: Value) => reshape(gather(table, iteration), [1, headSize]);
    const step = decodeStep(
      config,
      parameters,
      token!,
      { keys: cache.slice(0, numLayers), values: cache.slice(numLayers) },
      row(cos),
      row(sin),
    );
    const logits = languageHead(config, parameters, step.hidden); // [B, V]
    const drawn = sampleByInverseCdf(mul(logits, inverseTemperature), gather(uniforms, iteration), vocabularySize);
    const fed = gather(forced, iteration); // [B]
    const isFree = less(fed, graph.integer(0));
    const isDone = greater(done!, graph.integer(0));
    const next = where(isFree, where(isDone, graph.integer(config.padTokenId), drawn), fed);
    const isEnd = config.eosTokenIds.map((id) => equal(next, graph.integer(id))).reduce(or);
    const doneOut = max(done!, cast(and(isFree, isEnd), 'int32'));
    const reported = mul(logits, reportInverseTemperature);
    const logSumExp = reduceLogSumExp(reported, [1], true); // [B, 1]
    const logprob = reshape(sub(gatherElements(reported, reshape(next, [batch, 1]), 1), logSumExp), [batch]);
    const alternatives = numAlternatives > 0 ? topK(reported, numAlternatives) : null;
    return {
      carried: [next, doneOut, ...step.cache.keys, ...step.cache.values],
      scanned: [next, logprob, ...(alternatives ? [alternatives[1], sub(alternatives[0], logSumExp)] : [])],
      ...(stopsEarly ? { proceed: not(greater(reduceMin(cast(doneOut, 'float32'), [0]), graph.scalar(0.5))) } : {}),
    };
  });

  graph.output('tokens', scanned[0]!);
  graph.output('logprobs', scanned[1]!);
  graph.output('ended', carried[1]!);
  if (numAlternatives > 0) {
    graph.output('alternative_tokens', scanned[2]!);
    graph.output('alternative_logprobs', scanned[3]!);
  }
  if (continues !== 'none')
    layers.forEach((layer) => {
      graph.output(cacheName('keys', layer), carried[2 + layer]!, { resident: true });
      graph.output(cacheName('values', layer), carried[2 + numLayers + layer]!, { resident: true });
    });
  return graph;
}

/**
 * The first token whose cumulative probability exceeds u · total.
 *
 * @param logits `[B, V]`, temperature applied
 * @param uniforms in [0, 1), `[B]`
 * @returns int32 `[B]`
 */
function sampleByInverseCdf(logits: Value, uniforms: Value, vocabularySize: number): Value {
  const [batch] = logits.dims as [number];
  const cumulative = cumSum(softmax(logits)); // [B, V]
  const total = slice(cumulative, 1, vocabularySize - 1, vocabularySize); // [B, 1]
  const threshold = mul(reshape(uniforms, [batch, 1]), total);
  const numBelow = reduceSum(cast(not(greater(cumulative, threshold)), 'float32'), [1]); // [B]
  return cast(min(numBelow, logits.graph.scalar(vocabularySize - 1)), 'int32');
}
