/**
 * @file The contract between the page and the thread that does the sums over labels: fits of named features, and the learning curve
 * of such fits. Labels go there as numbers.
 */
import type { BradleyTerryFit } from '../core/reward/bradley-terry';
import type { LearningPoint } from '../core/reward/learning-curve';
import type { PairTable } from '../core/reward/pair-table';

/** What the page may ask. */
export interface LabelMathsApi {
  /** Fits all features, ties among the comparisons as Rao and Kupper have it. `start` is the fit before the last click. */
  fit(table: PairTable, start: BradleyTerryFit | null): Promise<BradleyTerryFit>;
  /** Learning curves, one for each share of labels turned round; null when they were asked for again meanwhile. */
  learningCurves(table: PairTable, flipShares: readonly number[]): Promise<readonly (readonly LearningPoint[])[] | null>;
}
