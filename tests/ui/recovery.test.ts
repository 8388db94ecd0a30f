/** @file The page gets over the loss of its engine: without a click, with what was there, and with one sentence about it. */
import { describe, expect, it } from 'vitest';
import type { EngineChoice, FailureCode } from '../../src/protocol/load';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { AppState } from '../../src/state/app.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import type { Patience } from '../../src/state/pulse';
import { checkpointEvent, completion, GPU_ENGINE, TrainerDouble, updateEvent } from './trainer-double';

const never = () => new Promise<never>(() => {});
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Waits for a condition, looking often enough to catch what does not last. */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries === 2000) throw new Error(`It never came about: ${String(condition)}`);
    await pause(1);
  }
}

/** What a worker's run comes to: it ends well, it hangs (and the test kills it), or it fails as told after an update. */
type Fate = 'completes' | { readonly hangsAfter: number } | { readonly failsAfter: number; readonly code: FailureCode };

interface Calls {
  readonly choices: EngineChoice[];
  readonly runs: { readonly spec: RunSpec; readonly from: RunCheckpoint | null }[];
  readonly asked: string[];
}

/**
 * A page whose workers meet the fates given, one after another. As in the real worker, the checkpoint of an update
 * comes while the next is worked on.
 */
async function loadedApp(fates: readonly Fate[], overrides: Partial<TrainerApi> = {}, patience?: Patience) {
  const calls: Calls = { choices: [], runs: [], asked: [] };
  let allowed = Infinity;
  let wake: () => void = () => undefined;
  const resumed = () => new Promise<void>((resolve) => (wake = resolve));
  const trainer = new TrainerDouble({
    load: async (choice) => {
      calls.choices.push(choice);
      allowed = Infinity;
      const engine = choice === 'wasm' ? { ...GPU_ENGINE, backend: 'wasm' as const } : GPU_ENGINE;
      await pause(20);
      return { type: 'completed', engine, models: [], later: [], family: 's', families: [], loadMs: 1 };
    },
    generate: ({ model, prompt }) => {
      calls.asked.push(model);
      return Promise.resolve({ type: 'completed', completion: completion(`${model} on ${prompt}`), tokensPerSecond: 10 });
    },
    pauseRun: async () => void (allowed = 0),
    resumeRun: async (updates = Infinity) => {
      allowed = updates;
      wake();
    },
    run: async (spec, from, listener) => {
      const fate = fates[calls.runs.length] ?? 'completes';
      calls.runs.push({ spec, from });
      await listener(updateEvent(from?.update ?? 0, spec));
      for (let update = (from?.update ?? 0) + 1; update <= spec.config.numUpdates; update++) {
        if (allowed <= 0) {
          await listener({ type: 'paused', update: update - 1 });
          await resumed();
        }
        allowed--;
        if (update > 1) await listener(checkpointEvent(update - 1, spec));
        await listener(updateEvent(update, spec, { reward: update }));
        if (fate === 'completes') continue;
        if ('hangsAfter' in fate && fate.hangsAfter === update) return never();
        if ('failsAfter' in fate && fate.failsAfter === update)
          return { type: 'failed', code: fate.code, detail: 'So the test says.', update };
      }
      await listener(checkpointEvent(spec.config.numUpdates, spec));
      return { type: 'completed', update: spec.config.numUpdates };
    },
    ...overrides,
  });
  const app = new AppState(new TrainerClient(trainer.start, patience));
  await app.start('');
  app.run.set('numUpdates', 10);
  return { app, trainer, calls };
}

const updates = (app: AppState) => app.run.history.map(({ update }) => update);
const WHOLE = Array.from({ length: 11 }, (_, update) => update);

