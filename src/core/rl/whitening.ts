/**
 * @file Whitening: numbers shifted to mean 0 and scaled to variance 1, over all tokens of a batch.
 *
 * "The N implementation details of RLHF with PPO" (Huang et al., 2023) calls for it on advantages; TRL's `masked_whiten`
 * divides by the unbiased variance (Bessel), which is what happens here.
 */

/** Keeps equal numbers from being divided by nothing; TRL's. */
const EPSILON = 1e-8;

/**
 * Whitens completions' numbers, one list a completion, all tokens counting alike.
 *
 * @param keepMean leaves the mean where it is, as TRL does with rewards, whose sign means something
 */
export function whiten(rows: readonly ArrayLike<number>[], { keepMean = false } = {}): Float32Array[] {
  let [count, sum] = [0, 0];
  for (const row of rows) for (let t = 0; t < row.length; t++) [count, sum] = [count + 1, sum + row[t]!];
  const middle = sum / Math.max(1, count);
  let squares = 0;
  for (const row of rows) for (let t = 0; t < row.length; t++) squares += (row[t]! - middle) ** 2;
  const inverse = 1 / Math.sqrt(squares / Math.max(1, count - 1) + EPSILON);
  return rows.map((row) => Float32Array.from(row, (number) => (number - middle) * inverse + (keepMean ? middle : 0)));
}
