/**
 * @file Kept runs in a real IndexedDB, with a trainer that does what the test says: what a crash leaves, deletion and undo,
 * branches, files, sweeps, and how they look.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { AppState } from '../../src/state/app.svelte';
import { Storage } from '../../src/state/storage.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { lineage, linesOf } from '../../src/state/runs-compare';
import { nameOf, settingsDiff } from '../../src/state/runs-names';
import type { RunRecord, RunRow } from '../../src/state/runs-schema';
import { RunStore } from '../../src/state/runs-store';
import { readValues, sweepable } from '../../src/state/runs-sweep.svelte';
import UnfinishedRun from '../../src/ui/runs/UnfinishedRun.svelte';
import { checkpointEvent, runTo, TrainerDouble, updateEvent } from './trainer-double';

const opened: { storage: Storage; name: string }[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const { storage, name } of opened.splice(0)) {
    storage.close();
    indexedDB.deleteDatabase(name);
  }
});

function storageCalled(name: string): Storage {
  const storage = new Storage(name);
  opened.push({ storage, name });
  return storage;
}

const COMPLETES: TrainerApi['run'] = runTo(3, () => Promise.resolve({ type: 'completed', update: 3 }));

/** A page whose runs are kept under a name, with everything loaded. */
async function page(overrides: Partial<TrainerApi> = { run: COMPLETES }, name = `test-${crypto.randomUUID()}`) {
  const trainer = new TrainerDouble(overrides);
  const storage = storageCalled(name);
  const app = new AppState(new TrainerClient(trainer.start), storage);
  const runs = await app.openRuns();
  app.run.set('numUpdates', 3);
  await app.load();
  return { trainer, app, runs, storage, name };
}

const spec = (changes: Partial<RunSpec> = {}): RunSpec =>
  ({ stage: 'grpo', seed: 1, start: 'sft', reward: { correctness: 1 }, config: GRPO_DEFAULTS, fixedPrompts: [], ...changes }) as RunSpec;

function record(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    name: id,
    createdAt: `2026-01-01T00:00:00.00${id.length}Z`,
    spec: spec(),
    numUpdates: 3,
    update: 3,
    state: 'completed',
    parent: null,
    changes: [],
    last: {},
    snapshots: [3],
    checkpointBytes: 48,
    sweep: null,
    ...changes,
  };
}

