/**
 * @file One queue over all ONNX Runtime calls of a thread.
 *
 * Two overlapping runs in one worker block it for good, even on different sessions, and overlapping creates reject, so
 * every create, run and release goes through here. A failed job does not stop the ones behind it.
 */

/** Runs jobs one after another, in the order asked. */
export class JobQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `job` when all earlier ones have ended, and passes on its result or error. */
  run<Result>(job: () => Promise<Result>): Promise<Result> {
    const result = this.#last.catch(() => undefined).then(job);
    this.#last = result;
    return result;
  }
}
