/**
 * @file The clipped policy gradient against a reference written by hand, on a table policy: step 0, clipping, padding, KL.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { clippedPolicyGradient } from '../../../src/core/algorithms/objectives';
import { k3 } from '../../../src/core/rl/kl';
import { expectAllclose } from '../../helpers/allclose';
import { numericalGradient } from '../../../src/core/selftest/numbers';
import { dot, logSoftmax, onTable, policyFeeds, type TableBatch } from './table-policy';

const LOGITS = [
  [0.2, -0.7, 1.1],
  [-0.3, 0.4, 0.9],
];
const BATCH: TableBatch = {
  states: [
    [0, 1, 0],
    [1, 1, 0],
  ],
  tokens: [
    [2, 0, 1],
    [1, 2, 0],
  ],
};
/** The last position of the second row is padding. */
const WEIGHTS = [
  [0.2, 0.2, 0.2],
  [0.2, 0.2, 0],
];
const ADVANTAGES = [1.3, -0.8];
const firstPass = clippedPolicyGradient({ reusesBatch: false });
const laterPass = clippedPolicyGradient({ reusesBatch: true });

const logprobsOf = (logits: readonly (readonly number[])[]) =>
  BATCH.states.map((row, b) => row.map((state, t) => logSoftmax(logits[state]!)[BATCH.tokens[b]![t]!]!));
const now = logprobsOf(LOGITS);
const shiftedBy = (shifts: readonly (readonly number[])[]) => now.map((row, b) => row.map((logprob, t) => logprob + shifts[b]![t]!));
const asRows = (x: Float64Array) => [Array.from(x.subarray(0, 3)), Array.from(x.subarray(3))];
const start = Float64Array.from(LOGITS.flat());

/** The loss as one would write it down, log-probabilities in, nothing shared with the graph but the formula. */
function reference(
  logprobs: readonly (readonly number[])[],
  old: readonly (readonly number[])[],
  ref: readonly (readonly number[])[],
  { klCoef, clipRange }: { klCoef: number; clipRange: number },
) {
  let [loss, clipped, kl, ratioSum] = [0, 0, 0, 0];
  WEIGHTS.forEach((row, b) =>
    row.forEach((weight, t) => {
      if (weight === 0) return;
      const ratio = Math.exp(logprobs[b]![t]! - old[b]![t]!);
      const advantage = ADVANTAGES[b]!;
      const isClipped = advantage > 0 ? ratio > 1 + clipRange : ratio < 1 - clipRange;
      const bounded = isClipped ? (advantage > 0 ? 1 + clipRange : 1 - clipRange) : ratio;
      const penalty = k3(logprobs[b]![t]!, ref[b]![t]!);
      loss += weight * (klCoef * penalty - bounded * advantage);
      clipped += weight * Number(isClipped);
      kl += weight * penalty;
      ratioSum += weight * ratio;
    }),
  );
  return { loss, clipped, kl, ratio: ratioSum };
}

describe('before the first step', () => {
  const feeds = policyFeeds({ weights: WEIGHTS, advantages: ADVANTAGES, refLogprobs: now, oldLogprobs: now, klCoef: 0.3 });

  it.each([
    ['first pass', firstPass],
    ['later pass', laterPass],
  ])('the ratio is 1, step KL, KL to the reference and clipped share are 0: %s', (_, objective) => {
    const { metrics, loss } = onTable(objective, LOGITS, BATCH, feeds);
    expect(metrics.ratio![0]).toBeCloseTo(1, 12);
    for (const name of ['approx_kl', 'clipped', 'kl']) expect(Math.abs(metrics[name]![0]!), name).toBeLessThan(1e-15);
    expect(loss).toBeCloseTo(-(0.6 * 1.3 - 0.4 * 0.8), 7);
  });

  it.each([
    ['first pass', firstPass],
    ['later pass', laterPass],
  ])("the gradient is REINFORCE's, that of −Σ w · A · log p: %s", (_, objective) => {
    const reinforce = (x: Float64Array) => {
      const logprobs = logprobsOf(asRows(x));
      return -WEIGHTS.reduce((sum, row, b) => sum + ADVANTAGES[b]! * dot(row, logprobs[b]!), 0);
    };
    expectAllclose(onTable(objective, LOGITS, BATCH, feeds).gradient, numericalGradient(reinforce, start), 1e-7);
  });

  it('the entropy reported is the mean entropy of the states visited', () => {
    const entropies = LOGITS.map((row) => -dot(logSoftmax(row).map(Math.exp), logSoftmax(row)));
    expect(onTable(firstPass, LOGITS, BATCH, feeds).metrics.entropy![0]).toBeCloseTo(0.4 * entropies[0]! + 0.6 * entropies[1]!, 7);
  });

  it('the log-probabilities reported are those of the tokens', () => {
    expectAllclose(onTable(firstPass, LOGITS, BATCH, feeds).metrics.logprobs!, now.flat(), 1e-12);
  });
});

