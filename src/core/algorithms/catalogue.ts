/**
 * @file Every algorithm by name: what it is, its settings, and how to start it. What is generated for "all algorithms" (a
 * choice on the page, specifications of runs, the study) starts here.
 */
import type { Random } from '../random';
import type { Sequence } from '../rl/batch';
import type { TrainingState } from '../model/training-state';
import { DPO_DEFAULTS, DPO_FIELDS, trainDpo, type DpoConfig, type DpoOptions } from './dpo';
import type { Field } from './fields';
import { GRPO_DEFAULTS, GRPO_FIELDS, trainGrpo, type GrpoConfig } from './grpo';
import { ONLINE_DPO_DEFAULTS, ONLINE_DPO_FIELDS, trainOnlineDpo, type OnlineDpoConfig } from './online-dpo';
import { trainPpo } from './ppo';
import { PPO_DEFAULTS, PPO_FIELDS, type PpoConfig } from './ppo-config';
import { REINFORCE_DEFAULTS, REINFORCE_FIELDS, trainReinforce, type ReinforceConfig } from './reinforce';
import {
  REJECTION_SAMPLING_DEFAULTS,
  REJECTION_SAMPLING_FIELDS,
  trainRejectionSampling,
  type RejectionSamplingConfig,
} from './rejection-sampling';
import { RLOO_DEFAULTS, RLOO_FIELDS, trainRloo, type RlooConfig } from './rloo';
import { SFT_DEFAULTS, SFT_FIELDS, trainSft, type SftConfig } from './sft';
import type { AlgorithmStep, MetricName, OnlineOptions, PolicyPrompt } from './step';

/** The settings of each algorithm. */
export interface StageConfigs {
  readonly sft: SftConfig;
  readonly dpo: DpoConfig;
  readonly reinforce: ReinforceConfig;
  readonly rloo: RlooConfig;
  readonly ppo: PpoConfig;
  readonly grpo: GrpoConfig;
  readonly 'rejection-sampling': RejectionSamplingConfig;
  readonly 'online-dpo': OnlineDpoConfig;
}

/** Name of an algorithm, as specifications of runs have it. */
export type Stage = keyof StageConfigs;

/** Algorithms that draw their own answers and learn from a reward. */
export type RewardStage = Exclude<Stage, 'sft' | 'dpo'>;

/** What an algorithm is. */
export interface Algorithm<Config> {
  readonly label: string;
  /** One plain sentence. */
  readonly sentence: string;
  /** Where it comes from. */
  readonly paper: { readonly title: string; readonly url: string };
  /** What it learns from. */
  readonly learnsFrom: 'demonstrations' | 'pairs' | 'rewards';
  readonly fields: readonly (Field & { readonly key: keyof Config & string })[];
  readonly defaults: Config;
}

/** All algorithms. */
export const ALGORITHMS: { readonly [S in Stage]: Algorithm<StageConfigs[S]> } = {
  sft: {
    label: 'SFT',
    sentence: 'Imitates demonstrations.',
    paper: { title: 'InstructGPT, Ouyang et al., 2022', url: 'https://arxiv.org/abs/2203.02155' },
    learnsFrom: 'demonstrations',
    fields: SFT_FIELDS,
    defaults: SFT_DEFAULTS,
  },
  dpo: {
    label: 'DPO',
    sentence: 'Puts pairs of answers in the right order, without a reward model.',
    paper: { title: 'Rafailov et al., 2023', url: 'https://arxiv.org/abs/2305.18290' },
    learnsFrom: 'pairs',
    fields: DPO_FIELDS,
    defaults: DPO_DEFAULTS,
  },
  reinforce: {
    label: 'REINFORCE',
    sentence: 'Makes answers likelier in proportion to how much better than the others of the batch they did.',
    paper: { title: 'Williams, 1992', url: 'https://doi.org/10.1007/BF00992696' },
    learnsFrom: 'rewards',
    fields: REINFORCE_FIELDS,
    defaults: REINFORCE_DEFAULTS,
  },
  rloo: {
    label: 'RLOO',
    sentence: 'Compares each answer with the others to the same prompt.',
    paper: { title: 'Ahmadian et al., 2024', url: 'https://arxiv.org/abs/2402.14740' },
    learnsFrom: 'rewards',
    fields: RLOO_FIELDS,
    defaults: RLOO_DEFAULTS,
  },
  ppo: {
    label: 'PPO',
    sentence: 'Has a second model foresee the reward, so that each token is judged by itself, and clips large moves.',
    paper: { title: 'Schulman et al., 2017', url: 'https://arxiv.org/abs/1707.06347' },
    learnsFrom: 'rewards',
    fields: PPO_FIELDS,
    defaults: PPO_DEFAULTS,
  },
  grpo: {
    label: 'GRPO',
    sentence: 'Judges each answer by how it did within its group, and clips large moves.',
    paper: { title: 'DeepSeekMath, Shao et al., 2024', url: 'https://arxiv.org/abs/2402.03300' },
    learnsFrom: 'rewards',
    fields: GRPO_FIELDS,
    defaults: GRPO_DEFAULTS,
  },
  'rejection-sampling': {
    label: 'Rejection sampling',
    sentence: 'Draws several answers to each prompt and imitates the best.',
    paper: { title: 'RAFT, Dong et al., 2023', url: 'https://arxiv.org/abs/2304.06767' },
    learnsFrom: 'rewards',
    fields: REJECTION_SAMPLING_FIELDS,
    defaults: REJECTION_SAMPLING_DEFAULTS,
  },
  'online-dpo': {
    label: 'Online DPO',
    sentence: 'DPO on pairs of its own answers, the better one chosen by the reward.',
    paper: { title: 'Guo et al., 2024', url: 'https://arxiv.org/abs/2402.04792' },
    learnsFrom: 'rewards',
    fields: ONLINE_DPO_FIELDS,
    defaults: ONLINE_DPO_DEFAULTS,
  },
};

