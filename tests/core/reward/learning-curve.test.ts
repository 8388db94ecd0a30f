/** @file Learning curves under noise of our own making: what labels turned round cost. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random';
import type { FeaturePair } from '../../../src/core/reward/bradley-terry';
import { learningCurve } from '../../../src/core/reward/learning-curve';

describe('labels turned round', () => {
  /** Two features, of which the first decides. */
  const random = new Random('pairs');
  const pairs = Array.from({ length: 800 }, (): FeaturePair => {
    const [first, second] = [random.normal(), random.normal()];
    return { difference: [Math.abs(first), second], margin: 0 };
  });
  const curve = (flipShare: number) => learningCurve(pairs, 2, new Random('shuffles'), { flipShare });
  const last = (flipShare: number) => curve(flipShare).at(-1)!.accuracy;

  it('cost more the fewer labels there are, and little with many', () => {
    const [plain, noisy] = [curve(0), curve(0.3)];
    expect(plain[0]!.accuracy - noisy[0]!.accuracy).toBeGreaterThan(0.1);
    expect(plain.at(-1)!.accuracy - noisy.at(-1)!.accuracy).toBeLessThan(0.06);
    expect(last(0)).toBeGreaterThan(0.97);
  });

  it('all of them teach the opposite; those that are asked about are left alone', () => {
    expect(last(1)).toBeLessThan(0.03);
  });
});