describe('a run', () => {
  it('is written down before the next update is told of: whenever the page dies, at most one update is lost', async () => {
    const losses: number[] = [];
    const name = `test-${crypto.randomUUID()}`;
    const looker = new RunStore(storageCalled(name));
    const run: TrainerApi['run'] = async (given, _, listener) => {
      for (let update = 1; update <= 4; update++) {
        await listener(updateEvent(update, given, { reward: update }) as never);
        const { records } = await looker.records(); // what another page would find at this moment
        losses.push(update - (records[0]?.update ?? 0));
        await listener(checkpointEvent(update, given) as never);
      }
      return { type: 'completed', update: 4 };
    };
    const { app, runs } = await page({ run }, name);
    const slowly = runs.store.write.bind(runs.store);
    vi.spyOn(runs.store, 'write').mockImplementation(async (writing) => {
      await new Promise((resolve) => setTimeout(resolve, 20)); // so that whoever does not wait is found out
      return slowly(writing);
    });
    await app.run.begin();
    await runs.keeper.settled();
    expect(losses).toEqual([1, 1, 1, 1]);
    const { records } = await looker.records();
    expect(records).toMatchObject([{ update: 4, state: 'completed', last: { reward: 4 } }]);
    expect((await looker.rows(records[0]!.id)).map(({ metrics }) => metrics.reward)).toEqual([1, 2, 3, 4]);
  });

  it('that was interrupted is offered, shown as it was, and goes on only when told to', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const never = new Promise<never>(() => undefined);
    const before = await page({ run: runTo(2, () => never) }, name);
    before.app.run.set('numUpdates', 5);
    before.app.run.setup.seed = 7;
    void before.app.run.begin();
    await vi.waitFor(() => expect(before.runs.records[0]?.update).toBe(2));
    await before.runs.keeper.settled();
    before.runs.keeper.ended({ type: 'failed', code: 'internal', detail: '', update: 2 }); // gives the lock back…
    await before.runs.keeper.settled();
    await before.runs.store.write({ record: { ...before.runs.records[0]!, state: 'open' } }); // …as a dead tab does

    const from: (RunCheckpoint | null)[] = [];
    const run: TrainerApi['run'] = (_, checkpoint) => {
      from.push(checkpoint);
      return Promise.resolve({ type: 'completed', update: 5 });
    };
    const { app, runs } = await page({ run }, name);
    expect(runs.unfinished).toMatchObject({ update: 2, numUpdates: 5 });
    expect(from).toEqual([]);
    await runs.continue(runs.unfinished!);
    await vi.waitFor(() => expect(from).toHaveLength(1));
    expect(from[0]).toMatchObject({ update: 2, theta: new Float32Array(4).fill(2) });
    expect(app.run.setup.seed).toBe(7);
    expect(app.run.history.map(({ update }) => update)).toEqual([0, 1, 2]);
  });

  it('that goes on in another tab is not offered and cannot be continued', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const never = new Promise<never>(() => undefined);
    const one = await page({ run: runTo(2, () => never) }, name);
    void one.app.run.begin();
    await vi.waitFor(() => expect(one.runs.records[0]?.update).toBe(2));
    await one.runs.keeper.settled();
    const other = await page(undefined, name);
    expect(other.runs.unfinished).toBeNull();
    expect(await other.runs.show(other.runs.records[0]!)).toBe(false);
    expect(other.runs.problem).toContain('another tab');
    one.runs.keeper.ended({ type: 'stopped', update: 2 });
  });

  it('is deleted with undo, and its room is given back at the next deletion', async () => {
    const { runs } = await page();
    for (const id of ['a', 'bb']) await runs.store.write({ record: record(id), checkpoints: [checkpoint(3)] });
    await runs.load();
    await runs.remove(runs.records.find(({ id }) => id === 'a')!);
    expect(runs.records.map(({ id }) => id)).toEqual(['bb']);
    expect(runs.undoable?.what).toBe('“a” was deleted');
    await runs.undo();
    expect(runs.records.map(({ id }) => id).sort()).toEqual(['a', 'bb']);
    expect(await runs.store.checkpoint('a', 3)).not.toBeNull();
    for (const id of ['a', 'bb']) await runs.remove(runs.records.find((one) => one.id === id)!);
    expect(await runs.store.checkpoint('a', 3)).toBeNull();
    expect(await runs.store.checkpoint('bb', 3)).not.toBeNull();
  });

  it('is kept in memory, and can be branched, where the browser keeps nothing', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const { app, runs, storage } = await page();
    await app.run.begin();
    await runs.keeper.settled();
    expect(storage.problem).toContain('keeps nothing');
    expect(runs.records).toMatchObject([{ update: 3, state: 'completed' }]);
    expect((await runs.store.rows(runs.records[0]!.id)).length).toBeGreaterThan(2);
    expect(await runs.branch(runs.records[0]!, 2, 4)).toBe(true);
  });

  it('branches into a run of its own: from the moment’s weights, with the settings on screen, for as many updates more', async () => {
    const calls: { spec: RunSpec; from: RunCheckpoint | null }[] = [];
    const run: TrainerApi['run'] = (given, from, listener) => {
      calls.push({ spec: given, from });
      return COMPLETES(given, from, listener);
    };
    const { app, runs } = await page({ run });
    await app.run.begin();
    const parent = runs.records[0]!;
    app.run.set('klCoef', 0.5);
    await runs.branch(parent, 2, 10);
    await vi.waitFor(() => expect(runs.records).toHaveLength(2));
    expect(calls[1]!.from).toMatchObject({ update: 2, theta: new Float32Array(4).fill(2) });
    expect(calls[1]!.spec.config).toMatchObject({ klCoef: 0.5, numUpdates: 12 });
    expect(runs.records.find(({ id }) => id !== parent.id)).toMatchObject({ parent: { id: parent.id, update: 2 } });
    expect(lineage(runs.records).map(({ record: { id }, depth }) => [id === parent.id, depth])).toEqual([
      [true, 0],
      [false, 1],
    ]);
  });
});

const checkpoint = (update: number): RunCheckpoint => {
  const vector = () => new Float32Array(4).fill(update);
  return { spec: spec(), update, theta: vector(), m: vector(), v: vector() };
};

describe('a file', () => {
  it('takes a run to another browser, where it is no other run’s', async () => {
    const one = await page();
    await one.app.run.begin();
    await one.runs.keeper.settled();
    const file = await one.runs.files.export(one.runs.records[0]!, 'all');
    const other = await page();
    await other.runs.files.import(file);
    await other.runs.files.import(file);
    expect(other.runs.records).toHaveLength(2);
    expect(new Set(other.runs.records.map(({ id }) => id)).size).toBe(2);
    const [imported] = other.runs.records;
    expect(await other.runs.store.checkpoint(imported!.id, 3)).toMatchObject({ theta: new Float32Array(4).fill(3) });
    expect(imported!.snapshots).toEqual([1, 2, 3]);
    expect(other.app.run.status).toBe('idle');
  });

  it('that is no run is refused by name, with the reason, and changes nothing', async () => {
    const { runs } = await page();
    await runs.files.import(new File(['hello'], 'letter.zip'));
    expect(runs.files.refused).toBe(true);
    expect(runs.files.note).toBe('“letter.zip” was not imported. It is not a run of Aftertrain, or it is cut short.');
    expect(runs.records).toEqual([]);
  });
});

