/** @file What metrics are called, how they are computed and what they are counted in, in the page's language. */
import { FEATURES, type FeatureName } from '../core/reward/features';
import { m } from '../messages/messages';
import { METRICS, type MetricName, type MetricUnit } from '../protocol/metrics';
import type { AxisId, GroupId } from '../state/lab-series';
import { FEATURE_WORDS } from './feature-words';

/** A metric in words. */
export interface MetricWords {
  readonly label: string;
  /** Empty for plain numbers. */
  readonly unit: string;
  readonly formula: string;
}

type Words = () => string;

const UNITS: Readonly<Record<MetricUnit, Words>> = {
  '': () => '',
  share: m.metrics_unit_share,
  tokens: m.metrics_unit_tokens,
  s: m.metrics_unit_s,
  FLOPs: m.metrics_unit_flops,
  nats: m.metrics_unit_nats,
  'nats per token': m.metrics_unit_nats_per_token,
  'bits per byte': m.metrics_unit_bits_per_byte,
};

/** Label and formula of each; a feature's points are named after it. */
const WORDS: Readonly<Record<Exclude<MetricName, `contribution/${FeatureName}`>, readonly [Words, Words]>> = {
  reward: [m.metrics_reward, m.metrics_reward_how],
  reward_std: [m.metrics_reward_std, m.metrics_reward_std_how],
  frac_reward_zero_std: [m.metrics_frac_reward_zero_std, m.metrics_frac_reward_zero_std_how],
  gold_reward: [m.metrics_gold_reward, m.metrics_gold_reward_how],
  'completions/distinct_ratio': [m.metrics_completions_distinct_ratio, m.metrics_completions_distinct_ratio_how],
  'completions/typo_rate': [m.metrics_completions_typo_rate, m.metrics_completions_typo_rate_how],
  'completions/refusal_rate': [m.metrics_completions_refusal_rate, m.metrics_completions_refusal_rate_how],
  'update/seconds': [m.metrics_update_seconds, m.metrics_update_seconds_how],
  'update/tokens': [m.metrics_update_tokens, m.metrics_update_tokens_how],
  'update/flops': [m.metrics_update_flops, m.metrics_update_flops_how],
  'eval/bits_per_byte': [m.metrics_eval_bits_per_byte, m.metrics_eval_bits_per_byte_how],
  kl: [m.metrics_kl, m.metrics_kl_how],
  'objective/kl': [m.metrics_objective_kl, m.metrics_objective_kl_how],
  entropy: [m.metrics_entropy, m.metrics_entropy_how],
  'completions/mean_length': [m.metrics_completions_mean_length, m.metrics_completions_mean_length_how],
  'completions/clipped_ratio': [m.metrics_completions_clipped_ratio, m.metrics_completions_clipped_ratio_how],
  'clip_ratio/region_mean': [m.metrics_clip_ratio_region_mean, m.metrics_clip_ratio_region_mean_how],
  'policy/approxkl_avg': [m.metrics_policy_approxkl_avg, m.metrics_policy_approxkl_avg_how],
  'val/ratio': [m.metrics_val_ratio, m.metrics_val_ratio_how],
  'sampling/sampling_logp_difference/max': [m.metrics_sampling_gap, m.metrics_sampling_gap_how],
  loss: [m.metrics_loss, m.metrics_loss_how],
  mean_token_accuracy: [m.metrics_mean_token_accuracy, m.metrics_mean_token_accuracy_how],
  grad_norm: [m.metrics_grad_norm, m.metrics_grad_norm_how],
  learning_rate: [m.metrics_learning_rate, m.metrics_learning_rate_how],
  kl_coef: [m.metrics_kl_coef, m.metrics_kl_coef_how],
  best_reward: [m.metrics_best_reward, m.metrics_best_reward_how],
  'objective/scores': [m.metrics_objective_scores, m.metrics_objective_scores_how],
  'objective/non_score_reward': [m.metrics_objective_non_score_reward, m.metrics_objective_non_score_reward_how],
  'objective/rlhf_reward': [m.metrics_objective_rlhf_reward, m.metrics_objective_rlhf_reward_how],
  'policy/clipfrac_avg': [m.metrics_policy_clipfrac_avg, m.metrics_policy_clipfrac_avg_how],
  'loss/policy_avg': [m.metrics_loss_policy_avg, m.metrics_loss_policy_avg_how],
  'loss/value_avg': [m.metrics_loss_value_avg, m.metrics_loss_value_avg_how],
  'loss/rehearsal_avg': [m.metrics_loss_rehearsal_avg, m.metrics_loss_rehearsal_avg_how],
  'val/ratio_var': [m.metrics_val_ratio_var, m.metrics_val_ratio_var_how],
  'val/clipfrac_avg': [m.metrics_val_clipfrac_avg, m.metrics_val_clipfrac_avg_how],
  'val/num_eos_tokens': [m.metrics_val_num_eos_tokens, m.metrics_val_num_eos_tokens_how],
  'val/explained_variance': [m.metrics_val_explained_variance, m.metrics_val_explained_variance_how],
  'rewards/chosen': [m.metrics_rewards_chosen, m.metrics_rewards_chosen_how],
  'rewards/rejected': [m.metrics_rewards_rejected, m.metrics_rewards_rejected_how],
  'rewards/margins': [m.metrics_rewards_margins, m.metrics_rewards_margins_how],
  'rewards/accuracies': [m.metrics_rewards_accuracies, m.metrics_rewards_accuracies_how],
  'logps/chosen': [m.metrics_logps_chosen, m.metrics_logps_chosen_how],
  'logps/rejected': [m.metrics_logps_rejected, m.metrics_logps_rejected_how],
  'contribution/reward_model': [m.metrics_contribution_reward_model, m.metrics_contribution_reward_model_how],
};

const isWritten = (name: MetricName): name is keyof typeof WORDS => name in WORDS;

/** What a part of the reward is called; null for what is no part of one. */
export function partName(metric: MetricName): string | null {
  const [, part] = metric.split('contribution/');
  if (part === undefined) return null;
  const feature = FEATURES.find(({ name }) => name === part);
  return feature ? FEATURE_WORDS[feature.name].label : m.metrics_reward_model();
}

/** A metric's words, read when they are shown, so that they follow the language. */
export function metricWords(name: MetricName): MetricWords {
  const unit = UNITS[METRICS[name].unit]();
  if (isWritten(name)) return { label: WORDS[name][0](), unit, formula: WORDS[name][1]() };
  return { label: m.metrics_contribution({ feature: partName(name) ?? '' }), unit, formula: m.metrics_contribution_how() };
}

/** What charts are drawn along, beside a number: "seconds 12". */
export const AXIS_WORDS: Readonly<Record<AxisId | 'reward', Words>> = {
  update: m.metrics_axis_update,
  time: m.metrics_axis_time,
  kl: m.metrics_axis_kl,
  reward: m.metrics_axis_reward,
};

/** The headings over metrics. */
export const GROUP_WORDS: Readonly<Record<GroupId, Words>> = {
  reward: m.metrics_group_reward,
  parts: m.metrics_group_parts,
  distance: m.metrics_group_distance,
  answers: m.metrics_group_answers,
  step: m.metrics_group_step,
  pairs: m.metrics_group_pairs,
  cost: m.metrics_group_cost,
};