describe('a run whose worker crashes', () => {
  it('goes on by itself from the last checkpoint, which lacks one update at most', async () => {
    const { app, trainer, calls } = await loadedApp([{ hangsAfter: 4 }]);
    const run = app.run.begin();
    await until(() => app.run.update === 4);
    trainer.crash('memory access out of bounds');
    await until(() => app.run.status === 'recovering');
    await run;
    expect(app.run.status).toBe('completed');
    expect(calls.runs.map(({ from }) => from?.update ?? null)).toEqual([null, 3]);
    expect(calls.runs[1]!.from!.theta[0]).toBe(3);
    expect(updates(app)).toEqual(WHOLE);
    expect(trainer.calls).toContain('restore 3');
    expect(app.client.failure).toBeNull();
    expect(app.recovery.note).toBe('The engine stopped working; it was started again and the run goes on from update 3.');
    expect(app.recovery.noteIsOfRun).toBe(true);
  });

  it('twice in a row is left to the reader, who can load again and continue with one click', async () => {
    const { app, trainer, calls } = await loadedApp([{ hangsAfter: 4 }, { hangsAfter: 5 }]);
    const run = app.run.begin();
    for (const update of [4, 5]) {
      await until(() => app.run.update === update);
      await until(() => app.run.status === 'running');
      trainer.crash('again');
      await until(() => app.run.status !== 'running');
    }
    await run;
    expect([app.run.status, app.client.phase, app.client.failure?.code]).toEqual(['failed', 'failed', 'worker-crashed']);
    expect(app.run.canContinue).toBe(true);
    expect(await app.client.generate({} as never, () => {})).toMatchObject({ code: 'worker-crashed' });
    expect(app.recovery.note).toBeNull();
    await app.continueRun();
    await until(() => app.run.status === 'completed');
    expect(calls.runs[2]!.from!.update).toBe(4);
    expect(updates(app)).toEqual(WHOLE);
  });

  it('stays paused when it was paused', async () => {
    const { app, trainer, calls } = await loadedApp([]);
    const run = app.run.begin();
    await app.run.pause();
    await until(() => app.run.status === 'paused');
    const at = app.run.update;
    trainer.crash('asleep');
    await until(() => calls.runs.length === 2);
    await until(() => app.run.status === 'paused');
    expect(app.run.update).toBe(at);
    expect(app.recovery.note).toContain(`the run is held at update ${at}`);
    await app.run.resume();
    await run;
    expect(updates(app)).toEqual(WHOLE);
  });

  it('is stopped when the reader stops it while the engine is started again', async () => {
    const { app, trainer, calls } = await loadedApp([{ hangsAfter: 4 }]);
    const run = app.run.begin();
    await until(() => app.run.update === 4);
    trainer.crash('gone');
    await until(() => app.run.status === 'recovering');
    await app.run.stop();
    await run;
    expect([app.run.status, app.run.update, calls.runs.length]).toEqual(['stopped', 3, 1]);
    expect(app.run.canContinue).toBe(true);
  });

  it('goes on with the sliders as they stand', async () => {
    const { app, trainer, calls } = await loadedApp([{ hangsAfter: 4 }]);
    const run = app.run.begin();
    await until(() => app.run.update === 4);
    app.weigh(() => app.reward.setWeight('length', 1.5));
    app.run.set('klCoef', 0.9);
    trainer.crash('gone');
    await run;
    expect(calls.runs[1]!.spec.reward.length).toBe(1.5);
    expect(calls.runs[1]!.spec.config).toMatchObject({ klCoef: 0.9 });
  });
});

describe('a run whose device is lost', () => {
  it('goes on on another one, and the second time in a row on the processor, which is said', async () => {
    const lost = (failsAfter: number): Fate => ({ failsAfter, code: 'device-lost' });
    const { app, calls, trainer } = await loadedApp([lost(3), lost(4)]);
    const notes: (string | null)[] = [];
    const run = app.run.begin();
    await until(() => calls.runs.length === 2);
    notes.push(app.recovery.note);
    await run;
    notes.push(app.recovery.note);
    expect(app.run.status).toBe('completed');
    expect(updates(app)).toEqual(WHOLE);
    expect(calls.choices).toEqual(['auto', 'auto', 'wasm']);
    expect(trainer.started).toBe(3);
    expect(notes).toEqual([
      'The graphics device was lost; the engine was started again and the run goes on from update 2.',
      'The engine failed twice in a row (the graphics device was lost), so the run goes on from update 3 on the processor (wasm).',
    ]);
    expect(app.engineChoice).toBe('auto'); // the reader's wish, and the link, are as they were
    expect(app.client.choice).toBe('wasm');
  });

  it('stays on the device when there were updates enough between two losses', async () => {
    const { app, calls } = await loadedApp([
      { failsAfter: 2, code: 'device-lost' },
      { failsAfter: 9, code: 'out-of-memory' },
    ]);
    await app.run.begin();
    expect(calls.choices).toEqual(['auto', 'auto', 'auto']);
    expect(updates(app)).toEqual(WHOLE);
  });

  it('begins again when it had no checkpoint yet', async () => {
    const { app, calls } = await loadedApp([{ failsAfter: 1, code: 'device-lost' }]);
    await app.run.begin();
    expect(calls.runs.map(({ from }) => from)).toEqual([null, null]);
    expect(app.recovery.note).toContain('the run begins again');
    expect(updates(app)).toEqual(WHOLE);
  });
});

