/**
 * @file Kept runs in a real IndexedDB, with a trainer that does what the test says: what a crash leaves, deletion and undo,
 * branches, files, and how they look.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import type { RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { ALGORITHMS, STAGES } from '../../src/core/algorithms/catalogue';
import { readLink } from '../../src/state/link';
import { RunAnswers } from '../../src/state/run-answers.svelte';
import { RunSetup } from '../../src/state/run-setup.svelte';
import { linkOf } from '../../src/state/runs-link';
import { linesOf } from '../../src/state/runs-compare';
import { lineage, lineageLines } from '../../src/state/runs-lineage';
import { settingsDiff } from '../../src/state/runs-names';
import type { RunRow } from '../../src/state/runs-schema';
import { RunStore } from '../../src/state/runs-store';
import { changeWords, nameOf, titleOf } from '../../src/ui/runs/run-words';
import UnfinishedRun from '../../src/ui/runs/UnfinishedRun.svelte';
import { checkpointOf, closeStorages, COMPLETES, keptPage, recordOf, specOf, storageCalled } from './kept-page';
import { checkpointEvent, completion, runTo, updateEvent } from './trainer-double';

const TITLES = { titleOf, nameOf };

afterEach(async () => {
  vi.restoreAllMocks();
  await closeStorages();
});

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
    const { app, runs } = await keptPage({ run }, name);
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
    const before = await keptPage({ run: runTo(2, () => never) }, name);
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
    const { app, runs } = await keptPage({ run }, name);
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
    const one = await keptPage({ run: runTo(2, () => never) }, name);
    void one.app.run.begin();
    await vi.waitFor(() => expect(one.runs.records[0]?.update).toBe(2));
    await one.runs.keeper.settled();
    const other = await keptPage(undefined, name);
    expect(other.runs.unfinished).toBeNull();
    expect(await other.runs.show(other.runs.records[0]!)).toBe(false);
    expect(other.runs.problem).toContain('another tab');
    one.runs.keeper.ended({ type: 'stopped', update: 2 });
  });

  it('is deleted with undo, and its room is given back at the next deletion', async () => {
    const { runs } = await keptPage();
    for (const id of ['a', 'bb']) await runs.store.write({ record: recordOf(id), checkpoints: [checkpointOf(3)] });
    await runs.load();
    await runs.remove([runs.records.find(({ id }) => id === 'a')!], titleOf);
    expect(runs.records.map(({ id }) => id)).toEqual(['bb']);
    expect(runs.undoable?.what).toBe('“a” was deleted');
    await runs.undo();
    expect(runs.records.map(({ id }) => id).sort()).toEqual(['a', 'bb']);
    expect(await runs.store.checkpoint('a', 3)).not.toBeNull();
    for (const id of ['a', 'bb']) await runs.remove([runs.records.find((one) => one.id === id)!], titleOf);
    expect(await runs.store.checkpoint('a', 3)).toBeNull();
    expect(await runs.store.checkpoint('bb', 3)).not.toBeNull();
  });

  it('is kept in memory, and can be branched, where the browser keeps nothing', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const { app, runs, storage } = await keptPage();
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
    const { app, runs } = await keptPage({ run });
    await app.run.begin();
    const parent = runs.records[0]!;
    app.run.set('klCoef', 0.5);
    await runs.branch(parent, 2, 10);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    expect(calls[1]!.from).toMatchObject({ update: 2, theta: new Float32Array(4).fill(2) });
    expect(calls[1]!.spec.config).toMatchObject({ klCoef: 0.5, numUpdates: 12 });
    expect(runs.records.find(({ id }) => id !== parent.id)).toMatchObject({ parent: { id: parent.id, update: 2 } });
    expect(lineage(runs.records).map(({ record: { id }, depth }) => [id === parent.id, depth])).toEqual([
      [true, 0],
      [false, 1],
    ]);
  });
});

describe('a branch by another algorithm', () => {
  /** Branches off a checkpoint of SFT with whatever the page is set to; the specification and checkpoint that the worker is given. */
  async function branched(checkpoint: RunCheckpoint, stage: 'grpo' | 'sft') {
    const calls: { spec: RunSpec; from: RunCheckpoint | null }[] = [];
    const { app, runs } = await keptPage({
      run: (given, from, listener) => {
        calls.push({ spec: given, from });
        return COMPLETES(given, from, listener);
      },
    });
    const record = recordOf('parent', { spec: checkpoint.spec, snapshots: [checkpoint.update], update: checkpoint.update });
    await runs.store.write({ record, checkpoints: [checkpoint] });
    await runs.load();
    app.run.setup.stage = stage;
    await runs.branch(record, checkpoint.update, 2);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    return calls[0]!;
  }
  const SFT_SPEC = specOf({ stage: 'sft', start: 'base', config: ALGORITHMS.sft.defaults } as Partial<RunSpec>);

  it('has what SFT made for its KL reference, and asks in the chat format that SFT taught', async () => {
    const made = checkpointOf(3, SFT_SPEC);
    const { spec, from } = await branched(made, 'grpo');
    expect(spec).toMatchObject({ stage: 'grpo', start: 'base', chat: true });
    expect(from).toMatchObject({ update: 3, theta: made.theta, reference: made.theta });
  });

  it('keeps the reference and the chat format that its parent had', async () => {
    const reference = new Float32Array(4).fill(7);
    const rl = specOf({ stage: 'rloo', start: 'base', chat: true, config: ALGORITHMS.rloo.defaults } as Partial<RunSpec>);
    const { spec, from } = await branched({ ...checkpointOf(3, rl), reference }, 'grpo');
    expect(spec.chat).toBe(true);
    expect(from!.reference).toEqual(reference);
  });

  it('has no reference of its own where SFT goes on as SFT', async () => {
    const { from } = await branched(checkpointOf(3, SFT_SPEC), 'sft');
    expect(from).not.toHaveProperty('reference');
  });
});

