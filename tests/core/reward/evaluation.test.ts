/** @file Measures of a reward model against numbers worked out by hand, and against what they promise. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random';
import { correlation, evaluatePairs, rankCorrelation, wilson } from '../../../src/core/reward/evaluation';

describe('Wilson’s interval', () => {
  it.each([
    [8, 10, 0.490162, 0.943318],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
    [50, 100, 0.403832, 0.596168],
  ])('of %i in %i is %f to %f', (right, count, low, high) => {
    expect(wilson(right, count).low).toBeCloseTo(low, 5);
    expect(wilson(right, count).high).toBeCloseTo(high, 5);
  });

  it('of nothing says nothing', () => {
    expect(wilson(0, 0)).toEqual({ share: 0.5, low: 0, high: 1, count: 0 });
  });

  it('holds the true share with a probability near 95 %, worked out exactly, on average over shares', () => {
    const numTrials = 40;
    const coverage = (share: number) => {
      let [probability, covered] = [(1 - share) ** numTrials, 0];
      for (let right = 0; right <= numTrials; right++) {
        const { low, high } = wilson(right, numTrials);
        if (low <= share && share <= high) covered += probability;
        probability *= ((numTrials - right) / (right + 1)) * (share / (1 - share)); // of one more
      }
      return covered;
    };
    const shares = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
    expect(Math.min(...shares.map(coverage))).toBeGreaterThan(0.85);
    const average = shares.map(coverage).reduce((sum, one) => sum + one, 0) / shares.length;
    expect(Math.abs(average - 0.95)).toBeLessThan(0.01);
  });
});

describe('evaluating pairs', () => {
  it('counts winners, ties as half, and takes the golden loss', () => {
    const { accuracy, loss, margin } = evaluatePairs([0.9, -0.9, 0, 2]);
    expect(accuracy.share).toBe(2.5 / 4);
    expect(margin).toBe(0.5);
    expect(evaluatePairs([1.2 - 0.3]).loss).toBeCloseTo(0.3411539, 6);
    expect(loss).toBeCloseTo((0.3411539 + 1.2411539 + Math.LN2 + Math.log1p(Math.exp(-2))) / 4, 6);
  });

  const judged = (scale: number) => {
    const random = new Random(7);
    return Array.from({ length: 20_000 }, () => {
      const difference = 2 * random.normal();
      return random.chance(1 / (1 + Math.exp(-difference))) ? scale * difference : -scale * difference;
    });
  };

  it('finds a model that is as sure as it is right calibrated, and one twice as sure not', () => {
    expect(evaluatePairs(judged(1)).calibrationError).toBeLessThan(0.015);
    const sure = evaluatePairs(judged(3));
    expect(sure.calibrationError).toBeGreaterThan(0.1);
    expect(sure.reliability.at(-1)!.confidence).toBeGreaterThan(sure.reliability.at(-1)!.right.high);
  });

  it('of no pairs is a guess', () => {
    expect(evaluatePairs([])).toMatchObject({ loss: Math.LN2, margin: 0, reliability: [], calibrationError: 0 });
  });
});

describe('correlation', () => {
  it('is 1 along a line, −1 against it, 0 where nothing varies', () => {
    expect(correlation([1, 2, 3], [5, 7, 9])).toBeCloseTo(1, 12);
    expect(correlation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(correlation([1, 2, 3], [4, 4, 4])).toBe(0);
    expect(correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])).toBeCloseTo(0.8, 12);
  });

  it('of ranks sees any rising curve as a line, and lets equal values share a rank', () => {
    expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 1, 2], [1, 2, 3])).toBeCloseTo(Math.sqrt(3) / 2, 12);
  });
});