describe('without a run', () => {
  it('answers on screen stay, those that broke off are asked for again', async () => {
    const pending: (() => void)[] = [];
    const asked: string[] = [];
    const { app, trainer } = await loadedApp([], {
      generate: async ({ model, prompt }) => {
        asked.push(model);
        if (prompt === 'slow' && model !== 'base' && asked.length <= 6) await new Promise<void>((resolve) => pending.push(resolve));
        return { type: 'completed', completion: completion(`${model} on ${prompt}`), tokensPerSecond: 1 };
      },
    });
    void app.ask('slow');
    await until(() => app.compare.answers.base.status === 'done');
    await until(() => pending.length === 2);
    const base = app.compare.answers.base.completion;
    app.compare.prompt = 'half typed';
    trainer.crash('gone');
    await until(() => app.compare.answers.rlhf.completion?.text === 'rlhf on slow');
    expect(app.compare.answers.base.completion).toBe(base);
    expect(asked.slice(6)).toEqual(['sft', 'rlhf']);
    expect(app.compare.prompt).toBe('half typed');
    expect(app.recovery.note).toBe('The engine stopped working; it was started again.');
    expect(app.recovery.noteIsOfRun).toBe(false);
    await app.ask('something else');
    expect(app.recovery.note).toBeNull();
  });

  it('a group that was being drawn is drawn again', async () => {
    let draws = 0;
    const trainer = new TrainerDouble({
      sampleGroup: () => (++draws === 1 ? never() : Promise.resolve({ type: 'completed', completions: [completion('drawn')] })),
    });
    const app = new AppState(new TrainerClient(trainer.start));
    const started = app.start('');
    await until(() => draws === 1);
    trainer.crash('gone');
    await started;
    await until(() => app.reward.status === 'done');
    expect(app.reward.completions.map(({ text }) => text)).toEqual(['drawn']);
  });

  it('a device lost while nobody asks for anything is noticed', async () => {
    let isLost = false;
    const ping: TrainerApi['ping'] = async () => {
      if (!isLost) return null;
      isLost = false;
      return { type: 'failed', code: 'device-lost', detail: 'Asleep.' };
    };
    const { app, calls } = await loadedApp([], { ping }, { periodMs: 20, numMissed: 100 });
    isLost = true;
    await until(() => calls.choices.length === 2 && app.client.phase === 'ready');
    await until(() => app.recovery.note !== null);
    expect(app.recovery.note).toBe('The graphics device was lost; the engine was started again.');
  });

  it('a worker that hangs is replaced', async () => {
    const { app, trainer } = await loadedApp([], {}, { periodMs: 20, numMissed: 5 });
    await pause(100); // it has answered by now
    trainer.hang();
    await until(() => trainer.started === 2);
    await until(() => app.recovery.note !== null);
    expect(app.recovery.note).toContain('The engine stopped working');
    expect(app.client.phase).toBe('ready');
  });

  it('a crash while the models load is tried once more, and then reported', async () => {
    const trainer = new TrainerDouble({ load: never });
    const app = new AppState(new TrainerClient(trainer.start));
    const started = app.start('');
    await until(() => trainer.started === 1);
    trainer.crash('first');
    await until(() => trainer.started === 2);
    expect(app.client.phase).toBe('loading');
    trainer.crash('second');
    await until(() => app.client.phase === 'failed');
    await started;
    expect(trainer.started).toBe(2);
    expect(app.client.failure?.detail).toBe('second');
  });
});
