/**
 * @file What the reader makes and the browser keeps: named things (label sets, sample sets, reward models) and the labels
 * of each set, in IndexedDB through Dexie. Survives a reload and a crash: every write is its own transaction.
 *
 * What if there is no storage, or no room? Private windows and full disks refuse it. Then `problem` says so in a sentence,
 * reads find nothing, and whoever asked goes on with what it holds in memory; what could not be written is written as soon as
 * something else can. Labels are stored one by one, so that two tabs on one set add to it and never overwrite each other.
 * What is deleted is out of sight first and cleared away a day later, so that it comes back whole when the deletion is undone.
 */
import Dexie, { type Table } from 'dexie';
import { isoNow } from './iso-now';
import { InTurn } from './in-turn';
import { stopwatch, type ShareDone } from './share-done';
import { isFull, keepingProblem, keptPartly, openingProblem } from './storage-problems';
import { Unwritten, type Write } from './storage-unwritten';

/** What kind of named thing an entry is. */
export type EntryKind = 'label-set' | 'sample-set' | 'hand-tuned' | 'fitted' | 'reward-model' | 'rows';

/** A named thing. `body` is whatever its kind keeps; its owner validates it when it is read. */
export interface StoredEntry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; when it was deleted, until it is cleared away. */
  readonly removedAt?: string;
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

/** Labels written or read in one request: more would hold the page up. */
const LABELS_AT_ONCE = 500;
/** How long a deletion can be undone, in another tab too. */
const UNDO_MS = 24 * 3600_000;

/** IndexedDB, or nothing. */
export class Storage {
  /** Why nothing, or not everything, is kept, in words; null while all is well. */
  problem = $state<string | null>(null);
  /** How far a long list of labels has been stored; null while none is. */
  keeping = $state.raw<ShareDone | null>(null);
  #database: Database;
  /** Whether there is a database to talk to. */
  #opened: Promise<boolean>;
  #unwritten = new Unwritten();
  /** A change of a label that is still to be stored waits for that. */
  #labelChanges = new InTurn();
  #isTryingAgain = false;
  /** True once something failed that is not ours to write again. */
  #isPartly = false;

