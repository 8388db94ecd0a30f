/** @file Letting the page breathe: long work on the page's thread waits now and then, for drawing and keys to have their turn. */

/** Longest stretch of work, in milliseconds: a frame at 60 Hz is 16.7. */
const SLICE_MS = 12;

/** Resolves in a task of its own. */
export const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** To be awaited between small pieces of long work: waits when the page's turn has come. */
export function breather(): () => Promise<void> | void {
  let startedMs = performance.now();
  return () => {
    if (performance.now() - startedMs < SLICE_MS) return;
    return nextTask().then(() => {
      startedMs = performance.now();
    });
  };
}

/**
 * Goes through long work step by step and tells what came of it: at once where it is short, after some turns of the page where it
 * is long, and never when `isLate` says that nobody waits for it any more.
 */
export async function inSteps<Result>(
  steps: Generator<unknown, Result>,
  tell: (result: Result) => void,
  isLate: () => boolean = () => false,
): Promise<void> {
  const breathe = breather();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return tell(value);
    const pause = breathe();
    if (!pause) continue;
    await pause;
    if (isLate()) return;
  }
}
