/**
 * @file Kept runs when things cross each other: a deleted run that goes on after all, a click while a run is being opened,
 * two tabs on one run, a talk that is abandoned, an extension that is interrupted.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { checkpointOf, closeStorages, keptPage, recordOf, specOf, storageCalled } from './kept-page';
import { completion, runTo } from './trainer-double';
import { RunStore } from '../../src/state/runs-store';
import { nameOf, titleOf } from '../../src/ui/runs/run-words';

afterEach(async () => {
  vi.restoreAllMocks();
  await closeStorages();
});

/** Trains from where it is told to the end it is told. */
const TRAINS: TrainerApi['run'] = (spec, from, listener) =>
  runTo(spec.config.numUpdates, () => Promise.resolve({ type: 'completed', update: spec.config.numUpdates }))(spec, from, listener);

describe('a deleted run', () => {
  it('that goes on after all is back in the list, and no later deletion takes it away', async () => {
    const { app, runs } = await keptPage({ run: TRAINS });
    await app.run.begin();
    const [mine] = runs.records;
    await runs.store.write({ record: recordOf('other'), checkpoints: [checkpointOf(3)] });
    await runs.load();
    await runs.remove([mine!], titleOf);
    await app.run.extend();
    await runs.keeper.settled();
    expect(runs.records.map(({ id }) => id)).toContain(mine!.id);
    expect(runs.undoable).toBeNull();
    await runs.remove([runs.records.find(({ id }) => id === 'other')!], titleOf);
    expect(await runs.store.checkpoint(mine!.id, 6)).not.toBeNull();
  });

  it('that was cleared away for good goes on as a run of its own, with nothing in it that is not there', async () => {
    const { app, runs } = await keptPage({ run: TRAINS });
    await app.run.begin();
    const [mine] = runs.records;
    await runs.store.write({ record: recordOf('other'), checkpoints: [checkpointOf(3)] });
    await runs.load();
    await runs.remove([mine!], titleOf);
    await runs.remove([runs.records.find(({ id }) => id === 'other')!], titleOf);
    await app.run.extend();
    await runs.keeper.settled();
    const [again] = runs.records;
    for (const update of again!.snapshots) expect(await runs.store.checkpoint(again!.id, update), `update ${update}`).not.toBeNull();
    expect(again!.snapshots.at(-1)).toBe(6);
  });

  it('that comes back from a file is a run of its own', async () => {
    const { app, runs } = await keptPage({ run: TRAINS });
    await app.run.begin();
    const [mine] = runs.records;
    const file = await runs.files.export(mine!, 'checkpoint', 'mine');
    await runs.remove([mine!], titleOf);
    await runs.files.import(file, { titleOf, nameOf });
    expect(runs.records).toHaveLength(1);
    expect(runs.records[0]!.id).not.toBe(mine!.id);
    await runs.undo();
    expect(runs.records).toHaveLength(2);
  });
});

describe('while a run is being put on the page', () => {
  it('nothing is begun, and what happens next is written into that run', async () => {
    let restored = () => {};
    const restoring = new Promise<void>((resolve) => (restored = resolve));
    const { app, runs } = await keptPage({ run: TRAINS, restore: () => restoring });
    await app.run.begin();
    const spec = specOf({ config: { ...GRPO_DEFAULTS, numUpdates: 5 } as never });
    const kept = recordOf('kept', { spec, update: 2, numUpdates: 5, snapshots: [2] });
    await runs.store.write({ record: kept, checkpoints: [checkpointOf(2, spec)] });
    await runs.load();
    const showing = runs.show(runs.records.find(({ id }) => id === 'kept')!);
    await vi.waitFor(() => expect(app.run.status).toBe('opening'));
    expect(runs.currentId).toBe('kept');
    expect(app.run.active).toBe(true);
    await app.run.begin();
    await app.run.continueRun();
    expect(app.run.status).toBe('opening');
    restored();
    expect(await showing).toBe(true);
    expect(app.run.status).toBe('stopped');
    await app.run.continueRun();
    await runs.keeper.settled();
    expect(runs.records.find(({ id }) => id === 'kept')).toMatchObject({ update: 5, state: 'completed' });
    expect(runs.records).toHaveLength(2);
  });

  it('a run that has begun meanwhile stays, and the kept one is refused', async () => {
    const never = new Promise<never>(() => undefined);
    const { app, runs } = await keptPage({ run: runTo(1, () => never) });
    await runs.store.write({ record: recordOf('kept'), checkpoints: [checkpointOf(3)] });
    await runs.load();
    const showing = runs.show(runs.records[0]!);
    void app.run.begin();
    expect(await showing).toBe(false);
    expect(runs.problem).toContain('A run is going on');
    expect(runs.currentId).not.toBe('kept');
  });
});

