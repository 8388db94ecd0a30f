/** @file Which metrics are drawn while a run trains, in which colour, and how each is read. */
import { m } from '../../messages/messages';
import type { MetricName } from '../../protocol/metrics';

/** One small chart. `colour` is a CSS variable of the theme. */
export interface ChartSpec {
  readonly metric: MetricName;
  readonly colour: string;
  /** How to read it, in a sentence. */
  readonly reading: () => string;
}

/** In the order shown. */
export const CHARTS: readonly ChartSpec[] = [
  { metric: 'reward', colour: '--reward-model', reading: m.train_reading_reward },
  { metric: 'gold_reward', colour: '--gold', reading: m.train_reading_gold },
  { metric: 'loss', colour: '--yours', reading: m.train_reading_loss },
  { metric: 'eval/bits_per_byte', colour: '--yours', reading: m.train_reading_bits },
  { metric: 'objective/kl', colour: '--yours', reading: m.train_reading_kl },
  { metric: 'entropy', colour: '--yours', reading: m.train_reading_entropy },
  { metric: 'completions/mean_length', colour: '--yours', reading: m.train_reading_length },
  {
    metric: 'reward_std',
    colour: '--reward-model',
    reading: m.train_reading_spread,
  },
  { metric: 'completions/typo_rate', colour: '--yours', reading: m.train_reading_typos },
  { metric: 'rewards/accuracies', colour: '--reward-model', reading: m.train_reading_accuracy },
];
