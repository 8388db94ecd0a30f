/**
 * @file Progress of long work on standard error: what, how far, what it says, time left.
 *
 * One line rewritten in place on a terminal; a plain line every twenty seconds otherwise (logs, CI). A log file, where
 * there is one, gets a line with the time every twenty seconds whatever standard error is.
 */
import { appendFileSync } from 'node:fs';

/** Seconds as "3 min 20 s" or "2 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const LINE_EVERY_MS = 20_000;

/** Says one line on standard error, and in the log file where there is one. */
export function say(line: string, logFile?: string): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${line}\n`);
  if (logFile !== undefined) appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`);
}

/** Reports progress of one stage. */
export class Progress {
  readonly #startedMs = performance.now();
  #saidMs = -Infinity;
  #rewrittenMs = -Infinity;

  /** @param first steps already done when the stage was resumed */
  constructor(
    readonly stage: string,
    readonly total: number,
    readonly first = 0,
    readonly logFile?: string,
  ) {}

  /** Says that `done` of the total are done, with a few words on how it goes. */
  update(done: number, words: string): void {
    const now = performance.now();
    const isLast = done >= this.total;
    const spent = (now - this.#startedMs) / 1000;
    const left = (spent / Math.max(1, done - this.first)) * (this.total - done);
    const line = () =>
      `${this.stage.padEnd(13)} ${done}/${this.total}  ${words}  ${isLast ? `took ${duration(spent)}` : `${duration(left)} left`}`;
    if (isLast || now - this.#saidMs >= LINE_EVERY_MS) {
      this.#saidMs = now;
      if (!process.stderr.isTTY || isLast) say(line(), this.logFile);
      else if (this.logFile !== undefined) appendFileSync(this.logFile, `${new Date().toISOString()} ${line()}\n`);
    }
    if (process.stderr.isTTY && !isLast && now - this.#rewrittenMs >= 200) {
      this.#rewrittenMs = now;
      process.stderr.write(`\r\x1b[K${line()}`);
    }
  }
}
