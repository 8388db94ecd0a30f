/**
 * @file Losses of preference pairs and the clipped value loss: golden values, gradients, padding, and where DPO converges to.
 */
import { describe, expect, it } from 'vitest';
import { clippedValueLoss, preferenceLoss, type PreferenceLoss } from '../../../src/core/algorithms/objectives';
import { lossAtReference } from '../../../src/core/algorithms/pairs';
import { numericalGradient } from '../../../src/core/selftest/numbers';
import { expectAllclose } from '../../helpers/allclose';
import { float64, ints } from '../../helpers/graphs';
import { logSoftmax, onScores, onTable } from './table-policy';

const KINDS: readonly PreferenceLoss[] = ['sigmoid', 'robust', 'ipo', 'hinge'];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

interface Pairs {
  readonly tokens: readonly (readonly number[])[];
  /** Sequence of each token, the chosen first. */
  readonly sequenceOf: readonly number[];
  readonly refSums: readonly number[];
  readonly weights: readonly number[];
  readonly beta: number;
  readonly smoothing?: number;
}

function evaluate(
  lossType: PreferenceLoss,
  logits: readonly number[],
  { tokens, sequenceOf, refSums, weights, beta, smoothing = 0 }: Pairs,
) {
  const n = weights.length;
  const feeds = {
    sequence_of: ints([sequenceOf.length], sequenceOf),
    ref_sums: float64([2 * n], refSums),
    pair_weights: float64([n], weights),
    beta: float64([], [beta]),
    label_smoothing: float64([], [smoothing]),
  };
  return onTable(preferenceLoss({ lossType, numPairs: n }), [logits], { states: tokens.map((row) => row.map(() => 0)), tokens }, feeds);
}

describe('of one pair with log-probabilities −10 and −12, reference −11 and −11.5, β = .1', () => {
  // One token a sequence; the reference is shifted so that h = (−10 + 11) − (−12 + 11.5) = 1.5, which is all a loss sees.
  const logits = [0.3, -0.4, 0.1];
  const logprobs = logSoftmax(logits);
  const pair = (smoothing = 0): Pairs => ({
    tokens: [[0], [1]],
    sequenceOf: [0, 1],
    refSums: [logprobs[0]! - 1, logprobs[1]! + 0.5],
    weights: [1],
    beta: 0.1,
    smoothing,
  });

  it.each([
    ['DPO', 'sigmoid', 0, 0.620957],
    ['cDPO with ε = .1', 'sigmoid', 0.1, 0.635957],
    ['robust DPO with ε = .1', 'robust', 0.1, 0.602207],
    ['hinge', 'hinge', 0, 0.85],
    ['IPO', 'ipo', 0, 12.25],
  ] as const)('%s gives the golden loss', (_, lossType, smoothing, golden) => {
    expect(evaluate(lossType, logits, pair(smoothing)).loss).toBeCloseTo(golden, 5);
  });

  it('DPO pulls with β σ(−βh) = .0462570 on each log-probability', () => {
    const { gradient } = evaluate('sigmoid', logits, pair());
    // d h / d logit is 1 for the chosen, −1 for the rejected: the softmax's own terms cancel.
    expectAllclose(gradient, [-0.046257, 0.046257, 0], 1e-6);
  });
});

