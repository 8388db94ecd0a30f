/**
 * @file What follows another stage, by the trainer over a real MessageChannel with a tiny family: what SFT made of a model is the KL
 * reference of the RL that goes on from it, in the chat format it taught, and stays so when that run is continued; and what SFT and
 * DPO learned from is shown.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../src/core/algorithms/catalogue';
import { DATA_DEFAULTS } from '../../src/core/data/fields';
import { rowsHash, type DataRows } from '../../src/core/data/rows';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';

const SFT = { ...ALGORITHMS.sft.defaults, numUpdates: 3, demonstrationsPerUpdate: 3, numDocuments: 1, numWarmupUpdates: 1, maxTokens: 64 };
const DPO = { ...ALGORITHMS.dpo.defaults, numUpdates: 2, pairsPerUpdate: 2 };
const GRPO = { ...ALGORITHMS.grpo.defaults, numUpdates: 5, promptsPerUpdate: 2, groupSize: 2, maxCompletionTokens: 16 };

const specOf = (stage: 'sft' | 'dpo' | 'grpo', changes: object = {}): RunSpec => {
  const config = { sft: SFT, dpo: DPO, grpo: GRPO }[stage];
  return { stage, seed: 1, start: 'sft', reward: { length: 1 }, config, fixedPrompts: ['Hello!'], ...changes } as RunSpec;
};
const updatesOf = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'update' ? [event] : []));
const checkpointsOf = (events: readonly RunEvent[]): RunCheckpoint[] =>
  events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []));
const samplesOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'samples' ? event.samples.map(({ completion }) => completion.text) : []));

let trainer: TinyTrainer;
beforeAll(async () => {
  trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
});
afterAll(() => trainer.close());

describe('RL after SFT', () => {
  it('measures KL from what SFT made, not from the shipped model, and carries that reference to where it is continued', async () => {
    const config = { ...SFT, learningRate: 0.01 };
    const { theta, m, v, update } = checkpointsOf((await trainer.run(specOf('sft', { config }))).events).at(-1)!;
    const from = { spec: specOf('grpo'), theta, m, v, update, reference: theta };
    const { events, outcome } = await trainer.run(specOf('grpo'), from);
    expect(outcome).toEqual({ type: 'completed', update: 5 });
    const first = updatesOf(events).find((event) => event.update === 4)!;
    expect(first.metrics.kl).toBeCloseTo(0, 5); // it begins as its reference

    const { reference: _, ...without } = from;
    const fromShipped = updatesOf((await trainer.run(specOf('grpo'), without)).events).find((event) => event.update === 4)!;
    expect(fromShipped.metrics.kl).toBeGreaterThan(0.001);
    expect(fromShipped.metrics.reward).toBe(first.metrics.reward); // the same answers: only the measure differs

    const checkpoints = checkpointsOf(events);
    expect(checkpoints.map(({ reference }) => reference)).toEqual([theta, theta]);
    const rest = await trainer.run(specOf('grpo'), checkpoints[0]!);
    expect(checkpointsOf(rest.events).at(-1)).toEqual(checkpoints[1]);
  });

  it('refuses a reference of another model’s size', async () => {
    const { theta, m, v, update } = checkpointsOf((await trainer.run(specOf('sft'))).events).at(-1)!;
    const { outcome } = await trainer.run(specOf('grpo'), { spec: specOf('grpo'), theta, m, v, update, reference: theta.slice(1) });
    expect(outcome).toMatchObject({ code: 'bad-request', detail: 'This checkpoint belongs to a model of another size.' });
  });

  it('asks in the chat format where SFT of the base taught it: the same weights answer as the chat model would', async () => {
    const { theta, m, v, update } = checkpointsOf((await trainer.run(specOf('sft', { start: 'base' }))).events).at(-1)!;
    const answers = async (changes: object) => {
      const spec = specOf('grpo', { ...changes, config: { ...GRPO, numUpdates: 4 } });
      return samplesOf((await trainer.run(spec, { spec, theta, m, v, update })).events)[0];
    };
    const plain = await answers({ start: 'base' });
    const chat = await answers({ start: 'base', chat: true });
    expect(chat).toBe(await answers({ start: 'sft' }));
    expect(chat).not.toBe(plain);
  });
});

describe('what is shown of an update that drew no answers', () => {
  it('SFT shows the demonstrations it imitated, all made likelier, as good as the reward in force says', async () => {
    const { events } = await trainer.run(specOf('sft', { reward: { length: 2 } }));
    const examples = updatesOf(events).flatMap(({ update, example }) => (update > 0 ? [example!] : []));
    expect(examples).toHaveLength(3);
    for (const { prompts, completions, rewards, advantages } of examples) {
      expect([prompts.length, completions.length, rewards.length]).toEqual([3, 3, 3]);
      expect(advantages).toEqual([1, 1, 1]);
      expect(completions.every(({ text }) => text.length > 0)).toBe(true);
      completions.forEach(({ features }, i) => expect(rewards[i]).toBeCloseTo(2 * features.length, 6));
    }
    expect(examples[1]!.prompts).not.toEqual(examples[0]!.prompts);
    const again = updatesOf((await trainer.run(specOf('sft', { reward: { length: 2 } }))).events);
    expect(again.find(({ update }) => update === 2)!.example!.prompts).toEqual(examples[1]!.prompts);
  });

  it('DPO shows its pairs, the chosen before the rejected', async () => {
    const { events } = await trainer.run(specOf('dpo'));
    const { prompts, completions, advantages } = updatesOf(events).at(-1)!.example!;
    expect(advantages).toEqual([1, -1, 1, -1]);
    expect([prompts[0], prompts[2]]).toEqual([prompts[1], prompts[3]]);
    expect(completions[0]!.text).not.toBe(completions[1]!.text);
  });

  it('rows of the reader’s own are shown as they are', async () => {
    const rows: DataRows = { learnsFrom: 'pairs', rows: [{ prompt: 'Hello!', chosen: 'Hello to you.', rejected: 'Go away.' }] };
    await trainer.api.installRows('mine', rows);
    const data = { ...DATA_DEFAULTS.pairs, rows: { id: 'mine', hash: rowsHash(rows) } };
    const { events } = await trainer.run(specOf('dpo', { data, config: { ...DPO, pairsPerUpdate: 1 } }));
    const { prompts, completions } = updatesOf(events).at(-1)!.example!;
    expect(prompts).toEqual(['Hello!', 'Hello!']);
    expect(completions.map(({ text }) => text)).toEqual(['Hello to you.', 'Go away.']);
  });
});
