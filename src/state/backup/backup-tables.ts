/**
 * @file Everything that the browser keeps for this page, out of its tables as records and back into them, all or nothing.
 *
 * What has been deleted and could still be undone stays behind. What a record holds is checked by whoever reads it later, as with
 * everything that is stored; here only its place is.
 */
import * as v from 'valibot';
import type { Storage } from '../storage.svelte';
import type { WorkspaceRecord } from './backup-file';

/** The database, as `Storage` lends it. */
export type Tables = Parameters<Parameters<Storage['use']>[0]>[0];

/** How a file is taken. `merge`: what is not here yet; what is here stays as it is. `replace`: the file instead of what is here. */
export type ImportWay = 'merge' | 'replace';

/** How many things there are, as a reader counts them. */
export interface WorkspaceCounts {
  readonly runs: number;
  readonly labels: number;
  /** Label sets, sample sets, reward models, rows of one's own. */
  readonly sets: number;
}

/** Settings that the page keeps outside of its database. */
const SETTINGS = ['aftertrain.settings', 'aftertrain.language'] as const;
/** Rows read or written in one request. */
const AT_ONCE = 500;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const update = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e6));
const place = { runId: id, update, body: v.unknown() };
/** What each table keeps, as far as finding it again goes. */
const schemas = {
  entries: v.object({
    id,
    kind: v.pipe(v.string(), v.regex(/^[a-z-]{1,40}$/)),
    name: v.pipe(v.string(), v.maxLength(200)),
    createdAt: v.pipe(v.string(), v.maxLength(40), v.isoTimestamp()),
    body: v.optional(v.unknown(), null),
  }),
  labels: v.object({ setId: id, id, label: v.unknown() }),
  options: v.object({ key: id, value: v.unknown() }),
  runs: v.object({ id, body: v.unknown() }),
  runRows: v.object(place),
  runCheckpoints: v.object(place),
  settings: v.object({ key: v.picklist(SETTINGS), value: v.pipe(v.string(), v.maxLength(100_000)) }),
} as const;
type TableName = keyof typeof schemas;
type Rows = { [Name in TableName]: v.InferOutput<(typeof schemas)[Name]>[] };

/** A record that has no place here: the file was made by something else. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** The records of a file by table. @throws RecordError */
export function sortRecords(records: readonly WorkspaceRecord[]): Rows {
  const rows: Rows = { entries: [], labels: [], options: [], runs: [], runRows: [], runCheckpoints: [], settings: [] };
  for (const { table, value } of records) {
    const parsed = Object.hasOwn(schemas, table) ? v.safeParse(schemas[table as TableName], value) : null;
    if (!parsed?.success) throw new RecordError(`A record of ${table} is none.`);
    (rows[table as TableName] as unknown[]).push(parsed.output);
  }
  return rows;
}

/** What a reader would count. */
export const countRows = ({ runs, labels, entries }: Rows): WorkspaceCounts => ({
  runs: runs.length,
  labels: labels.length,
  sets: entries.length,
});

/** Everything that is kept, table by table, a few rows at a time. */
export async function* readTables(tables: Tables): AsyncGenerator<WorkspaceRecord> {
  const entries = await tables.entries.toArray();
  const removed = new Set(entries.filter(({ removedAt }) => removedAt !== undefined).map((entry) => entry.id));
  for (const value of entries) if (!removed.has(value.id)) yield { table: 'entries', value };
  const runs = await tables.runs.toArray();
  const removedRuns = new Set(runs.filter(({ removedAt }) => removedAt !== undefined).map((run) => run.id));
  for (const value of runs) if (!removedRuns.has(value.id)) yield { table: 'runs', value };
  for await (const value of inTurn(tables.options)) yield { table: 'options', value };
  for await (const value of inTurn(tables.labels)) if (!removed.has(value.setId)) yield { table: 'labels', value };
  for await (const value of inTurn(tables.runRows)) if (!removedRuns.has(value.runId)) yield { table: 'runRows', value };
  // One at a time: a checkpoint is megabytes.
  for await (const value of inTurn(tables.runCheckpoints, 1)) if (!removedRuns.has(value.runId)) yield { table: 'runCheckpoints', value };
  for (const key of SETTINGS) {
    const value = localStorage.getItem(key);
    if (value !== null) yield { table: 'settings', value: { key, value } };
  }
}

