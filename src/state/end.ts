/**
 * @file An end that may come at any time, and promises raced against it.
 *
 * `Promise.race` against one promise that lives as long as the page would keep every result ever raced; here a result
 * that has come is forgotten.
 */

/** Comes once, or never. */
export class End<Reason> {
  #reason: { readonly why: Reason } | null = null;
  readonly #waiting = new Set<(why: Reason) => void>();

  /** Lets it come; the first reason holds. */
  come(why: Reason): void {
    if (this.#reason) return;
    this.#reason = { why };
    for (const tell of this.#waiting) tell(why);
    this.#waiting.clear();
  }

  /** What `promise` comes to, or the reason if the end is sooner. */
  race<T>(promise: Promise<T>): Promise<T | Reason> {
    if (this.#reason) return Promise.resolve(this.#reason.why);
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      void promise.then(resolve, reject).finally(() => this.#waiting.delete(resolve));
    });
  }
}
