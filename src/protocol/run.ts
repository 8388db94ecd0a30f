/** @file Runs: what to train (`RunSpec`), what is heard while it trains, and how it ends. */
import type { FeatureName } from '../core/reward/features';
import { GRPO_FIELDS, type GrpoConfig } from '../core/algorithms/grpo';
import type { Failure } from './load';
import type { Completion } from './generate';
import type { MetricName } from './metrics';

/** Weight of each named feature in the hand-tuned reward; a missing name weighs 0. */
export type RewardWeights = Readonly<Partial<Record<FeatureName, number>>>;

/** A complete description of a run: same spec, same engine, same run. Fits in a URL. */
export interface RunSpec {
  readonly stage: 'grpo';
  readonly seed: number;
  /** The model the policy starts from; also the KL reference. */
  readonly start: 'base' | 'sft' | 'rlhf';
  readonly reward: RewardWeights;
  readonly config: GrpoConfig;
  /** Prompts whose completions are shown at each update, always drawn with the same uniforms. At most 4. */
  readonly fixedPrompts: readonly string[];
}

/** Names of the settings that may change while a run goes on. */
type LiveKey = Extract<(typeof GRPO_FIELDS)[number], { live: true }>['key'];

/** New values of such settings. */
export type LiveConfig = Readonly<Partial<Pick<GrpoConfig, LiveKey>>>;

/** The part of a configuration that may change while a run goes on. */
export function liveSettings(config: GrpoConfig): LiveConfig {
  return Object.fromEntries(GRPO_FIELDS.filter(({ live }) => live).map(({ key }) => [key, config[key]]));
}

/** Where a run stands: enough to continue it exactly. Vectors are float32 `[N]`. */
export interface RunCheckpoint {
  /** As it was at this update: reward and live settings may have changed since the start. */
  readonly spec: RunSpec;
  /** Updates done. */
  readonly update: number;
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
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
      /** One rollout of this update, to show what is being rewarded. */
      readonly example: {
        readonly prompt: string;
        readonly completions: readonly Completion[];
        /** As given by the reward in force when they were drawn. */
        readonly rewards: readonly number[];
        readonly advantages: readonly number[];
      } | null;
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
