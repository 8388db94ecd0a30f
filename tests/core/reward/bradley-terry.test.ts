/** @file Bradley–Terry regression: its golden losses, its optimum, its intervals, its speed. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random';
import { Z_95 } from '../../../src/core/eval/intervals';
import { fitBradleyTerry, logisticLoss, type FeaturePair } from '../../../src/core/reward/bradley-terry';

const TRUE = [1.5, -1, 0.5, 0, 2, -0.3];

/** Comparisons of made-up answers, judged by people who follow the model exactly. */
function simulate(random: Random, numPairs: number, weights: readonly number[] = TRUE): FeaturePair[] {
  return Array.from({ length: numPairs }, () => {
    const difference = weights.map(() => random.uniform() - random.uniform());
    const z = difference.reduce((sum, value, index) => sum + value * weights[index]!, 0);
    const wins = random.chance(1 / (1 + Math.exp(-z)));
    return { difference: wins ? difference : difference.map((value) => -value), margin: 0 };
  });
}

describe('the loss', () => {
  it.each([
    [0, 0.3411539],
    [1 / 3, 0.4494269],
    [1, 0.7443967],
  ])('of rewards 1.2 and 0.3 with margin %f is %f', (margin, expected) => {
    expect(logisticLoss(1.2 - 0.3 - margin)).toBeCloseTo(expected, 6);
  });

  it('does not overflow', () => {
    expect(logisticLoss(800)).toBe(0);
    expect(logisticLoss(-800)).toBe(800);
  });
});

