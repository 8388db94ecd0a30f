/** @file Reward models over labels: the fit that follows every label, files read before they are kept, simulated labels. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { agreementWithGold, agreementWithLabels } from '../../src/state/agreement';
import type { MeasuredPair, NeuralRewardModel } from '../../src/protocol/reward-lab';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { fittedWeights, likings } from '../../src/state/fitted';
import { likingWords } from '../../src/ui/feature-words';
import { asSliderWeights, fitOf, keptFit } from '../../src/state/fitted-kept';
import { completeWeights } from '../../src/state/reward.svelte';
import { RewardLab } from '../../src/state/reward-lab.svelte';
import { scorersOf } from '../../src/state/reward-scorers';
import { Storage } from '../../src/state/storage.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { LABEL_LIMITS } from '../../src/state/annotators.svelte';
import { label } from './label-samples';
import { completion, TrainerDouble } from './trainer-double';

const names: string[] = [];
afterEach(() => {
  for (const name of names.splice(0)) indexedDB.deleteDatabase(name);
});

/** A lab whose worker finds as many exclamation marks as there are, and nothing else. */
async function openLab(overrides: Partial<TrainerApi> = {}) {
  const measure = (text: string) => completion(text, { exclamation: (text.split('!').length - 1) / 8 }, { goldReward: 0.5 });
  const trainer = new TrainerDouble({
    judge: (_prompt, text) => Promise.resolve(measure(text)),
    sampleGroup: ({ numSamples }) =>
      Promise.resolve({
        type: 'completed',
        completions: Array.from({ length: numSamples }, (_, i) => measure(`answer ${i} ${'!'.repeat(i % 4)}`)),
      }),
    ...overrides,
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
    expect(likingWords(likings(fittedWeights(lab.fit)))).toBe('excited!!!');
    const { numRight, numPairs } = agreementWithLabels(lab.live.table, lab.fit.weights);
    expect([numRight, numPairs]).toEqual([60, 60]);
    await lab.labels.remove(lab.labels.list.map(({ id }) => id));
    await vi.waitFor(() => expect([lab.fit.numPairs, likings(fittedWeights(lab.fit))]).toEqual([0, []]));
  });

  it('is compared with gold only where gold tells answers apart', () => {
    const group = [0.1, 0.5, 0.51].map((goldReward, i) => completion(`${i}`, { length: i }, { goldReward }));
    expect(agreementWithGold([group], ({ features }) => features.length)).toEqual({ numRight: 2, numPairs: 2 });
    expect(agreementWithGold([group], () => 0)).toEqual({ numRight: 1, numPairs: 2 });
  });
});

describe('report cards', () => {
  const pair = (i: number): MeasuredPair => ({
    category: 'chat',
    prompt: `p${i}`,
    chosen: completion('good', { length: 1 }, { goldReward: 0.9 }),
    rejected: completion('bad', { length: 0 }, { goldReward: 0.1 }),
  });
  const MODEL: NeuralRewardModel = { start: 'sft', theta: new Float32Array(2), mean: 0, sd: 2 };
  const openGraded = (overrides: Partial<TrainerApi> = {}) =>
    openLab({ worldPairs: () => Promise.resolve([pair(1), pair(2)]), ...overrides });

  it('grade every kind on the same pairs, before scores are brought to one spread', async () => {
    const lab = await openGraded({
      scoreTexts: ({ texts }) =>
        Promise.resolve({
          type: 'completed',
          scores: texts.map(({ completion: text }) => ({ score: text === 'good' ? 1 : -1, tokens: null })),
        }),
    });
    await lab.rewards.neural.keep('Net', MODEL);
    await lab.cards.grade(scorersOf(lab, completeWeights({ length: -1 })));
    expect(lab.cards.cards.map(({ label, card }) => [label, card.overall.accuracy.share, card.overall.margin])).toEqual([
      ['By hand', 0, -1],
      ['Net', 1, 4],
    ]);
    expect([lab.cards.grading, lab.cards.failures]).toEqual([false, []]);
  });

  it('of a model that is deleted meanwhile, or cannot score, say so and end; the others are graded', async () => {
    const lab = await openGraded({ scoreTexts: () => Promise.resolve({ type: 'failed', code: 'internal', detail: 'broken' }) });
    const { neural } = lab.rewards;
    await neural.keep('Net', MODEL);
    await lab.cards.grade(scorersOf(lab, completeWeights({})));
    expect(lab.cards.cards.map(({ label }) => label)).toEqual(['By hand']);
    expect(lab.cards.failures).toMatchObject([{ label: 'Net', failure: { code: 'internal' } }]);
    const grading = lab.cards.grade(scorersOf(lab, completeWeights({})));
    await neural.removeOpen();
    await grading;
    expect(lab.cards.grading).toBe(false);
    expect(lab.cards.failures).toMatchObject([{ label: 'Net' }]);
    await lab.cards.grade(scorersOf(lab, completeWeights({})));
    expect(lab.cards.failures).toEqual([]);
  });

  it('end with the reason when the world’s pairs cannot be had', async () => {
    const lab = await openLab({ worldPairs: () => Promise.reject(new Error('no world')) });
    await lab.cards.grade(scorersOf(lab, completeWeights({})));
    expect([lab.cards.grading, lab.cards.failures[0]?.failure.code]).toEqual([false, 'internal']);
  });
});

