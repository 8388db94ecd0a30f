/**
 * @file Cross-entropy and Bradley–Terry: golden values, gradients, and what they average over.
 */
import { describe, expect, it } from 'vitest';
import { bradleyTerry, crossEntropy } from '../../../src/core/algorithms/objectives';
import { expectAllclose } from '../../helpers/allclose';
import { float64 } from '../../helpers/graphs';
import { numericalGradient } from '../../../src/core/selftest/numbers';
import { logSoftmax, onScores, onTable } from './table-policy';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('cross-entropy', () => {
  const logits = [
    [0.3, -1, 0.8],
    [1, 0, -0.5],
  ];
  const batch = {
    states: [
      [0, 1],
      [1, 0],
    ],
    tokens: [
      [2, 0],
      [1, 1],
    ],
  };
  const loss = (weights: number[]) => onTable(crossEntropy, logits, batch, { weights: float64([2, 2], weights) });
  const p = logits.map((row) => logSoftmax(row).map(Math.exp));

  it('is −Σ weight · log p of the tokens', () => {
    const weights = [0.4, 0.3, 0, 0.3];
    const expected = -(0.4 * Math.log(p[0]![2]!) + 0.3 * Math.log(p[1]![0]!) + 0.3 * Math.log(p[0]![1]!));
    expect(loss(weights).loss).toBeCloseTo(expected, 12);
  });

  it('has gradient weight · (p − one-hot), summed over the visits to a state', () => {
    const [a, b, c, d] = [0.4, 0.3, 0.2, 0.1];
    const state0 = p[0]!.map((prob, v) => a * (prob - Number(v === 2)) + d * (prob - Number(v === 1)));
    const state1 = p[1]!.map((prob, v) => b * (prob - Number(v === 0)) + c * (prob - Number(v === 1)));
    expectAllclose(loss([a, b, c, d]).gradient, [...state0, ...state1], 1e-12);
  });

  it('is ln V for a policy that knows nothing', () => {
    const even = onTable(crossEntropy, [[7, 7, 7, 7]], { states: [[0]], tokens: [[2]] }, { weights: float64([1, 1], [1]) });
    expect(even.loss).toBeCloseTo(Math.log(4), 12);
  });
});

describe('Bradley–Terry', () => {
  const pair = (margin: number, centring = 0, [chosen, rejected] = [1.2, 0.3]) =>
    onScores(bradleyTerry({ centring }), [chosen, rejected], { margins: float64([1], [margin]) });

  it.each([
    [0, 0.3411539],
    [1 / 3, 0.4494269],
    [1, 0.7443967],
  ])('of scores 1.2 and 0.3 with margin %d is %d', (margin, golden) => {
    expect(pair(margin).loss).toBeCloseTo(golden, 7);
  });

  it('without margin is −log of the probability that the chosen is better, 0.7109495', () => {
    expect(Math.exp(-pair(0).loss)).toBeCloseTo(0.7109495, 7);
    expect(pair(0).loss).toBeCloseTo(-Math.log(sigmoid(0.9)), 12);
  });

  it('with centring 0.01 is 0.0225 more, and its gradient pulls the sum of the scores to 0', () => {
    expect(pair(0, 0.01).loss - pair(0).loss).toBeCloseTo(0.0225, 8);
    const [without, centred] = [pair(0).gradient, pair(0, 0.01).gradient];
    expect(without[0]! + without[1]!).toBeCloseTo(0, 12);
    expect(centred[0]! + centred[1]!).toBeCloseTo(4 * 0.01 * 1.5, 8);
  });

  it('has gradient ∓ the probability of being wrong', () => {
    expectAllclose(pair(0.5).gradient, [-sigmoid(0.5 - 0.9), sigmoid(0.5 - 0.9)], 1e-7);
  });

  it('knows only differences of scores when nothing centres them', () => {
    expect(pair(0.2, 0, [101.2, 100.3]).loss).toBeCloseTo(pair(0.2).loss, 10);
    expect(pair(0.2, 0.01, [101.2, 100.3]).loss).toBeGreaterThan(100);
  });

  it.each([
    [-500, 500],
    [500, -500],
  ])('of scores %d and %d neither overflows nor loses its gradient', (chosen, rejected) => {
    const { loss, gradient } = pair(0, 0, [chosen, rejected]);
    expect(loss).toBeCloseTo(Math.max(0, rejected - chosen), 9);
    expectAllclose(gradient, chosen < rejected ? [-1, 1] : [0, 0], 1e-12);
  });

  it('averages over pairs; the first half of the batch are the chosen, in the order of the rejected', () => {
    const scores = [1.2, -0.4, 2, 0.3, 0.6, 1.1];
    const feeds = { margins: float64([3], [0, 1 / 3, 1]) };
    const { loss, metrics, gradient } = onScores(bradleyTerry({ centring: 0.01 }), scores, feeds);
    const each = [0, 1, 2].map((i) => pair([0, 1 / 3, 1][i]!, 0.01, [scores[i]!, scores[i + 3]!]).loss);
    expect(loss).toBeCloseTo(each.reduce((sum, one) => sum + one, 0) / 3, 7);
    expect(metrics.margin![0]).toBeCloseTo((0.9 - 1 + 0.9) / 3, 7);
    expect(metrics.scores).toEqual(scores);
    const f = (x: Float64Array) => onScores(bradleyTerry({ centring: 0.01 }), [...x], feeds).loss;
    expectAllclose(gradient, numericalGradient(f, Float64Array.from(scores)), 1e-7);
  });
});
