/**
 * @file Where each method ends on a bandit of three arms, reference (.7, .2, .1), rewards (0, 1, 2): its own advantages and
 * its own loss, averaged over everything that could be drawn, so that no noise is left.
 */
import { describe, expect, it } from 'vitest';
import { clippedPolicyGradient, crossEntropy } from '../../../src/core/algorithms/objectives';
import { tokenWeights, type GrpoLossType } from '../../../src/core/algorithms/grpo';
import { bestOfGroups, leaveOneOut, mean } from '../../../src/core/rl/advantages';
import { generalisedAdvantages } from '../../../src/core/rl/gae';
import { bestOfNKl, k1 } from '../../../src/core/rl/kl';
import { expectAllclose } from '../../helpers/allclose';
import { float64 } from '../../helpers/graphs';
import { dot, logSoftmax, onTable, policyFeeds } from './table-policy';

const REFERENCE = [0.7, 0.2, 0.1].map(Math.log);
const REWARDS = [0, 1, 2];
const OPTIMA = [
  [1, [0.3530785, 0.2742191, 0.3727024]],
  [0.5, [0.0916515, 0.1934909, 0.7148576]],
] as const;
const probabilities = (logits: readonly number[]) => logSoftmax(logits).map(Math.exp);

/** All ways to draw `size` arms, with their probability. */
function draws(policy: readonly number[], size: number): { arms: number[]; chance: number }[] {
  return Array.from({ length: 3 ** size }, (_, code) => {
    const arms = Array.from({ length: size }, (_unused, i) => Math.floor(code / 3 ** i) % 3);
    return { arms, chance: arms.reduce((product, arm) => product * policy[arm]!, 1) };
  });
}

/** The gradient of the loss, with respect to the logits, expected over all draws of a batch. */
function expectedGradient(logits: readonly number[], size: number, advantagesOf: (arms: readonly number[]) => readonly number[]): number[] {
  const all = draws(probabilities(logits), size);
  const feeds = policyFeeds({
    weights: all.flatMap(({ arms, chance }) => arms.map(() => [chance / size])),
    advantages: all.flatMap(({ arms }) => advantagesOf(arms)),
  });
  const rows = all.flatMap(({ arms }) => arms.map((arm) => [arm]));
  return onTable(clippedPolicyGradient({ reusesBatch: false }), [logits], { states: rows.map(() => [0]), tokens: rows }, feeds).gradient;
}

/** Reward less β k1, as REINFORCE, RLOO and PPO have it. */
const penalised = (logits: readonly number[], beta: number) => {
  const logprobs = logSoftmax(logits);
  return (arm: number) => REWARDS[arm]! - beta * k1(logprobs[arm]!, REFERENCE[arm]!);
};

function descend(gradientOf: (logits: readonly number[]) => readonly number[], numSteps = 400): number[] {
  let logits: number[] = [...REFERENCE];
  let largest = Infinity;
  for (let step = 0; step < numSteps; step++) {
    const gradient = gradientOf(logits);
    logits = logits.map((logit, arm) => logit - 2 * gradient[arm]!);
    largest = Math.max(...gradient.map(Math.abs));
  }
  expect(largest, 'gradient at the end').toBeLessThan(1e-6);
  return probabilities(logits);
}

describe.each(OPTIMA)('with KL weight %d', (beta, golden) => {
  it.each([2, 3])('RLOO, groups of %i, and REINFORCE with a batch that large, converge to π* = ref · exp(r / β) / Z', (size) => {
    const found = descend((logits) => expectedGradient(logits, size, (arms) => leaveOneOut(arms.map(penalised(logits, beta)), size)));
    expectAllclose(found, golden, 1e-5);
  });

  it('REINFORCE without a baseline converges there too', () => {
    expectAllclose(
      descend((logits) => expectedGradient(logits, 1, (arms) => arms.map(penalised(logits, beta)))),
      golden,
      1e-5,
    );
  });

  it('PPO, its value model exact, converges there too, also over several clipped passes', () => {
    const found = descend((logits) => {
      // Two passes over all arms, weighed by the policy that drew them.
      const old = logSoftmax(logits);
      const policy = old.map(Math.exp);
      const value = dot(policy, [0, 1, 2].map(penalised(logits, beta)));
      const advantages = [0, 1, 2].map(
        (arm) =>
          generalisedAdvantages({ rewards: [penalised(logits, beta)(arm)], values: [value] }, { gamma: 1, gaeLambda: 0.95 }).advantages[0]!,
      );
      let moved: number[] = [...logits];
      for (let pass = 0; pass < 2; pass++) {
        const feeds = policyFeeds({ weights: policy.map((p) => [p]), advantages, oldLogprobs: old.map((logprob) => [logprob]) });
        const arms = { states: [[0], [0], [0]], tokens: [[0], [1], [2]] };
        const { gradient } = onTable(clippedPolicyGradient({ reusesBatch: true }), [moved], arms, feeds);
        moved = moved.map((logit, arm) => logit - gradient[arm]!);
      }
      return logits.map((logit, arm) => (logit - moved[arm]!) / 2);
    }, 600);
    expectAllclose(found, golden, 1e-4);
  });
});

describe('leave-one-out', () => {
  it.each([2, 3])('is unbiased: over all groups of %i its gradient is that of −E[reward]', (size) => {
    const logits = [0.3, -0.5, 0.1];
    const policy = probabilities(logits);
    const expected = policy.map((p, arm) => -p * (REWARDS[arm]! - dot(policy, REWARDS)));
    expectAllclose(
      expectedGradient(logits, size, (arms) =>
        leaveOneOut(
          arms.map((arm) => REWARDS[arm]!),
          size,
        ),
      ),
      expected,
      1e-6,
    );
  });
});

