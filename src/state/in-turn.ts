/** @file Work that is done one thing after another, in the order asked; what fails does not stop what comes after it. */

/** A line of things to be done. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` when everything asked earlier has ended, and passes on its result or error. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.catch(() => undefined).then(work);
    this.#last = result;
    return result;
  }
}
