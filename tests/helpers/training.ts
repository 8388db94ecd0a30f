/**
 * @file A few train steps on any engine, weights and optimiser state handed on as the engine's own tensors.
 */
import { readNumber, type Engine, type EngineTensor } from '../../src/core/graph/engine';
import { neg, reduceMean, softplus } from '../../src/core/graph/ops';
import { ADAMW_DEFAULTS, adamWFeeds } from '../../src/core/model/adamw';
import type { ModelConfig } from '../../src/core/model/config';
import { trainProgram, type Objective, type ObjectiveContext } from '../../src/core/model/programs';
import { floats, ints } from './graphs';
import { randomTokens } from './tiny-config';

export interface TrainingOptions {
  readonly numSteps: number;
  readonly start: Float32Array;
  readonly learningRate?: number;
  readonly maxGradNorm?: number;
  readonly batch?: number;
  readonly length?: number;
}

export interface TrainingResult {
  readonly losses: number[];
  readonly gradNorms: number[];
  readonly entropies: number[];
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

const language = (context: ObjectiveContext): Objective => ({
  loss: neg(reduceMean(context.logprobs(), [0, 1])),
  metrics: { entropy: reduceMean(context.entropies(), [0, 1]) },
});

/** Pushes the scores down. */
const scoring = (context: ObjectiveContext): Objective => {
  const loss = reduceMean(softplus(context.scores()), [0]);
  return { loss, metrics: { entropy: loss } };
};

/** Trains on one random batch, again and again. */
export async function trainSteps(engine: Engine, config: ModelConfig, options: TrainingOptions): Promise<TrainingResult> {
  const { numSteps, start, learningRate = 1e-3, maxGradNorm = 1, batch = 2, length = 5 } = options;
  const optimiser = { ...ADAMW_DEFAULTS, maxGradNorm };
  const isLanguage = config.numLabels === 0;
  const program = await engine.compile(trainProgram(config, { batch, length }, optimiser, isLanguage ? language : scoring));
  const dims = [start.length];
  const columns = isLanguage ? length + 1 : length;
  const lastRows = Array.from({ length: batch }, (_, row) => row * length + length - 1 - (row % 2));
  const data = {
    tokens: ints([batch, columns], randomTokens(config, batch * columns)),
    ...(isLanguage ? {} : { last_rows: ints([batch], lastRows) }),
  };
  const zeros = () => engine.upload(floats(dims, new Float32Array(start.length)));
  let state: Record<'theta' | 'm' | 'v', EngineTensor> = { theta: engine.upload({ dims, data: start }), m: zeros(), v: zeros() };
  const [losses, gradNorms, entropies]: number[][] = [[], [], []];
  for (let step = 1; step <= numSteps; step++) {
    const out = await program.run({ ...state, ...data, ...adamWFeeds(optimiser, learningRate, step) });
    losses!.push(await readNumber(out.loss!));
    gradNorms!.push(await readNumber(out.grad_norm!));
    entropies!.push(await readNumber(out.entropy!));
    Object.values(state).forEach((tensor) => tensor.dispose());
    state = { theta: out.theta!, m: out.m!, v: out.v! };
  }
  const [theta, m, v] = [await state.theta.read(), await state.m.read(), await state.v.read()] as Float32Array[];
  Object.values(state).forEach((tensor) => tensor.dispose());
  await program.release();
  return { losses: losses!, gradNorms: gradNorms!, entropies: entropies!, theta: theta!, m: m!, v: v! };
}