describe('rejection sampling', () => {
  it.each([
    [2, 0.097583, 0.7],
    [4, 0.472531, 1.1038],
  ])('learns the best-of-n policy, pmf F(i)^n − F(i − 1)^n: n = %i', (n, kl, reward) => {
    const base = probabilities(REFERENCE);
    const cumulative = [base[0]!, base[0]! + base[1]!, 1];
    const pmf = cumulative.map((f, i) => f ** n - (i > 0 ? cumulative[i - 1]! : 0) ** n);
    // Imitating the best of every group that could be drawn: cross-entropy, whose optimum is the distribution imitated.
    const kept = draws(base, n).map(({ arms, chance }) => ({
      arm: arms[
        bestOfGroups(
          arms.map((arm) => REWARDS[arm]!),
          n,
        )[0]!
      ]!,
      chance,
    }));
    const weights = [0, 1, 2].map((arm) => kept.filter((each) => each.arm === arm).reduce((sum, { chance }) => sum + chance, 0));
    expectAllclose(weights, pmf, 1e-12);
    const found = descend(
      (logits) =>
        onTable(crossEntropy, [logits], { states: [[0], [0], [0]], tokens: [[0], [1], [2]] }, { weights: float64([3, 1], weights) })
          .gradient,
    );
    expectAllclose(found, pmf, 1e-5);
    expect(
      dot(
        found,
        found.map((p, arm) => Math.log(p) - REFERENCE[arm]!),
      ),
    ).toBeCloseTo(kl, 4);
    expect(dot(found, REWARDS)).toBeCloseTo(reward, 4);
    expect(kl).toBeLessThan(bestOfNKl(n)); // ties: two arms are drawn equal now and then
  });

  it.each([
    [2, 0.193147],
    [4, 0.636294],
    [8, 1.204442],
    [16, 1.835089],
    [128, 3.859843],
  ])('of %i moves at most %d nats', (n, kl) => {
    expect(bestOfNKl(n)).toBeCloseTo(kl, 6);
  });
});

describe('GRPO’s loss types', () => {
  const part = [3, 1, 2].map((length) => ({ promptTokens: [0], completionTokens: new Array<number>(length).fill(7) }));
  const weights = (type: GrpoLossType, numMiniBatches = 1) =>
    tokenWeights(type, part, { batchTokens: 6 * numMiniBatches + (numMiniBatches - 1) * 4, numMiniBatches, maxCompletionTokens: 10 }).map(
      (row) => [...row],
    );

  it('weigh tokens as their papers say', () => {
    const near = (found: number[][], expected: number[][]) => expectAllclose(found.flat(), expected.flat(), 1e-6);
    near(weights('grpo'), [[1 / 9, 1 / 9, 1 / 9], [1 / 3], [1 / 6, 1 / 6]]);
    near(weights('bnpo'), [[1 / 6, 1 / 6, 1 / 6], [1 / 6], [1 / 6, 1 / 6]]);
    near(weights('dapo'), weights('bnpo')); // one minibatch is the batch
    near(weights('dapo', 2), [[2 / 16, 2 / 16, 2 / 16], [2 / 16], [2 / 16, 2 / 16]]);
    near(weights('dr_grpo'), [[1 / 30, 1 / 30, 1 / 30], [1 / 30], [1 / 30, 1 / 30]]);
  });

  it('give the loss those weights, and leave the measurements means over tokens', () => {
    const logits = [[0.2, -0.4, 0.5]];
    const feeds = policyFeeds({ weights: [[0.25], [0.25], [0.25], [0.25]], advantages: [1, -2, 0.5, 3] });
    const own = { ...feeds, loss_weights: float64([4, 1], [0.1, 0.2, 0.3, 0.4]) };
    const batch = { states: [[0], [0], [0], [0]], tokens: [[0], [1], [2], [0]] };
    const { loss, metrics } = onTable(clippedPolicyGradient({ reusesBatch: false, ownWeights: true }), logits, batch, own);
    expect(loss).toBeCloseTo(-dot([0.1, 0.2, 0.3, 0.4], [1, -2, 0.5, 3]), 6);
    expect(metrics.ratio![0]).toBeCloseTo(1, 9);
    expect(metrics.entropy![0]).toBeCloseTo(-dot(probabilities(logits[0]!), logSoftmax(logits[0]!)), 6);
  });

  it('rehearsal adds the cross-entropy of its own tokens, and no policy gradient to them', () => {
    const logits = [[0.2, -0.4, 0.5]];
    const batch = { states: [[0], [0]], tokens: [[0], [1]] };
    const feeds = policyFeeds({ weights: [[1], [0]], advantages: [2, 0] });
    const rehearsed = { ...feeds, rehearsal_weights: float64([2, 1], [0, 0.7]) };
    const plain = onTable(clippedPolicyGradient({ reusesBatch: false }), logits, batch, feeds);
    const found = onTable(clippedPolicyGradient({ reusesBatch: false, rehearses: true }), logits, batch, rehearsed);
    const p = probabilities(logits[0]!);
    expect(found.loss - plain.loss).toBeCloseTo(-0.7 * Math.log(p[1]!), 6);
    expect(found.metrics.rehearsal![0]).toBeCloseTo(-0.7 * Math.log(p[1]!), 6);
    expectAllclose(
      found.gradient.map((g, i) => g - plain.gradient[i]!),
      p.map((q, arm) => 0.7 * (q - Number(arm === 1))),
      1e-6,
    );
    expect(mean(found.metrics.ratio!)).toBeCloseTo(1, 9);
  });
});
