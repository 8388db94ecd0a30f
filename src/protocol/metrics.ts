/**
 * @file Every logged number, in one table: TRL's public key and its unit. What each is called, and its formula, is said in the page's
 * language (`src/ui/metric-words.ts`).
 *
 * Keys are TRL's where TRL logs the quantity (huggingface.co/docs/trl/grpo_trainer#logged-metrics); ours otherwise.
 * Averages over tokens weigh every completion token of the batch alike unless the formula says otherwise.
 */

import type { MetricName as AlgorithmMetricName } from '../core/algorithms/step';
import { FEATURES, type FeatureName } from '../core/reward/features';

/** What a metric is counted in; `''` for plain numbers. */
export type MetricUnit = '' | 'share' | 'tokens' | 's' | 'FLOPs' | 'nats' | 'nats per token' | 'bits per byte';

/** What a metric is. */
interface Metric {
  readonly unit: MetricUnit;
}

/** What the run knows besides: the world's verdict, costs, and what each part of the reward gave. */
type RunMetricName =
  | 'gold_reward'
  | 'completions/distinct_ratio'
  | 'completions/typo_rate'
  | 'completions/refusal_rate'
  | 'update/seconds'
  | 'update/tokens'
  | 'update/flops'
  | 'eval/bits_per_byte';

/** What each feature, and the reward model, gave to the mean reward; together they are it. */
const CONTRIBUTIONS = Object.fromEntries(
  [...FEATURES.map(({ name }) => name), 'reward_model'].map((name) => [`contribution/${name}`, { unit: '' }]),
) as Record<`contribution/${FeatureName | 'reward_model'}`, Metric>;

const TABLE = {
  reward: { unit: '' },
  reward_std: { unit: '' },
  frac_reward_zero_std: { unit: 'share' },
  gold_reward: { unit: '' },
  'completions/distinct_ratio': { unit: 'share' },
  'completions/typo_rate': { unit: 'share' },
  'completions/refusal_rate': { unit: 'share' },
  'update/seconds': { unit: 's' },
  'update/tokens': { unit: 'tokens' },
  'update/flops': { unit: 'FLOPs' },
  'eval/bits_per_byte': { unit: 'bits per byte' },
  kl: { unit: 'nats per token' },
  'objective/kl': { unit: 'nats' },
  entropy: { unit: 'nats per token' },
  'completions/mean_length': { unit: 'tokens' },
  'completions/clipped_ratio': { unit: 'share' },
  'clip_ratio/region_mean': { unit: 'share' },
  'policy/approxkl_avg': { unit: 'nats per token' },
  'val/ratio': { unit: '' },
  'sampling/sampling_logp_difference/max': { unit: 'nats' },
  loss: { unit: '' },
  mean_token_accuracy: { unit: 'share' },
  grad_norm: { unit: '' },
  learning_rate: { unit: '' },
  kl_coef: { unit: '' },
  best_reward: { unit: '' },
  'objective/scores': { unit: '' },
  'objective/non_score_reward': { unit: '' },
  'objective/rlhf_reward': { unit: '' },
  'policy/clipfrac_avg': { unit: 'share' },
  'loss/policy_avg': { unit: '' },
  'loss/value_avg': { unit: '' },
  'loss/rehearsal_avg': { unit: '' },
  'val/ratio_var': { unit: '' },
  'val/clipfrac_avg': { unit: 'share' },
  'val/num_eos_tokens': { unit: '' },
  'val/explained_variance': { unit: 'share' },
  'rewards/chosen': { unit: '' },
  'rewards/rejected': { unit: '' },
  'rewards/margins': { unit: '' },
  'rewards/accuracies': { unit: 'share' },
  'logps/chosen': { unit: 'nats' },
  'logps/rejected': { unit: 'nats' },
} as const satisfies Record<AlgorithmMetricName | RunMetricName, Metric>;

/** All of them. */
export const METRICS: Readonly<Record<keyof typeof TABLE | keyof typeof CONTRIBUTIONS, Metric>> = { ...TABLE, ...CONTRIBUTIONS };

/** A key of {@link METRICS}. */
export type MetricName = keyof typeof METRICS;