describe('a sweep', () => {
  it('trains once for each value, one after another, and sets the panel back', async () => {
    const seeds: number[] = [];
    const run: TrainerApi['run'] = (given, from, listener) => {
      seeds.push(given.seed);
      return COMPLETES(given, from, listener);
    };
    const { app, runs } = await page({ run });
    await runs.sweep.start('seed', 'Seed', [4, 5, 6]);
    expect(seeds).toEqual([4, 5, 6]);
    expect(runs.sweep.items.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(app.run.setup.seed).toBe(1);
    expect(runs.records.map(({ sweep }) => sweep?.name)).toEqual(Array(3).fill('Seed: 4, 5, 6'));
  });

  it('stopped begins no other run', async () => {
    let numRuns = 0;
    const run: TrainerApi['run'] = () => {
      numRuns += 1;
      return Promise.resolve({ type: 'stopped', update: 1 });
    };
    const { runs } = await page({ run });
    await runs.sweep.start('klCoef', 'KL weight', [0, 0.1]);
    expect(numRuns).toBe(1);
    expect(runs.sweep.items.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  it('reads values as typed: inside the range, each once', () => {
    const seed = sweepable('grpo')[0]!;
    expect(readValues('1, 2; 2 3.4 x -5', seed)).toEqual([1, 2, 3, 0]);
    expect(readValues('nothing', seed)).toEqual([]);
  });
});

describe('names and comparisons', () => {
  it('say what differs and nothing else', () => {
    expect(nameOf(spec({ reward: {} }))).toContain('GRPO');
    const changed = spec({ seed: 2, config: { ...GRPO_DEFAULTS, klCoef: 0.5 } as never });
    expect(settingsDiff(spec(), changed)).toEqual(['Seed 1 → 2', `KL weight ${GRPO_DEFAULTS.klCoef} → 0.5`]);
    expect(settingsDiff(spec(), spec({ rewardModel: { id: 'mine', weight: 0.5 } }))).toEqual(['Reward model none → mine × 0.5']);
    expect(settingsDiff(spec(), spec())).toEqual([]);
  });

  it('put runs that differ in their seed under one line: the mean, between the lowest and the highest', () => {
    const rows = (...rewards: number[]): RunRow[] =>
      rewards.map((reward, at) => ({ update: at + 1, metrics: { reward }, updateMs: 1, samples: null }));
    const loaded = [
      { record: record('a'), rows: rows(1, 2) },
      { record: record('b', { spec: spec({ seed: 2 }) }), rows: rows(3, 6, 9) },
      { record: record('c', { spec: spec({ start: 'base' }) }), rows: rows(0) },
    ];
    const lines = linesOf(loaded, 'reward', true);
    expect(lines.map(({ runs }) => runs.map(({ id }) => id))).toEqual([['a', 'b'], ['c']]);
    expect(lines[0]!.points).toEqual([
      { update: 1, value: 2, low: 1, high: 3 },
      { update: 2, value: 4, low: 2, high: 6 },
    ]);
    expect(linesOf(loaded, 'reward', false)).toHaveLength(3);
  });

  it('draw a tree even where a file claims that a run is its own parent', () => {
    const loop = record('a', { parent: { id: 'a', update: 1 } });
    expect(lineage([loop]).map(({ record: { id } }) => id)).toEqual(['a']);
    expect(lineage([record('b', { parent: { id: 'gone', update: 1 } })])[0]!.orphan).toBe(true);
  });
});

describe('the offer to continue', () => {
  it('says how far the run was, and is put aside for good when it is not wanted', async () => {
    const { app, runs } = await page();
    await runs.store.write({ record: record('mine', { state: 'open', update: 3, numUpdates: 60 }), checkpoints: [checkpoint(3)] });
    await runs.load();
    const screen = await render(UnfinishedRun, { runs, ready: true, busy: app.run.active, onshow: () => undefined });
    await expect.element(screen.getByTestId('unfinished-run')).toHaveTextContent('after update 3 of 60: mine');
    await screen.getByRole('button', { name: 'Not now' }).click();
    await vi.waitFor(() => expect(runs.unfinished).toBeNull());
    await runs.load();
    expect(runs.unfinished).toBeNull();
    expect(runs.records).toHaveLength(1);
  });
});
