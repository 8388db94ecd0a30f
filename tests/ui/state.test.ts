/** @file The page's state against a trainer across a real message channel: answers, rankings, runs, and a worker that dies. */
import { describe, expect, it, vi } from 'vitest';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import type { RunSpec } from '../../src/protocol/run';
import { AppState } from '../../src/state/app.svelte';
import { completeWeights, rank } from '../../src/state/reward.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { completion, runTo, token, TrainerDouble, updateEvent } from './trainer-double';

const never = () => new Promise<never>(() => {});

async function loadedApp(overrides: Partial<TrainerApi> = {}) {
  const trainer = new TrainerDouble(overrides);
  const app = new AppState(new TrainerClient(trainer.start));
  await app.start('');
  return { app, trainer };
}

describe('the comparison', () => {
  it('asks the default prompt of three models when the page loads, without training', async () => {
    const run = vi.fn<TrainerApi['run']>();
    const { app } = await loadedApp({ run });
    const { answers } = app.compare;
    expect(answers.base.completion?.text).toBe('base on Please give me a simple chili recipe.');
    expect(answers.sft.status).toBe('done');
    expect(answers.rlhf.status).toBe('done');
    expect(answers.yours.status).toBe('empty');
    expect(run).not.toHaveBeenCalled();
  });

  it('shows all tokens that came, in order', async () => {
    const { app } = await loadedApp({
      generate: async (request, listener) => {
        for (const text of ['Here', ' is', ' chili']) await listener({ type: 'tokens', tokens: [token(text)] });
        return { type: 'completed', completion: completion('Here is chili'), tokensPerSecond: 5 };
      },
    });
    expect(app.compare.answers.sft.tokens.map(({ text }) => text).join('')).toBe('Here is chili');
    expect(app.client.tokensPerSecond).toBe(5);
  });

  it('stops at once and ignores what an earlier question still says', async () => {
    const endings: (() => void)[] = [];
    const trainer = new TrainerDouble({
      generate: async ({ prompt }) => {
        if (prompt === 'slow') await new Promise<void>((resolve) => endings.push(resolve));
        return { type: 'completed', completion: completion(prompt), tokensPerSecond: 1 };
      },
    });
    const app = new AppState(new TrainerClient(trainer.start));
    await app.start('#prompt=first');
    const slow = app.ask('slow');
    await vi.waitFor(() => expect(endings).toHaveLength(3));
    await app.compare.stop();
    expect(app.compare.running).toBe(false);
    expect(app.compare.answers.base.status).toBe('stopped');
    expect(trainer.calls).toContain('stopGenerating');
    endings.forEach((end) => end());
    await slow;
    expect(app.compare.answers.base.completion).toBeNull();
  });
});

