/**
 * @file GRPO's objective in expectation, by enumeration: a decoder over 3 tokens and 3 steps, and a bandit of 3 arms.
 */
import { describe, expect, it } from 'vitest';
import { clippedPolicyGradient } from '../../../src/core/algorithms/objectives';
import { interpret } from '../../../src/core/graph/interpreter';
import { parameterLayout } from '../../../src/core/model/parameters';
import { gradientProgram, scoreProgram } from '../../../src/core/model/programs';
import { Random } from '../../../src/core/random';
import { groupAdvantages } from '../../../src/core/rl/advantages';
import { k1 } from '../../../src/core/rl/kl';
import { expectAllclose } from '../../helpers/allclose';
import { centralDifference } from '../../../src/core/selftest/numbers';
import { float64, ints } from '../../helpers/graphs';
import { livelyTheta, tinyConfig } from '../../helpers/tiny-config';
import { dot, logSoftmax, onTable, policyFeeds } from './table-policy';

const firstPass = clippedPolicyGradient({ reusesBatch: false });

describe('in a world of three tokens and three steps, averaged over all 27 sequences,', () => {
  const config = tinyConfig({
    vocabularySize: 3,
    width: 4,
    numLayers: 1,
    numHeads: 1,
    headSize: 2,
    feedForwardSize: 3,
    padTokenId: 0,
    eosTokenIds: [2],
  });
  const N = parameterLayout(config).numParameters;
  const theta = Float64Array.from(livelyTheta(config, 8));
  const shape = { batch: 27, length: 3 };
  const sequences = Array.from({ length: 27 }, (_, i) => [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3]);
  const tokens = ints(
    [27, 4],
    sequences.flatMap((sequence) => [0, ...sequence]),
  );
  /** Anything but a sum over tokens: 2 for a rising sequence, 1 for a repeated token in front, minus the last token. */
  const rewards = sequences.map(([a, b, c]) => 2 * Number(a! < b! && b! < c!) + Number(a === b) - 0.5 * c!);
  const inverseTemperature = float64([], [1 / 0.8]);
  const score = scoreProgram(config, shape);
  /** Log-probability of each token of each sequence, [27][3]. */
  const tokenLogprobs = (weights: Float64Array) => {
    const { logprobs } = interpret(score, { theta: float64([N], weights), tokens, inverse_temperature: inverseTemperature });
    return sequences.map((_, row) => [...logprobs!.exact.subarray(3 * row, 3 * row + 3)]);
  };
  const probabilities = (weights: Float64Array) => tokenLogprobs(weights).map((row) => Math.exp(row.reduce((sum, x) => sum + x, 0)));
  const objective = (weights: Float64Array) => dot(probabilities(weights), rewards);
  const program = gradientProgram(config, shape, firstPass, { temperature: true });
  const gradientOf = (advantages: readonly number[], changes: Partial<Parameters<typeof policyFeeds>[0]> = {}) => {
    const p = probabilities(theta);
    const feeds = { weights: p.map((one) => [one, one, one]), advantages, ...changes };
    const inputs = { ...policyFeeds(feeds), theta: float64([N], theta), tokens, inverse_temperature: inverseTemperature };
    return interpret(program, inputs).gradient!.exact;
  };
  const directions = Array.from({ length: 6 }, (_, seed) => {
    const random = new Random(`direction ${seed}`);
    return Array.from({ length: N }, () => random.normal());
  });
  const slopes = (f: (weights: Float64Array) => number) => directions.map((direction) => centralDifference(f, theta, direction));
  const along = (gradient: Float64Array) => directions.map((direction) => dot(direction, [...gradient]));

  it('the probabilities add up to 1, so that nothing is left out', () => {
    expect(probabilities(theta).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...probabilities(theta))).toBeGreaterThan(1e-6);
  });

  it('the gradient of the loss is that of −E[reward]', () => {
    expectAllclose(
      along(gradientOf(rewards)),
      slopes((weights) => -objective(weights)),
      1e-6,
    );
  });

  it('a baseline changes nothing', () => {
    const gradient = gradientOf(rewards);
    expectAllclose(gradientOf(rewards.map((reward) => reward - 1.7)), gradient, 1e-7);
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.01);
  });

  it('advantages with k1 taken off give that of −E[reward] + β KL(policy ‖ reference) of whole sequences', () => {
    const beta = 0.3;
    const referenceTheta = Float64Array.from(livelyTheta(config, 9));
    const [here, there] = [tokenLogprobs(theta), tokenLogprobs(referenceTheta)];
    const k1OfSequence = (row: readonly number[], i: number) => row.reduce((sum, logprob, t) => sum + k1(logprob, there[i]![t]!), 0);
    const kl = (weights: Float64Array) => dot(probabilities(weights), tokenLogprobs(weights).map(k1OfSequence));
    const advantages = rewards.map((reward, i) => reward - beta * k1OfSequence(here[i]!, i));
    expectAllclose(
      along(gradientOf(advantages)),
      slopes((weights) => beta * kl(weights) - objective(weights)),
      1e-6,
    );
  });

  it('the k3 penalty pushes as the sampled k3 does with the samples held fixed', () => {
    const there = tokenLogprobs(Float64Array.from(livelyTheta(config, 9)));
    const drawn = probabilities(theta);
    const sampled = (weights: Float64Array) =>
      dot(
        drawn,
        tokenLogprobs(weights).map((row, i) =>
          row.reduce((sum, logprob, t) => sum + Math.expm1(there[i]![t]! - logprob) - (there[i]![t]! - logprob), 0),
        ),
      );
    expectAllclose(
      along(
        gradientOf(
          rewards.map(() => 0),
          { refLogprobs: there, klCoef: 1 },
        ),
      ),
      slopes(sampled),
      1e-6,
    );
  });
});

