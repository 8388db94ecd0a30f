/**
 * @file From rewards to advantages by token: GAE, whitening, and the adaptive KL coefficient, against numbers worked out by hand.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { adaptKlCoef } from '../../../src/core/rl/adaptive-kl';
import { generalisedAdvantages } from '../../../src/core/rl/gae';
import { whiten } from '../../../src/core/rl/whitening';
import { expectAllclose } from '../../helpers/allclose';

const EXAMPLE = { rewards: [0, 0, 1], values: [0.5, 0.6, 0.7] };

describe('generalised advantages', () => {
  it('of rewards (0, 0, 1) and values (.5, .6, .7) are (.46575, .385, .3), returns (.96575, .985, 1)', () => {
    const { advantages, returns } = generalisedAdvantages(EXAMPLE, { gamma: 1, gaeLambda: 0.95 });
    expectAllclose(advantages, [0.46575, 0.385, 0.3], 1e-6);
    expectAllclose(returns, [0.96575, 0.985, 1], 1e-6);
  });

  const numbers = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 5 });

  it('with λ = 1 are the discounted rest of the rewards less the value', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.double({ min: 0.5, max: 1, noNaN: true }), (rewards, values, gamma) => {
        const { advantages, returns } = generalisedAdvantages({ rewards, values }, { gamma, gaeLambda: 1 });
        rewards.forEach((_, t) => {
          const rest = rewards.slice(t).reduce((sum, reward, k) => sum + gamma ** k * reward, 0);
          expect(returns[t]).toBeCloseTo(rest, 4);
          expect(advantages[t]).toBeCloseTo(rest - values[t]!, 4);
        });
      }),
      { seed: 1 },
    );
  });

  it('with λ = 0 are one step: reward, and next value, less the value', () => {
    const { advantages } = generalisedAdvantages(EXAMPLE, { gamma: 0.9, gaeLambda: 0 });
    expectAllclose(advantages, [0.9 * 0.6 - 0.5, 0.9 * 0.7 - 0.6, 1 - 0.7], 1e-6);
  });

  it('are Σ (γλ)^k δ by definition', () => {
    fc.assert(
      fc.property(numbers, numbers, (rewards, values) => {
        const [gamma, gaeLambda] = [0.97, 0.9];
        const { advantages } = generalisedAdvantages({ rewards, values }, { gamma, gaeLambda });
        const deltas = rewards.map((reward, t) => reward + gamma * (values[t + 1] ?? 0) - values[t]!);
        deltas.forEach((_, t) => {
          const expected = deltas.slice(t).reduce((sum, delta, k) => sum + (gamma * gaeLambda) ** k * delta, 0);
          expect(advantages[t]).toBeCloseTo(expected, 4);
        });
      }),
      { seed: 2 },
    );
  });

  it('are 0 where values foresee everything', () => {
    const { advantages } = generalisedAdvantages({ rewards: [0, 0, 2], values: [2, 2, 2] }, { gamma: 1, gaeLambda: 0.95 });
    expectAllclose(advantages, [0, 0, 0], 1e-6);
  });
});

describe('whitening', () => {
  it('of the golden advantages gives (.991344, .017092, −1.008436), the unbiased variance, however they are spread over rows', () => {
    const golden = [0.991344, 0.017092, -1.008436];
    expectAllclose([...whiten([[0.46575, 0.385, 0.3]])[0]!], golden, 1e-5);
    expectAllclose(
      whiten([[0.46575], [0.385, 0.3]]).flatMap((row) => [...row]),
      golden,
      1e-5,
    );
  });

  it('can leave the mean where it is', () => {
    const kept = [...whiten([[1, 2, 6]], { keepMean: true })[0]!];
    expect(kept.reduce((sum, x) => sum + x, 0) / 3).toBeCloseTo(3, 5);
    expectAllclose(
      kept,
      [...whiten([[1, 2, 6]])[0]!].map((x) => x + 3),
      1e-5,
    );
  });

  it('of equal numbers, of one, of none is 0', () => {
    expectAllclose([...whiten([[2, 2]])[0]!, ...whiten([[7]])[0]!], [0, 0, 0], 1e-9);
    expect(whiten([])).toEqual([]);
  });
});

describe('the adaptive KL coefficient', () => {
  it.each([
    [3, 0.98976],
    [6, 1],
    [9, 1.01024],
  ])('at KL %d changes by %d', (kl, factor) => {
    expect(adaptKlCoef(1, kl, { target: 6, horizon: 10_000 }, 512)).toBeCloseTo(factor, 10);
    expect(adaptKlCoef(0.2, kl, { target: 6, horizon: 10_000 }, 512)).toBeCloseTo(0.2 * factor, 10);
  });
});
