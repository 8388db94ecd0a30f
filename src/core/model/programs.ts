/**
 * @file The programs of a model: train, score, reward. (The rollout program has its own file.)
 *
 * Each is one graph and one run: a train program does forward, loss, backward, clipping and AdamW; what differs between
 * stages is the objective, a function from log-probabilities to a scalar loss.
 */
import { Graph, type Dims, type DType, type Value } from '../graph/graph';
import { tokenLogprobs, type TokenLogprobs } from '../graph/composites';
import { gradients } from '../graph/gradients';
import { concat, gather, mul, reshape, slice } from '../graph/ops';
import { adamW, type AdamWConfig } from './adamw';
import type { ModelConfig } from './config';
import {
  decodeSequence,
  oneSequencePerRow,
  outputEmbedding,
  packedSequences,
  parameter,
  scoreHead,
  unpackParameters,
  type Parameters,
} from './decoder';
import { parameterLayout } from './parameters';

/** One sequence a row: B sequences of T predictions each (T + 1 tokens for language objectives). */
export interface BatchShape {
  readonly batch: number;
  readonly length: number;
}

/** Several sequences a row: `rows` rows of `length` tokens, of which `numPredictions` next tokens are looked at. */
export interface PackedShape {
  readonly rows: number;
  readonly length: number;
  readonly numPredictions: number;
}

const shapeName = (shape: BatchShape | PackedShape) => `${'rows' in shape ? shape.rows : shape.batch}×${shape.length}`;

/** What an objective may build on. */
export interface ObjectiveContext {
  readonly graph: Graph;
  /** Dims of everything that is one number a predicted token: `[B, T]`, or `[M]` when packed. */
  readonly dims: Dims;
  /** Declares a further input of the program. */
  input(name: string, dims: Dims, dtype?: DType): Value;
  /** log p of each next token, nats, at the temperature asked for. */
  logprobs(): Value;
  /** Entropy of each next-token distribution, nats; a measurement. */
  entropies(): Value;
  /** log p of the likeliest next token, nats; a measurement. */
  largestLogprobs(): Value;
  /** Scalar score of each sequence at its last token (score-head models): `[B]`, or `[M]`, one at each of `predict_rows`. */
  scores(): Value;
  /** Scalar score of the state before each predicted token: a value function (score-head models). */
  values(): Value;
}

/** A loss to minimise, and scalars or tensors to report with it. */
export interface Objective {
  readonly loss: Value;
  readonly metrics: Readonly<Record<string, Value>>;
}

/** Hidden states before each predicted token, `[M, D]`, and the tokens, int32 `[M]`; values want no tokens. */
interface Predictions {
  readonly hidden: Value;
  readonly targets: () => Value;
}

/** Inputs: `tokens int32 [B, T + 1]`. */
function everyToken(graph: Graph, config: ModelConfig, parameters: Parameters, { batch, length }: BatchShape): Predictions {
  const tokens = graph.input('tokens', [batch, length + 1], 'int32');
  const placement = oneSequencePerRow(graph, batch, length);
  return {
    hidden: decodeSequence(config, parameters, slice(tokens, 1, 0, length), placement).hidden,
    targets: () => reshape(slice(tokens, 1, 1, length + 1), [batch * length]),
  };
}

/**
 * Inputs: `tokens, segments, parents int32 [R, T]`, `positions int64 [R, T]` (see `packedSequences`), `predict_rows int32 [M]`
 * (r·T + t of the token before each predicted one) and `targets int32 [M]`.
 */
function chosenTokens(
  graph: Graph,
  config: ModelConfig,
  parameters: Parameters,
  { rows, length, numPredictions }: PackedShape,
): Predictions {
  const dims = [rows, length];
  const tokens = graph.input('tokens', dims, 'int32');
  const placement = packedSequences(
    graph.input('positions', dims, 'int64'),
    graph.input('segments', dims, 'int32'),
    graph.input('parents', dims, 'int32'),
  );
  const { hidden } = decodeSequence(config, parameters, tokens, placement);
  return {
    hidden: gather(hidden, graph.input('predict_rows', [numPredictions], 'int32')),
    targets: () => graph.input('targets', [numPredictions], 'int32'),
  };
}

/** Whether logits are divided by a temperature: input `inverse_temperature []`, or one a predicted token, `[M, 1]`. */
export type Temperature = boolean | 'per token';

