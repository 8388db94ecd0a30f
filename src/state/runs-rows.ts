/** @file The last rows of a run, in memory until a checkpoint of their update or a later one is written. */
import type { RunRow } from './runs-schema';

/** Rows by update. */
export class PendingRows {
  readonly #rows = new Map<number, RunRow>();
  readonly #unwritten = new Set<number>();

  /** True when something is known of an update. */
  has(update: number): boolean {
    return this.#rows.has(update);
  }

  /** What is known of an update by now. */
  get(update: number): RunRow {
    return this.#rows.get(update) ?? { update, metrics: {}, updateMs: 0, samples: null };
  }

  /** Takes over what is written already. */
  adopt(rows: readonly RunRow[]): void {
    for (const row of rows) this.#rows.set(row.update, row);
  }

  /** Notes something new. */
  note(row: RunRow): void {
    this.#rows.set(row.update, row);
    this.#unwritten.add(row.update);
  }

  /** Forgets what came after an update: the run went back to it. */
  rewind(update: number): void {
    for (const later of [...this.#rows.keys()].filter((one) => one > update)) {
      this.#rows.delete(later);
      this.#unwritten.delete(later);
    }
  }

  /** What is to be written with the checkpoint of `update`. Samples of that update may still come, so its row is kept. */
  take(update: number): RunRow[] {
    const due = [...this.#unwritten].filter((one) => one <= update);
    const rows = due.map((one) => this.get(one));
    for (const one of due) this.#unwritten.delete(one);
    for (const one of [...this.#rows.keys()]) if (one < update) this.#rows.delete(one);
    return rows;
  }
}
