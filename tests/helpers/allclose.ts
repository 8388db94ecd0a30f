/**
 * @file Comparing arrays of numbers.
 *
 * The bound is norm-wise: the largest difference against the largest expected magnitude. Element-wise bounds would ask
 * the impossible of elements that cancel to nearly nothing.
 */
import { expect } from 'vitest';
import { relativeError } from '../../src/core/selftest/numbers';

/** Expects two arrays to agree within `tolerance` of the largest expected magnitude. */
export function expectAllclose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = 'numbers'): void {
  const error = relativeError(actual, expected);
  if (error <= tolerance) return;
  const head = (numbers: ArrayLike<number>) => `${numbers.length}: ${Array.from(numbers).slice(0, 8).join(', ')}`;
  expect.fail(`${what} differ by ${error.toExponential(2)} > ${tolerance} (got ${head(actual)}; expected ${head(expected)})`);
}
