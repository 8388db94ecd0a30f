/** @file How far long work has come, and how long the rest of it takes at the pace so far. */

/** Work under way. */
export interface ShareDone {
  readonly numDone: number;
  readonly numAll: number;
  /** Null while nobody can say. */
  readonly secondsLeft: number | null;
}

/** A stopwatch for work of `numAll` things, which begins now: tells how far it is when `numDone` are done. */
export function stopwatch(numAll: number): (numDone: number) => ShareDone {
  const startedMs = performance.now();
  return (done) => {
    const numDone = Math.min(done, numAll);
    const perThing = (performance.now() - startedMs) / 1000 / Math.max(1, numDone);
    return { numDone, numAll, secondsLeft: numDone === 0 ? null : (numAll - numDone) * perThing };
  };
}
