/** @file One update seen closely: every answer it learned from, token by token. Asked for, never sent by itself. */
import type { Stage } from '../core/algorithms/catalogue';
import type { Completion } from './generate';
import type { Failure } from './load';
import type { MetricName } from './metrics';

/** An answer that an update learned from. Lists have one number a token; log-probabilities in nats at the sampling temperature. */
export interface LearnedAnswer {
  readonly prompt: string;
  readonly completion: Completion;
  /** As given by the reward in force when it was drawn. */
  readonly reward: number;
  /** Of which each part of the reward gave so much; together they are it. */
  readonly points: Readonly<Partial<Record<MetricName, number>>>;
  /** Mean over its tokens where they differ. */
  readonly advantage: number;
  /** Texts of its tokens; joined they are the completion, but for the end token. */
  readonly tokens: readonly string[];
  /** Of the policy that drew it. */
  readonly logprobs: Float32Array;
  readonly refLogprobs: Float32Array;
  /** As the last pass over the batch saw it: ratio = exp(new − old). */
  readonly newLogprobs: Float32Array;
  /** Of the policy that the update made. */
  readonly afterLogprobs: Float32Array;
  readonly advantages: Float32Array;
  /** Of PPO's value model, before the update. */
  readonly values: Float32Array | null;
}

/** The last update. */
export interface UpdateDetail {
  readonly update: number;
  readonly stage: Stage;
  /** Consecutive answers to one prompt. */
  readonly groupSize: number;
  readonly temperature: number;
  /** ε of algorithms that clip; null where nothing is clipped. */
  readonly clipRange: number | null;
  readonly learningRate: number;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
  readonly answers: readonly LearnedAnswer[];
}

/** The detail; null when no update is remembered, as after a restart of the engine. */
export type InspectOutcome = { readonly type: 'completed'; readonly detail: UpdateDetail | null } | Failure;
