/**
 * @file A measured figure with its 95 % interval: how sure can one be of a share of 400 prompts?
 *
 * Shares have Wilson's interval (1927), which stays within 0 and 1 and is honest at both ends; means of anything else, and
 * statistics that are no means, have the percentile bootstrap (Efron 1979), seeded.
 */
import { Random } from '../random';
import { mean } from '../rl/advantages';

/** A figure, its 95 % interval and how many independent things it was measured on. */
export interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Half the width of a 95 % interval, in standard errors. */
export const Z_95 = 1.959964;
const NUM_RESAMPLES = 500;

/** The share of `true`, with Wilson's interval; of nothing it is 0, and may be anything. */
export function shareOf(outcomes: readonly boolean[]): Figure {
  const n = outcomes.length;
  if (n === 0) return { value: 0, low: 0, high: 1, n };
  const value = outcomes.filter(Boolean).length / n;
  const middle = (value + (Z_95 * Z_95) / (2 * n)) / (1 + (Z_95 * Z_95) / n);
  const half = (Z_95 * Math.sqrt((value * (1 - value)) / n + (Z_95 * Z_95) / (4 * n * n))) / (1 + (Z_95 * Z_95) / n);
  // At the ends the two terms are equal but for rounding.
  return { value, low: Math.max(0, Math.min(value, middle - half)), high: Math.min(1, Math.max(value, middle + half)), n };
}

/**
 * A statistic of independent items, with the percentile bootstrap's interval.
 * @param statistic of the items, and of as many drawn from them with replacement
 */
export function bootstrap<Item>(items: readonly Item[], statistic: (items: readonly Item[]) => number, seed: number | string = 0): Figure {
  const n = items.length;
  const value = statistic(items);
  if (n < 2) return { value, low: value, high: value, n };
  const random = new Random(seed).split('bootstrap');
  const values = Float64Array.from({ length: NUM_RESAMPLES }, () =>
    statistic(Array.from({ length: n }, () => items[random.integer(n)]!)),
  ).sort();
  // A percentile may lie on the wrong side of a statistic that depends on how many different items there are.
  const at = (share: number) => values[Math.round(share * (NUM_RESAMPLES - 1))]!;
  return { value, low: Math.min(value, at(0.025)), high: Math.max(value, at(0.975)), n };
}

/** The mean of numbers, with its interval. */
export function meanOf(numbers: readonly number[], seed: number | string = 0): Figure {
  return bootstrap(numbers, mean, seed);
}
