/**
 * @file Small runs of every algorithm on one tiny model, prompts of three tokens or fewer, and a reward anyone can check:
 * the share of token 7.
 */
import type { Engine } from '../../../src/core/graph/engine';
import { DPO_DEFAULTS, shuffledPairs, trainDpo, type DpoConfig } from '../../../src/core/algorithms/dpo';
import { GRPO_DEFAULTS, trainGrpo } from '../../../src/core/algorithms/grpo';
import { ONLINE_DPO_DEFAULTS, trainOnlineDpo } from '../../../src/core/algorithms/online-dpo';
import { trainPpo } from '../../../src/core/algorithms/ppo';
import { PPO_DEFAULTS, type PpoConfig } from '../../../src/core/algorithms/ppo-config';
import { REINFORCE_DEFAULTS, trainReinforce } from '../../../src/core/algorithms/reinforce';
import { REJECTION_SAMPLING_DEFAULTS, trainRejectionSampling } from '../../../src/core/algorithms/rejection-sampling';
import type { TokenComparison } from '../../../src/core/algorithms/reward-model';
import { RLOO_DEFAULTS, trainRloo } from '../../../src/core/algorithms/rloo';
import type { AlgorithmStep, Memory, OnlineOptions, PolicyPrompt } from '../../../src/core/algorithms/step';
import { valueTheta } from '../../../src/core/algorithms/value-model';
import { initialTheta } from '../../../src/core/model/parameters';
import { TrainingState, type TrainingSnapshot } from '../../../src/core/model/training-state';
import { Random } from '../../../src/core/random';
import type { Rollout } from '../../../src/core/rl/rollout';
import { floats } from '../../helpers/graphs';
import { tinyConfig } from '../../helpers/tiny-config';

export const MODEL = tinyConfig();
const START = initialTheta(MODEL, new Random('grpo'));

/** Share of a completion's tokens that are 7. */
export const shareOfSevens = ({ completionTokens }: Rollout): number =>
  completionTokens.filter((token) => token === 7).length / completionTokens.length;

const SIZES = { numUpdates: 20, maxCompletionTokens: 5, learningRate: 0.02 };
const GROUPS = { ...SIZES, promptsPerUpdate: 2, groupSize: 4 };

/** Pairs in which the chosen has more sevens. */
const COMPARISONS: readonly TokenComparison[] = Array.from({ length: 24 }, (_, i) => {
  const random = new Random(`pair ${i}`);
  const draw = (chance: number) => Array.from({ length: 3 + random.integer(2) }, () => (random.chance(chance) ? 7 : 2 + random.integer(8)));
  const promptTokens = [0, 2 + random.integer(3)];
  return { chosen: { promptTokens, completionTokens: draw(0.8) }, rejected: { promptTokens, completionTokens: draw(0.1) }, margin: 0 };
});

/** What may differ between runs. */
export interface SmallRun {
  readonly settings?: object;
  readonly from?: { theta: Float32Array } & Partial<TrainingSnapshot>;
  readonly criticFrom?: { theta: Float32Array } & Partial<TrainingSnapshot>;
  readonly memory?: Memory;
  readonly firstUpdate?: number;
  readonly seed?: number;
  readonly stopAfter?: number;
  readonly reference?: Float32Array;
  readonly reward?: OnlineOptions<unknown, PolicyPrompt>['reward'];
}

/** What a run gave. */
export interface SmallResult {
  readonly steps: readonly AlgorithmStep<PolicyPrompt>[];
  readonly final: TrainingSnapshot;
  readonly critic: TrainingSnapshot;
}

/** Where golden numbers were taken: defaults are chosen anew when models are. */
const HELD = { klCoef: 0.05 };

type Steps = AsyncGenerator<AlgorithmStep<PolicyPrompt, never>>;
type Common = Omit<OnlineOptions<unknown, PolicyPrompt>, 'settings'>;

const document = (random: Random) => ({ promptTokens: [0], completionTokens: [3, 4, 2 + random.integer(2), 6] });

/** Every algorithm, started on common options. */
export const ALGORITHMS: Readonly<Record<string, (common: Common, settings: object, critic: TrainingState) => Steps>> = {
  reinforce: (common, settings) =>
    trainReinforce({ ...common, settings: () => ({ ...REINFORCE_DEFAULTS, ...SIZES, ...HELD, promptsPerUpdate: 8, ...settings }) }),
  rloo: (common, settings) => trainRloo({ ...common, settings: () => ({ ...RLOO_DEFAULTS, ...GROUPS, ...HELD, ...settings }) }),
  ppo: (common, settings, critic) => {
    const small: PpoConfig = { ...PPO_DEFAULTS, ...SIZES, promptsPerUpdate: 8, missingEosPenalty: 0, valueLearningRate: 0.02, ...settings };
    return trainPpo({ ...common, critic, document, settings: () => small });
  },
  grpo: (common, settings) => trainGrpo({ ...common, settings: () => ({ ...GRPO_DEFAULTS, ...GROUPS, ...settings }) }),
  'rejection-sampling': (common, settings) =>
    trainRejectionSampling({ ...common, settings: () => ({ ...REJECTION_SAMPLING_DEFAULTS, ...GROUPS, klCoef: 0, ...settings }) }),
  'online-dpo': (common, settings) =>
    trainOnlineDpo({ ...common, settings: () => ({ ...ONLINE_DPO_DEFAULTS, ...GROUPS, missingEosPenalty: 0, ...settings }) }),
  dpo: (common, settings) => {
    const small: DpoConfig = { ...DPO_DEFAULTS, numUpdates: 20, learningRate: 0.02, pairsPerUpdate: 4, ...settings };
    return trainDpo({ ...common, settings: () => small, maxTokens: 12, pairs: shuffledPairs(COMPARISONS, common.seed) }) as Steps;
  },
};

/** Runs an algorithm on an engine. */
export async function runSmall(engine: Engine, name: string, options: SmallRun = {}): Promise<SmallResult> {
  const { settings = {}, from = { theta: START }, stopAfter = Infinity, reference = START, firstUpdate = 0, seed = 1 } = options;
  const state = new TrainingState(engine, from);
  const critic = new TrainingState(engine, options.criticFrom ?? { theta: valueTheta(MODEL, START) });
  const common: Common = {
    engine,
    model: MODEL,
    state,
    reference: floats([reference.length], reference),
    firstUpdate,
    seed,
    maxPromptTokens: 3,
    samplePrompt: (random) => ({ promptTokens: [0, ...Array.from({ length: random.integer(3) }, () => 2 + random.integer(3))] }),
    reward: options.reward ?? ((_, rollouts) => Promise.resolve(rollouts.map(shareOfSevens))),
    ...(options.memory ? { memory: options.memory } : {}),
  };
  const steps: AlgorithmStep<PolicyPrompt, never>[] = [];
  for await (const step of ALGORITHMS[name]!(common, settings, critic)) {
    steps.push(step);
    if (steps.length === stopAfter) break;
  }
  const [final, criticFinal] = [await state.snapshot(), await critic.snapshot()];
  state.dispose();
  critic.dispose();
  return { steps: steps as unknown as AlgorithmStep<PolicyPrompt>[], final, critic: criticFinal };
}