describe('the fit', () => {
  it('is where the gradient vanishes', () => {
    const pairs = simulate(new Random(3), 80).map((pair, index) => ({ ...pair, margin: (index % 4) / 3 }));
    const { weights } = fitBradleyTerry(pairs, TRUE.length, { ridge: 0.5 });
    const objective = (at: readonly number[]) =>
      pairs.reduce((sum, pair) => sum + logisticLoss(pair.difference.reduce((s, x, i) => s + x * at[i]!, 0) - pair.margin), 0) +
      0.25 * at.reduce((sum, w) => sum + w * w, 0);
    weights.forEach((_, index) => {
      const nudged = (by: number) => objective(weights.map((w, i) => (i === index ? w + by : w)));
      expect((nudged(1e-4) - nudged(-1e-4)) / 2e-4).toBeCloseTo(0, 6);
    });
  });

  it('covers the true weights with its 95 % intervals in at least 95 % of 200 simulations, give or take chance', () => {
    const covered = TRUE.map(() => 0);
    for (let run = 0; run < 200; run++) {
      const { weights, standardErrors } = fitBradleyTerry(simulate(new Random(`run ${run}`), 500), TRUE.length, { ridge: 0.01 });
      TRUE.forEach((truth, index) => {
        if (Math.abs(weights[index]! - truth) <= Z_95 * standardErrors[index]!) covered[index]! += 1;
      });
    }
    const share = covered.reduce((sum, count) => sum + count, 0) / (200 * TRUE.length);
    // 1,200 intervals: 95 % with a standard error of 0.6 points. Too wide intervals fail as well.
    expect(share).toBeGreaterThan(0.935);
    expect(share).toBeLessThan(0.965);
  }, 30_000);

  it('covers with its joint 95 % region in at least 95 % of 200 simulations, give or take chance', () => {
    // (ŵ − w)ᵀ I (ŵ − w) is below the 95th percentile of χ² with as many degrees of freedom as weights, 6: 12.5916.
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const pairs = simulate(new Random(`region ${run}`), 500);
      const { weights } = fitBradleyTerry(pairs, TRUE.length, { ridge: 0.01 });
      const off = weights.map((weight, index) => weight - TRUE[index]!);
      const distance = pairs.reduce((sum, { difference }) => {
        const [z, along] = [weights, off].map((vector) => vector.reduce((s, value, i) => s + value * difference[i]!, 0)) as [
          number,
          number,
        ];
        const p = 1 / (1 + Math.exp(-z));
        return sum + p * (1 - p) * along * along;
      }, 0);
      covered += Number(distance <= 12.5916);
    }
    expect(covered).toBeGreaterThanOrEqual(184); // 190 expected, standard error 3
  }, 30_000);

  it('finds the weights and the threshold of Rao and Kupper’s ties, and without ties is what it was', () => {
    const [random, threshold] = [new Random('ties'), 0.6];
    const pairs: FeaturePair[] = [];
    const ties: number[][] = [];
    for (let i = 0; i < 4000; i++) {
      const difference = TRUE.map(() => random.uniform() - random.uniform());
      const z = difference.reduce((sum, value, index) => sum + value * TRUE[index]!, 0);
      const uniform = random.uniform();
      if (uniform < 1 / (1 + Math.exp(threshold - z))) pairs.push({ difference, margin: 0 });
      else if (uniform > 1 - 1 / (1 + Math.exp(threshold + z))) pairs.push({ difference: difference.map((x) => -x), margin: 0 });
      else ties.push(difference);
    }
    expect(ties.length).toBeGreaterThan(800);
    const { weights, standardErrors, tieThreshold, numTies } = fitBradleyTerry(pairs, TRUE.length, { ridge: 0.01, ties });
    expect(numTies).toBe(ties.length);
    expect(tieThreshold!).toBeCloseTo(threshold, 1);
    weights.forEach((weight, index) => expect(Math.abs(weight - TRUE[index]!)).toBeLessThan(3.5 * standardErrors[index]!));
    // Ties say something: intervals are narrower than without them.
    const without = fitBradleyTerry(pairs, TRUE.length, { ridge: 0.01 });
    standardErrors.forEach((error, index) => expect(error).toBeLessThan(without.standardErrors[index]!));
    expect(fitBradleyTerry(pairs, TRUE.length, { ridge: 0.01, ties: [] })).toEqual(without);
    // A warm start ends in the same place.
    const warm = fitBradleyTerry(pairs, TRUE.length, { ridge: 0.01, ties, start: { weights, tieThreshold } });
    warm.weights.forEach((weight, index) => expect(weight).toBeCloseTo(weights[index]!, 8));
  });

  it('of ties alone finds nothing to like, and stays finite', () => {
    const { weights, tieThreshold } = fitBradleyTerry([], 1, { ties: [[1], [-1], [0.5]] });
    expect(weights[0]!).toBeCloseTo(0, 6);
    expect(Number.isFinite(tieThreshold)).toBe(true);
  });

  it('stays finite when the comparisons can be explained perfectly, and says that it is unsure', () => {
    const { weights, standardErrors } = fitBradleyTerry([{ difference: [1, 0], margin: 0 }], 2);
    expect(weights[0]).toBeGreaterThan(0);
    expect(weights[0]).toBeLessThan(2);
    expect(weights[1]).toBe(0);
    expect(standardErrors[1]).toBeCloseTo(2, 12); // all that is known of it is the prior
    expect(weights[0]! - Z_95 * standardErrors[0]!).toBeLessThan(0);
  });

  it('is all zero without comparisons', () => {
    expect(fitBradleyTerry([], 2)).toMatchObject({ weights: [0, 0], numPairs: 0, loss: Math.LN2 });
  });

  it('gives the same from a warm start, and takes less than 5 ms for 500 pairs of 14 features', () => {
    const weights = Array.from({ length: 14 }, (_, index) => Math.sin(index));
    const pairs = simulate(new Random(1), 500, weights);
    const cold = fitBradleyTerry(pairs, 14);
    const more = [...pairs, ...simulate(new Random(2), 1, weights)];
    fitBradleyTerry(more, 14, { start: cold });
    const times = Array.from({ length: 9 }, () => {
      const startedMs = performance.now();
      fitBradleyTerry(more, 14, { start: cold });
      return performance.now() - startedMs;
    }).sort((a, b) => a - b);
    const [warm, fresh] = [fitBradleyTerry(more, 14, { start: cold }), fitBradleyTerry(more, 14)];
    warm.weights.forEach((weight, index) => expect(weight).toBeCloseTo(fresh.weights[index]!, 6));
    expect(times[0]!).toBeLessThan(5);
  });
});
