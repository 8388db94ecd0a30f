/**
 * @file Rows of the reader's own that runs may learn from: read from files, or made of a set of labels, kept by the browser, and
 * given to the worker before a run that names them.
 */
import { parseComparison } from '../core/preferences/comparison';
import { pairsOf } from '../core/preferences/preference-pairs';
import {
  MAX_PLAIN_LENGTH,
  MAX_ROWS_BYTES,
  parseRows,
  readPlainText,
  readRowsText,
  rowsHash,
  textsIn,
  type DataRows,
} from '../core/data/rows';
import type { LearnsFrom, RowsName } from '../core/data/run-data';
import { m } from '../messages/messages';
import type { Failure } from '../protocol/load';
import { Shelf, type Shelved } from './shelf.svelte';
import type { Storage, StoredEntry } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

/** Largest plain text in bytes: one of the longest, in letters of several bytes. */
const MAX_PLAIN_BYTES = 3 * MAX_PLAIN_LENGTH;

/** @throws RangeError when it is no text in UTF-8 */
function utf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError(m.rows_plain_not_utf8());
  }
}

/** The sets of rows. */
export class OwnRows {
  readonly shelf: Shelf<DataRows>;
  /** Why a file was not taken, in words; null while all is well. */
  problem = $state<string | null>(null);
  /** Sets of labels that pairs can be made of, as they were when last asked for. */
  labelSets = $state.raw<readonly Pick<StoredEntry, 'id' | 'name'>[]>([]);

  /** Tokens of plain texts, by id of the set, as far as they have been counted. */
  numTokens = $state.raw<Readonly<Record<string, number>>>({});

  readonly #client: TrainerClient;

  private constructor(client: TrainerClient, storage: Storage) {
    this.#client = client;
    this.shelf = new Shelf(storage, 'rows', parseRows);
  }

  /** Reads what is stored. */
  static async open(client: TrainerClient, storage: Storage): Promise<OwnRows> {
    const rows = new OwnRows(client, storage);
    await rows.shelf.load();
    await rows.refreshLabelSets();
    return rows;
  }

  /** Sets that an algorithm can learn from. */
  of(learnsFrom: LearnsFrom): readonly Shelved<DataRows>[] {
    return this.shelf.items.filter(({ body }) => body.learnsFrom === learnsFrom);
  }

  /** Asks again which sets of labels there are. */
  async refreshLabelSets(): Promise<void> {
    this.labelSets = await this.shelf.storage.entries('label-set');
  }

  /** Takes rows from a file. Null, with `problem` saying why, when they are none. */
  async addFile(file: File, learnsFrom: LearnsFrom): Promise<RowsName | null> {
    return this.#taken(file.name, async () => {
      const isPlain = /\.txt$/i.test(file.name);
      const most = isPlain ? MAX_PLAIN_BYTES : MAX_ROWS_BYTES;
      if (file.size > most) throw new RangeError(m.train_too_large({ size: `${most / 1e6} MB` }));
      if (!isPlain) return readRowsText(await file.text(), learnsFrom);
      if (learnsFrom !== 'demonstrations') throw new RangeError(m.rows_plain_only_sft());
      return readPlainText(utf8(await file.arrayBuffer()));
    });
  }

  /** Counts the tokens of a plain text, unless they are counted or the set is none. */
  async count({ id, body }: Shelved<DataRows>): Promise<void> {
    const texts = textsIn(body);
    if (!texts || this.numTokens[id] !== undefined || this.#client.phase !== 'ready') return;
    const outcome = await this.#client.countTokens([...texts]);
    if (outcome.type === 'completed') this.numTokens = { ...this.numTokens, [id]: outcome.numTokens };
  }

  /** Makes pairs of a set of labels, as the set is now. Null, with `problem` saying why, when it has none. */
  async addLabels({ id, name }: Pick<StoredEntry, 'id' | 'name'>): Promise<RowsName | null> {
    return this.#taken(name, async () => {
      const labels = (await this.shelf.storage.labels(id)).flatMap((label) => {
        try {
          return [parseComparison(label)];
        } catch {
          return []; // the set itself says how many of its labels cannot be read
        }
      });
      const pairs = pairsOf(labels);
      if (pairs.length === 0) throw new RangeError(m.train_no_winner());
      return parseRows({ learnsFrom: 'pairs', rows: pairs });
    });
  }

  /** Takes demonstrations that were written on the page. Null, with `problem` saying why, when they cannot be learned from. */
  async take(name: string, rows: readonly { readonly prompt: string; readonly completion: string }[]): Promise<RowsName | null> {
    return this.#taken(name, () => Promise.resolve(parseRows({ learnsFrom: 'demonstrations', rows })));
  }

  async #taken(name: string, read: () => Promise<DataRows>): Promise<RowsName | null> {
    this.problem = null;
    try {
      const rows = await read();
      const hash = rowsHash(rows);
      const known = this.shelf.items.find(({ body }) => rowsHash(body) === hash);
      const { id } = known ?? (await this.shelf.add(name, rows));
      return { id, hash };
    } catch (error) {
      this.problem = m.train_not_taken({ name, why: error instanceof Error ? error.message : String(error) });
      return null;
    }
  }

  /** The set that a run names: of that id, or, where it was loaded in another browser, of that hash. */
  find({ id, hash }: RowsName): Shelved<DataRows> | undefined {
    const own = this.shelf.items.find((item) => item.id === id);
    return own ?? this.shelf.items.find(({ body }) => rowsHash(body) === hash);
  }

  /** Gives the worker the rows that a run names. Null, or why that is impossible. */
  async install(named: RowsName): Promise<Failure | null> {
    const found = this.find(named);
    if (found) return this.#client.installRows(named.id, found.body);
    return { type: 'failed', code: 'bad-request', detail: m.train_rows_not_here() };
  }
}