describe('after a step', () => {
  /** log ρ of each token: some inside the range, some beyond either end, for advantages of both signs. */
  const logRatios = [
    [0.5, -0.5, 0.05],
    [0.6, -0.6, 0],
  ];
  const old = shiftedBy(logRatios.map((row) => row.map((shift) => -shift)));
  const ref = shiftedBy([
    [-0.4, 0.3, 0.1],
    [0.2, -0.9, 0],
  ]);
  const evaluate = (klCoef: number, clipRange: number) =>
    onTable(
      laterPass,
      LOGITS,
      BATCH,
      policyFeeds({ weights: WEIGHTS, advantages: ADVANTAGES, refLogprobs: ref, oldLogprobs: old, klCoef, clipRange }),
    );

  it.each([
    [0, 0.2],
    [0.3, 0.2],
    [0.3, 0.05],
    [0.3, 0.5],
    [1, 5],
  ])('loss, metrics and gradient are those of the formula by hand: β = %d, ε = %d', (klCoef, clipRange) => {
    const { loss, gradient, metrics } = evaluate(klCoef, clipRange);
    const byHand = reference(now, old, ref, { klCoef, clipRange });
    expect(loss).toBeCloseTo(byHand.loss, 6);
    for (const name of ['clipped', 'kl', 'ratio'] as const) expect(metrics[name]![0], name).toBeCloseTo(byHand[name], 6);
    const f = (x: Float64Array) => reference(logprobsOf(asRows(x)), old, ref, { klCoef, clipRange }).loss;
    expectAllclose(gradient, numericalGradient(f, start), 1e-6);
  });

  it('clips a risen ratio of a good token and a fallen ratio of a bad one, and no other', () => {
    expect(evaluate(0, 0.2).metrics.clipped![0]).toBeCloseTo(0.4, 12); // (0, 0) and (1, 1)
    expect(evaluate(0, 5).metrics.clipped![0]).toBe(0);
  });

  it('reports ½ (log ρ)² as the step KL', () => {
    expect(evaluate(0, 0.2).metrics.approx_kl![0]).toBeCloseTo(0.2 * 0.5 * (0.25 + 0.25 + 0.0025 + 0.36 + 0.36), 9);
  });

  it.each([
    ['a good token that became likelier', 1, 0.5, 1.2, 0],
    ['a good token that became rarer', 1, -0.5, Math.exp(-0.5), Math.exp(-0.5)],
    ['a bad token that became rarer', -1, -0.5, -0.8, 0],
    ['a bad token that became likelier', -1, 0.5, -Math.exp(0.5), -Math.exp(0.5)],
    ['a good token within the range', 1, 0.1, Math.exp(0.1), Math.exp(0.1)],
  ])('%s counts for what it should: A = %d, log ρ = %d', (_, advantage, logRatio, surrogate, pull) => {
    const logits = [[0.4, -0.2, 0]];
    const logprob = logSoftmax(logits[0]!)[1]!;
    const feeds = policyFeeds({
      weights: [[1]],
      advantages: [advantage],
      oldLogprobs: [[logprob - logRatio]],
    });
    const { loss, gradient } = onTable(laterPass, logits, { states: [[0]], tokens: [[1]] }, feeds);
    expect(loss).toBeCloseTo(-surrogate, 6);
    const scoreFunction = logSoftmax(logits[0]!).map((lp, v) => Number(v === 1) - Math.exp(lp));
    gradient.forEach((g, v) => expect(g).toBeCloseTo(-pull * scoreFunction[v]!, 6));
  });
});

describe('padding', () => {
  it('of any content changes nothing: no value, no gradient, no NaN', () => {
    const feeds = (atPadding: number, ahead: number) =>
      policyFeeds({
        weights: WEIGHTS,
        advantages: ADVANTAGES,
        klCoef: 0.3,
        refLogprobs: now.map((row, b) => row.map((logprob, t) => (b === 1 && t === 2 ? atPadding : logprob - 0.1))),
        oldLogprobs: now.map((row, b) => row.map((logprob, t) => (b === 1 && t === 2 ? ahead : logprob + 0.05))),
      });
    const plain = onTable(laterPass, LOGITS, BATCH, feeds(-1, -1));
    expect(plain.loss).not.toBe(0);
    fc.assert(
      fc.property(fc.constantFrom(-1e30, -5000, 0, 5000, 1e30), fc.constantFrom(-1e30, -5000, 0, 5000, 1e30), (ref, old) => {
        const { loss, gradient, metrics } = onTable(laterPass, LOGITS, BATCH, feeds(ref, old));
        expect(loss).toBe(plain.loss);
        expect(gradient).toEqual(plain.gradient);
        expect({ ...metrics }).toEqual(plain.metrics);
      }),
    );
  });
});
