/** @file Best of n: its KL, its estimate from a pool against all subsets, and its limits. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random';
import { bestOfN, bestOfNCurve, bestOfNKl, bestOfNWeights } from '../../../src/core/reward/best-of-n';

function* subsets<T>(items: readonly T[], n: number): Generator<readonly T[]> {
  if (n === 0) yield [];
  for (let i = 0; i <= items.length - n && n > 0; i++) for (const rest of subsets(items.slice(i + 1), n - 1)) yield [items[i]!, ...rest];
}

describe('best of n', () => {
  it.each([
    [1, 0],
    [2, 0.193147],
    [4, 0.636294],
    [8, 1.204442],
    [16, 1.835089],
    [32, 2.496986],
    [64, 3.174508],
    [128, 3.859843],
  ])('of %i is %f nats away', (n, kl) => {
    expect(bestOfNKl(n)).toBeCloseTo(kl, 6);
  });

  it.each([1, 2, 3, 7])('from a pool of 7 is the mean over all subsets of %i', (n) => {
    const random = new Random(2);
    const pool = Array.from({ length: 7 }, () => ({ proxy: random.normal(), gold: random.uniform() }));
    const best = [...subsets(pool, n)].map((subset) => subset.reduce((top, one) => (one.proxy > top.proxy ? one : top)));
    const mean = (name: 'proxy' | 'gold') => best.reduce((sum, one) => sum + one[name], 0) / best.length;
    const found = bestOfN(pool, n);
    expect(found.proxy).toBeCloseTo(mean('proxy'), 12);
    expect(found.gold).toBeCloseTo(mean('gold'), 12);
  });

  it.each([
    [2, 0.7, 0.097583],
    [4, 1.1038, 0.472531],
    [16, 1.811375, 1.673984],
  ])('of %i from base (.7, .2, .1) with rewards (0, 1, 2) has reward %f and is %f nats away: ties are nearer', (n, reward, kl) => {
    const [base, size] = [[0.7, 0.2, 0.1], 100_000];
    const pool = base.flatMap((share, r) => Array.from({ length: Math.round(share * size) }, () => ({ proxy: r, gold: r })));
    expect(bestOfN(pool, n).proxy).toBeCloseTo(reward, 4);
    const chances = [0, 0, 0];
    bestOfNWeights(size, n).forEach((weight, rank) => (chances[pool[rank]!.proxy]! += weight));
    expect(chances.reduce((sum, p, r) => sum + p * Math.log(p / base[r]!), 0)).toBeCloseTo(kl, 3);
    expect(kl).toBeLessThan(bestOfNKl(n));
  });

  it('shares the chances among equal rewards: a constant reward changes nothing', () => {
    const pool = [0.2, 0.4, 0.9].map((gold) => ({ proxy: 1, gold }));
    expect(bestOfN(pool, 3).gold).toBeCloseTo(0.5, 12);
  });

  it('has chances that sum to 1, and refuses an n that the pool cannot give', () => {
    for (const n of [1, 5, 128]) expect(bestOfNWeights(128, n).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(() => bestOfNWeights(4, 5)).toThrow(RangeError);
  });

  it('draws proxy up for ever, and gold down, when the reward is wrong about the best', () => {
    const random = new Random(5);
    const pools = Array.from({ length: 40 }, () =>
      Array.from({ length: 64 }, () => {
        const proxy = random.normal();
        return { proxy, gold: proxy < 1 ? proxy : 2 - 2 * proxy };
      }),
    );
    const curve = bestOfNCurve(pools);
    expect(curve.map(({ n }) => n)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(curve[0]!.proxy).toBeCloseTo(0, 12);
    curve.slice(1).forEach((point, index) => expect(point.proxy).toBeGreaterThan(curve[index]!.proxy));
    const peak = curve.reduce((top, point) => (point.gold > top.gold ? point : top));
    expect(peak.n).toBeGreaterThan(1);
    expect(curve.at(-1)!.gold).toBeLessThan(peak.gold - 0.5);
  });
});
