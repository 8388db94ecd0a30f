/** @file What the browser keeps, in a real IndexedDB: named things and labels, two tabs on one set, and no storage at all. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Labels } from '../../src/state/labels.svelte';
import { freeName, Shelf } from '../../src/state/shelf.svelte';
import { Storage } from '../../src/state/storage.svelte';
import { label } from './label-samples';

let names: string[] = [];
let opened: Storage[] = [];

function open(name = `test-${crypto.randomUUID()}`): Storage {
  const storage = new Storage(name);
  names.push(name);
  opened.push(storage);
  return storage;
}

async function labelsIn(storage: Storage): Promise<Labels> {
  const labels = new Labels(storage);
  await labels.load();
  return labels;
}

const idsOf = (labels: Labels) => labels.list.map(({ id }) => id);

afterEach(() => {
  vi.restoreAllMocks();
  opened.forEach((storage) => storage.close());
  for (const name of names) indexedDB.deleteDatabase(name);
  [names, opened] = [[], []];
});

describe('label sets', () => {
  it('are there again after a reload, with their labels in order and the one that was open', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const before = await labelsIn(open(name));
    await before.add([label('2', { time: '2026-01-02T00:00:00Z' })]);
    await before.add([label('1', { time: '2026-01-01T00:00:00Z' })]);
    await before.create('Second');
    await before.add([label('3')]);
    const after = await labelsIn(open(name));
    expect(after.open?.name).toBe('Second');
    expect(idsOf(after)).toEqual(['3']);
    await after.select(after.shelf.items[0]!.id);
    expect(idsOf(after)).toEqual(['1', '2']);
  });

  it('lose no label to another tab that adds to the same set', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const one = await labelsIn(open(name));
    const other = await labelsIn(open(name));
    await Promise.all([one.add([label('a')]), other.add([label('b')])]);
    expect(idsOf(await labelsIn(open(name))).sort()).toEqual(['a', 'b']);
  });

  it('come back with all their labels when the deletion is undone, in storage too', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const labels = await labelsIn(open(name));
    await labels.add([label('1'), label('2')]);
    await labels.shelf.rename(labels.openId, 'Mine');
    await labels.removeOpen();
    expect([labels.list, labels.shelf.items.map((set) => set.name)]).toEqual([[], ['My labels']]);
    expect(idsOf(await labelsIn(open(name)))).toEqual([]);
    await labels.undo();
    expect([labels.open?.name, idsOf(labels)]).toEqual(['Mine', ['1', '2']]);
    const again = await labelsIn(open(name));
    await again.select(again.shelf.items.find((set) => set.name === 'Mine')!.id);
    expect(idsOf(again)).toEqual(['1', '2']);
  });

  it('are copied, not shared, when duplicated', async () => {
    const labels = await labelsIn(open());
    await labels.add([label('1')]);
    await labels.duplicate();
    expect(labels.open?.name).toBe('My labels (copy)');
    await labels.remove(['1']);
    await labels.select(labels.shelf.items[0]!.id);
    expect(idsOf(labels)).toEqual(['1']);
  });

  it('take back additions, changes and deletions', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const labels = await labelsIn(open(name));
    await labels.add([label('1'), label('2')]);
    await labels.add([label('1', { verdict: 'tie' }), label('3')]);
    await labels.undo();
    expect(labels.list.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['1', 'a'],
      ['2', 'a'],
    ]);
    await labels.remove(['1']);
    expect(idsOf(labels)).toEqual(['2']);
    await labels.undo();
    expect(idsOf(labels)).toEqual(['1', '2']);
    expect(idsOf(await labelsIn(open(name)))).toEqual(['1', '2']);
  });

  it('leave stored labels that cannot be read where they are, and count them', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const storage = open(name);
    const labels = await labelsIn(storage);
    await labels.add([label('1')]);
    await storage.putLabels(labels.openId, [{ id: 'bad', verdict: 'sideways' } as { id: string }]);
    const after = await labelsIn(open(name));
    expect([idsOf(after), after.numUnreadable]).toEqual([['1'], 1]);
    expect(await storage.labels(after.openId)).toHaveLength(2);
  });
});

describe('a long list of labels', () => {
  it('is stored a piece at a time, with what was changed meanwhile, and says how far it is', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const storage = open(name);
    const labels = await labelsIn(storage);
    const many = Array.from({ length: 1200 }, (_, i) => label(`${i}`));
    const adding = labels.add(many);
    const changing = labels.add([label('1100', { verdict: 'tie' })]);
    const removing = labels.remove(['1101']);
    await vi.waitFor(() => expect(storage.keeping).toMatchObject({ numDone: 500, numAll: 1200 }));
    const inPieces = await open(name).labels(labels.openId); // another page, as after a crash
    expect(inPieces.length % 500).toBe(0);
    expect(inPieces.length).toBeGreaterThan(0);
    await Promise.all([adding, changing, removing]);
    expect(storage.keeping).toBeNull();
    const after = await labelsIn(open(name));
    expect(after.list).toHaveLength(1199);
    expect(after.list.find(({ id }) => id === '1100')?.verdict).toBe('tie');
  });
});

describe('a label set that is deleted', () => {
  it('comes back with what another tab added meanwhile, and with the labels that this page cannot read', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const storage = open(name);
    const labels = await labelsIn(storage);
    await labels.add([label('1')]);
    await storage.putLabels(labels.openId, [{ id: 'bad', verdict: 'sideways' } as { id: string }]);
    const [other, setId] = [await labelsIn(open(name)), labels.openId];
    await labels.removeOpen();
    await other.add([label('2')]);
    await labels.undo();
    expect([labels.openId, idsOf(labels), labels.numUnreadable]).toEqual([setId, ['1', '2'], 1]);
    expect(await storage.labels(setId)).toHaveLength(3);
  });

  it('is not lost to the tab that goes on labelling in it', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const [one, other] = [await labelsIn(open(name)), await labelsIn(open(name))];
    const setId = one.openId;
    await one.removeOpen();
    await other.add([label('1')]);
    const after = await labelsIn(open(name));
    await after.select(setId);
    expect([after.openId, idsOf(after)]).toEqual([setId, ['1']]);
  });

  it('is cleared away when nobody wants it back: not at once, but a day later', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const storage = open(name);
    const labels = await labelsIn(storage);
    await labels.add([label('1')]);
    const setId = labels.openId;
    await labels.removeOpen();
    await storage.entries('label-set');
    expect(await storage.labels(setId)).toHaveLength(1);
    await storage.entries('label-set', Date.now() + 25 * 3600_000);
    expect(await storage.labels(setId)).toHaveLength(0);
  });

  it('leaves no empty set behind when the deletion of the only one is undone', async () => {
    const labels = await labelsIn(open());
    await labels.shelf.rename(labels.openId, 'Mine');
    await labels.removeOpen();
    await labels.undo();
    expect(labels.shelf.items.map((set) => set.name)).toEqual(['Mine']);
  });
});

describe('several label sets', () => {
  it('open the one that was chosen last, however long the others take to read', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const before = await labelsIn(open(name));
    await before.add([label('1')]);
    await before.create('Second', [label('2')]);
    await before.create('Third', [label('3')]);
    const storage = open(name);
    const labels = await labelsIn(storage);
    const [first, second] = labels.shelf.items.map(({ id }) => id);
    const read = storage.labels.bind(storage);
    vi.spyOn(storage, 'labels').mockImplementation(async (id) => {
      const rows = await read(id);
      if (id === first) await new Promise((resolve) => setTimeout(resolve, 50));
      return rows;
    });
    await Promise.all([labels.select(first!), labels.select(second!)]);
    expect([labels.openId, idsOf(labels)]).toEqual([second, ['2']]);
    await labels.select(first!);
    expect(idsOf(labels)).toEqual(['1']);
  });

  it('each say how many of their own labels could not be read', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const storage = open(name);
    const before = await labelsIn(storage);
    await storage.putLabels(before.openId, [{ id: 'bad' }]);
    await before.create('Second', [label('2')]);
    const labels = await labelsIn(open(name));
    const [first, second] = labels.shelf.items.map(({ id }) => id);
    const counts = [];
    for (const id of [first, second, first]) {
      await labels.select(id!);
      counts.push(labels.numUnreadable);
    }
    expect(counts).toEqual([1, 0, 1]);
  });
});

describe('a shelf', () => {
  it('gives every thing a name of its own', () => {
    expect(freeName('Set', [])).toBe('Set');
    expect(freeName('Set', ['Set', 'Set 2'])).toBe('Set 3');
  });

  it('puts a deleted thing back where it was', async () => {
    const storage = open();
    const shelf = new Shelf<number>(storage, 'sample-set', Number);
    for (const body of [1, 2, 3]) await shelf.add(`s${body}`, body);
    const { undo } = await shelf.remove(shelf.items[1]!.id);
    expect(shelf.items.map(({ body }) => body)).toEqual([1, 3]);
    await undo();
    expect(shelf.items.map(({ body }) => body)).toEqual([1, 2, 3]);
  });

  it('passes over entries that it cannot read', async () => {
    const storage = open();
    await storage.putEntry({ id: 'x', kind: 'sample-set', name: 'x', createdAt: '2026', body: 'from the future' });
    const shelf = new Shelf<number>(storage, 'sample-set', () => {
      throw new Error('unknown version');
    });
    await shelf.load();
    expect([shelf.items, shelf.numUnreadable]).toEqual([[], 1]);
  });
});

describe('without storage', () => {
  it('says so, and everything goes on in memory, undo and several sets among it', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const storage = open();
    const labels = await labelsIn(storage);
    expect(storage.problem).toContain('private window');
    await labels.add([label('1'), label('2')]);
    await labels.create('Second');
    await labels.add([label('3')]);
    await labels.select(labels.shelf.items[0]!.id);
    expect(idsOf(labels)).toEqual(['1', '2']);
    await labels.remove(['2']);
    await labels.undo();
    expect(idsOf(labels)).toEqual(['1', '2']);
    await labels.removeOpen();
    expect(idsOf(labels)).toEqual(['3']);
    await labels.undo();
    expect(idsOf(labels)).toEqual(['1', '2']);
  });

  it('stores what did not fit as soon as there is room, newest word first, and then has no problem left', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const storage = open(name);
    const labels = await labelsIn(storage);
    await labels.add([label('0')]);
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    await labels.add([label('1'), label('2')]);
    await labels.add([label('1', { verdict: 'tie' })]);
    await labels.remove(['2']);
    await labels.shelf.rename(labels.openId, 'Mine');
    expect(storage.problem).toContain('no room left');
    full.mockRestore();
    await labels.remove(['0']);
    await vi.waitFor(() => expect(storage.problem).toBeNull());
    const after = await labelsIn(open(name));
    expect([after.open?.name, after.list.map(({ id, verdict }) => [id, verdict])]).toEqual(['Mine', [['1', 'tie']]]);
  });

  it('does not call a failed write a private window', async () => {
    const storage = open();
    const labels = await labelsIn(storage);
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('oops', 'UnknownError');
    });
    await labels.add([label('1')]);
    expect(storage.problem).toContain('could not be stored');
    expect(storage.problem).not.toContain('private window');
  });

  it('says that a newer version of the page is open where that is why', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const storage = open(name);
    const labels = await labelsIn(storage);
    const newer = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, 1000);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error!);
    });
    await labels.add([label('1')]);
    expect(storage.problem).toContain('Reload');
    newer.close();
  });

  it('says that it is full, and keeps what could not be stored for this visit', async () => {
    const storage = open();
    const labels = await labelsIn(storage);
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    await labels.add([label('1')]);
    expect(storage.problem).toContain('no room left');
    expect(idsOf(labels)).toEqual(['1']);
  });
});
