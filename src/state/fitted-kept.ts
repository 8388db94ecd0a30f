/** @file Fits that are kept under a name: numbers by feature, so that they outlive features that come and go; and fits as slider weights. */
import type { BradleyTerryFit } from '../core/reward/bradley-terry';
import { FEATURES, type FeatureName } from '../core/reward/features';

/** A number for each feature. */
export type FeatureNumbers = Readonly<Record<FeatureName, number>>;

/** A fit as it is kept: it no longer follows the labels. */
export interface FittedReward {
  readonly weights: FeatureNumbers;
  readonly standardErrors: FeatureNumbers;
  /** Comparisons with a winner that it was fitted to. */
  readonly numPairs: number;
  /** Name of the label set. */
  readonly labels: string;
}

/** What of a fit is looked at; one number a feature, in their order. */
export type Fit = Pick<BradleyTerryFit, 'weights' | 'standardErrors' | 'numPairs'>;

const byName = (numbers: readonly number[]): FeatureNumbers =>
  Object.fromEntries(FEATURES.map(({ name }, index) => [name, numbers[index] ?? 0])) as FeatureNumbers;
const inOrder = (numbers: FeatureNumbers): number[] => FEATURES.map(({ name }) => numbers[name]);

/** A fit to the label set of that name, to be kept. */
export function keptFit({ weights, standardErrors, numPairs }: Fit, labels: string): FittedReward {
  return { weights: byName(weights), standardErrors: byName(standardErrors), numPairs, labels };
}

/** A kept fit as if it had just been made. */
export function fitOf({ weights, standardErrors, numPairs }: FittedReward): Fit {
  return { weights: inOrder(weights), standardErrors: inOrder(standardErrors), numPairs };
}

/** A fit as weights for the sliders: the largest at its end, the others in proportion, in steps of a tenth. */
export function asSliderWeights({ weights }: Pick<Fit, 'weights'>, largest: number): FeatureNumbers {
  const scale = Math.max(...weights.map(Math.abs)) || 1;
  return byName(weights.map((weight) => Math.round((10 * largest * weight) / scale) / 10));
}
