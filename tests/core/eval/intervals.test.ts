/** @file Intervals hold what they should: known values of Wilson's, and the truth in about 95 of 100 samples. */
import { describe, expect, it } from 'vitest';
import { bootstrap, meanOf, shareOf } from '../../../src/core/eval/intervals';
import { Random } from '../../../src/core/random';
import { mean } from '../../../src/core/rl/advantages';

const outcomes = (right: number, n: number) => Array.from({ length: n }, (_, i) => i < right);

describe('shareOf', () => {
  it('is Wilson’s interval (values of statsmodels proportion_confint)', () => {
    const half = shareOf(outcomes(50, 100));
    expect([half.low, half.value, half.high].map((x) => Number(x.toFixed(4)))).toEqual([0.4038, 0.5, 0.5962]);
    const all = shareOf(outcomes(20, 20));
    expect([all.low, all.value, all.high].map((x) => Number(x.toFixed(4)))).toEqual([0.8389, 1, 1]);
    expect(shareOf(outcomes(0, 20)).low).toBe(0);
  });

  it('of nothing says nothing', () => {
    expect(shareOf([])).toEqual({ value: 0, low: 0, high: 1, n: 0 });
  });

  it('holds the truth about 95 times in 100', () => {
    const random = new Random('coverage');
    let held = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const { low, high } = shareOf(Array.from({ length: 60 }, () => random.chance(0.9)));
      if (low <= 0.9 && 0.9 <= high) held++;
    }
    expect(held).toBeGreaterThan(920);
    expect(held).toBeLessThan(990);
  });
});

describe('bootstrap', () => {
  it('holds the mean of normal numbers about 95 times in 100', () => {
    const random = new Random('normal');
    let held = 0;
    for (let trial = 0; trial < 300; trial++) {
      const { low, high } = meanOf(
        Array.from({ length: 50 }, () => 3 + random.normal()),
        trial,
      );
      if (low <= 3 && 3 <= high) held++;
    }
    expect(held).toBeGreaterThan(265);
    expect(held).toBeLessThan(298);
  });

  it('gives the same interval for the same seed, and always one around the value', () => {
    const numbers = Array.from({ length: 30 }, (_, i) => i * i);
    expect(meanOf(numbers, 'a')).toEqual(meanOf(numbers, 'a'));
    expect(meanOf(numbers, 'a')).not.toEqual(meanOf(numbers, 'b'));
    const numDistinct = bootstrap(numbers, (items) => new Set(items).size);
    expect(numDistinct).toMatchObject({ value: 30, high: 30, n: 30 });
    expect(numDistinct.low).toBeLessThan(30);
    expect(bootstrap([7], mean)).toEqual({ value: 7, low: 7, high: 7, n: 1 });
  });
});