describe('a ranking', () => {
  const group = [
    completion('short and wrong', { length: 0.2, correctness: 0 }),
    completion('long and wrong', { length: 1, correctness: 0 }),
    completion('short and right', { length: 0.2, correctness: 1 }),
  ];

  it('puts the answer with most points first and follows the weights', () => {
    const order = (weights: object) => rank(group, completeWeights(weights)).map(({ completion: { text } }) => text);
    expect(order({ correctness: 1 })).toEqual(['short and right', 'short and wrong', 'long and wrong']);
    expect(order({ length: 2, correctness: 1 })).toEqual(['long and wrong', 'short and right', 'short and wrong']);
    expect(order({ length: -1 })[2]).toBe('long and wrong');
  });

  it('splits each total into contributions that sum to it, largest first', () => {
    const [best] = rank(group, completeWeights({ length: -1, correctness: 1.5 }));
    expect(best?.contributions.map(({ name }) => name)).toEqual(['correctness', 'length']);
    expect(best?.contributions.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(best!.total, 10);
    expect(best?.total).toBeCloseTo(1.3, 10);
  });
});

describe('a run', () => {
  it('gives the fourth column its first answer after the first update', async () => {
    const { app } = await loadedApp({ run: runTo(1, () => Promise.resolve({ type: 'completed', update: 1 })) });
    await app.run.begin();
    await vi.waitFor(() => expect(app.compare.answers.yours.completion?.text).toContain('yours on'));
    expect(app.compare.answers.yours.update).toBe(1);
    expect(app.run.status).toBe('completed');
    expect(app.run.history.map(({ update }) => update)).toEqual([0, 1]);
  });

  it('sends a complete specification made of plain data', async () => {
    const specs: RunSpec[] = [];
    const { app } = await loadedApp({
      run: (spec) => {
        specs.push(spec);
        return Promise.resolve({ type: 'completed', update: 0 });
      },
    });
    app.run.set('groupSize', 5);
    app.reward.setWeights({ typos: 2 });
    await app.run.begin();
    expect(specs[0]?.config).toMatchObject({ groupSize: 5 });
    expect(specs[0]?.reward).toEqual(completeWeights({ typos: 2 }));
    expect(specs[0]?.fixedPrompts).toHaveLength(3);
    expect(specs[0]?.fixedPrompts[0]).toBe('Please give me a simple chili recipe.');
  });

  it('tells the worker of a moved slider and marks the update', async () => {
    const { app, trainer } = await loadedApp({ run: runTo(4, never) });
    void app.run.begin();
    await vi.waitFor(() => expect(app.run.update).toBe(4));
    app.weigh(() => app.reward.setWeight('length', 1));
    app.weigh(() => app.reward.setWeight('length', 1.5));
    await vi.waitFor(() => expect(trainer.calls.filter((call) => call.startsWith('setReward'))).toHaveLength(1));
    expect(trainer.calls.at(-1)).toContain('"length":1.5');
    expect(app.run.rewardChanges).toEqual([4]);
  });

  it('tells the worker of live settings, and of no others', async () => {
    const { app, trainer } = await loadedApp({ run: runTo(4, never) });
    app.run.set('learningRate', 0.5e-4);
    void app.run.begin();
    await vi.waitFor(() => expect(app.run.update).toBe(4));
    app.run.set('klCoef', 0.3);
    app.run.set('temperature', 0.7);
    await vi.waitFor(() => expect(trainer.calls.some((call) => call.startsWith('setConfig'))).toBe(true));
    expect(trainer.calls.filter((call) => call.startsWith('setConfig'))).toEqual([
      'setConfig {"learningRate":0.00005,"klCoef":0.3,"temperature":0.7,"clipRange":0.2}',
    ]);
    expect(app.run.rewardChanges).toEqual([4]);
  });

  it('that has ended can have more updates, with the sliders as they stand', async () => {
    const specs: RunSpec[] = [];
    const { app } = await loadedApp({
      run: (spec, from, listener) => {
        specs.push(spec);
        const last = spec.config.numUpdates;
        return runTo(last, () => Promise.resolve({ type: 'completed', update: last }))(spec, from, listener);
      },
    });
    app.run.set('numUpdates', 3);
    expect(app.run.canExtend).toBe(false);
    await app.run.begin();
    expect([app.run.canContinue, app.run.canExtend]).toEqual([false, true]);
    app.run.set('numUpdates', 2);
    app.run.set('klCoef', 0.5);
    app.run.set('groupSize', 16); // sizes are those of the run
    await app.run.extend();
    expect(specs[1]!.config).toEqual({ ...specs[0]!.config, numUpdates: 5, klCoef: 0.5 });
    expect(app.run.history.map(({ update }) => update)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([app.run.status, app.run.numUpdates]).toEqual(['completed', 5]);
  });

  it('does exactly one update when stepped from nothing', async () => {
    let paused = false;
    let allowed = Infinity;
    const { app } = await loadedApp({
      pauseRun: async () => void (allowed = 0),
      resumeRun: async (updates = Infinity) => void (allowed = updates),
      run: async (spec, _from, listener) => {
        for (let update = 0; ; update++) {
          await listener(updateEvent(update, spec) as never);
          if (update > 0) allowed--;
          if (allowed > 0) continue;
          await listener({ type: 'paused', update });
          if (allowed <= 0) {
            paused = true;
            return never();
          }
          await listener({ type: 'resumed', update });
        }
      },
    });
    void app.run.step();
    await vi.waitFor(() => expect(app.run.status).toBe('paused'));
    expect(paused).toBe(true);
    expect(app.run.update).toBe(1);
  });
});
