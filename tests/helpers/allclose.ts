/**
 * @file Comparing arrays of numbers.
 *
 * The bound is norm-wise: the largest difference against the largest expected magnitude. Element-wise bounds would ask
 * the impossible of elements that cancel to nearly nothing.
 */
import { expect } from 'vitest';

/** The largest |actual − expected|, over the largest |expected|; infinite when a number is missing or not finite where expected is. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Object.is(actual[i]!, expected[i]!) ? 0 : Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(error)) return Infinity;
    difference = Math.max(difference, error);
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference === 0 ? 0 : difference / scale;
}

/** Expects two arrays to agree within `tolerance` of the largest expected magnitude. */
export function expectAllclose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = 'numbers'): void {
  const error = relativeError(actual, expected);
  if (error <= tolerance) return;
  const head = (numbers: ArrayLike<number>) => `${numbers.length}: ${Array.from(numbers).slice(0, 8).join(', ')}`;
  expect.fail(`${what} differ by ${error.toExponential(2)} > ${tolerance} (got ${head(actual)}; expected ${head(expected)})`);
}
