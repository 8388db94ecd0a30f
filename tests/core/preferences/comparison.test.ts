/** @file Comparisons: margins as Llama 2's table has them, rankings as InstructGPT's, nothing unsound let in. */
import { describe, expect, it } from 'vitest';
import {
  comparisonsOfRanking,
  marginOf,
  MAX_TEXT_LENGTH,
  parseComparison,
  STRENGTH_WORDS,
  swapSides,
  type Comparison,
} from '../../../src/core/preferences/comparison';

const COMPARISON: Comparison = {
  id: 'one',
  prompt: 'Who is Ana Moreno?',
  a: 'A baker.',
  b: 'I do not know.',
  verdict: 'a',
  strength: 2,
  annotator: 'me',
  note: '',
  time: '2026-01-02T03:04:05.678Z',
  durationMs: 1200,
  source: 'me',
  cost: 1,
  modelA: 'sft',
};

describe('strength', () => {
  it('is the margin of Llama 2: 1, 2/3, 1/3, 0 and back', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(marginOf)).toEqual([1, 2 / 3, 1 / 3, 0, 1 / 3, 2 / 3, 1]);
    expect(marginOf(null)).toBe(0);
    expect(STRENGTH_WORDS).toHaveLength(7);
  });
});

describe('sides', () => {
  it('exchanged twice are the comparison again', () => {
    expect(swapSides(swapSides(COMPARISON))).toEqual(COMPARISON);
  });

  it('take verdict, strength and models with them', () => {
    expect(swapSides(COMPARISON)).toMatchObject({ a: COMPARISON.b, b: COMPARISON.a, verdict: 'b', strength: 6, modelB: 'sft' });
    expect(swapSides(COMPARISON).modelA).toBeUndefined();
    expect(swapSides({ ...COMPARISON, verdict: 'both-bad', strength: null })).toMatchObject({ verdict: 'both-bad', strength: null });
  });
});

describe('a ranking', () => {
  it('of K completions is C(K, 2) comparisons, each won by the better place', () => {
    const pairs = comparisonsOfRanking([2, 1, 4, 3]);
    expect(pairs).toHaveLength(6);
    expect(pairs.map(({ a, b, verdict }) => `${a}${b}${verdict}`)).toEqual(['01b', '02a', '03a', '12a', '13a', '23b']);
  });

  it('keeps equal places as ties', () => {
    expect(comparisonsOfRanking([1, 1, 2]).map(({ verdict }) => verdict)).toEqual(['tie', 'a', 'a']);
  });
});

describe('what comes from outside', () => {
  it('is taken when it is sound, without what is not ours', () => {
    expect(parseComparison({ ...COMPARISON, surprise: 1 })).toEqual(COMPARISON);
  });

  it.each([
    ['a strength off the scale', { strength: 8 }],
    ['half a strength', { strength: 2.5 }],
    ['an unknown verdict', { verdict: 'c' }],
    ['a text beyond all measure', { a: 'x'.repeat(MAX_TEXT_LENGTH + 1) }],
    ['no time', { time: 'yesterday' }],
    ['a negative cost', { cost: -1 }],
    ['an infinite duration', { durationMs: Infinity }],
  ])('is refused with %s', (_, change) => {
    expect(() => parseComparison({ ...COMPARISON, ...change })).toThrow();
  });
});
