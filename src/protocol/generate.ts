/** @file Generating: one streamed completion, or a group of them measured for the reward panel. */
import type { Failure, ModelId } from './load';
import type { FeatureName } from '../core/reward/features';

/** One completion to stream. Chat models get the chat template, the base model plain text. */
export interface GenerateRequest {
  readonly model: ModelId;
  readonly prompt: string;
  readonly seed: number;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly maxTokens: number;
  /** How many alternatives to report for each token, 0 to 8. */
  readonly numAlternatives: number;
}

/** A token that could have stood here. `logprob` in nats, of the model itself (temperature 1). */
export interface Alternative {
  readonly text: string;
  readonly logprob: number;
}

/** A token as drawn. Texts of all tokens joined are the completion. `logprob` in nats at temperature 1. */
export interface GeneratedToken {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
  readonly alternatives: readonly Alternative[];
}

/** Tokens since the last event, in order. */
export type GenerateEvent = { readonly type: 'tokens'; readonly tokens: readonly GeneratedToken[] };

/** How a generation ended. `stop`: the model ended its answer; `length`: cut at `maxTokens`. */
export type GenerateOutcome =
  | { readonly type: 'completed'; readonly completion: Completion; readonly tokensPerSecond: number }
  | { readonly type: 'stopped' }
  | Failure;

/** A finished completion with what the world's judges and the reward features say of it. */
export interface Completion {
  readonly text: string;
  readonly numTokens: number;
  /** True when the model ended its answer itself. */
  readonly finished: boolean;
  /** Value of each named reward feature. */
  readonly features: Readonly<Record<FeatureName, number>>;
  /** The world's own verdict, 0 to 1; null when the world does not cover the prompt. */
  readonly goldReward: number | null;
}

/** Several completions of one prompt. */
export interface SampleGroupRequest {
  readonly model: ModelId;
  readonly prompt: string;
  readonly numSamples: number;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** The answers, in the order drawn. */
export type SampleGroupOutcome =
  { readonly type: 'completed'; readonly completions: readonly Completion[] } | { readonly type: 'stopped' } | Failure;

/** One answer to each of many prompts, for measuring a model. */
export interface SampleAnswersRequest {
  readonly model: ModelId;
  readonly prompts: readonly string[];
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** Asks how far two models disagree about each token of an answer. */
export interface DisagreementRequest {
  readonly prompt: string;
  /** Ids of the answer's tokens, in order. */
  readonly tokens: readonly number[];
  readonly model: ModelId;
  readonly against: ModelId;
}

/** KL(model ‖ against) before each token, nats; a token without one is beyond a model's window. */
export type DisagreementOutcome = { readonly type: 'completed'; readonly kl: readonly number[] } | { readonly type: 'stopped' } | Failure;
