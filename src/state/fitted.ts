/**
 * @file The fitted reward model: what the labels say the labeller likes, as weights of named features, and in words.
 */
import { Z_95 } from '../core/eval/intervals';
import type { Comparison } from '../core/preferences/comparison';
import { FEATURES, type FeatureName } from '../core/reward/features';
import type { Completion } from '../protocol/generate';
import type { Fit } from './fitted-kept';
import type { Measurements } from './measurements.svelte';

/** One fitted weight with its 95 % interval. */
export interface FittedWeight {
  readonly name: FeatureName;
  readonly weight: number;
  readonly low: number;
  readonly high: number;
}

/** x_a − x_b of a label, one number a feature; null while a text of it is not measured. */
export function differenceOf({ prompt, a, b }: Comparison, measurements: Pick<Measurements, 'of'>): readonly number[] | null {
  const first = measurements.of({ prompt, text: a });
  const second = measurements.of({ prompt, text: b });
  return first && second ? FEATURES.map(({ name }) => first.features[name] - second.features[name]) : null;
}

/** The fit as weights by name. */
export function fittedWeights({ weights, standardErrors }: Fit): readonly FittedWeight[] {
  return FEATURES.map(({ name }, index) => {
    const [weight, half] = [weights[index]!, Z_95 * standardErrors[index]!];
    return { name, weight, low: weight - half, high: weight + half };
  });
}

/** The points that a fit gives an answer. */
export function fittedScore({ weights }: Pick<Fit, 'weights'>): (completion: Completion) => number {
  return ({ features }) => FEATURES.reduce((sum, { name }, index) => sum + weights[index]! * features[name], 0);
}

/** What the labels say is liked, or disliked where the weight is below zero: features whose interval leaves zero out, strongest first. */
export function likings(rows: readonly FittedWeight[]): readonly FittedWeight[] {
  return rows.filter(({ low, high }) => low > 0 || high < 0).sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}
