/**
 * @file Runs into files and out of them: what is offered to the reader. A file is read whole and checked before anything is
 * kept; an imported run never starts by itself.
 */
import type { RunCheckpoint } from '../protocol/run';
import { MAX_RUN_FILE_BYTES, metricsCsv, metricsJson, readRunFile, writeRunFile } from './run-files';
import { nameOf } from './runs-names';
import type { RunRecord } from './runs-schema';
import type { RunStore } from './runs-store';

/** `checkpoint`: the run with where it goes on. `all`: with every kept moment besides. */
export type RunExport = 'csv' | 'json' | 'checkpoint' | 'all';

/** A name that every file system takes. */
const safeName = (text: string) =>
  text
    .replace(/[^\p{L}\p{N}. _-]+/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 80) || 'run';

/** Import and export. */
export class RunFiles {
  /** Why a file was refused, or what was imported; null when nothing is to be said. */
  note = $state<string | null>(null);
  refused = $state(false);
  reading = $state(false);

  readonly #store: RunStore;
  readonly #imported: (record: RunRecord) => void;
  readonly #isKnown: (id: string) => boolean;

  constructor(store: RunStore, imported: (record: RunRecord) => void, isKnown: (id: string) => boolean) {
    this.#store = store;
    this.#imported = imported;
    this.#isKnown = isKnown;
  }

  /** Keeps the run of a file as a run of its own. */
  async import(file: File): Promise<void> {
    this.reading = true;
    this.refused = false;
    this.note = null;
    try {
      if (file.size > MAX_RUN_FILE_BYTES) throw new Error(`It is larger than ${MAX_RUN_FILE_BYTES / 1e9} GB.`);
      const { record, rows, checkpoints } = readRunFile(new Uint8Array(await file.arrayBuffer()));
      const id = this.#isKnown(record.id) ? crypto.randomUUID() : record.id;
      const state = record.update < record.numUpdates ? 'stopped' : 'completed';
      const kept: RunRecord = { ...record, id, state };
      await this.#store.write({ record: kept, rows, checkpoints });
      this.#imported(kept);
      this.note = `“${kept.name || nameOf(kept.spec)}” is among your runs now. It goes on when you say so.`;
    } catch (error) {
      this.refused = true;
      this.note = `“${file.name}” was not imported. ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.reading = false;
    }
  }

  /** Writes a run into a file. @throws RangeError when there is nothing to write */
  async export(record: RunRecord, what: RunExport): Promise<File> {
    const name = safeName(record.name || nameOf(record.spec));
    const rows = await this.#store.rows(record.id);
    if (what === 'csv') return new File([metricsCsv(rows)], `${name}.csv`, { type: 'text/csv' });
    if (what === 'json') return new File([metricsJson({ record, rows })], `${name}.json`, { type: 'application/json' });
    const wanted = what === 'all' ? record.snapshots : [record.update];
    const checkpoints: RunCheckpoint[] = [];
    for (const update of wanted) {
      const checkpoint = await this.#store.checkpoint(record.id, update);
      if (checkpoint) checkpoints.push(checkpoint);
    }
    if (checkpoints.length === 0) throw new RangeError('The checkpoint of this run could not be read.');
    const upTo = rows.filter(({ update }) => update <= checkpoints.at(-1)!.update);
    return new File([writeRunFile({ record, rows: upTo, checkpoints })], `${name}.aftertrain-run.zip`, { type: 'application/zip' });
  }
}