  constructor(name = 'aftertrain') {
    this.#database = new Database(name);
    // Another tab wants a newer layout: let it, and go on in memory.
    this.#database.on('versionchange', () => {
      this.#database.close();
      return false; // Dexie's own answer would open it again, and write what the newer page may not understand
    });
    this.#opened = this.#open();
  }

  /** All entries of a kind, oldest first. What was deleted a day ago is cleared away. */
  async entries(kind: EntryKind, now = Date.now()): Promise<readonly StoredEntry[]> {
    const found = await this.#read(() => this.#database.entries.where('kind').equals(kind).toArray(), []);
    const left = found.filter(({ removedAt }) => removedAt === undefined);
    for (const { id, removedAt } of found) if (removedAt !== undefined && now - Date.parse(removedAt) > UNDO_MS) await this.#clear(id);
    return left.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  /** Stores an entry, in place of one of the same id; brings it back if it was deleted. */
  putEntry(entry: StoredEntry): Promise<void> {
    const put = () => this.#database.entries.put(entry);
    return this.#write(() => [{ key: entryKey(entry.id), again: put }], put);
  }

  /** Deletes an entry and, of a label set, its labels: out of sight now, for good in a day. */
  deleteEntry(id: string): Promise<void> {
    const hide = () => this.#database.entries.update(id, { removedAt: isoNow() });
    return this.#write(() => [{ key: entryKey(id), again: hide }], hide);
  }

  /** The labels of a set as stored, in no order. */
  async labels(setId: string): Promise<readonly unknown[]> {
    return this.#read(async () => {
      const labels: unknown[] = [];
      for (let after: string | null = null; ;) {
        const lower: unknown = after ?? Dexie.minKey;
        const rows: StoredLabel[] = await this.#database.labels
          .where('[setId+id]')
          .between([setId, lower], [setId, Dexie.maxKey], false, true)
          .limit(LABELS_AT_ONCE)
          .toArray();
        for (const { label } of rows) labels.push(label);
        if (rows.length < LABELS_AT_ONCE) return labels;
        after = rows.at(-1)!.id;
      }
    }, []);
  }

  /** Sets that have labels and no entry: another tab went on in a set that was cleared away. */
  strayLabelSets(): Promise<readonly string[]> {
    return this.#read(async () => {
      const setIds = (await this.#database.labels.orderBy('setId').uniqueKeys()) as string[];
      const entries = await this.#database.entries.bulkGet(setIds);
      return setIds.filter((_, index) => entries[index] === undefined);
    }, []);
  }

  /**
   * Stores labels, each in place of one of the same id, a piece at a time: what was stored when the page closes stays. A set that
   * another tab deleted comes back by it. Changes of labels are made in the order asked.
   */
  putLabels(setId: string, labels: readonly { readonly id: string }[]): Promise<void> {
    return this.#labelChanges.run(async () => {
      const tell = stopwatch(labels.length);
      for (let start = 0; start < labels.length; start += LABELS_AT_ONCE) {
        await this.#putSome(setId, labels.slice(start, start + LABELS_AT_ONCE));
        const numDone = start + LABELS_AT_ONCE;
        this.keeping = numDone < labels.length ? tell(numDone) : null;
      }
    });
  }

  /** Deletes labels of a set. */
  deleteLabels(setId: string, ids: readonly string[]): Promise<void> {
    const { labels } = this.#database;
    return this.#labelChanges.run(() =>
      this.#write(
        () => ids.map((id) => ({ key: labelKey(setId, id), again: () => labels.delete([setId, id]) })),
        () => labels.bulkDelete(ids.map((id) => [setId, id])),
      ),
    );
  }

  /** What was chosen under `key`, as stored; undefined when nothing was. */
  async option(key: string): Promise<unknown> {
    return (await this.#read(() => this.#database.options.get(key), undefined))?.value;
  }

  /** Remembers a choice. */
  setOption(key: string, value: unknown): Promise<void> {
    const put = () => this.#database.options.put({ key, value });
    return this.#write(() => [{ key: `option/${key}`, again: put }], put);
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
  async use<T>(work: (database: Database) => PromiseLike<T>, otherwise: T): Promise<T> {
    if (!(await this.#opened)) return otherwise;
    try {
      const result = await work(this.#database);
      this.#worked();
      return result;
    } catch (error) {
      this.#isPartly = true;
      this.problem = keepingProblem(error);
      return otherwise;
    }
  }

  /** Stores labels, all or none. */
  #putSome(setId: string, labels: readonly { readonly id: string }[]): Promise<void> {
    const { entries, labels: table } = this.#database;
    const rowOf = (label: { readonly id: string }): StoredLabel => ({ setId, id: label.id, label });
    return this.#write(
      () => labels.map((label) => ({ key: labelKey(setId, label.id), again: () => table.put(rowOf(label)) })),
      () =>
        this.#database.transaction('rw', entries, table, async () => {
          if ((await entries.get(setId))?.removedAt !== undefined) await entries.update(setId, { removedAt: undefined });
          await table.bulkPut(labels.map(rowOf));
        }),
    );
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
      this.problem = openingProblem(error);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  async #read<T>(work: () => PromiseLike<T>, otherwise: T): Promise<T> {
    if (!(await this.#opened)) return otherwise;
    try {
      return await work();
    } catch (error) {
      this.problem = keepingProblem(error);
      return otherwise;
    }
  }

  /** Writes all or nothing; of what fails, the newest word on each thing is remembered: `writes` says what that is. */
  async #write(writes: () => readonly Write[], work: () => PromiseLike<unknown>): Promise<void> {
    if (!(await this.#opened)) return;
    try {
      await Promise.resolve(work()).catch(async (error: unknown) => {
        if (!isFull(error) || !(await this.#makeRoom())) throw error;
        await work();
      });
      if (this.#unwritten.size > 0) this.#unwritten.forget(writes());
      this.#worked();
    } catch (error) {
      this.#unwritten.add(writes());
      this.problem = keepingProblem(error);
    }
  }

  /** Something could be written: then what could not be before may be now. */
  #worked(): void {
    if (this.problem === null || this.#isTryingAgain) return;
    if (this.#unwritten.size > 0) void this.#tryAgain();
    else this.problem = this.#isPartly ? keptPartly() : null;
  }

  async #tryAgain(): Promise<void> {
    this.#isTryingAgain = true;
    try {
      await this.#unwritten.tryAgain();
    } catch (error) {
      this.problem = keepingProblem(error);
    }
    this.#isTryingAgain = false;
    if (this.#unwritten.size === 0) this.problem = this.#isPartly ? keptPartly() : null;
  }

  /** Clears away what was deleted; whoever undoes that puts it back from memory. False when there was nothing. */
  async #makeRoom(): Promise<boolean> {
    const removed = await this.#database.entries.filter(({ removedAt }) => removedAt !== undefined).primaryKeys();
    for (const id of removed) await this.#clear(id);
    return removed.length > 0;
  }

  /** Deletes an entry and its labels for good. */
  #clear(id: string): Promise<unknown> {
    const { entries, labels } = this.#database;
    return this.#read(
      () =>
        this.#database.transaction('rw', entries, labels, async () => {
          await entries.delete(id);
          await labels.where('setId').equals(id).delete();
        }),
      null,
    );
  }
}

const entryKey = (id: string) => `entry/${id}`;
const labelKey = (setId: string, id: string) => `label/${setId}/${id}`;