/** Rows of a table by their keys, which are read first: what is added meanwhile is left out. */
async function* inTurn<Row, Key>(
  table: { toCollection(): { primaryKeys(): PromiseLike<Key[]> }; bulkGet(keys: Key[]): PromiseLike<(Row | undefined)[]> },
  atOnce = AT_ONCE,
): AsyncGenerator<Row> {
  const keys = await table.toCollection().primaryKeys();
  for (let start = 0; start < keys.length; start += atOnce) {
    for (const row of await table.bulkGet(keys.slice(start, start + atOnce))) if (row !== undefined) yield row;
  }
}

/**
 * Writes rows in one transaction: after a crash, a full disk or an `abort` everything is as it was before.
 * @param heard told of the share that has been written; what it throws undoes everything
 */
export function writeTables(tables: Tables, rows: Rows, way: ImportWay, heard: (share: number) => void): PromiseLike<WorkspaceCounts> {
  const all = [tables.entries, tables.labels, tables.options, tables.runs, tables.runRows, tables.runCheckpoints];
  const total = rows.entries.length + rows.labels.length + rows.options.length + rows.runRows.length + rows.runCheckpoints.length;
  return tables.transaction('rw', all, async () => {
    if (way === 'replace') for (const table of all) await table.clear();
    const knownEntries = new Set((await tables.entries.toArray()).filter(isThere).map((entry) => entry.id));
    const knownRuns = new Set((await tables.runs.toArray()).filter(isThere).map((run) => run.id));
    const entries = rows.entries.filter((entry) => !knownEntries.has(entry.id));
    const runs = rows.runs.filter((run) => !knownRuns.has(run.id));
    const ofNewRun = ({ runId }: { readonly runId: string }) => !knownRuns.has(runId);
    const labels = await absent<Rows['labels'][number], [string, string]>(
      rows.labels,
      (keys) => tables.labels.bulkGet(keys),
      ({ setId, id: labelId }): [string, string] => [setId, labelId],
    );
    const options = await absent<Rows['options'][number], string>(
      rows.options,
      (keys) => tables.options.bulkGet(keys),
      ({ key }) => key,
    );
    let numDone = 0;
    const put = async <Row>(table: { bulkPut(part: Row[]): PromiseLike<unknown> }, part: readonly Row[], atOnce = AT_ONCE) => {
      for (let start = 0; start < part.length; start += atOnce) {
        await table.bulkPut(part.slice(start, start + atOnce));
        numDone += Math.min(atOnce, part.length - start);
        heard(Math.min(1, numDone / Math.max(1, total)));
      }
    };
    await put(tables.entries, entries as never[]);
    await put(tables.labels, labels);
    await put(tables.options, options);
    // Of a run that was deleted here and could still be undone, nothing is left to mix with the file's.
    for (const run of runs) {
      await tables.runRows.where('runId').equals(run.id).delete();
      await tables.runCheckpoints.where('runId').equals(run.id).delete();
    }
    await put(tables.runs, runs);
    await put(tables.runRows, rows.runRows.filter(ofNewRun));
    await put(tables.runCheckpoints, rows.runCheckpoints.filter(ofNewRun), 1);
    return { runs: runs.length, labels: labels.length, sets: entries.length };
  });
}

const isThere = ({ removedAt }: { readonly removedAt?: string }) => removedAt === undefined;

/** Rows that a table does not have yet. */
async function absent<Row, Key>(
  rows: readonly Row[],
  get: (keys: Key[]) => PromiseLike<readonly unknown[]>,
  keyOf: (row: Row) => Key,
): Promise<Row[]> {
  const found: Row[] = [];
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const part = rows.slice(start, start + AT_ONCE);
    const known = await get(part.map(keyOf));
    found.push(...part.filter((_, index) => known[index] === undefined));
  }
  return found;
}

/** Settings outside of the database; after it, since nothing can fail there that would leave the rest half done. */
export function writeSettings({ settings }: Rows, way: ImportWay): void {
  try {
    if (way === 'replace') for (const key of SETTINGS) localStorage.removeItem(key);
    for (const { key, value } of settings) if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
  } catch {
    // Storage of settings may be forbidden; they are a few choices, and can be made again.
  }
}
