/**
 * @file What the reader makes and the browser keeps: named things (label sets, sample sets, reward models) and the labels
 * of each set, in IndexedDB through Dexie. Survives a reload and a crash: every write is its own transaction.
 *
 * What if there is no storage, or no room? Private windows and full disks refuse it. Then `problem` says so in a sentence,
 * reads find nothing, writes do nothing, and whoever asked goes on with what it holds in memory. Labels are stored one by
 * one, so that two tabs on one set add to it and never overwrite each other.
 */
import Dexie, { type Table } from 'dexie';

/** What kind of named thing an entry is. */
export type EntryKind = 'label-set' | 'sample-set' | 'reward-model';

/** A named thing. `body` is whatever its kind keeps; its owner validates it when it is read. */
export interface StoredEntry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly body: unknown;
}

/** One label of a set. `label` is validated by whoever reads it. */
interface StoredLabel {
  readonly setId: string;
  readonly id: string;
  readonly label: unknown;
}

/** A part of a kept run: its record, what one update measured, or a checkpoint; validated by whoever reads it. */
export interface StoredRunPart {
  readonly runId: string;
  readonly update: number;
  readonly body: unknown;
}

/** How much room there is, in bytes, as the browser estimates it. */
export interface StorageRoom {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  /** True when the browser promised not to clear it by itself. */
  readonly persisted: boolean;
}

/** Some browsers never answer when storage is blocked or broken; then we go on without. */
const OPEN_MS = 4000;

/** The tables. */
class Database extends Dexie {
  declare readonly entries: Table<StoredEntry, string>;
  declare readonly labels: Table<StoredLabel, [string, string]>;
  declare readonly options: Table<{ readonly key: string; readonly value: unknown }, string>;

  declare readonly runs: Table<{ readonly id: string; readonly removedAt?: string; readonly body: unknown }, string>;
  declare readonly runRows: Table<StoredRunPart, [string, number]>;
  declare readonly runCheckpoints: Table<StoredRunPart, [string, number]>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({ entries: 'id, kind', labels: '[setId+id], setId', options: 'key' });
    this.version(2).stores({ runs: 'id', runRows: '[runId+update], runId', runCheckpoints: '[runId+update], runId' });
  }
}

/** Why a write or the opening failed, and what it means for the reader. */
function problemOf(error: unknown): string {
  const names = [error, (error as { inner?: unknown } | null)?.inner].map((one) =>
    one instanceof Error || one instanceof DOMException ? one.name : '',
  );
  if (names.includes('QuotaExceededError')) {
    return 'This browser has no room left for this page. What you make from now on is kept until the page is closed: export it, or delete runs and sets you no longer need.';
  }
  return 'This browser keeps nothing for this page (a private window, or storage is blocked). Everything works, and is gone when the page is closed: export what you want to keep.';
}

/** IndexedDB, or nothing. */
export class Storage {
  /** Why nothing is kept, in words; null while all is well. */
  problem = $state<string | null>(null);
  #database: Database;
  /** Whether there is a database to talk to. */
  #opened: Promise<boolean>;

  constructor(name = 'aftertrain') {
    this.#database = new Database(name);
    // Another tab wants a newer layout: let it, and go on in memory.
    this.#database.on('versionchange', () => this.#database.close());
    this.#opened = this.#open();
  }

  /** All entries of a kind, oldest first. */
  async entries(kind: EntryKind): Promise<readonly StoredEntry[]> {
    const found = await this.#attempt(() => this.#database.entries.where('kind').equals(kind).toArray(), []);
    return found.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  /** Stores an entry, in place of one of the same id. */
  putEntry(entry: StoredEntry): Promise<unknown> {
    return this.#attempt(() => this.#database.entries.put(entry), null);
  }

  /** Deletes an entry and, of a label set, its labels. */
  deleteEntry(id: string): Promise<unknown> {
    const { entries, labels } = this.#database;
    return this.#attempt(
      () =>
        this.#database.transaction('rw', entries, labels, async () => {
          await entries.delete(id);
          await labels.where('setId').equals(id).delete();
        }),
      null,
    );
  }

  /** The labels of a set as stored, in no order. */
  async labels(setId: string): Promise<readonly unknown[]> {
    const rows = await this.#attempt(() => this.#database.labels.where('setId').equals(setId).toArray(), []);
    return rows.map(({ label }) => label);
  }

  /** Stores labels, each in place of one of the same id. All or none. */
  putLabels(setId: string, labels: readonly { readonly id: string }[]): Promise<unknown> {
    return this.#attempt(() => this.#database.labels.bulkPut(labels.map((label) => ({ setId, id: label.id, label }))), null);
  }

  /** Deletes labels of a set. */
  deleteLabels(setId: string, ids: readonly string[]): Promise<unknown> {
    return this.#attempt(() => this.#database.labels.bulkDelete(ids.map((id) => [setId, id])), null);
  }

  /** What was chosen under `key`, as stored; undefined when nothing was. */
  async option(key: string): Promise<unknown> {
    return (await this.#attempt(() => this.#database.options.get(key), undefined))?.value;
  }

  /** Remembers a choice. */
  setOption(key: string, value: unknown): Promise<unknown> {
    return this.#attempt(() => this.#database.options.put({ key, value }), null);
  }

  /** How much is used and how much there is; null when the browser does not say. */
  async room(): Promise<StorageRoom | null> {
    try {
      const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
      return quota > 0 ? { usedBytes: usage, quotaBytes: quota, persisted } : null;
    } catch {
      return null; // not a secure context
    }
  }

  /** Asks the browser never to clear this page's data by itself. */
  async persist(): Promise<boolean> {
    return navigator.storage.persist().catch(() => false);
  }

  /** Does something with the tables, for whoever owns them; `otherwise` when it failed, and then `problem` says why. */
  use<T>(work: (database: Database) => PromiseLike<T>, otherwise: T): Promise<T> {
    return this.#attempt(() => work(this.#database), otherwise);
  }

  /** Closes the database; for tests. */
  close(): void {
    this.#database.close();
  }

  async #open(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The database did not open.')), OPEN_MS);
    });
    try {
      await Promise.race([this.#database.open(), late]);
      return true;
    } catch (error) {
      this.problem = problemOf(error);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  async #attempt<T>(work: () => PromiseLike<T>, otherwise: T): Promise<T> {
    try {
      if (!(await this.#opened)) return otherwise;
      return await work();
    } catch (error) {
      this.problem = problemOf(error);
      return otherwise;
    }
  }
}
