/** @file Reward models over labels: the fit that follows every label, files read before they are kept, simulated labels. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { agreementWithGold, agreementWithLabels } from '../../src/state/agreement';
import { fittedWeights, likingWords } from '../../src/state/fitted';
import { rewardPairs } from '../../src/state/neural.svelte';
import { RewardLab } from '../../src/state/reward-lab.svelte';
import { Storage } from '../../src/state/storage.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { label } from './label-samples';
import { completion, TrainerDouble } from './trainer-double';

const names: string[] = [];
afterEach(() => {
  for (const name of names.splice(0)) indexedDB.deleteDatabase(name);
});

/** A lab whose worker finds as many exclamation marks as there are, and nothing else. */
async function openLab() {
  const measure = (text: string) => completion(text, { exclamation: (text.split('!').length - 1) / 8 }, { goldReward: 0.5 });
  const trainer = new TrainerDouble({
    judge: (_prompt, text) => Promise.resolve(measure(text)),
    sampleGroup: ({ numSamples }) =>
      Promise.resolve({
        type: 'completed',
        completions: Array.from({ length: numSamples }, (_, i) => measure(`answer ${i} ${'!'.repeat(i % 4)}`)),
      }),
  });
  const client = new TrainerClient(trainer.start);
  await client.load('wasm');
  names.push(`test-${crypto.randomUUID()}`);
  return RewardLab.open(client, { hasYours: () => false, storage: new Storage(names.at(-1)) });
}

describe('the fitted reward', () => {
  it('follows the labels, says what they like, and forgets what is deleted', async () => {
    const lab = await openLab();
    await lab.labels.add(Array.from({ length: 60 }, (_, i) => label(`${i}`, { a: `yes ${i}!!!!`, b: `no ${i}`, verdict: 'a' })));
    lab.measure(lab.labels.list);
    await vi.waitFor(() => expect(lab.fit.numPairs).toBe(60));
    expect(likingWords(fittedWeights(lab.fit))).toEqual(['excited!!!']);
    const { numRight, numPairs } = agreementWithLabels(lab.labels.list, lab.measurements, lab.fittedScore);
    expect([numRight, numPairs]).toEqual([60, 60]);
    await lab.labels.remove(lab.labels.list.map(({ id }) => id));
    expect([lab.fit.numPairs, likingWords(fittedWeights(lab.fit))]).toEqual([0, []]);
  });

  it('leaves out ties and both bad, as training does', async () => {
    const labels = [label('1', { verdict: 'tie' }), label('2', { verdict: 'both-bad' }), label('3', { verdict: 'b', strength: 7 })];
    expect(rewardPairs(labels)).toEqual([{ prompt: 'p', chosen: '3 b', rejected: '3 a', margin: 1 }]);
  });

  it('is compared with gold only where gold tells answers apart', () => {
    const group = [0.1, 0.5, 0.51].map((goldReward, i) => completion(`${i}`, { length: i }, { goldReward }));
    expect(agreementWithGold([group], ({ features }) => features.length)).toEqual({ numRight: 2, numPairs: 2 });
    expect(agreementWithGold([group], () => 0)).toEqual({ numRight: 1, numPairs: 2 });
  });
});

describe('a file', () => {
  it('is shown before it is kept, and replaces nothing unasked', async () => {
    const lab = await openLab();
    await lab.labels.add([label('mine', { note: 'kept' })]);
    const lines = ['{"id":"mine","prompt":"p","chosen":"other","rejected":"x"}', 'broken', '{"prompt":"q","chosen":"c","rejected":"r"}'];
    const file = new File([lines.join('\n')], 'class.jsonl');
    await lab.files.read(file);
    expect(lab.files.preview).toMatchObject({ numChanged: 1, numSame: 0, numProblems: 1, problems: [{ number: 2 }] });
    expect(lab.labels.list).toHaveLength(1);
    await lab.files.accept(false);
    expect(lab.labels.list.map(({ note, source }) => [note, source])).toEqual([
      ['kept', 'me'],
      ['', 'import:class.jsonl'],
    ]);
    await lab.files.read(file);
    await lab.files.accept(true);
    expect(lab.labels.list[0]).toMatchObject({ id: 'mine', a: 'other' });
    await lab.labels.undo();
    expect(lab.labels.list[0]).toMatchObject({ note: 'kept' });
  });

  it('written and read again is in the set as it is', async () => {
    const lab = await openLab();
    await lab.labels.add([label('1'), label('2', { verdict: 'b', strength: 6 })]);
    await lab.files.read(lab.files.write('jsonl'));
    expect(lab.files.preview).toMatchObject({ numSame: 2, numChanged: 0, numProblems: 0 });
  });
});

describe('simulated annotators', () => {
  it('label a sample set into a set of their own, that a fit learns from without measuring anew', async () => {
    const lab = await openLab();
    await lab.samples.draw('s', { model: 'sft', temperature: 1, numPrompts: 2, numPerPrompt: 16 });
    lab.annotators.wanted = 300;
    lab.annotators.set({ name: 'crowd' });
    await lab.annotators.run();
    expect(lab.labels.open?.name).toBe('Simulated, crowd');
    expect(lab.labels.list).toHaveLength(300);
    expect(lab.labels.list.every(({ source, a, b }) => source === 'simulated:crowd' && a !== b)).toBe(true);
    expect(lab.fit.numPairs).toBe(300);
  });
});
