/**
 * @file Objectives without a model: a table policy (one row of logits a state) or plain scores, on the interpreter in float64.
 *
 * Small enough to enumerate, so that expectations are sums and every number can be worked out on paper.
 */
import { Graph } from '../../../src/core/graph/graph';
import { tokenLogprobs } from '../../../src/core/graph/composites';
import { gradients } from '../../../src/core/graph/gradients';
import { interpret } from '../../../src/core/graph/interpreter';
import { reshape, transpose } from '../../../src/core/graph/ops';
import type { HostTensor } from '../../../src/core/graph/engine';
import type { Objective, ObjectiveContext } from '../../../src/core/model/programs';
import { float64 } from '../../helpers/graphs';

type BuildObjective = (context: ObjectiveContext) => Objective;

/** What an objective gave: the loss, its gradient, its metrics. */
export interface Evaluation {
  readonly loss: number;
  readonly gradient: number[];
  readonly metrics: Readonly<Record<string, number[]>>;
}

/** Which token was drawn in which state, `[B][T]`. */
export interface TableBatch {
  readonly states: readonly (readonly number[])[];
  readonly tokens: readonly (readonly number[])[];
}

const absent = (what: string) => () => {
  throw new Error(`this test's objective has no ${what}`);
};

function evaluate(
  graph: Graph,
  context: ObjectiveContext,
  objective: BuildObjective,
  wrt: HostTensor,
  feeds: Readonly<Record<string, HostTensor>>,
): Evaluation {
  const variable = graph.inputs[0]!;
  const { loss, metrics } = objective(context);
  graph.output('loss', loss);
  graph.output('gradient', gradients(graph, loss, [variable])[0]!);
  for (const [name, value] of Object.entries(metrics)) graph.output(`metric ${name}`, value);
  const results = interpret(graph, { ...feeds, [variable.name]: wrt });
  return {
    loss: results.loss!.exact[0]!,
    gradient: [...results.gradient!.exact],
    metrics: Object.fromEntries(Object.keys(metrics).map((name) => [name, [...results[`metric ${name}`]!.exact]])),
  };
}

/** Evaluates an objective of log-probabilities; the gradient is with respect to the logits, `[states · V]`. */
export function onTable(
  objective: BuildObjective,
  logits: readonly (readonly number[])[],
  { states, tokens }: TableBatch,
  feeds: Readonly<Record<string, HostTensor>>,
): Evaluation {
  const dims = [tokens.length, tokens[0]!.length];
  const graph = new Graph();
  const table = graph.input('logits', [logits.length, logits[0]!.length]);
  const numTokens = dims[0]! * dims[1]!;
  // The hidden state of state s is the s-th unit vector, so that the logits are the s-th row of the table.
  const units = Float32Array.from({ length: numTokens * logits.length }, (_, at) =>
    Number(states.flat()[Math.floor(at / logits.length)] === at % logits.length),
  );
  const chosen = tokenLogprobs(
    graph.constant(units, [numTokens, logits.length]),
    transpose(table, [1, 0]),
    graph.constant(Int32Array.from(tokens.flat()), [numTokens]),
  );
  const context: ObjectiveContext = {
    graph,
    dims,
    input: (name, inputDims, dtype) => graph.input(name, inputDims, dtype),
    logprobs: () => reshape(chosen.logprobs, dims),
    entropies: () => reshape(chosen.entropies, dims),
    largestLogprobs: () => reshape(chosen.largest, dims),
    scores: absent('scores'),
    values: absent('values'),
  };
  return evaluate(graph, context, objective, float64(table.dims, logits.flat()), feeds);
}

/** Evaluates an objective of scores; the gradient is with respect to the scores, `[B]`. */
export function onScores(objective: BuildObjective, scores: readonly number[], feeds: Readonly<Record<string, HostTensor>>): Evaluation {
  const graph = new Graph();
  const value = graph.input('scores', [scores.length]);
  const context: ObjectiveContext = {
    graph,
    dims: [scores.length, 1],
    input: (name, dims, dtype) => graph.input(name, dims, dtype),
    logprobs: absent('log-probabilities'),
    entropies: absent('entropies'),
    largestLogprobs: absent('log-probabilities'),
    scores: () => value,
    values: () => reshape(value, [scores.length, 1]),
  };
  return evaluate(graph, context, objective, float64([scores.length], scores), feeds);
}

/** Feeds of the clipped policy gradient, from rows; what is left out is 0, the clip range 0.2. */
export function policyFeeds(feeds: {
  readonly weights: readonly (readonly number[])[];
  readonly advantages?: readonly number[];
  readonly refLogprobs?: readonly (readonly number[])[];
  readonly oldLogprobs?: readonly (readonly number[])[];
  readonly klCoef?: number;
  readonly clipRange?: number;
}): Record<string, HostTensor> {
  const { weights, klCoef = 0, clipRange = 0.2 } = feeds;
  const dims = [weights.length, weights[0]!.length];
  const zeros = weights.map((row) => row.map(() => 0));
  return {
    weights: float64(dims, weights.flat()),
    advantages: float64(
      dims,
      weights.flatMap((row, i) => row.map(() => feeds.advantages?.[i] ?? 0)),
    ),
    ref_logprobs: float64(dims, (feeds.refLogprobs ?? zeros).flat()),
    ...(feeds.oldLogprobs ? { old_logprobs: float64(dims, feeds.oldLogprobs.flat()) } : {}),
    kl_coef: float64([], [klCoef]),
    clip_range: float64([], [clipRange]),
  };
}

/** Log-probabilities of a row of logits. */
export function logSoftmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const norm = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return logits.map((logit) => logit - norm);
}

/** Σ x·y. */
export const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, number, i) => sum + number * y[i]!, 0);
