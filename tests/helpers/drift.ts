/**
 * @file The same GRPO run on different backends, and how far apart they end.
 *
 * The model has about 100,000 parameters, enough that ONNX Runtime divides its products among threads. The reward is the
 * share of tokens whose id is 7 modulo 8. Sooner or later, after hundreds of updates, some draw falls between two
 * backends' cumulative probabilities; from there on the runs are two different samples.
 */
import { GRPO_DEFAULTS, trainGrpo } from '../../src/core/algorithms/grpo';
import type { PolicyPrompt } from '../../src/core/algorithms/step';
import type { Engine } from '../../src/core/graph/engine';
import { initialTheta } from '../../src/core/model/parameters';
import { TrainingState } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { floats } from './graphs';
import { tinyConfig } from './tiny-config';

const MODEL = tinyConfig({
  vocabularySize: 256,
  width: 64,
  numHeads: 4,
  numKeyValueHeads: 2,
  headSize: 16,
  feedForwardSize: 176,
});

/** What a run gave. */
export interface DriftRun {
  /** Weights before and after, `[N]`. */
  readonly start: Float32Array;
  readonly theta: Float32Array;
  /** Token ids of the completions drawn at each update, as text. */
  readonly drawn: readonly string[];
  readonly rewards: readonly number[];
}

/** Trains for some updates. */
export async function driftRun(
  engine: Engine,
  { numUpdates, seed = 1, learningRate = 1e-3 }: { numUpdates: number; seed?: number; learningRate?: number },
): Promise<DriftRun> {
  const start = initialTheta(MODEL, new Random('drift'));
  const state = new TrainingState(engine, { theta: start });
  const settings = { ...GRPO_DEFAULTS, numUpdates, promptsPerUpdate: 2, groupSize: 4, maxCompletionTokens: 12, learningRate };
  const drawn: string[] = [];
  const rewards: number[] = [];
  const run = trainGrpo<PolicyPrompt>({
    engine,
    model: MODEL,
    state,
    reference: floats([start.length], start),
    settings: () => settings,
    firstUpdate: 0,
    seed,
    maxPromptTokens: 4,
    samplePrompt: (random) => ({ promptTokens: [0, ...Array.from({ length: random.integer(4) }, () => random.integer(256))] }),
    reward: (_, rollouts) =>
      Promise.resolve(rollouts.map(({ completionTokens: tokens }) => tokens.filter((token) => token % 8 === 7).length / tokens.length)),
  });
  for await (const step of run) {
    drawn.push(step.rollouts.map(({ completionTokens }) => completionTokens.join(' ')).join('\n'));
    rewards.push(step.metrics.reward);
  }
  const { theta } = await state.snapshot();
  state.dispose();
  return { start, theta, drawn, rewards };
}

/** ‖θ − θ′‖ / ‖θ′ − θ₀‖: how far apart two runs ended, against how far they went. */
export function drift(run: DriftRun, other: DriftRun): number {
  const distance = (a: Float32Array, b: Float32Array) => Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0));
  return distance(run.theta, other.theta) / distance(other.theta, other.start);
}

/** The bytes of the weights, to be compared exactly. */
export const bytesOf = ({ theta }: DriftRun): string => Array.from(new Uint32Array(theta.buffer), (word) => word.toString(16)).join(' ');
