/** @file Diversity: golden numbers of EAD, BLEU by hand, and the order any measure of variety must keep. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { bleu, entropyOf, expectationAdjusted, expectationAdjustedDistinctness, selfBleu } from '../../../src/core/eval/diversity';
import { Random } from '../../../src/core/random';

const words = (text: string) => text.split(' ');

describe('expectation-adjusted distinctness', () => {
  it('is as computed in closed form for N = 50, C = 100', () => {
    expect(expectationAdjusted(50, 100, 50257)).toBeCloseTo(0.5004926, 6);
    expect(expectationAdjusted(50, 100, 100)).toBeCloseTo(0.7886838, 6);
  });

  it('is about 1 for single tokens drawn evenly at random, however many', () => {
    const random = new Random('even');
    for (const count of [50, 500, 5000]) {
      const distinct = new Set(Array.from({ length: count }, () => random.integer(300))).size;
      expect(Math.abs(expectationAdjusted(distinct, count, 300) - 1)).toBeLessThan(0.06);
    }
  });

  it('falls when texts repeat, and is 0 for no text', () => {
    const random = new Random('texts');
    const texts = Array.from({ length: 8 }, () => Array.from({ length: 20 }, () => random.integer(500)));
    const same = texts.map(() => texts[0]!);
    expect(expectationAdjustedDistinctness(same, 500)).toBeLessThan(0.5 * expectationAdjustedDistinctness(texts, 500));
    expect(expectationAdjustedDistinctness([], 500)).toBe(0);
  });

  it('keeps n-grams apart whose ids read alike', () => {
    expect(
      expectationAdjustedDistinctness(
        [
          [1, 23],
          [12, 3],
        ],
        100,
      ),
    ).toBeGreaterThan(
      expectationAdjustedDistinctness(
        [
          [1, 23],
          [1, 23],
        ],
        100,
      ),
    );
  });
});

describe('BLEU', () => {
  it('is 1 for a copy and 0 for nothing in common', () => {
    expect(bleu(words('the cat sat on the mat'), [words('the cat sat on the mat')])).toBeCloseTo(1, 12);
    expect(bleu(words('a b c d'), [words('e f g h')])).toBe(0);
  });

  it('counts clipped n-grams and the brevity penalty as worked out by hand', () => {
    // p1 = 2/3 (the clipped "the"), smoothed p2 = 1/3, p3 = 1/2, p4 = 1/1; reference longer by 1: e^(1 − 4/3)
    const expected = Math.exp((Math.log(2 / 3) + Math.log(1 / 3) + Math.log(1 / 2)) / 4 + (1 - 4 / 3));
    expect(bleu(words('the the cat'), [words('a cat the b')])).toBeCloseTo(expected, 12);
  });

  it('of a set is 1 for one text said again and again, less for different ones, and always 0 to 1', () => {
    expect(selfBleu([words('a b c d e'), words('a b c d e')])).toBeCloseTo(1, 12);
    expect(selfBleu([words('a b c d e'), words('f g h i j')])).toBe(0);
    expect(selfBleu([words('a b c d e')])).toBe(0);
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        const value = selfBleu(texts);
        expect(value >= 0 && value <= 1 + 1e-12).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe('entropyOf', () => {
  it('is log k for k alike, 0 for one, and does not mind the scale', () => {
    expect(entropyOf([2, 2, 2, 2])).toBeCloseTo(Math.log(4), 12);
    expect(entropyOf([0, 5, 0])).toBe(0);
    expect(entropyOf([0.7, 0.2, 0.1])).toBeCloseTo(0.8018185525, 9);
    expect(entropyOf([])).toBe(0);
  });
});
