/**
 * @file The whole workspace into one file and back: what the reader sees of it.
 *
 * A file is read and checked whole before the reader is asked what to do with it; only then is anything written, in one
 * transaction. What the page holds in memory is older then, so the page is loaded again.
 */
import { isFull } from '../storage-problems';
import { isoNow } from '../iso-now';
import type { Storage } from '../storage.svelte';
import { BackupFileError, readWorkspace, WorkspaceWriter, type BackupFault, type ByteSource } from './backup-file';
import {
  countRows,
  readTables,
  RecordError,
  sortRecords,
  writeSettings,
  writeTables,
  type ImportWay,
  type WorkspaceCounts,
} from './backup-tables';

/** Why nothing came of it. `stopped`: the reader said so. */
export type BackupProblem = BackupFault | 'no-storage' | 'no-room' | 'unwritable' | 'failed' | 'stopped';

/** A file that was read, whole and sound, and waits for a word. */
export interface ReadyFile {
  readonly name: string;
  readonly createdAt: string;
  readonly counts: WorkspaceCounts;
}

class Stopped extends Error {}

/** What is being done: how far, from 0 to 1. */
export interface BackupProgress {
  readonly doing: 'saving' | 'reading' | 'writing';
  readonly share: number;
}

/** Import and export of everything. */
export class Backup {
  progress = $state.raw<BackupProgress | null>(null);
  problem = $state.raw<BackupProblem | null>(null);
  ready = $state.raw<ReadyFile | null>(null);
  /** What came in; the page wants to be loaded again. */
  taken = $state.raw<WorkspaceCounts | null>(null);

  readonly #storage: Storage;
  #rows: ReturnType<typeof sortRecords> | null = null;
  #bytes = 0;
  #stopped = false;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Everything that is kept, as a file; null, with `problem` saying why, when that is impossible. */
  async save(): Promise<File | null> {
    return this.#doing('saving', async () => {
      const parts: BlobPart[] = [];
      const createdAt = isoNow();
      const writer = new WorkspaceWriter();
      parts.push(writer.begin({ createdAt }));
      await this.#use(async (tables) => {
        const total = await Promise.all([tables.labels.count(), tables.runRows.count(), tables.runCheckpoints.count()]);
        const expected = total.reduce((sum, count) => sum + count, 1);
        let numDone = 0;
        let held: BlobPart[] = [];
        for await (const record of readTables(tables)) {
          this.#ask();
          held.push(...writer.record(record));
          numDone += 1;
          if (held.length < 1000 && record.table !== 'runCheckpoints') continue;
          parts.push(new Blob(held)); // which the browser may keep on disk
          held = [];
          this.#at('saving', Math.min(1, numDone / expected));
        }
        parts.push(...held);
      });
      parts.push(writer.end());
      const name = `aftertrain-${createdAt.slice(0, 10)}.workspace`;
      return new File(parts, name, { type: 'application/octet-stream' });
    });
  }

  /** Reads a file and checks it whole. Nothing is written. */
  async open(file: File): Promise<void> {
    this.forget();
    await this.#doing('reading', async () => {
      const source: ByteSource = {
        size: file.size,
        read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
      };
      const { createdAt, records } = await readWorkspace(source, (doneBytes) => {
        this.#ask();
        this.#at('reading', doneBytes / file.size);
      });
      this.#rows = sortRecords(records);
      this.#bytes = file.size;
      this.ready = { name: file.name, createdAt, counts: countRows(this.#rows) };
    });
  }

  /** Takes the file that was read: all of it, or, where that fails or is stopped, nothing. */
  async take(way: ImportWay): Promise<void> {
    const rows = this.#rows;
    if (!rows) return;
    await this.#doing('writing', async () => {
      const room = await this.#storage.room();
      if (room && room.quotaBytes - room.usedBytes < this.#bytes) throw new DOMException('', 'QuotaExceededError');
      const counts = await this.#use((tables) =>
        writeTables(tables, rows, way, (share) => {
          this.#ask();
          this.#at('writing', share);
        }),
      );
      writeSettings(rows, way);
      this.forget();
      this.taken = counts;
    });
  }

  /** Ends what is being done; nothing is changed by it. */
  stop(): void {
    this.#stopped = true;
  }

  /** Lets go of a file that was read. */
  forget(): void {
    this.#rows = null;
    this.ready = null;
    this.problem = null;
  }

  #ask(): void {
    if (this.#stopped) throw new Stopped();
  }

  #at(doing: BackupProgress['doing'], share: number): void {
    this.progress = { doing, share };
  }

  /** The tables, with the error that came of using them. */
  async #use<T>(work: (tables: Parameters<Parameters<Storage['use']>[0]>[0]) => PromiseLike<T>): Promise<T> {
    const result = await this.#storage.use<{ value: T } | { error: unknown } | null>(async (tables) => {
      try {
        return { value: await work(tables) };
      } catch (error) {
        return { error };
      }
    }, null);
    if (result === null) throw new NoStorage();
    if ('error' in result) throw result.error;
    return result.value;
  }

  async #doing<T>(doing: BackupProgress['doing'], work: () => Promise<T>): Promise<T | null> {
    if (this.progress) return null;
    this.#stopped = false;
    this.problem = null;
    this.taken = null;
    this.#at(doing, 0);
    try {
      return await work();
    } catch (error) {
      this.problem = problemOf(error, this.#stopped);
      return null;
    } finally {
      this.progress = null;
    }
  }
}

class NoStorage extends Error {}

function problemOf(error: unknown, stopped: boolean): BackupProblem {
  if (stopped) return 'stopped';
  if (error instanceof BackupFileError) return error.fault;
  if (error instanceof RecordError) return 'damaged';
  if (error instanceof NoStorage) return 'no-storage';
  if (error instanceof TypeError) return 'unwritable';
  return isFull(error) ? 'no-room' : 'failed';
}
