/**
 * @file The fitted reward model: what the labels say the labeller likes, as weights of named features, and in words.
 */
import { marginOf, type Comparison } from '../core/preferences/comparison';
import { fitBradleyTerry, Z_95, type BradleyTerryFit, type FeaturePair } from '../core/reward/bradley-terry';
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

/** x_chosen − x_rejected of every label that has a winner and whose texts are measured. */
export function featurePairs(
  labels: readonly Comparison[],
  measurements: Pick<Measurements, 'of'>,
  useStrength: boolean,
): readonly FeaturePair[] {
  return labels.flatMap(({ prompt, a, b, verdict, strength }) => {
    if (verdict !== 'a' && verdict !== 'b') return [];
    const first = measurements.of({ prompt, text: a });
    const second = measurements.of({ prompt, text: b });
    if (!first || !second) return [];
    const [chosen, rejected] = verdict === 'a' ? [first, second] : [second, first];
    const difference = FEATURES.map(({ name }) => chosen.features[name] - rejected.features[name]);
    return [{ difference, margin: useStrength ? marginOf(strength) : 0 }];
  });
}

/** x_a − x_b of every label that is a tie and whose texts are measured. */
export function featureTies(labels: readonly Comparison[], measurements: Pick<Measurements, 'of'>): readonly (readonly number[])[] {
  return labels.flatMap(({ prompt, a, b, verdict }) => {
    if (verdict !== 'tie') return [];
    const first = measurements.of({ prompt, text: a });
    const second = measurements.of({ prompt, text: b });
    return first && second ? [FEATURES.map(({ name }) => first.features[name] - second.features[name])] : [];
  });
}

/** Fits all features to comparisons, ties among them as Rao and Kupper have it. */
export const fitFeatures = (
  pairs: readonly FeaturePair[],
  ties: readonly (readonly number[])[],
  before: BradleyTerryFit | null,
): BradleyTerryFit => fitBradleyTerry(pairs, FEATURES.length, before ? { ties, start: before } : { ties });

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
