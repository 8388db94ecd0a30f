/**
 * @file Changes made by hand while a run goes on, gathered: a slider being dragged sends many, the worker hears of a few a
 * second, each time with the values as they then stand.
 */

/** What can change under a run. */
export interface Changed {
  readonly reward: boolean;
  readonly config: boolean;
}

/** The worker is told at most this often. */
const TELL_MS = 250;

/** Gathers changes and passes them on. */
export class LiveChanges {
  #untold: Changed = { reward: false, config: false };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly tell: (changed: Changed) => void) {}

  /** Notes a change; `tell` hears of it soon. */
  note(what: keyof Changed): void {
    this.#untold = { ...this.#untold, [what]: true };
    this.#timer ??= setTimeout(() => {
      const untold = this.#untold;
      this.#timer = undefined;
      this.#untold = { reward: false, config: false };
      this.tell(untold);
    }, TELL_MS);
  }
}
