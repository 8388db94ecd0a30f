/**
 * @file Comparing numbers: difference quotients, and how far two arrays are apart.
 */

const STEP = 1e-5;

/** (f(x + h) − f(x − h)) / 2h along `direction`, h = 10⁻⁵: in float64 right to about 10⁻¹⁰. */
export function centralDifference(f: (x: Float64Array) => number, x: Float64Array, direction: ArrayLike<number>): number {
  const moved = (sign: number) => f(x.map((number, i) => number + sign * STEP * direction[i]!));
  return (moved(1) - moved(-1)) / (2 * STEP);
}

/** The difference quotient along each axis. */
export function numericalGradient(f: (x: Float64Array) => number, x: Float64Array): Float64Array {
  return x.map((_, i) =>
    centralDifference(
      f,
      x,
      Array.from(x, (_unused, k) => Number(k === i)),
    ),
  );
}

/**
 * The largest |actual − expected|, over the largest |expected|; infinite when a number is missing, or not finite where
 * expected is. Element by element would ask the impossible of elements that cancel to nearly nothing.
 * @param floor expected numbers count as at least this large, where only rounding is left of them
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 0): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Object.is(actual[i]!, expected[i]!) ? 0 : Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(error)) return Infinity;
    difference = Math.max(difference, error);
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference === 0 ? 0 : difference / Math.max(scale, floor);
}