describe('what a run answered', () => {
  it('is shown of SFT and DPO too, which learn from answers that nobody drew', () => {
    const answers = new RunAnswers();
    const example = { prompts: ['Hi'], completions: [completion('Hello.')], rewards: [1], advantages: [1] };
    answers.heard({ ...(updateEvent(1, specOf()) as Extract<RunEvent, { type: 'update' }>), example });
    expect(answers.example).toEqual(example);
    expect(answers.batch).toBeNull();
  });
});

describe('a file', () => {
  it('of settings alone (JSON) sets the page up, by our names or TRL’s, and starts nothing; one that is wrong says why', async () => {
    const { app, runs } = await keptPage();
    const given = specOf({ seed: 8, start: 'base', reward: { typos: 1.5 }, rewardModel: { id: 'shipped', weight: 2 } });
    const config = { numUpdates: 9, num_generations: 4 };
    await runs.files.import(new File([JSON.stringify({ ...given, config })], 'spec.json'), TITLES);
    expect(runs.files.note).toMatch(/^The playground and the lab are set up as “spec.json” says: GRPO · Starting model Base/);
    expect(app.run.plan()).toMatchObject({ ...given, fixedPrompts: expect.anything() as never, config: { numUpdates: 9, groupSize: 4 } });
    expect(app.run.status).toBe('idle');
    expect(runs.records).toEqual([]);
    await runs.files.import(new File(['{"stage": "grpo"}'], 'half.json'), TITLES);
    expect(runs.files.refused).toBe(true);
    expect(runs.files.note).toMatch(/^“half.json” was not imported. seed: /);
  });

  it('takes a run to another browser, where it is no other run’s', async () => {
    const one = await keptPage();
    await one.app.run.begin();
    await one.runs.keeper.settled();
    const file = await one.runs.files.export(one.runs.records[0]!, 'all', 'a run');
    const other = await keptPage();
    await other.runs.files.import(file, TITLES);
    await other.runs.files.import(file, TITLES);
    expect(other.runs.records).toHaveLength(2);
    expect(new Set(other.runs.records.map(({ id }) => id)).size).toBe(2);
    const [imported] = other.runs.records;
    expect(await other.runs.store.checkpoint(imported!.id, 3)).toMatchObject({ theta: new Float32Array(4).fill(3) });
    expect(imported!.snapshots).toEqual([1, 2, 3]);
    expect(other.app.run.status).toBe('idle');
  });

  it('carries the neural reward model that rewards the run, or says what the run lacks', async () => {
    const rewardModel = { id: 'mine', name: 'My judge', weight: 1 };
    const body = { start: 'sft', theta: Float32Array.of(1, 2), mean: 0, sd: 1 } as const;
    const rewarded = recordOf('kept', { spec: specOf({ rewardModel }) });
    const from = await keptPage();
    await from.runs.store.write({ record: rewarded, checkpoints: [checkpointOf(3, rewarded.spec)] });
    const without = await from.runs.files.export(rewarded, 'checkpoint', 'a run');
    await (await from.app.openRewards()).neural.put({ id: 'mine', name: 'My judge', createdAt: '2026-01-01T00:00:00.000Z', body });
    const withModel = await from.runs.files.export(rewarded, 'checkpoint', 'a run');

    const to = await keptPage();
    await to.runs.files.import(without, TITLES);
    expect(to.runs.files.note).toContain('It was rewarded by “My judge”, which is neither in the file nor in this browser');
    await to.runs.files.import(withModel, TITLES);
    expect(to.runs.files.note).toContain('Its reward model “My judge” came with it.');
    expect((await to.app.openRewards()).neural.items).toMatchObject([{ id: 'mine', body }]);
  });

  it('that is no run is refused by name, with the reason, and changes nothing', async () => {
    const { runs } = await keptPage();
    await runs.files.import(new File(['hello'], 'letter.zip'), TITLES);
    expect(runs.files.refused).toBe(true);
    expect(runs.files.note).toBe('“letter.zip” was not imported. It is not a run of Aftertrain, or it is cut short.');
    expect(runs.records).toEqual([]);
  });
});

