/**
 * @file Group advantages: the golden numbers, and what holds for any rewards.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { bestOfGroups, groupAdvantages, leaveOneOut, mean, standardDeviation } from '../../../src/core/rl/advantages';
import { expectAllclose } from '../../helpers/allclose';

const REWARDS = [1, 0, 0, 0.5];
const rewards = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });

describe('advantages of a group', () => {
  it('divide by the standard deviation with Bessel’s correction + 1e-4, as TRL does', () => {
    const { advantages, rewardStd, fracZeroStd } = groupAdvantages(REWARDS, 4);
    expectAllclose(advantages, [1.30531, -0.783186, -0.783186, 0.261062], 1e-6);
    expect(rewardStd).toBeCloseTo(0.4787136, 7);
    expect(fracZeroStd).toBe(0);
  });

  it("without scaling are Dr. GRPO's: the reward less the mean", () => {
    expect(groupAdvantages(REWARDS, 4, 'none').advantages).toEqual([0.625, -0.375, -0.375, 0.125]);
  });

  it('scaled by the batch divide every group by the spread of all rewards', () => {
    const rewards = [...REWARDS, 2, 2, 2, 2];
    const { advantages } = groupAdvantages(rewards, 4, 'batch');
    const deviation = standardDeviation(rewards) + 1e-4;
    expectAllclose(
      advantages,
      [0.625, -0.375, -0.375, 0.125, 0, 0, 0, 0].map((a) => a / deviation),
      1e-12,
    );
  });

  it('are 0 when all rewards are equal, which is counted', () => {
    expect(groupAdvantages([2, 2, 2, 2, 0, 1, 0, 1], 4)).toMatchObject({ fracZeroStd: 0.5 });
    expect(groupAdvantages([2, 2, 2, 2], 4).advantages).toEqual([0, 0, 0, 0]);
    // A mean of tenths is rounded: still no lesson to be learned from it.
    for (const advantage of groupAdvantages(new Array<number>(7).fill(0.1), 7).advantages) expect(Math.abs(advantage)).toBeLessThan(1e-9);
    expect(groupAdvantages(new Array<number>(7).fill(0.1), 7).fracZeroStd).toBe(1);
  });

  it('of a group of one are 0', () => {
    expect(groupAdvantages([3, 5], 1)).toEqual({ advantages: [0, 0], rewardStd: 0, fracZeroStd: 1 });
  });

  it('compare within groups only: another group’s rewards change nothing', () => {
    const alone = groupAdvantages(REWARDS, 4).advantages;
    const beside = groupAdvantages([9, -9, 4, 0, ...REWARDS], 4);
    expect(beside.advantages.slice(4)).toEqual(alone);
    expect(beside.rewardStd).toBeCloseTo((standardDeviation([9, -9, 4, 0]) + standardDeviation(REWARDS)) / 2, 12);
  });

  it('add up to 0, keep the order, and do not change when a constant is added to the rewards', () => {
    fc.assert(
      fc.property(rewards, fc.double({ min: -5, max: 5, noNaN: true }), (group, shift) => {
        const { advantages } = groupAdvantages(group, 4);
        expect(Math.abs(mean(advantages))).toBeLessThan(1e-9);
        for (let i = 1; i < 4; i++) if (group[i]! > group[0]! + 1e-9) expect(advantages[i]).toBeGreaterThan(advantages[0]!);
        const shifted = groupAdvantages(
          group.map((reward) => reward + shift),
          4,
        ).advantages;
        shifted.forEach((advantage, i) => expect(Math.abs(advantage - advantages[i]!)).toBeLessThan(1e-6));
      }),
      { seed: 1 },
    );
  });

  it('have standard deviation 1, up to the 1e-4, whatever the scale of the rewards', () => {
    for (const factor of [1, 100]) {
      const { advantages } = groupAdvantages(
        REWARDS.map((reward) => factor * reward),
        4,
      );
      expect(standardDeviation(advantages)).toBeCloseTo(1, 3);
      expect(standardDeviation(advantages)).toBeLessThan(1);
    }
  });

  it.each([
    [[1, 2, 3], 2],
    [[1], 0],
    [[1, 2], -2],
  ])('of %j in groups of %d are refused', (numbers, groupSize) => {
    expect(() => groupAdvantages(numbers, groupSize)).toThrow(RangeError);
  });
});

describe('leave-one-out', () => {
  it('compares with the mean of the others: RLOO’s numbers, G / (G − 1) times Dr. GRPO’s', () => {
    expectAllclose(leaveOneOut(REWARDS, 4), [0.8333333, -0.5, -0.5, 0.1666667], 1e-6);
    expectAllclose(
      leaveOneOut(REWARDS, 4),
      groupAdvantages(REWARDS, 4, 'none').advantages.map((a) => (4 / 3) * a),
      1e-12,
    );
  });

  it('knows no others in a group of one, and stays within groups', () => {
    expect(leaveOneOut([3, 5], 1)).toEqual([0, 0]);
    expect(leaveOneOut([3, 5, 1, 1], 2)).toEqual([-2, 2, 0, 0]);
    expect(leaveOneOut([2, 2, 2], 3)).toEqual([0, 0, 0]);
    expect(() => leaveOneOut([1, 2, 3], 2)).toThrow(RangeError);
  });
});

it('the best of a group is its largest reward, of equals the first', () => {
  expect(bestOfGroups([1, 3, 2, 5, 5, 0], 3)).toEqual([1, 3]);
});

describe('mean and standard deviation', () => {
  it('of nothing are 0, and so is the deviation of one number', () => {
    expect([mean([]), standardDeviation([]), standardDeviation([7])]).toEqual([0, 0, 0]);
  });

  it('divide by n and n − 1', () => {
    expect([mean([1, 2, 6]), standardDeviation([1, 2, 6])]).toEqual([3, Math.sqrt(7)]);
  });
});