describe('two tabs on one run', () => {
  it('each change their own part of it: a name given in one is not taken back by the other’s training', async () => {
    const name = `test-${crypto.randomUUID()}`;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const run: TrainerApi['run'] = async (spec, from, listener) => {
      await runTo(2, () => Promise.resolve({ type: 'completed', update: 2 }))(spec, from, listener);
      await held;
      return runTo(3, () => Promise.resolve({ type: 'completed', update: 3 }))(spec, checkpointOf(3, spec), listener);
    };
    const one = await keptPage({ run }, name);
    const training = one.app.run.begin();
    await vi.waitFor(() => expect(one.runs.records[0]?.update).toBe(2));
    await one.runs.keeper.settled();
    const other = await keptPage(undefined, name);
    await other.runs.rename(other.runs.records[0]!, 'Named in the other tab');
    goOn();
    await training;
    await one.runs.keeper.settled();
    const { records } = await new RunStore(storageCalled(name)).records();
    expect(records).toMatchObject([{ name: 'Named in the other tab', update: 3, state: 'completed' }]);
  });

  it('a name given from an old list does not take back what was trained since', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const one = await keptPage({ run: TRAINS }, name);
    await one.app.run.begin();
    await one.runs.keeper.settled();
    const other = await keptPage(undefined, name);
    await one.app.run.extend();
    await one.runs.keeper.settled();
    await other.runs.rename(other.runs.records[0]!, 'Mine');
    await other.runs.load();
    expect(other.runs.records).toMatchObject([{ name: 'Mine', update: 6, numUpdates: 6 }]);
  });

  it('a run that another tab has trained further is opened where it is now', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const one = await keptPage({ run: TRAINS }, name);
    await one.app.run.begin();
    await one.runs.keeper.settled();
    const other = await keptPage(undefined, name);
    await one.app.run.extend();
    await one.runs.keeper.settled();
    expect(await other.runs.show(other.runs.records[0]!)).toBe(true);
    expect(other.app.run.checkpointUpdate).toBe(6);
  });
});

describe('a talk with a past policy', () => {
  it('that is abandoned gives the run on the page its own back', async () => {
    let answer = () => {};
    const answering = new Promise<void>((resolve) => (answer = resolve));
    const { app, runs, trainer } = await keptPage({
      run: TRAINS,
      generate: async ({ prompt }) => {
        if (prompt === 'Hello?') await answering;
        return { type: 'completed', completion: completion('Hello!'), tokensPerSecond: 1 };
      },
    });
    await app.run.begin();
    runs.chat.prompt = 'Hello?';
    const asking = runs.chat.ask([{ record: runs.records[0]!, update: 1 }]);
    await vi.waitFor(() => expect(trainer.calls.at(-1)).toBe('restore 1'));
    runs.chat.clear();
    answer();
    await asking;
    expect(trainer.calls.filter((call) => call.startsWith('restore')).at(-1)).toBe('restore 3');
  });

  it('leaves no policy behind where the page had none', async () => {
    const { runs, trainer } = await keptPage();
    await runs.store.write({ record: recordOf('kept'), checkpoints: [checkpointOf(3)] });
    await runs.load();
    runs.chat.prompt = 'Hello?';
    await runs.chat.ask([{ record: runs.records[0]!, update: 3 }]);
    expect(trainer.calls.slice(-2)).toEqual(['restore 3', 'reset']);
  });

  it('says so when the run on the page could not have its policy back', async () => {
    const { app, runs } = await keptPage({
      run: TRAINS,
      restore: ({ update }: RunCheckpoint) => (update === 3 ? Promise.reject(new Error('No room.')) : Promise.resolve()),
    });
    await app.run.begin();
    runs.chat.prompt = 'Hello?';
    await runs.chat.ask([{ record: runs.records[0]!, update: 1 }]);
    expect(runs.chat.problem).toContain('No room.');
  });
});

describe('more updates', () => {
  it('given to a run are kept when it is interrupted before the first of them', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const never = new Promise<never>(() => undefined);
    const specs: RunSpec[] = [];
    const before = await keptPage({ run: (spec, from, listener) => (from ? never : TRAINS(spec, from, listener)) }, name);
    await before.app.run.begin();
    void before.app.run.extend();
    await vi.waitFor(() => expect(before.runs.records[0]?.numUpdates).toBe(6));
    await before.runs.keeper.settled();
    before.runs.keeper.abandon(); // as a closed tab does

    const run: TrainerApi['run'] = (spec, from, listener) => {
      specs.push(spec);
      return TRAINS(spec, from, listener);
    };
    const { runs } = await keptPage({ run }, name);
    expect(runs.unfinished).toMatchObject({ update: 3, numUpdates: 6 });
    await runs.continue(runs.unfinished!);
    await vi.waitFor(() => expect(runs.records[0]?.update).toBe(6));
    expect(specs[0]!.config.numUpdates).toBe(6);
  });
});
