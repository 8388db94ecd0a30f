/**
 * @file Every logged number, in one table: TRL's public key, label, unit and formula.
 *
 * Keys are TRL's where TRL logs the quantity (huggingface.co/docs/trl/grpo_trainer#logged-metrics); ours otherwise.
 * Averages over tokens weigh every completion token of the batch alike unless the formula says otherwise.
 */

/** What a metric is. `unit` is empty for plain numbers. */
export interface Metric {
  readonly label: string;
  readonly unit: string;
  readonly formula: string;
}

/** The table. */
export const METRICS = {
  reward: { label: 'Reward', unit: '', formula: 'mean over completions of the reward being optimised, KL not included' },
  reward_std: { label: 'Reward spread', unit: '', formula: 'mean over groups of the standard deviation of the reward within the group' },
  frac_reward_zero_std: {
    label: 'Groups without contrast',
    unit: 'share',
    formula: 'share of groups whose rewards are all equal: they teach nothing',
  },
  gold_reward: { label: 'Gold reward', unit: '', formula: "mean over completions of the world's own verdict, 0 to 1" },
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
} as const satisfies Record<string, Metric>;

/** A key of {@link METRICS}. */
export type MetricName = keyof typeof METRICS;
