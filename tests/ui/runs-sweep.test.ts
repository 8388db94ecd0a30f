/** @file Sweeps of kept runs in a real IndexedDB, with a trainer that does what the test says. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import '../../src/ui/theme.css';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { readValues, sweepable } from '../../src/state/runs-sweep.svelte';
import { closeStorages, COMPLETES, keptPage } from './kept-page';
import { runTo } from './trainer-double';

afterEach(async () => {
  vi.restoreAllMocks();
  await closeStorages();
});

describe('a sweep', () => {
  it('trains once for each value, one after another, and sets the panel back', async () => {
    const seeds: number[] = [];
    const run: TrainerApi['run'] = (given, from, listener) => {
      seeds.push(given.seed);
      return COMPLETES(given, from, listener);
    };
    const { app, runs } = await keptPage({ run });
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
    const { runs } = await keptPage({ run });
    await runs.sweep.start('klCoef', 'KL weight', [0, 0.1]);
    expect(numRuns).toBe(1);
    expect(runs.sweep.items.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  it('that a closed page broke off is offered, goes on when told to, with the settings it had, and begins nothing twice', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const never = new Promise<never>(() => undefined);
    const before = await keptPage(
      { run: (given, from, listener) => (given.seed === 5 ? runTo(2, () => never) : COMPLETES)(given, from, listener) },
      name,
    );
    before.app.run.set('klCoef', 0.25);
    void before.runs.sweep.start('seed', 'Seed', [4, 5, 6]);
    await vi.waitFor(() => expect(before.runs.records.find((one) => one.spec.seed === 5)?.update).toBe(2));
    await before.runs.keeper.settled();
    expect((await keptPage(undefined, name)).runs.sweep.interrupted).toBe(false); // it goes on in the other tab
    before.runs.keeper.abandon();
    before.runs.sweep.abandon(); // as a closed tab does

    const trained: { seed: number; from: number | null; klCoef: unknown }[] = [];
    const run: TrainerApi['run'] = (given, from, listener) => {
      trained.push({ seed: given.seed, from: from?.update ?? null, klCoef: (given.config as { klCoef?: number }).klCoef });
      return COMPLETES(given, from, listener);
    };
    const { app, runs } = await keptPage({ run }, name);
    expect(runs.sweep.items.map(({ state }) => state)).toEqual(['done', 'going', 'waiting']);
    expect(runs.sweep.interrupted).toBe(true);
    expect(trained).toEqual([]);
    await runs.sweep.resume();
    expect(trained).toEqual([
      { seed: 5, from: 2, klCoef: 0.25 },
      { seed: 6, from: null, klCoef: 0.25 },
    ]);
    expect(runs.sweep.items.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(runs.records.map(({ sweep, state }) => `${sweep?.name} ${state}`)).toEqual(Array(3).fill('Seed: 4, 5, 6 completed'));
    expect(app.run.setup.seed).toBe(1);
    expect((await keptPage(undefined, name)).runs.sweep.interrupted).toBe(false);
  });

  it('reads values as typed: inside the range, each once', () => {
    const seed = sweepable('grpo')[0]!;
    expect(readValues('1, 2; 2 3.4 x -5', seed)).toEqual([1, 2, 3, 0]);
    expect(readValues('nothing', seed)).toEqual([]);
  });
});
