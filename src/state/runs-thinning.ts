/**
 * @file Which checkpoints of a run are kept: every k-th, and when they are too many, every second of those.
 *
 * The newest is always kept, since the run goes on from it. As k only ever doubles, what is left is always evenly spaced, and
 * nothing that was thrown away is missed later.
 */

/** Every how many updates a checkpoint stays, to begin with. */
const FIRST_STRIDE = 1;

/** The smallest power of two apart at which `last` updates leave at most `most` checkpoints. */
export function strideFor(last: number, most: number): number {
  let stride = FIRST_STRIDE;
  while (Math.floor(last / stride) > Math.max(1, most)) stride *= 2;
  return stride;
}

/**
 * Of the checkpoints there are, those to throw away when the newest is of `last`.
 * @param kept updates, ascending
 * @param most how many may stay beside the newest
 */
export function superfluous(kept: readonly number[], last: number, most: number): number[] {
  const stride = strideFor(last, most);
  return kept.filter((update) => update !== last && (most < 1 || update % stride !== 0));
}

/** How many checkpoints a number of bytes has room for. */
export const fitting = (budgetBytes: number, checkpointBytes: number): number => Math.floor(budgetBytes / Math.max(1, checkpointBytes));
