/**
 * @file The programs of a model: train, score, reward. (The rollout program has its own file.)
 *
 * Each is one graph and one run: a train program does forward, loss, backward, clipping and AdamW; what differs between
 * stages is the objective, a function from log-probabilities to a scalar loss.
 */
import { Graph, type Dims, type DType, type Value } from '../graph/graph';
import { tokenEntropies, tokenLogprobs } from '../graph/composites';
import { gradients } from '../graph/gradients';
import { concat, gather, mul, reshape, slice } from '../graph/ops';
import { adamW, type AdamWConfig } from './adamw';
import type { ModelConfig } from './config';
import { decodeSequence, languageHead, parameter, scoreHead, unpackParameters, type Parameters } from './decoder';
import { parameterLayout } from './parameters';

/** Sizes a program is compiled for: B sequences of T predictions (T + 1 tokens for language objectives). */
export interface BatchShape {
  readonly batch: number;
  readonly length: number;
}

/** What an objective may build on. */
export interface ObjectiveContext {
  readonly graph: Graph;
  readonly shape: BatchShape;
  /** Declares a further input of the program. */
  input(name: string, dims: Dims, dtype?: DType): Value;
  /** log p of each next token, nats, at the temperature asked for. `[B, T]` */
  logprobs(): Value;
  /** Entropy of each next-token distribution, nats; a measurement. `[B, T]` */
  entropies(): Value;
  /** Scalar score of each sequence at its last token (score-head models). `[B]` */
  scores(): Value;
}

/** A loss to minimise, and scalars or tensors to report with it. */
export interface Objective {
  readonly loss: Value;
  readonly metrics: Readonly<Record<string, Value>>;
}

/** What all programs over whole sequences share: theta in, log-probabilities or scores out. */
function buildContext(
  graph: Graph,
  config: ModelConfig,
  parameters: Parameters,
  shape: BatchShape,
  temperature: boolean,
): ObjectiveContext {
  const { batch, length } = shape;
  let language: { logits: Value; chosen: ReturnType<typeof tokenLogprobs> } | null = null;
  const languageParts = () => {
    if (language) return language;
    const tokens = graph.input('tokens', [batch, length + 1], 'int32');
    const hidden = decodeSequence(config, parameters, slice(tokens, 1, 0, length)); // [B·T, D]
    const scaled = temperature ? mul(hidden, graph.input('inverse_temperature', [])) : hidden;
    const logits = languageHead(config, parameters, scaled); // [B·T, V]
    const targets = reshape(slice(tokens, 1, 1, length + 1), [batch * length]);
    return (language = { logits, chosen: tokenLogprobs(logits, targets) });
  };
  return {
    graph,
    shape,
    input: (name, dims, dtype) => graph.input(name, dims, dtype),
    logprobs: () => reshape(languageParts().chosen.logprobs, [batch, length]),
    entropies: () => {
      const { logits, chosen } = languageParts();
      return reshape(tokenEntropies(logits, chosen), [batch, length]);
    },
    scores: () => {
      const tokens = graph.input('tokens', [batch, length], 'int32');
      const lastRows = graph.input('last_rows', [batch], 'int32'); // b·T + position of the last token of sequence b
      return scoreHead(parameters, gather(decodeSequence(config, parameters, tokens), lastRows));
    },
  };
}

/**
 * One training step. Inputs: `theta, m, v [N]`, `learning_rate, correction1, correction2 []`, then what the context and
 * the objective declare. Outputs: `theta, m, v` (resident), `loss`, `grad_norm`, and the objective's metrics.
 */
export function trainProgram(
  config: ModelConfig,
  shape: BatchShape,
  optimiser: AdamWConfig,
  objective: (context: ObjectiveContext) => Objective,
  { temperature = false } = {},
): Graph {
  const graph = new Graph(null, `train ${shape.batch}×${shape.length}`);
  const { entries, numParameters, numDecayed } = parameterLayout(config);
  const [theta, m, v] = ['theta', 'm', 'v'].map((name) => graph.input(name, [numParameters])) as [Value, Value, Value];
  const parameters = unpackParameters(config, theta);
  const { loss, metrics } = objective(buildContext(graph, config, parameters, shape, temperature));
  const parts = gradients(
    graph,
    loss,
    entries.map(({ name }) => parameter(parameters, name)),
  );
  const gradient = concat(
    parts.map((part) => reshape(part, [part.size])),
    0,
  ); // [N]
  const next = adamW(graph, { theta, m, v, gradient, numDecayed }, optimiser);
  graph.output('theta', next.theta, { resident: true });
  graph.output('m', next.m, { resident: true });
  graph.output('v', next.v, { resident: true });
  graph.output('loss', loss);
  graph.output('grad_norm', next.gradNorm);
  for (const [name, value] of Object.entries(metrics)) graph.output(name, value);
  return graph;
}

/** The gradient alone, for tests: outputs `loss` and `gradient [N]`. */
export function gradientProgram(
  config: ModelConfig,
  shape: BatchShape,
  objective: (context: ObjectiveContext) => Objective,
  { temperature = false } = {},
): Graph {
  const graph = new Graph(null, 'gradient');
  const { entries, numParameters } = parameterLayout(config);
  const parameters = unpackParameters(config, graph.input('theta', [numParameters]));
  const { loss } = objective(buildContext(graph, config, parameters, shape, temperature));
  const parts = gradients(
    graph,
    loss,
    entries.map(({ name }) => parameter(parameters, name)),
  );
  graph.output('loss', loss);
  graph.output(
    'gradient',
    concat(
      parts.map((part) => reshape(part, [part.size])),
      0,
    ),
  );
  return graph;
}

/** Inputs `theta [N]`, `tokens [B, T + 1]`, `inverse_temperature []`; outputs `logprobs [B, T]`, `entropies [B, T]`. */
export function scoreProgram(config: ModelConfig, shape: BatchShape): Graph {
  const graph = new Graph(null, `score ${shape.batch}×${shape.length}`);
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  const context = buildContext(graph, config, parameters, shape, true);
  graph.output('logprobs', context.logprobs());
  graph.output('entropies', context.entropies());
  return graph;
}

/** Inputs `theta [N]`, `tokens [B, T]`, `last_rows [B]`; output `scores [B]`: a reward model's verdicts. */
export function rewardProgram(config: ModelConfig, shape: BatchShape): Graph {
  const graph = new Graph(null, `reward ${shape.batch}×${shape.length}`);
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  graph.output('scores', buildContext(graph, config, parameters, shape, false).scores());
  return graph;
}
