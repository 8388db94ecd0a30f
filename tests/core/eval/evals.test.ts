/** @file evals.json is checked like any file from outside, and every figure can be explained. */
import { describe, expect, it } from 'vitest';
import { meaningOf, parseEvals, type Evals } from '../../../src/core/eval/evals';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';

const evals: Evals = {
  version: 1,
  command: 'npm run -s aftertrain -- eval --model public/models/s/sft',
  seed: 1,
  temperature: 0.8,
  numPrompts: 400,
  maxTokens: 112,
  figures: { 'gold/recipe': { value: 0.5, low: 0.4, high: 0.6, n: 33 } },
};

describe('parseEvals', () => {
  it('reads what was written', () => {
    expect(parseEvals(JSON.parse(JSON.stringify(evals)))).toEqual(evals);
    const reliability = [{ confidence: 0.9, accuracy: 0.8, n: 10 }];
    expect(parseEvals({ ...evals, reliability }).reliability).toEqual(reliability);
  });

  it.each([
    [{ version: 2 }, /version: must be 1/],
    [{ figures: { 'Gold!': evals.figures['gold/recipe'] } }, /plain words/],
    [{ figures: { gold: { value: '1', low: 0, high: 1, n: 1 } } }, /gold.value: must be a number/],
    [{ figures: { gold: { value: 0.9, low: 0.1, high: 0.5, n: 1 } } }, /outside its interval/],
    [{ figures: { gold: { value: 0.9, low: 0.1, high: 1, n: 1.5 } } }, /whole number/],
    [{ reliability: [{ confidence: 2, accuracy: 0, n: 1 }] }, /at most 1/],
  ])('refuses %j by name', (change, message) => {
    expect(() => parseEvals({ ...evals, ...change })).toThrow(CheckpointError);
    expect(() => parseEvals({ ...evals, ...change })).toThrow(message);
  });
});

describe('meaningOf', () => {
  it('explains a figure by the longest beginning it knows', () => {
    expect(meaningOf('gold/recipe')).toEqual({ label: 'gold reward: recipe', unit: 'score', better: 'higher' });
    expect(meaningOf('refuses/look-alike/past')).toMatchObject({ label: 'harmless look-alikes refused: past', better: 'lower' });
    expect(meaningOf('known/gap').unit).toBe('points');
    expect(meaningOf('golden').label).toBe('golden');
  });
});