describe('a bandit of three arms, reference (.7, .2, .1), rewards (0, 1, 2)', () => {
  const REFERENCE = [0.7, 0.2, 0.1].map(Math.log);
  const REWARDS = [0, 1, 2];
  const arms = { states: [[0], [0], [0]], tokens: [[0], [1], [2]] };
  const softmax = (logits: readonly number[]) => logSoftmax(logits).map(Math.exp);

  /** Gradient descent with every arm weighed by its probability: no sampling noise, so it ends at the fixed point. */
  const converge = (advantagesOf: (policy: readonly number[]) => number[], klCoef: number, numSteps = 400) => {
    let logits = REFERENCE;
    let step = Infinity;
    for (let i = 0; i < numSteps; i++) {
      const policy = softmax(logits);
      const feeds = policyFeeds({
        weights: policy.map((p) => [p]),
        advantages: advantagesOf(policy),
        refLogprobs: REFERENCE.map((logprob) => [logprob]),
        klCoef,
      });
      const { gradient } = onTable(firstPass, [logits], arms, feeds);
      logits = logits.map((logit, arm) => logit - 2 * gradient[arm]!);
      step = Math.max(...gradient.map(Math.abs));
    }
    expect(step, 'gradient at the end').toBeLessThan(1e-7);
    return softmax(logits);
  };
  const centred = (policy: readonly number[]) => REWARDS.map((reward) => reward - dot(policy, REWARDS));

  it.each([
    [1, [0.3530785, 0.2742191, 0.3727024], 0.335234, 1.0196239, 0.6843899],
    [0.5, [0.0916515, 0.1934909, 0.7148576], 1.2133253, 1.6232061, 1.0165434],
  ])('with k1 in the reward converges to π* ∝ ref · exp(r / β), of value β log Z: β = %d', (beta, golden, kl, reward, value) => {
    const found = converge((policy) => REWARDS.map((r, arm) => r - beta * k1(Math.log(policy[arm]!), REFERENCE[arm]!)), 0);
    found.forEach((p, arm) => expect(p).toBeCloseTo(golden[arm]!, 5));
    expect(
      dot(
        found,
        found.map((p, arm) => Math.log(p) - REFERENCE[arm]!),
      ),
    ).toBeCloseTo(kl, 5);
    expect(dot(found, REWARDS)).toBeCloseTo(reward, 5);
    expect(dot(found, REWARDS) - beta * kl).toBeCloseTo(value, 5);
  });

  it.each([1, 0.5])(
    'with the k3 penalty in the loss, which pulls along KL(ref ‖ π), converges to π = β · ref / (β − A), not to π*: β = %d',
    (beta) => {
      const found = converge(centred, beta);
      const advantages = centred(found);
      found.forEach((p, arm) => expect(p).toBeCloseTo((beta * Math.exp(REFERENCE[arm]!)) / (beta - advantages[arm]!), 5));
      const optimum = softmax(REWARDS.map((reward, arm) => REFERENCE[arm]! + reward / beta));
      expect(Math.max(...found.map((p, arm) => Math.abs(p - optimum[arm]!)))).toBeGreaterThan(0.05);
      expect(dot(found, REWARDS)).toBeGreaterThan(0.5); // the reference has 0.4
    },
  );

  it('without a penalty goes for the best arm alone', () => {
    let logits = [0, 0, 0];
    for (let i = 0; i < 200; i++) {
      const policy = softmax(logits);
      const feeds = policyFeeds({ weights: policy.map((p) => [p]), advantages: centred(policy) });
      logits = onTable(firstPass, [logits], arms, feeds).gradient.map((g, arm) => logits[arm]! - 2 * g);
    }
    expect(softmax(logits)[2]).toBeGreaterThan(0.99);
  });

  it.each([2, 3])('over all groups of %i draws, advantages less the group mean give (G − 1) / G of the gradient', (groupSize) => {
    const logits = [0.3, -0.5, 0.1];
    const policy = softmax(logits);
    const total = [0, 0, 0];
    for (let code = 0; code < 3 ** groupSize; code++) {
      const draws = Array.from({ length: groupSize }, (_, i) => Math.floor(code / 3 ** i) % 3);
      const probability = draws.reduce((product, arm) => product * policy[arm]!, 1);
      const feeds = policyFeeds({
        weights: draws.map(() => [1 / groupSize]),
        advantages: groupAdvantages(
          draws.map((arm) => REWARDS[arm]!),
          groupSize,
          'none',
        ).advantages,
      });
      const batch = { states: draws.map(() => [0]), tokens: draws.map((arm) => [arm]) };
      onTable(firstPass, [logits], batch, feeds).gradient.forEach((g, arm) => (total[arm]! += probability * g));
    }
    const expected = policy.map((p, arm) => (-(groupSize - 1) / groupSize) * p * (REWARDS[arm]! - dot(policy, REWARDS)));
    expectAllclose(total, expected, 1e-6);
  });
});