describe.each(KINDS)('the %s loss', (lossType) => {
  const logits = [0.5, -0.2, 0.9];
  const pairs: Pairs = {
    tokens: [
      [0, 2],
      [1, 1],
      [2, 0],
      [1, 0],
    ],
    sequenceOf: [0, 0, 1, 2, 2, 3, 3, -1],
    refSums: [-2.5, -0.7, -3.1, -1.4],
    weights: [0.7, 0.3],
    beta: 0.4,
    smoothing: 0.1,
  };

  it('has the gradient of its formula, sequences of different lengths and padding included', () => {
    const flat = pairs.tokens.flat();
    const byHand = (x: Float64Array) => {
      const logprobs = logSoftmax([...x]);
      const sums = [0, 0, 0, 0];
      pairs.sequenceOf.forEach((sequence, i) => sequence >= 0 && (sums[sequence]! += logprobs[flat[i]!]!));
      return [0, 1].reduce((total, i) => {
        const h = sums[i]! - pairs.refSums[i]! - (sums[i + 2]! - pairs.refSums[i + 2]!);
        const [right, wrong] = [-Math.log(sigmoid(0.4 * h)), -Math.log(sigmoid(-0.4 * h))];
        const loss = {
          sigmoid: 0.9 * right + 0.1 * wrong,
          robust: (0.9 * right - 0.1 * wrong) / 0.8,
          ipo: (h - 1 / 0.8) ** 2,
          hinge: Math.max(0, 1 - 0.4 * h),
        }[lossType];
        return total + pairs.weights[i]! * loss;
      }, 0);
    };
    const { loss, gradient } = evaluate(lossType, logits, pairs);
    expect(loss).toBeCloseTo(byHand(Float64Array.from(logits)), 6);
    expectAllclose(gradient, numericalGradient(byHand, Float64Array.from(logits)), 1e-6);
  });

  it('is what it is said to be where the policy is its reference', () => {
    const logprobs = logSoftmax(logits);
    const same: Pairs = {
      ...pairs,
      tokens: [[0], [1]],
      sequenceOf: [0, 1],
      refSums: [logprobs[0]!, logprobs[1]!],
      weights: [1],
      smoothing: 0,
    };
    expect(evaluate(lossType, logits, same).loss).toBeCloseTo(lossAtReference(lossType, 0.4), 6);
  });

  it('does not look at a pair of weight 0', () => {
    const alone = evaluate(lossType, logits, { ...pairs, weights: [0.7, 0] });
    const other = evaluate(lossType, logits, { ...pairs, weights: [0.7, 0], refSums: [-2.5, 5, -3.1, -9] });
    expect(other.loss).toBe(alone.loss);
    expect(other.gradient).toEqual(alone.gradient);
  });
});

describe('DPO on every pair of three arms, labelled as Bradley–Terry would by rewards (0, 1, 2)', () => {
  const REFERENCE = [0.7, 0.2, 0.1].map(Math.log);
  const arms = [
    [0, 1],
    [1, 0],
    [0, 2],
    [2, 0],
    [1, 2],
    [2, 1],
  ] as const;

  it.each([
    [1, [0.3530785, 0.2742191, 0.3727024]],
    [0.5, [0.0916515, 0.1934909, 0.7148576]],
  ])('converges to π* ∝ ref · exp(r / β), that of RL with a KL penalty: β = %d', (beta, golden) => {
    const chances = arms.map(([chosen, rejected]) => sigmoid(chosen - rejected) / 3);
    const rows = [...arms.map(([chosen]) => chosen), ...arms.map(([, rejected]) => rejected)];
    let logits = [...REFERENCE];
    let largest = Infinity;
    for (let step = 0; step < 1500; step++) {
      const { gradient } = evaluate('sigmoid', logits, {
        tokens: rows.map((arm) => [arm]),
        sequenceOf: rows.map((_, i) => i),
        refSums: rows.map((arm) => REFERENCE[arm]!),
        weights: chances,
        beta,
      });
      logits = logits.map((logit, arm) => logit - 4 * gradient[arm]!);
      largest = Math.max(...gradient.map(Math.abs));
    }
    expect(largest).toBeLessThan(1e-7);
    expectAllclose(logSoftmax(logits).map(Math.exp), golden, 1e-5);
  });
});

describe('the clipped value loss', () => {
  const feeds = (weights: readonly number[], clipRange = 0.2) => ({
    weights: float64([4, 1], weights),
    old_values: float64([4, 1], [0, 0, 0, 0]),
    returns: float64([4, 1], [1, 1, -1, 0.1]),
    clip_range: float64([], [clipRange]),
  });
  const values = [0.1, 0.5, 0.5, 0.15];

  it('is half the mean of the larger square: a value beyond its range is judged where the range ends', () => {
    // 0.1 inside; 0.5 towards its return is held at 0.2; 0.5 away from its return is judged as it is; 0.15 inside.
    const squares = [0.9 ** 2, 0.8 ** 2, 1.5 ** 2, 0.05 ** 2];
    const { loss, gradient, metrics } = onScores(clippedValueLoss, values, feeds([0.25, 0.25, 0.25, 0.25]));
    expect(loss).toBeCloseTo(0.125 * squares.reduce((sum, square) => sum + square, 0), 7);
    expectAllclose(gradient, [-0.9 / 4, 0, 1.5 / 4, 0.05 / 4], 1e-6);
    expect(metrics.clipped![0]).toBeCloseTo(0.25, 7);
  });

  it('with a wide range is plain least squares, and padding counts nothing', () => {
    const { loss, gradient } = onScores(clippedValueLoss, values, feeds([0.5, 0.5, 0, 0], 5));
    expect(loss).toBeCloseTo(0.25 * (0.81 + 0.25), 7);
    expectAllclose(gradient, [-0.45, -0.25, 0, 0], 1e-6);
  });
});
