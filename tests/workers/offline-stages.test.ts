/**
 * @file SFT and DPO, run by the trainer over a real MessageChannel with a tiny family: on the world's data and on rows of the
 * reader's own, measured on held-out prompts, continued exactly.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../src/core/algorithms/catalogue';
import { DATA_DEFAULTS } from '../../src/core/data/fields';
import { rowsHash, type DataRows } from '../../src/core/data/rows';
import { createNodeEngine } from '../../src/engine/ort-node';
import { METRICS } from '../../src/protocol/metrics';
import type { LiveConfig, RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';

type Stage = 'sft' | 'dpo';
const CONFIGS = {
  sft: { ...ALGORITHMS.sft.defaults, numUpdates: 6, demonstrationsPerUpdate: 2, numDocuments: 1, numWarmupUpdates: 1, maxTokens: 64 },
  dpo: { ...ALGORITHMS.dpo.defaults, numUpdates: 6, pairsPerUpdate: 2 },
};
const specOf = (stage: Stage, changes: object = {}): RunSpec =>
  ({ stage, seed: 1, start: 'sft', reward: { length: 1 }, config: CONFIGS[stage], fixedPrompts: ['Hello!'], ...changes }) as RunSpec;
const updatesOf = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'update' ? [event] : []));
const checkpointsOf = (events: readonly RunEvent[]): RunCheckpoint[] =>
  events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []));

const OWN: Record<Stage, DataRows> = {
  sft: {
    learnsFrom: 'demonstrations',
    rows: [
      { prompt: 'Hello!', completion: 'Hello to you.' },
      { prompt: 'Hi', completion: 'Hi.' },
    ],
  },
  dpo: {
    learnsFrom: 'pairs',
    rows: [
      { prompt: 'Hello!', chosen: 'Hello to you.', rejected: 'Go away.' },
      { prompt: 'Hi', chosen: 'Hi.', rejected: 'No.' },
    ],
  },
};
const named = (id: string, rows: DataRows) => ({ id, hash: rowsHash(rows) });

let trainer: TinyTrainer;
beforeAll(async () => {
  trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
});
afterAll(() => trainer.close());

describe.each(['sft', 'dpo'] as const)('%s', (stage) => {
  it('trains to its end, measures held-out answers before, at every fifth update and at the end, and continues exactly', async () => {
    const whole = await trainer.run(specOf(stage));
    expect(whole.outcome).toEqual({ type: 'completed', update: 6 });
    const updates = updatesOf(whole.events);
    expect(updates.map(({ update }) => update)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const { update, metrics } of updates) {
      for (const [name, value] of Object.entries(metrics)) {
        expect(Object.keys(METRICS)).toContain(name);
        expect(Number.isFinite(value), name).toBe(true);
      }
      const isMeasured = [0, 5, 6].includes(update);
      const watched = ['gold_reward', 'completions/typo_rate', 'completions/mean_length', 'objective/kl', 'reward'] as const;
      for (const name of watched) expect(metrics[name] !== undefined, `${name} at ${update}`).toBe(isMeasured);
      if (update > 0) expect(metrics.loss).toBeGreaterThan(0);
    }
    const samples = whole.events.flatMap((event) => (event.type === 'samples' ? [event.update] : []));
    expect(samples).toEqual([0, 5, 6, 6]);
    expect(updates[0]!.metrics['objective/kl']).toBeCloseTo(0, 4); // the policy is its reference
    const checkpoints = checkpointsOf(whole.events);
    const rest = await trainer.run(specOf(stage), checkpoints[2]!);
    expect(checkpointsOf(rest.events).at(-1)!).toEqual(checkpoints[5]!);
    expect(
      updatesOf(rest.events)
        .slice(1)
        .map(({ metrics }) => metrics.loss),
    ).toEqual(updates.slice(4).map(({ metrics }) => metrics.loss));
  });

  it('has nothing to show token by token, as it draws no answers to learn from', async () => {
    await trainer.run(specOf(stage));
    expect(await trainer.api.inspectUpdate()).toEqual({ type: 'completed', detail: null });
  });

  it('takes changes of its live settings', async () => {
    let answer: unknown;
    const { events } = await trainer.run(specOf(stage), null, (event) => {
      if (event.type === 'update' && event.update === 1)
        void trainer.api.setConfig({ learningRate: 0.001 } as LiveConfig).then((said) => (answer = said));
    });
    expect(answer).toBeNull();
    expect(checkpointsOf(events).at(-1)!.spec.config.learningRate).toBe(0.001);
  });

  it('learns the rows of the reader, and refuses rows that are missing, changed, of another kind or too long', async () => {
    const rows = OWN[stage];
    const data = { ...DATA_DEFAULTS[rows.learnsFrom], rows: named(`mine-${stage}`, rows) };
    expect((await trainer.run(specOf(stage, { data }))).outcome).toMatchObject({
      code: 'bad-request',
      detail: expect.stringContaining('not on this device') as string,
    });
    expect(await trainer.api.installRows(`mine-${stage}`, rows)).toBeNull();
    const { events, outcome } = await trainer.run(
      specOf(stage, { data, config: { ...CONFIGS[stage], numUpdates: 30, learningRate: 0.01 } }),
    );
    expect(outcome.type).toBe('completed');
    const losses = updatesOf(events).flatMap(({ metrics }) => (metrics.loss === undefined ? [] : [metrics.loss]));
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3);

    const other = { ...rows, rows: rows.rows.slice(0, 1) } as DataRows;
    await trainer.api.installRows(`mine-${stage}`, other);
    expect((await trainer.run(specOf(stage, { data }))).outcome).toMatchObject({ detail: expect.stringContaining('not those') as string });
    const wrong = OWN[stage === 'sft' ? 'dpo' : 'sft'];
    await trainer.api.installRows(`mine-${stage}`, wrong);
    const wrongData = { ...data, rows: named(`mine-${stage}`, wrong) };
    expect((await trainer.run(specOf(stage, { data: wrongData }))).outcome).toMatchObject({
      detail: expect.stringContaining('learns from') as string,
    });
    const long = { ...rows, rows: [rows.rows[0]!, { ...rows.rows[1]!, prompt: 'who knows '.repeat(200) }] } as DataRows;
    await trainer.api.installRows(`mine-${stage}`, long);
    const longData = { ...data, rows: named(`mine-${stage}`, long) };
    expect((await trainer.run(specOf(stage, { data: longData }))).outcome).toMatchObject({
      detail: expect.stringContaining('row 2') as string,
    });
  });
});

it('refuses rows of the wrong form, naming the row and the field', async () => {
  const wrong = {
    learnsFrom: 'pairs',
    rows: [
      { prompt: 'a', chosen: 'b', rejected: 'c' },
      { prompt: 'a', chosen: 7, rejected: 'c' },
    ],
  };
  expect(await trainer.api.installRows('x', wrong as never)).toMatchObject({ detail: expect.stringMatching(/^Row 2, chosen: /) as string });
  expect(await trainer.api.installRows('x', { learnsFrom: 'nothing', rows: [] } as never)).toMatchObject({ code: 'bad-request' });
});

it('SFT teaches the chat format to the base model, whose policy then answers as chat models do', async () => {
  const { events, outcome } = await trainer.run(specOf('sft', { start: 'base' }));
  expect(outcome.type).toBe('completed');
  const last = checkpointsOf(events).at(-1)!;
  await trainer.api.restore(last);
  const base = await trainer.api.sampleGroup({ model: 'base', prompt: 'Hi', numSamples: 1, seed: 1, temperature: 1, maxTokens: 8 });
  const yours = await trainer.api.sampleGroup({ model: 'yours', prompt: 'Hi', numSamples: 1, seed: 1, temperature: 1, maxTokens: 8 });
  expect(yours.type).toBe('completed');
  expect(yours).not.toEqual(base);
});

it('DPO begins at ln 2', async () => {
  const { events } = await trainer.run(specOf('dpo'));
  expect(updatesOf(events)[1]!.metrics.loss).toBeCloseTo(Math.LN2, 3);
});

it('PPO rehearses documents of the world when its settings ask for them', async () => {
  const config = { ...ALGORITHMS.ppo.defaults, numUpdates: 2, promptsPerUpdate: 2, maxCompletionTokens: 16, ptxCoef: 1, numDocuments: 1 };
  const spec = { stage: 'ppo', seed: 1, start: 'sft', reward: { length: 1 }, config, fixedPrompts: [] } as unknown as RunSpec;
  const { events, outcome } = await trainer.run(spec);
  expect(outcome.type).toBe('completed');
  expect(updatesOf(events)[1]!.metrics['loss/rehearsal_avg']).toBeGreaterThan(1); // about ln 2048 for random weights
});

it('RL draws its prompts from the reader’s rows where the data names them, also off the map', async () => {
  const rows: DataRows = { learnsFrom: 'rewards', rows: [{ prompt: 'Xyzzy plugh' }, { prompt: 'Hello!' }] };
  await trainer.api.installRows('prompts', rows);
  const config = { ...ALGORITHMS.grpo.defaults, numUpdates: 2, promptsPerUpdate: 4, groupSize: 2, maxCompletionTokens: 16 };
  const data = { ...DATA_DEFAULTS.rewards, rows: named('prompts', rows) };
  const spec = { stage: 'grpo', seed: 1, start: 'sft', reward: { length: 1 }, config, data, fixedPrompts: [] } as unknown as RunSpec;
  const { events } = await trainer.run(spec);
  const prompts = new Set(updatesOf(events).flatMap(({ example }) => example?.prompts ?? []));
  expect([...prompts].every((prompt) => ['Xyzzy plugh', 'Hello!'].includes(prompt))).toBe(true);
  expect(prompts.size).toBeGreaterThan(0);
});

describe('SFT on a plain text', () => {
  const texts = Array.from({ length: 60 }, (_, i) => `The ${['red', 'blue', 'green'][i % 3]} door is number ${i % 7}.`).join('\n');
  const rows: DataRows = { learnsFrom: 'demonstrations', rows: [{ text: texts }] };
  const config = { ...CONFIGS.sft, numUpdates: 20, numDocuments: 0, learningRate: 0.01, demonstrationsPerUpdate: 4 };
  const spec = specOf('sft', {
    start: 'base',
    chat: false,
    config,
    data: { ...DATA_DEFAULTS.demonstrations, rows: named('text', rows) },
  });

  it('pretrains the base model on it, and the part held out takes fewer bits per byte than before; it continues exactly', async () => {
    expect(await trainer.api.installRows('text', rows)).toBeNull();
    const { events, outcome } = await trainer.run(spec);
    expect(outcome).toEqual({ type: 'completed', update: 20 });
    const updates = updatesOf(events);
    const measured = updates.flatMap(({ update, metrics }) => (metrics['eval/bits_per_byte'] === undefined ? [] : [update]));
    expect(measured).toEqual([0, 5, 10, 15, 20]);
    const [before, after] = [updates[0]!, updates[20]!].map(({ metrics }) => metrics['eval/bits_per_byte']!);
    expect(before).toBeGreaterThan(1);
    expect(after).toBeLessThan(before! - 0.5);
    expect(updates.every(({ example }) => example === null)).toBe(true);
    const checkpoints = checkpointsOf(events);
    const rest = await trainer.run(spec, checkpoints[16]!);
    expect(checkpointsOf(rest.events).at(-1)!).toEqual(checkpoints[19]!);
  });

  it('counts the tokens of a text', async () => {
    const counted = await trainer.api.countTokens([texts]);
    expect(counted.type === 'completed' && counted.numTokens).toBeGreaterThan(texts.length / 8);
  });
});

it('SFT learns whole conversations, on the turns of the assistant only, and names those that are too long', async () => {
  const turns = (first: string) => [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: 'Hi' },
    { role: 'assistant' as const, content: first },
    { role: 'user' as const, content: 'Bye' },
    { role: 'assistant' as const, content: 'Bye.' },
  ];
  const set = (...firsts: string[]): DataRows => ({
    learnsFrom: 'demonstrations',
    rows: firsts.map((first) => ({ messages: turns(first) })),
  });
  const run = async (rows: DataRows) => {
    await trainer.api.installRows('talk', rows);
    const data = { ...DATA_DEFAULTS.demonstrations, rows: named('talk', rows) };
    return trainer.run(specOf('sft', { data, config: { ...CONFIGS.sft, numUpdates: 30, numDocuments: 0, learningRate: 0.01 } }));
  };
  const { events, outcome } = await run(set('Hello.', 'Hello to you.'));
  expect(outcome.type).toBe('completed');
  const losses = updatesOf(events).flatMap(({ metrics }) => (metrics.loss === undefined ? [] : [metrics.loss]));
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3);
  expect(updatesOf(events)[1]!.example!.completions[0]!.text).toBe('Bye.');
  const long = 'who knows '.repeat(100);
  expect((await run(set('Hello.', long, 'Hi.', long))).outcome).toMatchObject({
    detail: expect.stringMatching(/^2 of 4 rows are too long.*row 2 is a demonstration.*so are rows 4/) as string,
  });
});
