/**
 * @file KL estimators: what they average to, how widely they scatter, and what they do as a loss.
 *
 * Discrete expectations are sums over π; those of the Gaussian table (Schulman, joschu.net/blog/kl-approx.html) integrals.
 */
import { describe, expect, it } from 'vitest';
import { k1, k2, k3 } from '../../../src/core/rl/kl';
import { clippedPolicyGradient } from '../../../src/core/algorithms/objectives';
import { expectAllclose } from '../../helpers/allclose';
import { numericalGradient } from '../../../src/core/selftest/numbers';
import { dot, logSoftmax, onTable, policyFeeds } from '../algorithms/table-policy';

const POLICY = [0.7, 0.2, 0.1];
const REFERENCE = [0.5, 0.3, 0.2];
const [logprobs, refLogprobs] = [POLICY.map(Math.log), REFERENCE.map(Math.log)];
const KL = 0.085122826;
const estimators = { k1, k2, k3 };

/** Σ π(a) · k(a). */
const expected = (k: typeof k1, policy = POLICY) =>
  dot(
    policy,
    policy.map((p, i) => k(Math.log(p), refLogprobs[i]!)),
  );

describe('averaged over the policy', () => {
  it('k1 and k3 are KL(policy ‖ reference), k2 is not', () => {
    expect(expected(k1)).toBeCloseTo(KL, 9);
    expect(expected(k3)).toBeCloseTo(KL, 9);
    expect(expected(k2)).toBeCloseTo(0.0800875942, 9);
  });

  it('k3 with the ratio turned round is not the KL', () => {
    expect(expected((logprob, refLogprob) => k3(refLogprob, logprob))).not.toBeCloseTo(KL, 2);
  });
});

describe('one token at a time', () => {
  it('k2 and k3 are never negative, k1 is when the reference likes the token better', () => {
    for (const [logprob, refLogprob] of [
      [-1, -2],
      [-2, -1],
      [-3, -3],
      [-1e-9, -8],
    ] as const) {
      expect(k2(logprob, refLogprob)).toBeGreaterThanOrEqual(0);
      expect(k3(logprob, refLogprob)).toBeGreaterThanOrEqual(0);
      expect(Math.sign(k1(logprob, refLogprob))).toBe(Math.sign(logprob - refLogprob));
    }
  });

  it('all are 0 where policy and reference agree', () => {
    for (const k of Object.values(estimators)) expect(Math.abs(k(-1.7, -1.7))).toBe(0);
  });

  it('k3 keeps its precision close to 0, where it is half the squared log-ratio', () => {
    expect(k3(-1, -1 + 1e-7) / 0.5e-14).toBeCloseTo(1, 1);
  });
});

describe('for q = N(0, 1) and p = N(μ, 1), bias and spread relative to the KL are those of the table', () => {
  /** E over q, by the trapezium rule, which is exact to rounding for a Gaussian. */
  const overGaussian = (f: (x: number) => number) => {
    const h = 0.01;
    let sum = 0;
    for (let i = -1400; i <= 1400; i++) sum += (f(i * h) * h * Math.exp(-((i * h) ** 2) / 2)) / Math.sqrt(2 * Math.PI);
    return sum;
  };

  it.each([
    [0.1, 'k1', 0, 20.0],
    [0.1, 'k2', 0.0025, 1.41774],
    [0.1, 'k3', 0, 1.41657],
    [1, 'k1', 0, 2.0],
    [1, 'k2', 0.25, 1.73205],
    [1, 'k3', 0, 1.69503],
  ] as const)('μ = %d: %s is off by %d, scatters by %d', (mu, name, bias, spread) => {
    const trueKl = mu ** 2 / 2;
    const k = (x: number) => estimators[name](-(x ** 2) / 2, -((x - mu) ** 2) / 2);
    const average = overGaussian(k);
    expect((average - trueKl) / trueKl).toBeCloseTo(bias, 6);
    expect(Math.sqrt(overGaussian((x) => (k(x) - average) ** 2)) / trueKl).toBeCloseTo(spread, 5);
  });
});

describe('as a loss, the sampled value has as gradient with respect to logits (arXiv 2510.01555)', () => {
  it.each([
    ['k1', 'nothing at all', [0, 0, 0]],
    ['k2', 'that of KL(policy ‖ reference)', [0.17594459, -0.09811759, -0.077827]],
    ['k3', 'that of KL(reference ‖ policy): π − ref', [0.2, -0.1, -0.1]],
  ] as const)('%s: %s', (name, _, golden) => {
    // Tokens were drawn before the step: their weights π do not move with the logits.
    const loss = (x: Float64Array) =>
      dot(
        POLICY,
        logSoftmax([...x]).map((logprob, i) => estimators[name](logprob, refLogprobs[i]!)),
      );
    expect(Math.max(...[...numericalGradient(loss, Float64Array.from(logprobs))].map((g, i) => Math.abs(g - golden[i]!)))).toBeLessThan(
      1e-8,
    );
  });

  it("GRPO's penalty is k3: its metric averages to the KL, its gradient is π − ref", () => {
    const feeds = policyFeeds({ weights: POLICY.map((p) => [p]), refLogprobs: refLogprobs.map((logprob) => [logprob]), klCoef: 1 });
    const batch = { states: [[0], [0], [0]], tokens: [[0], [1], [2]] };
    const { loss, gradient, metrics } = onTable(clippedPolicyGradient({ reusesBatch: false }), [logprobs], batch, feeds);
    expect(metrics.kl![0]).toBeCloseTo(KL, 7);
    expect(loss).toBeCloseTo(KL, 7); // advantages are 0
    expectAllclose(gradient, [0.2, -0.1, -0.1], 1e-7);
  });

  it('the vector of k2 is indeed the gradient of KL(policy ‖ reference), by differences', () => {
    const kl = (x: Float64Array) => {
      const found = logSoftmax([...x]);
      return dot(
        found.map(Math.exp),
        found.map((logprob, i) => logprob - refLogprobs[i]!),
      );
    };
    expectAllclose(numericalGradient(kl, Float64Array.from(logprobs)), [0.17594459, -0.09811759, -0.077827], 1e-7);
  });
});
