/**
 * @file What every algorithm asks for and reports: the shape that the worker, the page and the command line treat alike.
 *
 * An algorithm is an async generator; each `next()` does one update and yields a {@link AlgorithmStep}. Metrics carry TRL's
 * names; what they mean is in the protocol's METRICS table.
 */
import type { Engine, Tensor } from '../graph/engine';
import type { ModelConfig } from '../model/config';
import type { TrainingState } from '../model/training-state';
import type { Random } from '../random';
import type { Cost } from '../rl/cost';
import type { RewardFunction, ScoredRewards } from '../rl/reward-function';
import type { Rollout } from '../rl/rollout';

/** A prompt as the policy sees it; the caller may hang anything on it. */
export interface PolicyPrompt {
  readonly promptTokens: readonly number[];
}

/** Numbers that a run carries from update to update beside its weights, such as an adaptive coefficient. */
export type Memory = Readonly<Record<string, number>>;

/** What every run needs besides its settings. */
export interface RunOptions<Config> {
  readonly engine: Engine;
  readonly model: ModelConfig;
  /** The policy; advanced in place. */
  readonly state: TrainingState;
  /** Asked at every update, so that live settings may change. Sizes are those of the first. */
  readonly settings: () => Config;
  /** Updates already done by an earlier run that this one continues. */
  readonly firstUpdate: number;
  readonly seed: number;
  /** What the last step of that earlier run said. */
  readonly memory?: Memory;
}

/** What a run needs that draws its own answers. */
export interface OnlineOptions<Config, Prompt extends PolicyPrompt> extends RunOptions<Config> {
  /** Theta of the KL reference. */
  readonly reference: Tensor;
  /** Whether the policy starts as its reference, and so must measure KL 0: true of a fresh run unless told otherwise. */
  readonly startsAtReference?: boolean;
  /** Longest prompt in tokens. */
  readonly maxPromptTokens: number;
  /** `index` counts the prompts of an update from 0; they are asked for in that order. */
  readonly samplePrompt: (random: Random, index: number) => Prompt;
  /** Prompts answered beside those of every update, each time with the same uniforms, to watch the policy change; not learned from. */
  readonly watched?: readonly (readonly number[])[];
  /** One reward a rollout; `prompts[i]` is what `rollouts[i]` answers. */
  readonly reward: RewardFunction<Prompt>;
}

/**
 * Numbers of each completion's tokens, one list a completion; nats, at the sampling temperature. They are of the policy
 * before the update, but for `newLogprobs`, which the last pass over the batch saw: its ratio is exp(new − old).
 */
export interface TokenNumbers {
  readonly logprobs: readonly ArrayLike<number>[];
  readonly refLogprobs: readonly ArrayLike<number>[];
  readonly newLogprobs: readonly ArrayLike<number>[];
  readonly advantages: readonly ArrayLike<number>[];
  /** Of algorithms with a value model. */
  readonly values?: readonly ArrayLike<number>[];
}

/** Names of what algorithms measure; TRL's where TRL logs the quantity. */
export type MetricName =
  | 'reward'
  | 'reward_std'
  | 'frac_reward_zero_std'
  | 'kl'
  | 'entropy'
  | 'loss'
  | 'grad_norm'
  | 'learning_rate'
  | 'mean_token_accuracy'
  | 'best_reward'
  | 'kl_coef'
  | 'objective/kl'
  | 'objective/non_score_reward'
  | 'objective/rlhf_reward'
  | 'objective/scores'
  | 'completions/mean_length'
  | 'completions/clipped_ratio'
  | 'clip_ratio/region_mean'
  | 'policy/approxkl_avg'
  | 'policy/clipfrac_avg'
  | 'loss/policy_avg'
  | 'loss/value_avg'
  | 'loss/rehearsal_avg'
  | 'val/ratio'
  | 'val/ratio_var'
  | 'val/clipfrac_avg'
  | 'val/num_eos_tokens'
  | 'val/explained_variance'
  | 'sampling/sampling_logp_difference/max'
  | 'rewards/chosen'
  | 'rewards/rejected'
  | 'rewards/margins'
  | 'rewards/accuracies'
  | 'logps/chosen'
  | 'logps/rejected';

/** What every policy gradient measures. */
export type PolicyMetric =
  | 'reward'
  | 'reward_std'
  | 'kl'
  | 'entropy'
  | 'objective/kl'
  | 'completions/mean_length'
  | 'completions/clipped_ratio'
  | 'policy/approxkl_avg'
  | 'val/ratio'
  | 'sampling/sampling_logp_difference/max'
  | 'loss'
  | 'grad_norm'
  | 'learning_rate';

/** What one update did. */
export interface AlgorithmStep<Prompt, Metric extends MetricName = MetricName> {
  /** Counted from 1. */
  readonly update: number;
  /** What this algorithm measures. */
  readonly metrics: Readonly<Record<Metric, number>>;
  /** Consecutive rollouts that answer one prompt; 0 where there are none. */
  readonly groupSize: number;
  /** `prompts[i]` is what `rollouts[i]` answers. */
  readonly prompts: readonly Prompt[];
  readonly rollouts: readonly Rollout[];
  readonly rewards: readonly number[];
  readonly rewardParts: ScoredRewards['parts'];
  /** How much each completion counted, and in which direction: the mean over its tokens where they differ. */
  readonly advantages: readonly number[];
  /** Null where the policy drew nothing. */
  readonly tokens: TokenNumbers | null;
  /** Answers to the watched prompts by the policy as it was before this update. */
  readonly watched: readonly Rollout[];
  readonly cost: Cost;
  /** To be given to a run that continues this one. */
  readonly memory: Memory;
}
