/** @file Runs: what to train (`RunSpec`), what is heard while it trains, and how it ends. */
import type { FeatureName } from '../core/reward/features';
import { ALGORITHMS, type RewardStage, type StageConfigs } from '../core/algorithms/catalogue';
import type { Memory } from '../core/algorithms/step';
import type { Failure } from './load';
import type { Completion } from './generate';
import type { MetricName } from './metrics';

/** Weight of each named feature in the hand-tuned reward; a missing name weighs 0. */
export type RewardWeights = Readonly<Partial<Record<FeatureName, number>>>;

/** A run by one algorithm. */
interface SpecOf<S extends RewardStage> {
  /** The algorithm. */
  readonly stage: S;
  readonly seed: number;
  /** The model the policy starts from; also the KL reference. */
  readonly start: 'base' | 'sft' | 'rlhf';
  readonly reward: RewardWeights;
  /** A neural reward model installed in the worker: its standardised score, times the weight, is added to the reward. */
  readonly rewardModel?: { readonly id: string; readonly weight: number };
  readonly config: StageConfigs[S];
  /** Prompts whose completions are shown at each update, always drawn with the same uniforms. At most 4. */
  readonly fixedPrompts: readonly string[];
}

/** A complete description of a run: same spec, same engine, same run. Fits in a URL. */
export type RunSpec = { [S in RewardStage]: SpecOf<S> }[RewardStage];

/** New values of settings that may change while a run goes on, by key; which ones may depends on the algorithm. */
export type LiveConfig = Readonly<Record<string, number | string | boolean>>;

/** The part of a configuration that may change while a run goes on. */
export function liveSettings<S extends RewardStage>(stage: S, config: StageConfigs[S]): LiveConfig {
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

/** How a run ended. On failure the last good policy is kept as `yours`. */
export type RunOutcome =
  | { readonly type: 'completed'; readonly update: number }
  | { readonly type: 'stopped'; readonly update: number }
  | (Failure & { readonly update: number });
