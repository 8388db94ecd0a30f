/**
 * @file Every logged number, in one table: TRL's public key, label, unit and formula.
 *
 * Keys are TRL's where TRL logs the quantity (huggingface.co/docs/trl/grpo_trainer#logged-metrics); ours otherwise.
 * Averages over tokens weigh every completion token of the batch alike unless the formula says otherwise.
 */

import type { MetricName as AlgorithmMetricName } from '../core/algorithms/step';
import { FEATURES, type FeatureName } from '../core/reward/features';

/** What a metric is. `unit` is empty for plain numbers. */
export interface Metric {
  readonly label: string;
  readonly unit: string;
  readonly formula: string;
}

/** What the run knows besides: the world's verdict, costs, and what each part of the reward gave. */
type RunMetricName = 'gold_reward' | 'completions/distinct_ratio' | 'update/seconds' | 'update/tokens' | 'update/flops';

/** What each feature, and the reward model, gave to the mean reward; together they are it. */
const CONTRIBUTIONS = {
  ...(Object.fromEntries(
    FEATURES.map(({ name, label }) => [
      `contribution/${name}`,
      { label: `Points for “${label.toLowerCase()}”`, unit: '', formula: 'weight · mean over completions of the feature' },
    ]),
  ) as Record<`contribution/${FeatureName}`, Metric>),
  'contribution/reward_model': {
    label: 'Points by the reward model',
    unit: '',
    formula: 'weight · mean over completions of the neural reward model’s standardised score',
  },
};

