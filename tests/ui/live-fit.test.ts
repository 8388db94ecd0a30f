/** @file The fit that follows the labels: made in a thread of its own, whatever their number, and never another set's. */
import { expose } from 'comlink';
import { describe, expect, it, vi } from 'vitest';
import { FEATURES } from '../../src/core/reward/features';
import type { PairTable } from '../../src/core/reward/pair-table';
import type { LabelMathsApi } from '../../src/protocol/label-maths';
import { LabelMaths } from '../../src/state/label-maths';
import { LiveFit } from '../../src/state/live-fit.svelte';
import { label } from './label-samples';
import { completion } from './trainer-double';

/** Finds as many exclamation marks as there are. */
const measurements = { of: ({ text }: { text: string }) => completion(text, { exclamation: text.split('!').length - 1 }) };
const labels = Array.from({ length: 3000 }, (_, i) => label(`${i}`, { a: `yes ${i}!`, b: `no ${i}`, verdict: i % 3 === 0 ? 'tie' : 'a' }));
const material = { setId: 's', labels, useStrength: false };

/** A thread that gives every feature the weight 42, which no fit would, and dies when told. */
function thread() {
  const ends: MessagePort[] = [];
  const asked: PairTable[] = [];
  const answers: LabelMathsApi = {
    fit: (table) => {
      asked.push(table);
      const numbers = FEATURES.map(() => 42);
      return Promise.resolve({
        weights: numbers,
        standardErrors: numbers,
        numPairs: table.margins.length,
        numTies: 0,
        tieThreshold: null,
        loss: 0,
      });
    },
    learningCurves: () => Promise.resolve(null),
  };
  const start = () => {
    const { port1, port2 } = new MessageChannel();
    expose(answers, port2);
    port1.start();
    ends.push(port1);
    return Object.assign(port1, { terminate: () => port1.close() });
  };
  return { start, asked, answers, die: () => ends.at(-1)!.dispatchEvent(new Event('error')) };
}

describe('the live fit', () => {
  it('is what the thread says, which is given all labels as numbers: the page fits nothing itself', async () => {
    const { start, asked } = thread();
    const live = new LiveFit(measurements, new LabelMaths(start));
    live.follow(material);
    expect(live.isBehind).toBe(true);
    await vi.waitFor(() => expect(live.isBehind).toBe(false));
    expect(live.fit.weights).toEqual(FEATURES.map(() => 42));
    expect(asked.map(({ margins, ties }) => [margins.length, ties.length / FEATURES.length])).toEqual([[2000, 1000]]);
    live.follow(material); // another text was measured, of none of these labels
    await vi.waitFor(() => expect(live.isBehind).toBe(false));
    expect(asked).toHaveLength(1);
  });

  it('forgets a set when another is opened, and says when the thread ended; the next change starts another', async () => {
    const { start, asked, answers, die } = thread();
    const live = new LiveFit(measurements, new LabelMaths(start));
    live.follow(material);
    await vi.waitFor(() => expect(live.fit.numPairs).toBe(2000));
    const { fit } = answers;
    answers.fit = () => new Promise(() => undefined);
    live.follow({ ...material, setId: 'other', labels: labels.slice(0, 30) });
    expect(live.fit.numPairs).toBe(0);
    await vi.waitFor(() => expect(live.table.margins).toHaveLength(20));
    die();
    await vi.waitFor(() => expect([live.hasFailed, live.isBehind]).toEqual([true, false]));
    answers.fit = fit;
    live.follow({ ...material, setId: 'other', labels: labels.slice(0, 60) });
    await vi.waitFor(() => expect([live.fit.numPairs, live.hasFailed]).toEqual([40, false]));
    expect(asked).toHaveLength(2);
  });
});
