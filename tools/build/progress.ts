/**
 * @file Progress of long work on standard error: what, how far, what it says, time left.
 *
 * One line rewritten in place on a terminal; a plain line every twenty seconds otherwise (logs, CI).
 */

/** Seconds as "3 min 20 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Reports progress of one stage. */
export class Progress {
  readonly #startedMs = performance.now();
  #saidMs = -Infinity;

  /** @param first steps already done when the stage was resumed */
  constructor(
    readonly stage: string,
    readonly total: number,
    readonly first = 0,
  ) {}

  /** Says that `done` of the total are done, with a few words on how it goes. */
  update(done: number, words: string): void {
    const now = performance.now();
    const isLast = done >= this.total;
    if (!isLast && now - this.#saidMs < (process.stderr.isTTY ? 200 : 20_000)) return;
    this.#saidMs = now;
    const spent = (now - this.#startedMs) / 1000;
    const left = (spent / Math.max(1, done - this.first)) * (this.total - done);
    const line = `${this.stage.padEnd(13)} ${done}/${this.total}  ${words}  ${isLast ? `took ${duration(spent)}` : `${duration(left)} left`}`;
    process.stderr.write(process.stderr.isTTY && !isLast ? `\r\x1b[K${line}` : `${process.stderr.isTTY ? '\r\x1b[K' : ''}${line}\n`);
  }
}
