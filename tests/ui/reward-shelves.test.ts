/** @file Reward models that are kept: opened, copied, deleted and brought back; and neural ones given to each worker that needs them. */
import { afterEach, describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import { DEFAULT_WEIGHTS } from '../../src/core/reward/features';
import type { NeuralRewardModel } from '../../src/protocol/reward-lab';
import type { RunSpec } from '../../src/protocol/run';
import { AppState } from '../../src/state/app.svelte';
import { completeWeights } from '../../src/state/reward.svelte';
import { RewardShelves } from '../../src/state/reward-shelves.svelte';
import { Storage } from '../../src/state/storage.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { completion, runTo, TrainerDouble } from './trainer-double';

const names: string[] = [];
afterEach(() => {
  for (const name of names.splice(0)) indexedDB.deleteDatabase(name);
});

const newName = () => {
  names.push(`test-${crypto.randomUUID()}`);
  return names.at(-1)!;
};
const MODEL: NeuralRewardModel = { start: 'sft', theta: new Float32Array([1, 2]), mean: 0, sd: 1 };
const weights = (length: number) => ({ ...completeWeights(DEFAULT_WEIGHTS), length });

async function openShelves(name = newName(), trainer = new TrainerDouble()) {
  const client = new TrainerClient(trainer.start);
  await client.load('wasm');
  const storage = new Storage(name);
  return { trainer, client, storage, shelves: await RewardShelves.open(client, storage) };
}

describe('kept reward models', () => {
  it('are opened, renamed and copied; a deletion is taken back to its place, and opened again', async () => {
    const { hand } = (await openShelves()).shelves;
    const first = await hand.keep('Long', weights(2));
    const second = await hand.keep('Long', weights(-2));
    expect(hand.items.map(({ name }) => name)).toEqual(['Long', 'Long 2']);
    hand.select(first.id);
    await hand.duplicate();
    expect(hand.open).toMatchObject({ name: 'Long (copy)', body: first.body });
    hand.select(first.id);
    await hand.removeOpen();
    expect(hand.open).toBeNull();
    expect(hand.undoable?.what).toBe('“Long” was deleted');
    await hand.undo();
    expect(hand.items.map(({ name }) => name)).toEqual(['Long', 'Long 2', 'Long (copy)']);
    expect(hand.openId).toBe(first.id);
    expect(hand.undoable).toBeNull();
    expect(hand.items[1]).toEqual(second);
  });

  it('are there on the next visit, the one that was open too', async () => {
    const name = newName();
    const { shelves, storage } = await openShelves(name);
    await shelves.hand.keep('Mine', weights(2));
    await shelves.fitted.keep('From clicks', { weights: weights(1), standardErrors: weights(0.5), numPairs: 12, labels: 'My labels' });
    await shelves.neural.keep('Net', MODEL);
    await shelves.neural.keep('Other net', MODEL);
    await shelves.hand.keep('Newer', weights(0));
    shelves.hand.select('');
    expect(await storage.option('open-hand-tuned')).toBe(''); // written, as everything before it
    storage.close();
    const again = (await openShelves(name)).shelves;
    const kept = again.hand.items.map((item) => [item.name, item.body.length]).sort(); // made in one millisecond
    expect(kept).toEqual([
      ['Mine', 2],
      ['Newer', 0],
    ]);
    expect(again.hand.open).toBeNull();
    expect(again.fitted.open?.body.numPairs).toBe(12);
    expect(again.neural.open?.name).toBe('Other net');
  });

  it('that were changed while open keep their name', async () => {
    const { hand } = (await openShelves()).shelves;
    await hand.keep('Mine', weights(2));
    await hand.replaceOpen(weights(1));
    expect(hand.items).toMatchObject([{ name: 'Mine', body: { length: 1 } }]);
  });
});

describe('a neural reward model', () => {
  it('is installed once in a worker, again in the next, and again when the worker has made room', async () => {
    let forgetful = false;
    const trainer: TrainerDouble = new TrainerDouble({
      scoreTexts: ({ rewardModel, texts }) => {
        trainer.calls.push(`score ${rewardModel}`);
        if (forgetful && trainer.calls.at(-2)?.startsWith('score'))
          return Promise.resolve({ type: 'failed', code: 'bad-request', detail: 'not installed' });
        return Promise.resolve({ type: 'completed', scores: texts.map((_, i) => ({ score: i, tokens: null })) });
      },
    });
    const { client, shelves } = await openShelves(newName(), trainer);
    const { id } = await shelves.neural.keep('Net', MODEL);
    const ask = () => shelves.neural.score(id, [{ prompt: 'p', completion: 'c' }]);
    await ask();
    await ask();
    expect(trainer.calls).toEqual([`installRewardModel ${id}`, `score ${id}`, `score ${id}`]);
    await client.load('wasm');
    await ask();
    expect(trainer.calls.slice(3)).toEqual([`installRewardModel ${id}`, `score ${id}`]);
    forgetful = true;
    expect(await ask()).toMatchObject([{ score: 0 }]);
    expect(trainer.calls.slice(5)).toEqual([`score ${id}`, `installRewardModel ${id}`, `score ${id}`]);
  });

  it('that was deleted scores nothing and says so', async () => {
    const { shelves } = await openShelves();
    expect(await shelves.neural.score('gone', [{ prompt: 'p', completion: 'c' }])).toMatchObject({ code: 'no-reward-model' });
  });
});

describe('a run rewarded by a neural model', () => {
  async function openApp(trainer: TrainerDouble) {
    const app = new AppState(new TrainerClient(trainer.start), new Storage(newName()));
    await app.load('wasm');
    const shelves = await app.openRewards();
    return { app, shelves };
  }

  it('finds it installed in the worker: when it starts, and in the next worker when the first was lost', async () => {
    const specs: RunSpec[] = [];
    const trainer: TrainerDouble = new TrainerDouble({
      run: async (spec, from, listener) => {
        trainer.calls.push('run');
        specs.push(spec);
        if (trainer.started > 1) return { type: 'completed', update: 2 };
        await runTo(1, () => Promise.resolve({ type: 'completed', update: 1 }))(spec, from, listener);
        return { type: 'failed', code: 'device-lost', detail: 'gone', update: 1 };
      },
    });
    const { app, shelves } = await openApp(trainer);
    const { id } = await shelves.neural.keep('Net', MODEL);
    app.run.setup.rewardModel = { id, name: 'Net', weight: 0.5 };
    await app.run.begin();
    const told = trainer.calls.filter((call) => call === 'run' || call.startsWith('install'));
    expect(told).toEqual([`installRewardModel ${id}`, 'run', `installRewardModel ${id}`, 'run']);
    expect(specs.map(({ rewardModel }) => rewardModel)).toEqual(Array(2).fill({ id, name: 'Net', weight: 0.5 }));
  });

  it('does not start, and says why, where the model is not kept', async () => {
    const trainer: TrainerDouble = new TrainerDouble({
      run: () => {
        trainer.calls.push('run');
        return Promise.resolve({ type: 'completed', update: 0 });
      },
    });
    const { app } = await openApp(trainer);
    app.run.setup.rewardModel = { id: 'elsewhere', name: 'Their net', weight: 1 };
    await app.run.begin();
    expect(app.run.status).toBe('failed');
    expect(app.run.failure).toMatchObject({ code: 'no-reward-model', detail: expect.stringContaining('“Their net”') as string });
    expect(trainer.calls).not.toContain('run');
  });

  it('does not need one that the site brings along', async () => {
    const trainer: TrainerDouble = new TrainerDouble({ run: () => Promise.resolve({ type: 'completed', update: 0 }) });
    const { app } = await openApp(trainer);
    app.run.setup.rewardModel = { id: 'shipped', name: 'RLHF’s', weight: 1 };
    await app.run.begin();
    expect(app.run.status).toBe('completed');
    expect(trainer.calls.some((call) => call.startsWith('install'))).toBe(false);
  });

  it('is set up again by a kept run that had one, and not by one that had none', async () => {
    const { app } = await openApp(new TrainerDouble());
    const rewardModel = { id: 'x', name: 'Net', weight: 2 };
    const spec: RunSpec = { stage: 'grpo', seed: 1, start: 'sft', reward: {}, rewardModel, config: GRPO_DEFAULTS, fixedPrompts: [] };
    app.run.setUp(spec);
    expect(app.run.setup.rewardModel).toEqual(rewardModel);
    app.run.setUp({ ...spec, rewardModel: undefined });
    expect(app.run.setup.rewardModel).toBeNull();
  });
});

describe('answers ranked by sliders and a neural model', () => {
  it('show the part of each, and are ranked anew when the weight changes', async () => {
    const trainer = new TrainerDouble({
      sampleGroup: () =>
        Promise.resolve({ type: 'completed', completions: [completion('one', { length: 1 }), completion('two', { length: 0 })] }),
      scoreTexts: ({ texts }) =>
        Promise.resolve({
          type: 'completed',
          scores: texts.map(({ completion: text }) => ({ score: text === 'two' ? 1 : -1, tokens: null })),
        }),
    });
    const app = new AppState(new TrainerClient(trainer.start), new Storage(newName()));
    await app.load('wasm');
    const { id } = await (await app.openRewards()).neural.keep('Net', MODEL);
    app.reward.setWeights({ length: 1 });
    await app.reward.draw('p', { seed: 1, temperature: 1, maxTokens: 8 } as never);
    const ranking = () => app.reward.ranked.map((answer) => [answer.completion.text, answer.total]);
    expect(ranking()).toEqual([
      ['one', 1],
      ['two', 0],
    ]);
    app.run.setup.rewardModel = { id, name: 'Net', weight: 2 };
    await app.reward.scoreGroup();
    expect(ranking()).toEqual([
      ['two', 2],
      ['one', -1],
    ]);
    expect(app.reward.ranked[1]!.contributions).toEqual([
      { name: 'reward_model', label: 'Net', value: -2 },
      { name: 'length', label: 'Length', value: 1 },
    ]);
    app.run.setup.rewardModel = { id, name: 'Net', weight: 0.1 };
    expect(ranking()[0]![0]).toBe('one');
    app.run.setup.rewardModel = null;
    expect(ranking()).toEqual([
      ['one', 1],
      ['two', 0],
    ]);
  });
});
