/**
 * @file A heartbeat: asks for a sign of life at steady intervals, and tells when none comes for very long.
 *
 * A worker's thread is free whenever it waits, for a compiler or a GPU, but busy through a whole run on the processor; so
 * the patience is minutes. Time is counted in beats: while the device sleeps, or the browser holds a hidden page's
 * timers back, both sides are silent and no beat is missed.
 */

/** How often to ask, and how many beats may pass without an answer. */
export interface Patience {
  readonly periodMs: number;
  readonly numMissed: number;
}

/** Five minutes, asked every five seconds. */
export const PATIENCE: Patience = { periodMs: 5000, numMissed: 60 };

/** A beat that comes this many periods after the last was held back. */
const LATE_PERIODS = 3;

/**
 * Watches over something that answers. Until its first answer it may be silent as long as it likes: it is being fetched.
 * @param ping asks; its promise settles when the answer comes
 * @param onsilence called once, when too many beats were missed; the watch is over then
 * @returns ends the watch
 */
export function watchPulse(ping: () => Promise<unknown>, onsilence: () => void, { periodMs, numMissed }: Patience = PATIENCE): () => void {
  let heard = false;
  let waiting = false;
  let missed = 0;
  let lastMs = performance.now();

  const ask = async () => {
    [waiting, missed] = [true, 0];
    try {
      await ping();
    } finally {
      [waiting, heard] = [false, true];
    }
  };
  const beat = () => {
    const nowMs = performance.now();
    const isLate = nowMs - lastMs > LATE_PERIODS * periodMs;
    lastMs = nowMs;
    if (!waiting) return void ask().catch(() => undefined); // a refusal is a sign of life too
    missed = isLate ? 0 : missed + 1;
    if (!heard || missed < numMissed) return;
    clearInterval(timer);
    onsilence();
  };
  const timer = setInterval(beat, periodMs);
  return () => clearInterval(timer);
}