describe('a sample set that a network scores', () => {
  it('is asked about once, group by group, and never when stopped', async () => {
    let numAsked = 0;
    const lab = await openLab({
      scoreTexts: ({ texts }) => {
        numAsked += 1;
        return Promise.resolve({ type: 'completed', scores: texts.map((_, i) => ({ score: i, tokens: null })) });
      },
    });
    await lab.samples.draw('s', { model: 'sft', temperature: 1, numPrompts: 3, numPerPrompt: 32 });
    const set = lab.samples.open!;
    const { id } = await lab.rewards.neural.keep('Net', { start: 'sft', theta: new Float32Array(2), mean: 0, sd: 1 });
    const ask = () => lab.pools.score(scorersOf(lab, completeWeights({})).at(-1)!, id, set.id, set.body.groups);
    const asking = ask();
    lab.pools.stop();
    await asking;
    expect([numAsked, lab.pools.of(id, set.id), lab.pools.progress]).toEqual([1, null, null]);
    await ask();
    expect(lab.pools.of(id, set.id)!.map((pool) => pool.length)).toEqual([32, 32, 32]);
    expect(lab.pools.of(id, set.id)![2]![0]).toBe(0); // the 65th answer, first of the second call
  });
});

describe('a fit that is kept', () => {
  it('stays as it was while the labels go on, and sets the sliders', async () => {
    const lab = await openLab();
    await lab.labels.add(Array.from({ length: 20 }, (_, i) => label(`${i}`, { a: `yes ${i}!!!!`, b: `no ${i}`, verdict: 'a' })));
    lab.measure(lab.labels.list);
    await vi.waitFor(() => expect(lab.fit.numPairs).toBe(20));
    await lab.rewards.fitted.keep('Then', keptFit(lab.fit, 'My labels'));
    const before = fittedWeights(lab.fit);
    await lab.labels.remove(lab.labels.list.map(({ id }) => id));
    const kept = fitOf(lab.rewards.fitted.open!.body);
    expect(fittedWeights(kept)).toEqual(before);
    expect(scorersOf(lab, completeWeights({})).map(({ kind }) => kind)).toEqual(['hand', 'fitted']);
    expect(asSliderWeights(kept, 2)).toMatchObject({ exclamation: 2, length: 0 });
  });
});

describe('a file', () => {
  it('is shown before it is kept, and replaces nothing unasked', async () => {
    const lab = await openLab();
    await lab.labels.add([label('mine', { note: 'kept' })]);
    const lines = [
      '{"id":"mine","annotator":"me","prompt":"p","chosen":"mine b","rejected":"mine a"}',
      'broken',
      '{"prompt":"q","chosen":"c","rejected":"r"}',
    ];
    const file = new File([lines.join('\n')], 'class.jsonl');
    await lab.files.read([file]);
    expect(lab.files.preview).toMatchObject({ numChanged: 1, numSame: 0, numProblems: 1, problems: [{ number: 2 }] });
    expect(lab.labels.list).toHaveLength(1);
    await lab.files.accept(false);
    expect(lab.labels.list.map(({ note, source }) => [note, source])).toEqual([
      ['kept', 'me'],
      ['', 'import:class.jsonl'],
    ]);
    await lab.files.read([file]);
    await lab.files.accept(true);
    expect(lab.labels.list[0]).toMatchObject({ id: 'mine', a: 'mine b' });
    await lab.labels.undo();
    expect(lab.labels.list[0]).toMatchObject({ note: 'kept' });
  });

  it('written and read again is in the set as it is', async () => {
    const lab = await openLab();
    await lab.labels.add([label('1'), label('2', { verdict: 'b', strength: 6 })]);
    await lab.files.read([await lab.files.write('jsonl')]);
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
    await vi.waitFor(() => expect(lab.fit.numPairs).toBe(300));
  });

  it('say how far they are and how long the rest takes, and keep what was labelled when they are stopped', async () => {
    const lab = await openLab();
    await lab.samples.draw('s', { model: 'sft', temperature: 1, numPrompts: 2, numPerPrompt: 16 });
    lab.annotators.wanted = LABEL_LIMITS.max;
    lab.annotators.set({ name: 'crowd', expertIn: 'person' });
    const run = lab.annotators.run();
    await vi.waitFor(() => expect(lab.annotators.progress?.numDone).toBeGreaterThan(0), { interval: 1 });
    const { numDone, numAll, secondsLeft } = lab.annotators.progress!;
    expect(numAll).toBe(LABEL_LIMITS.max);
    expect(secondsLeft).toBeGreaterThan(0);
    lab.annotators.stop();
    await run;
    expect(lab.annotators.progress).toBeNull();
    expect(lab.labels.list.length).toBeGreaterThanOrEqual(numDone);
    expect(lab.labels.list.length).toBeLessThan(numAll);
    expect(lab.labels.list.every(({ source, cost }) => source === 'simulated:crowd' && cost === 5)).toBe(true);
  });
});
