/**
 * @file Random numbers: reproducible, splittable, and uniform, normal and fair enough.
 */
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random';

/** First draws times 2²⁴: a change here changes every seed's meaning, and with it every stored run. */
const GOLDEN = {
  seed1: [5867238, 5386328, 13762311, 12544412],
  text: [11387109, 15050312, 5209815, 2410797],
  child: [12678659, 13706723, 14819750, 695725],
};

const draws = (random: Random, count = 4) => Array.from({ length: count }, () => random.uniform());

describe('a stream', () => {
  it('is the same for the same seed, today and in a year', () => {
    expect(draws(new Random(1))).toEqual(draws(new Random(1)));
    expect(draws(new Random(1)).map((x) => x * 2 ** 24)).toEqual(GOLDEN.seed1);
    expect(draws(new Random('a seed')).map((x) => x * 2 ** 24)).toEqual(GOLDEN.text);
    expect(draws(new Random(1).split('child')).map((x) => x * 2 ** 24)).toEqual(GOLDEN.child);
  });

  it('is another for another seed', () => {
    const firsts = Array.from({ length: 500 }, (_, seed) => new Random(seed).uniform());
    expect(new Set(firsts).size).toBe(500);
  });

  it('stays in [0, 1) on a grid of 2⁻²⁴, so that float32 holds it exactly', () => {
    const random = new Random(7);
    for (let i = 0; i < 10_000; i++) {
      const x = random.uniform();
      expect(x >= 0 && x < 1 && Math.fround(x) === x && Number.isInteger(x * 2 ** 24)).toBe(true);
    }
  });
});

describe('a child', () => {
  it('does not depend on how much was drawn before it was made, nor changes what is drawn after', () => {
    const [fresh, used] = [new Random(3), new Random(3)];
    draws(used, 100);
    expect(draws(used.split('x'))).toEqual(draws(fresh.split('x')));
    const [one, other] = [new Random(3), new Random(3)];
    one.split('x');
    expect(draws(one)).toEqual(draws(other));
  });

  it('differs from its siblings, its parent and its own children', () => {
    const parent = new Random(3);
    const streams = [
      parent,
      parent.split('a'),
      parent.split('b'),
      parent.split(0),
      parent.split('a').split('a'),
      parent.split('a').split('b'),
    ];
    expect(new Set(streams.map((stream) => draws(stream).join())).size).toBe(streams.length);
  });

  it('is not correlated with its parent or its sibling', () => {
    const pairs: [Random, Random][] = [
      [new Random(3), new Random(3).split(0)],
      [new Random(3).split(0), new Random(3).split(1)],
      [new Random(3), new Random(4)],
    ];
    for (const [a, b] of pairs) {
      const n = 20_000;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
      expect(Math.abs((12 * sum) / n)).toBeLessThan(4 / Math.sqrt(n)); // a correlation; its standard error is 1/√n
    }
  });
});

describe('distributions', () => {
  const n = 50_000;
  const moments = (draw: () => number) => {
    const numbers = Array.from({ length: n }, draw);
    const mean = numbers.reduce((sum, x) => sum + x, 0) / n;
    return [mean, numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n] as const;
  };
  const within = 4 / Math.sqrt(n); // four standard errors of a mean with unit variance

  it('uniform has mean 1/2 and variance 1/12', () => {
    const random = new Random(1);
    const [mean, variance] = moments(() => random.uniform());
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(within * 0.29);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(within * 0.08);
  });

  it('normal has mean 0, variance 1, and 68.3 % within one', () => {
    const random = new Random(2);
    let numInside = 0;
    const [mean, variance] = moments(() => {
      const x = random.normal();
      numInside += Number(Math.abs(x) < 1);
      return x;
    });
    expect(Math.abs(mean)).toBeLessThan(within);
    expect(Math.abs(variance - 1)).toBeLessThan(within * Math.SQRT2);
    expect(Math.abs(numInside / n - 0.6827)).toBeLessThan(within * 0.47);
  });

  it('integer gives each below the limit equally often', () => {
    const random = new Random(3);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < n; i++) counts[random.integer(7)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - n / 7) ** 2 / (n / 7), 0);
    expect(chiSquare).toBeLessThan(22.5); // 6 degrees of freedom, p = 0.001
  });

  it('chance and pickWeighted keep to their probabilities', () => {
    const random = new Random(4);
    const [mean] = moments(() => Number(random.chance(0.2)));
    expect(Math.abs(mean - 0.2)).toBeLessThan(within * 0.4);
    const counts = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < n; i++) counts[random.pickWeighted(['a', 'b', 'c'] as const, [1, 0, 3])]++;
    expect(counts.b).toBe(0);
    expect(Math.abs(counts.a / n - 0.25)).toBeLessThan(within * 0.44);
  });

  it('chance 0 never comes true and chance 1 always', () => {
    const random = new Random(5);
    for (let i = 0; i < 1000; i++) expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
  });
});

describe('a shuffle', () => {
  it('is a permutation, and leaves its argument alone', () => {
    const items = Array.from({ length: 30 }, (_, i) => i);
    const shuffled = new Random(1).shuffle(items);
    expect(items).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });

  it('gives all six orders of three equally often', () => {
    const random = new Random(2);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.shuffle([0, 1, 2]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(20.5); // 5 degrees of freedom, p = 0.001
  });
});

describe('nothing to pick from', () => {
  it('is a RangeError', () => {
    expect(() => new Random(1).pick([])).toThrow(RangeError);
    expect(() => new Random(1).pickWeighted([], [])).toThrow(RangeError);
  });
});
