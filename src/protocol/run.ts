/** @file Runs: what to train (`RunSpec`), what is heard while it trains, and how it ends. */
import type { FeatureName } from '../core/reward/features';
import { ALGORITHMS, type Stage, type StageConfigs } from '../core/algorithms/catalogue';
import type { Memory } from '../core/algorithms/step';
import type { RunData, RunDataOf } from '../core/data/run-data';
import { DATA_DEFAULTS } from '../core/data/fields';
import type { Failure } from './load';
import type { Completion } from './generate';
import type { MetricName } from './metrics';

/** Weight of each named feature in the hand-tuned reward; a missing name weighs 0. */
export type RewardWeights = Readonly<Partial<Record<FeatureName, number>>>;

/** A neural reward model as a part of a reward. */
export interface NeuralPart {
  /** Under which the worker has it. */
  readonly id: string;
  /** What it was called when it was chosen. */
  readonly name?: string;
  readonly weight: number;
  /** Scores each answer as if it had been said of either group, and takes the mean: what is said of one is worth what it is of the other. */
  readonly symmetric?: boolean;
}

/** What an algorithm learns from: demonstrations, pairs, or prompts and a reward. */
type DataOf<S extends Stage> = RunDataOf[S extends 'sft' ? 'demonstrations' : S extends 'dpo' ? 'pairs' : 'rewards'];

/** A run by one algorithm. */
interface SpecOf<S extends Stage> {
  /** The algorithm. */
  readonly stage: S;
  readonly seed: number;
  /** Whose models; the site's first family when left out. */
  readonly family?: string;
  /** The model the policy starts from; also the KL reference. */
  readonly start: 'base' | 'sft' | 'rlhf';
  /** Prompts are put in the chat format even if that model has none: true of what goes on from an SFT of it. SFT always does. */
  readonly chat?: boolean;
  /** What it learns from; by default when left out. */
  readonly data?: DataOf<S>;
  /** What answers are rewarded by; SFT and DPO only measure it. */
  readonly reward: RewardWeights;
  /** A neural reward model installed in the worker: its standardised score, times the weight, is added to the reward. */
  readonly rewardModel?: NeuralPart;
  readonly config: StageConfigs[S];
  /** Prompts whose completions are shown at each update, always drawn with the same uniforms. At most 4. */
  readonly fixedPrompts: readonly string[];
}

/** A complete description of a run: same spec, same engine, same run. Fits in a URL. */
export type RunSpec = { [S in Stage]: SpecOf<S> }[Stage];

/** What a run learns from, written out. */
export const dataOf = ({ stage, data }: Pick<RunSpec, 'stage' | 'data'>): RunData => data ?? DATA_DEFAULTS[ALGORITHMS[stage].learnsFrom];

/** New values of settings that may change while a run goes on, by key; which ones may depends on the algorithm. */
export type LiveConfig = Readonly<Record<string, number | string | boolean>>;

/** The part of a configuration that may change while a run goes on. */
export function liveSettings<S extends Stage>(stage: S, config: StageConfigs[S]): LiveConfig {
  const live = ALGORITHMS[stage].fields.filter((field) => field.live);
  return Object.fromEntries(live.map(({ key }) => [key, config[key as keyof typeof config] as number | string | boolean]));
}

/** What training changes, as vectors. */
interface StateVectors {
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Where a run stands: enough to continue it exactly. Vectors are float32 `[N]`. */
export interface RunCheckpoint extends StateVectors {
  /** As it was at this update: reward and live settings may have changed since the start. */
  readonly spec: RunSpec;
  /** Updates done. */
  readonly update: number;
  /** What the algorithm carries from update to update, where it carries anything. */
  readonly memory?: Memory;
  /** PPO's value model. */
  readonly critic?: StateVectors;
  /** What KL is measured against where that is not the starting model: the policy that an earlier stage, such as SFT, made of it. */
  readonly reference?: Float32Array;
}

/** A completion of a fixed prompt by the policy of one update. */
export interface FixedSample {
  readonly prompt: string;
  readonly completion: Completion;
}

/** What a run says while it trains. Update 0 stands for the starting policy, before any step. */
export type RunEvent =
  | { readonly type: 'warming'; readonly what: string }
  /** What the policy of `update` answers to the fixed prompts: they are drawn with the answers that the next update learns from. */
  | { readonly type: 'samples'; readonly update: number; readonly samples: readonly FixedSample[] }
  | {
      readonly type: 'update';
      /** 1-based number of the update just finished; 0 for the measurement before the first. */
      readonly update: number;
      readonly numUpdates: number;
      readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
      /** A few answers of this update, to show what is being rewarded: one group, or answers to different prompts. */
      readonly example: {
        /** One an answer. */
        readonly prompts: readonly string[];
        readonly completions: readonly Completion[];
        /** As given by the reward in force when they were drawn. */
        readonly rewards: readonly number[];
        readonly advantages: readonly number[];
      } | null;
      /** All answers of this update; null before the first. Lengths in tokens. */
      readonly batch: { readonly rewards: readonly number[]; readonly lengths: readonly number[] } | null;
      readonly updateMs: number;
    }
  | { readonly type: 'checkpoint'; readonly checkpoint: RunCheckpoint }
  | { readonly type: 'paused'; readonly update: number }
  | { readonly type: 'resumed'; readonly update: number };

/** How many tokens texts have. */
export type TokensOutcome = { readonly type: 'completed'; readonly numTokens: number } | Failure;

/** How a run ended. On failure the last good policy is kept as `yours`. */
export type RunOutcome =
  | { readonly type: 'completed'; readonly update: number }
  | { readonly type: 'stopped'; readonly update: number }
  | (Failure & { readonly update: number });