describe('the link of a run', () => {
  it('sets another page up by all that differs from the defaults', () => {
    const setup = new RunSetup();
    for (const stage of STAGES) {
      const plain = { stage, seed: 12, start: 'base', reward: { correctness: 1, typos: -0.5 } } as const;
      setup.open({ ...plain, runSeed: 12, config: { numUpdates: 7, learningRate: 0.001 } });
      const spec = setup.spec(plain.reward, ['Hello?']);
      const { link, notes } = readLink(`#${linkOf(spec)}`);
      expect(notes).toEqual([]);
      const there = new RunSetup();
      there.open(link.setup);
      expect(there.spec(spec.reward, [link.prompt!])).toEqual(spec);
      expect(link.weights).toMatchObject({ typos: -0.5 });
    }
  });
});

describe('names and comparisons', () => {
  it('say what differs and nothing else', () => {
    expect(nameOf(specOf({ reward: {} }))).toContain('GRPO');
    const changed = specOf({ seed: 2, config: { ...GRPO_DEFAULTS, klCoef: 0.5 } as never });
    const diff = settingsDiff(specOf(), changed);
    expect(diff).toEqual(['seed: 1 → 2', `klCoef: ${GRPO_DEFAULTS.klCoef} → 0.5`]);
    expect(diff.map((one) => changeWords(one, 'grpo'))).toEqual(['Seed 1 → 2', `KL weight ${GRPO_DEFAULTS.klCoef} → 0.5`]);
    expect(changeWords('KL weight 0.05 → 0.1', 'grpo')).toBe('KL weight 0.05 → 0.1'); // as older files have it
    expect(settingsDiff(specOf(), specOf({ rewardModel: { id: 'mine', weight: 0.5 } }))).toEqual(['rewardModel: – → mine × 0.5']);
    expect(settingsDiff(specOf(), specOf())).toEqual([]);
  });

  it('put runs that differ in their seed under one line: the mean, between the lowest and the highest', () => {
    const rows = (...rewards: number[]): RunRow[] =>
      rewards.map((reward, at) => ({ update: at + 1, metrics: { reward }, updateMs: 1, samples: null }));
    const loaded = [
      { record: recordOf('a'), rows: rows(1, 2) },
      { record: recordOf('b', { spec: specOf({ seed: 2 }) }), rows: rows(3, 6, 9) },
      { record: recordOf('c', { spec: specOf({ start: 'base' }) }), rows: rows(0) },
    ];
    const lines = linesOf(loaded, 'reward', true);
    expect(lines.map(({ runs }) => runs.map(({ id }) => id))).toEqual([['a', 'b'], ['c']]);
    expect(lines[0]!.points).toEqual([
      { update: 1, value: 2, low: 1, high: 3 },
      { update: 2, value: 4, low: 2, high: 6 },
    ]);
    expect(linesOf(loaded, 'reward', false)).toHaveLength(3);
  });

  it('draw each branch off the row of its parent, at the moment it was trained from', () => {
    const branch = (id: string, parent: string, update: number) => recordOf(id, { parent: { id: parent, update }, update: 9 });
    const lines = lineageLines(lineage([branch('ccc', 'bb', 4), branch('bb', 'a', 2), recordOf('a')]));
    expect(lines.map(({ record: { id }, row, from, to, parentRow }) => [id, row, from, to, parentRow])).toEqual([
      ['a', 0, 0, 3, null],
      ['bb', 1, 2, 9, 0],
      ['ccc', 2, 4, 9, 1],
    ]);
  });

  it('draw a tree even where a file claims that a run is its own parent', () => {
    const loop = recordOf('a', { parent: { id: 'a', update: 1 } });
    expect(lineage([loop]).map(({ record: { id } }) => id)).toEqual(['a']);
    const [drawn] = lineageLines(lineage([loop]));
    expect(drawn).toMatchObject({ row: 0, from: 1, to: 3, parentRow: null });
    expect(lineage([recordOf('b', { parent: { id: 'gone', update: 1 } })])[0]!.orphan).toBe(true);
  });
});

describe('the offer to continue', () => {
  it('says how far the run was, and is put aside for good when it is not wanted', async () => {
    const { app, runs } = await keptPage();
    await runs.store.write({ record: recordOf('mine', { state: 'open', update: 3, numUpdates: 60 }), checkpoints: [checkpointOf(3)] });
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
