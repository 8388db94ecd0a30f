/**
 * @file Where runs are kept: a record, a row for each update and a few checkpoints for each run, in IndexedDB.
 *
 * What is one step for the reader is one transaction: after a crash a record never speaks of a checkpoint that is not
 * there. Where the browser keeps nothing, everything goes into memory instead, within a smaller budget.
 */
import * as v from 'valibot';
import type { RunCheckpoint } from '../protocol/run';
import { isoNow } from './iso-now';
import { checkpointSchema, recordSchema, rowSchema, runNameSchema, type RunRecord, type RunRow } from './runs-schema';
import type { Storage } from './storage.svelte';

/** What of a run is changed by hand, whoever trains it. */
export type RunPatch = Partial<Pick<RunRecord, 'name' | 'state' | 'snapshots'>>;

/** What is written at once. */
export interface RunWriting {
  readonly record: RunRecord;
  readonly rows?: readonly RunRow[];
  readonly checkpoints?: readonly RunCheckpoint[];
  /** Updates whose checkpoints are thrown away. */
  readonly drop?: readonly number[];
}

interface InMemory {
  record: RunRecord;
  readonly rows: Map<number, RunRow>;
  readonly checkpoints: Map<number, RunCheckpoint>;
}

/** Most bytes that one run's checkpoints take, on disk and in memory. */
const DISK_BYTES = 256e6;
const MEMORY_BYTES = 64e6;
/** Of what the browser offers, one run takes at most this share. */
const QUOTA_SHARE = 0.05;
/** A deletion can be undone for this long after the page was closed; then it is for good. */
const UNDO_MS = 60_000;

const namedSchema = v.object({ name: runNameSchema });

/** The runs. */
export class RunStore {
  readonly #storage: Storage;
  readonly #memory = new Map<string, InMemory>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** How many bytes of checkpoints a run may keep. */
  async budget(): Promise<number> {
    if (this.#storage.problem !== null) return MEMORY_BYTES;
    const room = await this.#storage.room();
    return Math.min(DISK_BYTES, (room?.quotaBytes ?? Infinity) * QUOTA_SHARE);
  }

  /** All runs, oldest first, and how many could not be read. What was deleted a while ago is cleared away. */
  async records(now = Date.now()): Promise<{ records: RunRecord[]; numUnreadable: number }> {
    const stored = await this.#storage.use((database) => database.runs.toArray(), []);
    const records: RunRecord[] = [...this.#memory.values()].map(({ record }) => record);
    let numUnreadable = 0;
    for (const { id, removedAt, body } of stored) {
      if (removedAt !== undefined) {
        if (now - Date.parse(removedAt) > UNDO_MS) await this.purge(id);
        continue;
      }
      if (this.#memory.has(id)) continue;
      const parsed = v.safeParse(recordSchema, body);
      if (parsed.success) records.push(parsed.output);
      else numUnreadable += 1; // of another version of this page
    }
    records.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
    return { records, numUnreadable };
  }

  /** The run as it is kept now; null when it is not there or cannot be read. */
  async record(id: string): Promise<RunRecord | null> {
    const held = this.#memory.get(id);
    if (held) return held.record;
    const stored = await this.#storage.use((database) => database.runs.get(id), undefined);
    const parsed = v.safeParse(recordSchema, stored?.body);
    return parsed.success ? parsed.output : null;
  }

  /**
   * Changes a part of a run and leaves the rest as it is, which another tab may have changed. Checkpoints that are no longer
   * among its `snapshots` are thrown away. The run as it is then; null when it is not there.
   */
  async patch(id: string, patch: RunPatch): Promise<RunRecord | null> {
    const held = this.#memory.get(id);
    if (held) {
      held.record = { ...held.record, ...patch };
      for (const update of patch.snapshots ? [...held.checkpoints.keys()] : []) {
        if (!patch.snapshots?.includes(update)) held.checkpoints.delete(update);
      }
      return held.record;
    }
    return this.#storage.use(
      (database) =>
        database.transaction('rw', database.runs, database.runCheckpoints, async () => {
          const stored = await database.runs.get(id);
          const parsed = v.safeParse(recordSchema, stored?.body);
          if (!stored || !parsed.success) return null;
          const record = { ...parsed.output, ...patch };
          await database.runs.put({ ...stored, body: record });
          if (patch.snapshots) {
            const keys = await database.runCheckpoints.where('runId').equals(id).primaryKeys();
            await database.runCheckpoints.bulkDelete(keys.filter(([, update]) => !record.snapshots.includes(update)));
          }
          return record;
        }),
      null,
    );
  }

  /** Writes all or nothing. A run's name is whoever gave it last: it stays as it is kept. False when it is in memory only. */
  async write(writing: RunWriting): Promise<boolean> {
    const { id } = writing.record;
    if (!this.#memory.has(id) && (await this.#writeToDisk(writing))) return true;
    this.#writeToMemory(writing);
    return false;
  }

  #writeToDisk({ record, rows = [], checkpoints = [], drop = [] }: RunWriting): Promise<boolean> {
    const runId = record.id;
    return this.#storage.use(
      (database) =>
        database.transaction('rw', database.runs, database.runRows, database.runCheckpoints, async () => {
          await database.runCheckpoints.bulkDelete(drop.map((update) => [runId, update]));
          await database.runCheckpoints.bulkPut(checkpoints.map((body) => ({ runId, update: body.update, body })));
          await database.runRows.bulkPut(rows.map((body) => ({ runId, update: body.update, body })));
          const name = v.safeParse(namedSchema, (await database.runs.get(runId))?.body);
          await database.runs.put({ id: runId, body: name.success ? { ...record, ...name.output } : record });
          return true;
        }),
      false,
    );
  }

  #writeToMemory({ record, rows = [], checkpoints = [], drop = [] }: RunWriting): void {
    const held = this.#memory.get(record.id) ?? { record, rows: new Map(), checkpoints: new Map() };
    held.record = { ...record, name: held.record.name };
    for (const update of drop) held.checkpoints.delete(update);
    for (const row of rows) held.rows.set(row.update, row);
    for (const checkpoint of checkpoints) held.checkpoints.set(checkpoint.update, checkpoint);
    this.#memory.set(record.id, held);
  }

