/** @file Which metrics are drawn while a run trains, in which colour, and how each is read. */
import type { MetricName } from '../../protocol/metrics';

/** One small chart. `colour` is a CSS variable of the theme. */
export interface ChartSpec {
  readonly metric: MetricName;
  readonly colour: string;
  /** How to read it, in a sentence. */
  readonly reading: string;
}

/** In the order shown. */
export const CHARTS: readonly ChartSpec[] = [
  { metric: 'reward', colour: '--reward-model', reading: 'Your points. Training pushes this up.' },
  { metric: 'gold_reward', colour: '--gold', reading: 'What the world thinks. Falls when your reward is gamed.' },
  { metric: 'objective/kl', colour: '--yours', reading: 'How far the policy has drifted from where it started.' },
  { metric: 'entropy', colour: '--yours', reading: 'How varied the next token is. Near zero, all answers are alike.' },
  { metric: 'completions/mean_length', colour: '--yours', reading: 'How long answers are.' },
  {
    metric: 'reward_std',
    colour: '--reward-model',
    reading: 'How much answers to one prompt differ in points. At zero there is nothing to learn.',
  },
];