/** What all programs over whole sequences share: theta in, log-probabilities or scores out. */
function buildContext(
  graph: Graph,
  config: ModelConfig,
  parameters: Parameters,
  shape: BatchShape | PackedShape,
  temperature: Temperature,
): ObjectiveContext {
  const packed = 'rows' in shape;
  const dims = packed ? [shape.numPredictions] : [shape.batch, shape.length];
  const predictions = () => (packed ? chosenTokens(graph, config, parameters, shape) : everyToken(graph, config, parameters, shape));
  let language: TokenLogprobs | null = null;
  const languageParts = () => {
    if (language) return language;
    const { hidden, targets } = predictions();
    const inverse = () => graph.input('inverse_temperature', temperature === 'per token' ? [hidden.dims[0]!, 1] : []);
    const scaled = temperature ? mul(hidden, inverse()) : hidden;
    return (language = tokenLogprobs(scaled, outputEmbedding(config, parameters), targets()));
  };
  return {
    graph,
    dims,
    input: (name, inputDims, dtype) => graph.input(name, inputDims, dtype),
    logprobs: () => reshape(languageParts().logprobs, dims),
    entropies: () => reshape(languageParts().entropies, dims),
    largestLogprobs: () => reshape(languageParts().largest, dims),
    scores: () => {
      if (packed) return scoreHead(parameters, predictions().hidden); // read at `predict_rows`
      const { batch, length } = shape;
      const tokens = graph.input('tokens', [batch, length], 'int32');
      const lastRows = graph.input('last_rows', [batch], 'int32'); // b·T + position of the last token of sequence b
      const { hidden } = decodeSequence(config, parameters, tokens, oneSequencePerRow(graph, batch, length));
      return scoreHead(parameters, gather(hidden, lastRows));
    },
    values: () => reshape(scoreHead(parameters, predictions().hidden), dims),
  };
}

/**
 * The gradients of all parameters as one vector `[N]`. Their joins are recorded from the last layer's to the first's, and
 * those of the norms at the end: the order in which they should be computed (`onnx.ts` says why that is ours to choose).
 */
function joinGradients(parts: readonly Value[], numMatrices: number): Value {
  const join = (some: readonly Value[]): Value => {
    if (some.length === 1) return reshape(some[0]!, [some[0]!.size]);
    const size = Math.ceil(some.length / 7);
    const groups: Value[] = [];
    for (let end = some.length; end > 0; end -= size) groups.unshift(join(some.slice(Math.max(0, end - size), end)));
    return concat(groups, 0);
  };
  const matrices = join(parts.slice(0, numMatrices));
  return concat([matrices, join(parts.slice(numMatrices))], 0);
}

/**
 * One training step. Inputs: `theta, m, v [N]`, `learning_rate, correction1, correction2 []`, then what the context and
 * the objective declare. Outputs: `theta, m, v` (resident), `loss`, `grad_norm`, and the objective's metrics.
 */
export function trainProgram(
  config: ModelConfig,
  shape: BatchShape | PackedShape,
  optimiser: AdamWConfig,
  objective: (context: ObjectiveContext) => Objective,
  { temperature = false as Temperature } = {},
): Graph {
  const graph = new Graph(null, `train ${config.numLabels > 0 ? 'scores ' : ''}${shapeName(shape)}`);
  const { entries, numParameters, numDecayed } = parameterLayout(config);
  const [theta, m, v] = ['theta', 'm', 'v'].map((name) => graph.input(name, [numParameters])) as [Value, Value, Value];
  const parameters = unpackParameters(config, theta);
  const { loss, metrics } = objective(buildContext(graph, config, parameters, shape, temperature));
  const parts = gradients(
    graph,
    loss,
    entries.map(({ name }) => parameter(parameters, name)),
  );
  const gradient = joinGradients(parts, entries.filter(({ decayed }) => decayed).length);
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
  shape: BatchShape | PackedShape,
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
  graph.output('gradient', joinGradients(parts, entries.filter(({ decayed }) => decayed).length));
  return graph;
}

/**
 * Inputs `theta [N]`, `inverse_temperature []`, and those of the shape: `tokens [B, T + 1]`, or what a packed batch has.
 * Outputs `logprobs` and, unless told not to, `entropies`, `[B, T]` or `[M]`.
 */
export function scoreProgram(config: ModelConfig, shape: BatchShape | PackedShape, { entropies = true } = {}): Graph {
  const graph = new Graph(null, `score ${shapeName(shape)}`);
  // Packed scores are compared with those of a training step, number by number, and that is in float32.
  graph.allowsFloat16 = !('rows' in shape);
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  const context = buildContext(graph, config, parameters, shape, true);
  graph.output('logprobs', context.logprobs());
  if (entropies) graph.output('entropies', context.entropies());
  return graph;
}

/** A value function: inputs as {@link scoreProgram} without a temperature; output `values`, `[B, T]` or `[M]`. */
export function valueProgram(config: ModelConfig, shape: BatchShape | PackedShape): Graph {
  const graph = new Graph(null, `values ${shapeName(shape)}`);
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  graph.output('values', buildContext(graph, config, parameters, shape, false).values());
  return graph;
}

/**
 * A reward model's verdicts. Inputs `theta [N]`, and `tokens [B, T]`, `last_rows [B]`, or what a packed batch has; output `scores`,
 * `[B]` or `[M]`.
 */
export function rewardProgram(config: ModelConfig, shape: BatchShape | PackedShape): Graph {
  const graph = new Graph(null, `reward ${shapeName(shape)}`);
  graph.allowsFloat16 = true;
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  graph.output('scores', buildContext(graph, config, parameters, shape, false).scores());
  return graph;
}