/** All of them, from the plainest on. */
export const STAGES = Object.keys(ALGORITHMS) as readonly Stage[];

/** Whether an algorithm draws its own answers and learns from a reward. */
export const learnsFromRewards = (stage: Stage): stage is RewardStage => ALGORITHMS[stage].learnsFrom === 'rewards';

/** An algorithm and where its settings are asked for. */
export type StageSettings = { readonly [S in Stage]: { readonly stage: S; readonly settings: () => StageConfigs[S] } }[Stage];

/** What runs draw on; an algorithm asks for what it needs. */
export interface StageOptions<Prompt extends PolicyPrompt> extends Omit<OnlineOptions<unknown, Prompt>, 'settings'> {
  /** PPO's value model. */
  readonly critic?: TrainingState;
  /** SFT's demonstrations. */
  readonly demonstration?: (random: Random, place: number) => Sequence;
  /** Documents that SFT and PPO may rehearse. */
  readonly document?: (random: Random) => Sequence;
  /** DPO's pairs. */
  readonly pairs?: DpoOptions['pairs'];
  /** Tokens of DPO's longest prompt and completion together. */
  readonly maxTokens?: number;
}

/** What an update of any algorithm did; which metrics there are depends on the algorithm. */
export type StageStep<Prompt> = Omit<AlgorithmStep<Prompt>, 'metrics'> & {
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
};

/** @throws RangeError when the algorithm's source is missing */
function needed<Source>(source: Source | undefined, what: string): Source {
  if (source === undefined) throw new RangeError(`This algorithm needs ${what}.`);
  return source;
}

/**
 * Starts any algorithm.
 * @throws RangeError when something that it needs is missing
 */
export function trainStage<Prompt extends PolicyPrompt>(
  run: StageSettings,
  options: StageOptions<Prompt>,
): AsyncGenerator<StageStep<Prompt>> {
  switch (run.stage) {
    case 'sft':
      return trainSft({ ...options, settings: run.settings, demonstration: needed(options.demonstration, 'demonstrations') });
    case 'dpo':
      return trainDpo({
        ...options,
        settings: run.settings,
        pairs: needed(options.pairs, 'pairs of answers'),
        maxTokens: needed(options.maxTokens, 'the length of its pairs'),
      });
    case 'reinforce':
      return trainReinforce({ ...options, settings: run.settings });
    case 'rloo':
      return trainRloo({ ...options, settings: run.settings });
    case 'ppo':
      return trainPpo({ ...options, settings: run.settings, critic: needed(options.critic, 'a value model') });
    case 'grpo':
      return trainGrpo({ ...options, settings: run.settings });
    case 'rejection-sampling':
      return trainRejectionSampling({ ...options, settings: run.settings });
    case 'online-dpo':
      return trainOnlineDpo({ ...options, settings: run.settings });
  }
}

/** Gradient steps of an update: how far AdamW's step count is after a number of updates. */
export function stepsPerUpdate(config: StageConfigs[Stage]): number {
  const passes = 'numPpoEpochs' in config ? config.numPpoEpochs : 'numIterations' in config ? config.numIterations : 1;
  return passes * ('numMiniBatches' in config ? config.numMiniBatches : 1);
}