  /** What each update measured, in order; rows that cannot be read are left out. */
  async rows(id: string): Promise<RunRow[]> {
    const stored = await this.#storage.use((database) => database.runRows.where('runId').equals(id).toArray(), []);
    const rows = stored.flatMap(({ body }) => {
      const parsed = v.safeParse(rowSchema, body);
      return parsed.success ? [parsed.output] : [];
    });
    return [...rows, ...(this.#memory.get(id)?.rows.values() ?? [])].sort((a, b) => a.update - b.update);
  }

  /** A checkpoint; null when there is none or it cannot be read. */
  async checkpoint(id: string, update: number): Promise<RunCheckpoint | null> {
    const held = this.#memory.get(id)?.checkpoints.get(update);
    if (held) return held;
    const stored = await this.#storage.use((database) => database.runCheckpoints.get([id, update]), undefined);
    const parsed = v.safeParse(checkpointSchema, stored?.body);
    return parsed.success ? parsed.output : null;
  }

  /** Puts a run out of sight; `restore` brings it back until it is purged. */
  async hide(record: RunRecord): Promise<void> {
    if (this.#memory.has(record.id)) return;
    await this.#storage.use((database) => database.runs.update(record.id, { removedAt: isoNow() }), 0);
  }

  /** Brings a hidden run back. False when it has been cleared away. */
  async restore(record: RunRecord): Promise<boolean> {
    if (this.#memory.has(record.id)) return true;
    return (await this.#storage.use((database) => database.runs.update(record.id, { removedAt: undefined }), 0)) > 0;
  }

  /** Deletes a run for good. */
  async purge(id: string): Promise<void> {
    this.#memory.delete(id);
    await this.#storage.use(
      (database) =>
        database.transaction('rw', database.runs, database.runRows, database.runCheckpoints, async () => {
          await database.runs.delete(id);
          await database.runRows.where('runId').equals(id).delete();
          await database.runCheckpoints.where('runId').equals(id).delete();
        }),
      undefined,
    );
  }
}