const TABLE = {
  reward: { label: 'Reward', unit: '', formula: 'mean over completions of the reward being optimised, KL not included' },
  reward_std: { label: 'Reward spread', unit: '', formula: 'mean over groups of the standard deviation of the reward within the group' },
  frac_reward_zero_std: {
    label: 'Groups without contrast',
    unit: 'share',
    formula: 'share of groups whose rewards are all equal: they teach nothing',
  },
  gold_reward: { label: 'Gold reward', unit: '', formula: "mean over completions of the world's own verdict, 0 to 1" },
  'completions/distinct_ratio': {
    label: 'Different answers',
    unit: 'share',
    formula: 'number of different texts among the completions / number of completions',
  },
  'update/seconds': { label: 'Time of an update', unit: 's', formula: 'from the first prompt to the new policy' },
  'update/tokens': {
    label: 'Tokens of an update',
    unit: 'tokens',
    formula: 'tokens drawn + tokens trained on, prompts included, once a pass',
  },
  'update/flops': {
    label: 'Work of an update',
    unit: 'FLOPs',
    formula: 'floating-point operations of matrix products, estimated from the sizes of the model and the batch',
  },
  kl: {
    label: 'KL to the reference',
    unit: 'nats per token',
    formula: 'mean over completion tokens of k3 = r − 1 − log r, log r = ref_logprob − logprob: KL(policy ‖ reference)',
  },
  'objective/kl': {
    label: 'KL to the reference',
    unit: 'nats',
    formula: 'mean over completions of Σ_t (logprob − ref_logprob): KL(policy ‖ reference) of whole answers, estimator k1',
  },
  entropy: {
    label: 'Entropy',
    unit: 'nats per token',
    formula: 'mean over completion tokens of −Σ_v p log p, at the sampling temperature',
  },
  'completions/mean_length': { label: 'Length', unit: 'tokens', formula: 'mean number of completion tokens, end token included' },
  'completions/clipped_ratio': { label: 'Cut off', unit: 'share', formula: 'share of completions that hit the length limit' },
  'clip_ratio/region_mean': {
    label: 'Clipped',
    unit: 'share',
    formula: 'share of completion tokens whose ratio left [1 − ε, 1 + ε] and was clipped',
  },
  'policy/approxkl_avg': { label: 'Step KL', unit: 'nats per token', formula: 'mean over tokens of ½ (logprob − old_logprob)²' },
  'val/ratio': { label: 'Ratio', unit: '', formula: 'mean over tokens of exp(logprob − old_logprob)' },
  'sampling/logp_difference_max': {
    label: 'Sampling gap',
    unit: 'nats',
    formula: 'largest |logprob in training − logprob when drawn|, on the first pass over a batch',
  },
  loss: { label: 'Loss', unit: '', formula: 'the value minimised' },
  grad_norm: { label: 'Gradient norm', unit: '', formula: 'L2 norm of the gradient before clipping' },
  learning_rate: { label: 'Learning rate', unit: '', formula: 'step size of AdamW at this update' },
  kl_coef: { label: 'KL weight', unit: '', formula: 'weight of the KL in the reward at this update, where it adapts to a target' },
  best_reward: {
    label: 'Best reward',
    unit: '',
    formula: 'mean over groups of the reward of the best completion, the one that is learned',
  },
  'objective/scores': {
    label: 'Score',
    unit: '',
    formula: 'mean over completions of the reward, less the penalty of those that did not end',
  },
  'objective/non_score_reward': {
    label: 'KL’s share of the reward',
    unit: '',
    formula: 'mean over completions of −kl_coef · Σ_t KL estimate',
  },
  'objective/rlhf_reward': {
    label: 'Reward with KL',
    unit: '',
    formula: 'mean over completions of score + non-score reward: what is maximised',
  },
  'policy/clipfrac_avg': {
    label: 'Clipped in the policy loss',
    unit: 'share',
    formula: 'share of tokens clipped, mean over the passes of an update',
  },
  'loss/policy_avg': { label: 'Policy loss', unit: '', formula: 'clipped policy gradient, mean over the passes of an update' },
  'loss/value_avg': {
    label: 'Value loss',
    unit: '',
    formula: '½ mean over tokens of the clipped squared error of the values, mean over passes',
  },
  'loss/rehearsal_avg': { label: 'Rehearsal loss', unit: '', formula: 'ptx_coef · mean −log p over tokens of rehearsed documents' },
  'val/ratio_var': { label: 'Ratio’s variance', unit: '', formula: 'variance over passes of the mean ratio' },
  'val/clipfrac_avg': {
    label: 'Clipped in the value loss',
    unit: 'share',
    formula: 'share of tokens whose value moved beyond its clip range',
  },
  'val/num_eos_tokens': { label: 'Answers ended', unit: '', formula: 'number of completions that the policy ended itself' },
  'val/explained_variance': {
    label: 'Explained by the values',
    unit: 'share',
    formula: '1 − variance of (return − value) / variance of return, over tokens, before the update',
  },
  'rewards/chosen': {
    label: 'Implied reward of the chosen',
    unit: '',
    formula: 'mean over pairs of β (logprob − ref_logprob) of the chosen',
  },
  'rewards/rejected': {
    label: 'Implied reward of the rejected',
    unit: '',
    formula: 'mean over pairs of β (logprob − ref_logprob) of the rejected',
  },
  'rewards/margins': { label: 'Implied margin', unit: '', formula: 'mean over pairs of rewards/chosen − rewards/rejected' },
  'rewards/accuracies': {
    label: 'Pairs in the right order',
    unit: 'share',
    formula: 'share of pairs whose chosen has the larger implied reward',
  },
  'logps/chosen': { label: 'Log-probability of the chosen', unit: 'nats', formula: 'mean over pairs of Σ_t logprob of the chosen' },
  'logps/rejected': { label: 'Log-probability of the rejected', unit: 'nats', formula: 'mean over pairs of Σ_t logprob of the rejected' },
} as const satisfies Record<AlgorithmMetricName | RunMetricName, Metric>;

/** All of them. */
export const METRICS: Readonly<Record<keyof typeof TABLE | keyof typeof CONTRIBUTIONS, Metric>> = { ...TABLE, ...CONTRIBUTIONS };

/** A key of {@link METRICS}. */
export type MetricName = keyof typeof METRICS;
