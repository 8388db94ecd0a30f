/**
 * @file Small GRPO runs: a tiny model, prompts of three tokens or fewer, and a reward anyone can check: the share of token 7.
 */
import type { Engine } from '../../../src/core/graph/engine';
import { GRPO_DEFAULTS, trainGrpo, type GrpoConfig, type GrpoStep } from '../../../src/core/algorithms/grpo';
import type { OnlineOptions, PolicyPrompt } from '../../../src/core/algorithms/step';
import { initialTheta } from '../../../src/core/model/parameters';
import { TrainingState, type TrainingSnapshot } from '../../../src/core/model/training-state';
import { Random } from '../../../src/core/random';
import type { Rollout } from '../../../src/core/rl/rollout';
import { floats } from '../../helpers/graphs';
import { tinyConfig } from '../../helpers/tiny-config';

export const MODEL = tinyConfig();
export const START = initialTheta(MODEL, new Random('grpo'));

/** Share of a completion's tokens that are 7. */
export const shareOfSevens = ({ completionTokens }: Rollout): number =>
  completionTokens.filter((token) => token === 7).length / completionTokens.length;

/** Settings of these runs; live ones may be given as a function of the update about to be asked for. */
export const SETTINGS: GrpoConfig = {
  ...GRPO_DEFAULTS,
  numUpdates: 20,
  promptsPerUpdate: 2,
  groupSize: 4,
  maxCompletionTokens: 5,
  learningRate: 0.02,
  klCoef: 0.04,
};

/** What a run gave. */
export interface RunResult {
  readonly steps: readonly GrpoStep<PolicyPrompt>[];
  readonly final: TrainingSnapshot;
}

/** What may differ between runs. */
export interface RunOptions extends Partial<
  Pick<OnlineOptions<GrpoConfig, PolicyPrompt>, 'firstUpdate' | 'seed' | 'reward' | 'samplePrompt'>
> {
  readonly settings?: Partial<GrpoConfig>;
  readonly from?: { theta: Float32Array } & Partial<TrainingSnapshot>;
  readonly reference?: Float32Array;
  /** The state to train, which the caller then keeps. */
  readonly state?: TrainingState;
  /** Leave the loop after this many updates. */
  readonly stopAfter?: number;
}

/** Runs GRPO on an engine. */
export async function runGrpo(engine: Engine, options: RunOptions = {}): Promise<RunResult> {
  const { settings = {}, from = { theta: START }, reference = START, stopAfter = Infinity, ...rest } = options;
  const state = options.state ?? new TrainingState(engine, from);
  const steps: GrpoStep<PolicyPrompt>[] = [];
  const run = trainGrpo({
    engine,
    model: MODEL,
    reference: floats([reference.length], reference),
    settings: () => ({ ...SETTINGS, ...settings }),
    firstUpdate: 0,
    seed: 1,
    maxPromptTokens: 3,
    samplePrompt: (random) => ({ promptTokens: [0, ...Array.from({ length: random.integer(3) }, () => 2 + random.integer(3))] }),
    reward: (_, rollouts) => Promise.resolve(rollouts.map(shareOfSevens)),
    ...rest,
    state,
  });
  for await (const step of run) {
    steps.push(step);
    if (steps.length === stopAfter) break;
  }
  const final = await state.snapshot();
  if (!options.state) state.dispose();
  return { steps, final };
}
