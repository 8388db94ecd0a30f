/**
 * @file What the browser would not keep, to be written when it will: the newest word on each thing, oldest first.
 */

/** A write, by what it writes, and how to do it alone. */
export interface Write {
  readonly key: string;
  readonly again: () => PromiseLike<unknown>;
}

/** Writes that failed. */
export class Unwritten {
  readonly #writes = new Map<string, Write>();

  /** How many things are not as they should be kept. */
  get size(): number {
    return this.#writes.size;
  }

  /** Remembers writes, in place of earlier ones of the same things. */
  add(writes: readonly Write[]): void {
    this.forget(writes);
    for (const write of writes) this.#writes.set(write.key, write);
  }

  /** These things were written, newer than whatever failed before. */
  forget(writes: readonly Write[]): void {
    for (const { key } of writes) this.#writes.delete(key);
  }

  /** Writes everything, one after the other. @throws whatever the first that fails throws; it and those after it stay */
  async tryAgain(): Promise<void> {
    for (const write of [...this.#writes.values()]) {
      if (this.#writes.get(write.key) !== write) continue; // something newer was said meanwhile
      await write.again();
      if (this.#writes.get(write.key) === write) this.#writes.delete(write.key);
    }
  }
}
