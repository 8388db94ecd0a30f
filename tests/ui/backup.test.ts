/** @file The whole workspace to a file and back, in a real IndexedDB: the same things, by merging or replacing, and never half. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Backup } from '../../src/state/backup/backup.svelte';
import { Storage } from '../../src/state/storage.svelte';

let opened: [string, Storage][] = [];

function open(): Storage {
  const name = `test-${crypto.randomUUID()}`;
  const storage = new Storage(name);
  opened.push([name, storage]);
  return storage;
}

afterEach(() => {
  vi.restoreAllMocks();
  for (const [name, storage] of opened) {
    storage.close();
    indexedDB.deleteDatabase(name);
  }
  opened = [];
});

const theta = Float32Array.from({ length: 1000 }, (_, at) => Math.sin(at));
const entry = (id: string, name = id) => ({
  id,
  kind: 'reward-model' as const,
  name,
  createdAt: '2026-01-01T00:00:00.000Z',
  body: { theta },
});

/** Some of everything. */
async function filled(): Promise<Storage> {
  const storage = open();
  await storage.putEntry(entry('kept'));
  await storage.putEntry(entry('gone'));
  await storage.deleteEntry('gone');
  await storage.putLabels('set', [{ id: 'a' }, { id: 'b' }]);
  await storage.setOption('lesson/1', { prediction: 'falls', done: ['x'] });
  await storage.use(async (tables) => {
    await tables.runs.put({ id: 'run', body: { name: 'A run', last: { reward: NaN } } });
    await tables.runRows.bulkPut([0, 1].map((update) => ({ runId: 'run', update, body: { update } })));
    await tables.runCheckpoints.put({ runId: 'run', update: 1, body: { theta, m: theta, v: theta } });
  }, undefined);
  return storage;
}

/** Everything that is there and not deleted. */
const contents = (storage: Storage) =>
  storage.use(
    async (tables) => ({
      entries: (await tables.entries.toArray()).filter(({ removedAt }) => removedAt === undefined),
      labels: await tables.labels.toArray(),
      options: await tables.options.toArray(),
      runs: await tables.runs.toArray(),
      rows: await tables.runRows.toArray(),
      checkpoints: await tables.runCheckpoints.toArray(),
    }),
    null,
  );

async function fileOf(storage: Storage): Promise<File> {
  const file = await new Backup(storage).save();
  return file!;
}

describe('a workspace', () => {
  it('comes back whole in another browser, without what was deleted', async () => {
    const from = await filled();
    const backup = new Backup(open());
    await backup.open(await fileOf(from));
    expect(backup.ready).toMatchObject({ counts: { runs: 1, labels: 2, sets: 1 } });
    const to = opened.at(-1)![1];
    expect((await contents(to))!.runs).toEqual([]); // nothing before a word is said
    await backup.take('replace');
    expect(backup.problem).toBe(null);
    expect(await contents(to)).toEqual(await contents(from));
  });

  it('merges: what is here stays as it is, what is missing comes in', async () => {
    const to = open();
    await to.putEntry(entry('kept', 'Mine'));
    await to.putEntry(entry('other'));
    await to.putLabels('set', [{ id: 'b', note: 'mine' } as { id: string }, { id: 'c' }]);
    await to.setOption('lesson/1', 'mine');
    const backup = new Backup(to);
    await backup.open(await fileOf(await filled()));
    await backup.take('merge');
    expect(backup.taken).toEqual({ runs: 1, labels: 1, sets: 0 });
    const { entries, labels, options } = (await contents(to))!;
    expect(entries.map(({ name }) => name).sort()).toEqual(['Mine', 'other']);
    expect(labels.map(({ id, label }) => [id, 'note' in (label as object)])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
    expect(options).toEqual([{ key: 'lesson/1', value: 'mine' }]);
  });

  it('is taken whole or not at all: a failure on the last write leaves everything as it was', async () => {
    const file = await fileOf(await filled());
    const to = open();
    await to.putEntry(entry('mine'));
    const before = await contents(to);
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === 'runCheckpoints') throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, args);
    });
    const backup = new Backup(to);
    await backup.open(file);
    await backup.take('replace');
    expect(backup.problem).toBe('no-room');
    vi.restoreAllMocks();
    expect(await contents(to)).toEqual(before);
    await backup.take('replace'); // the file is still there to be tried again
    expect(backup.taken).toEqual({ runs: 1, labels: 2, sets: 1 });
  });

  it('stopped while it is written, changes nothing', async () => {
    const to = open();
    await to.putEntry(entry('mine'));
    const before = await contents(to);
    const backup = new Backup(to);
    await backup.open(await fileOf(await filled()));
    const taking = backup.take('replace');
    backup.stop();
    await taking;
    expect(backup.problem).toBe('stopped');
    expect(await contents(to)).toEqual(before);
  });

  it('damaged is refused, and said to be', async () => {
    const bytes = new Uint8Array(await (await fileOf(await filled())).arrayBuffer());
    bytes[bytes.length >> 1]! ^= 1;
    const backup = new Backup(open());
    await backup.open(new File([bytes], 'x'));
    expect([backup.problem, backup.ready]).toEqual(['damaged', null]);
  });
});
