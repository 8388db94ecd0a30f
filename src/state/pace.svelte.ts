/** @file How long an update takes, averaged over the last few, for the time left. */

/** Updates averaged over. */
const NUM_TIMED = 8;

/** The pace of a run. */
export class Pace {
  /** Milliseconds an update; null before the first. */
  ms = $state<number | null>(null);
  #times: number[] = [];

  add(ms: number): void {
    this.#times = [...this.#times, ms].slice(-NUM_TIMED);
    this.ms = this.#times.reduce((sum, time) => sum + time, 0) / this.#times.length;
  }

  clear(): void {
    this.ms = null;
    this.#times = [];
  }

  /** Seconds that `numUpdates` more will take; null while nobody can say. */
  secondsFor(numUpdates: number): number | null {
    return this.ms === null ? null : (numUpdates * this.ms) / 1000;
  }
}
