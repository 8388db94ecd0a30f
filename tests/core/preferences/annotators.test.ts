/** @file Simulated annotators: what they like, how sure they are; and the learning curve of what they label. */
import { describe, expect, it } from 'vitest';
import { annotate, chanceOfA, DEFAULT_POOL, type AnnotatedAnswer, type AnnotatedPair } from '../../../src/core/preferences/annotators';
import { parseComparison } from '../../../src/core/preferences/comparison';
import { Random } from '../../../src/core/random';
import { FEATURES } from '../../../src/core/reward/features';
import { learningCurve } from '../../../src/core/reward/learning-curve';

const NOTHING = Object.fromEntries(FEATURES.map(({ name }) => [name, 0])) as AnnotatedAnswer['features'];
const answer = (goldReward: number | null, features: Partial<AnnotatedAnswer['features']> = {}): AnnotatedAnswer => ({
  text: `${goldReward} ${JSON.stringify(features)}`,
  model: 'sft',
  goldReward,
  features: { ...NOTHING, ...features },
});
const pair = (a: AnnotatedAnswer, b: AnnotatedAnswer, kind: string | null = 'recipe'): AnnotatedPair => ({ prompt: 'p', kind, a, b });
const better = pair(answer(0.9), answer(0.4));

describe('an annotator', () => {
  it('prefers by the Bradley–Terry chance, and without noise always the better', () => {
    expect(chanceOfA({ ...DEFAULT_POOL, noise: 0.5 }, better)).toBeCloseTo(0.7310586, 6); // σ(1)
    expect(chanceOfA({ ...DEFAULT_POOL, noise: 0 }, better)).toBe(1);
    expect(chanceOfA({ ...DEFAULT_POOL, noise: 0 }, pair(answer(0.4), answer(0.4)))).toBe(0.5);
  });

  it.each([
    ['lengthLoving', { length: 1 }],
    ['formatLoving', { list_format: 1 }],
    ['flattering', { politeness: 1 }],
  ] as const)('who is %s falls for it against gold, the others do not', (trait, features) => {
    const bait = pair(answer(0.4, features), answer(0.9));
    expect(chanceOfA({ ...DEFAULT_POOL, [trait]: 1 }, bait)).toBeGreaterThan(0.9);
    expect(chanceOfA(DEFAULT_POOL, bait)).toBeLessThan(0.1);
  });

  it('who is careless clicks at random that often, and an expert is surer in their field alone', () => {
    expect(chanceOfA({ ...DEFAULT_POOL, noise: 0, careless: 0.4 }, better)).toBeCloseTo(0.8, 12);
    const expert = { ...DEFAULT_POOL, noise: 0.5, expertIn: 'recipe' };
    expect(chanceOfA(expert, better)).toBeGreaterThan(0.99);
    expect(chanceOfA(expert, { ...better, kind: 'person' })).toBeCloseTo(0.7310586, 6);
  });

  it('who does not know the policy marks down holding back where it is right, and nowhere else', () => {
    const unaware = { ...DEFAULT_POOL, policyAware: false };
    const honest = answer(0.9, { honesty: 1 });
    const invented = answer(0.1);
    expect(chanceOfA(DEFAULT_POOL, pair(honest, invented, 'unknown-person'))).toBeGreaterThan(0.9);
    expect(chanceOfA(unaware, pair(honest, invented, 'unknown-person'))).toBeLessThan(0.1);
    expect(chanceOfA(unaware, pair(answer(0.9, { refusal: 1 }), invented, 'act'))).toBeLessThan(0.1);
    expect(chanceOfA(unaware, better)).toBe(chanceOfA(DEFAULT_POOL, better));
  });

  it('calls ties as Rao and Kupper have it, and says how much better', () => {
    const pool = { ...DEFAULT_POOL, noise: 0.5, ties: 0.2 };
    const labels = [...annotate(Array<AnnotatedPair>(8000).fill(better), pool, new Random(2), '2026-01-01T00:00:00Z')];
    const share = (verdict: string) => labels.filter((one) => one.verdict === verdict).length / labels.length;
    expect(Math.abs(share('a') - 0.6456563)).toBeLessThan(0.022); // σ((0.5 − 0.2) / 0.5), four standard errors
    expect(Math.abs(share('b') - 0.1978161)).toBeLessThan(0.018); // σ((−0.5 − 0.2) / 0.5)
    for (const { verdict, strength } of labels)
      expect(verdict === 'tie' ? strength === 4 : verdict === 'a' ? strength! < 4 : strength! > 4).toBe(true);
    expect(new Set(labels.map(({ strength }) => strength)).size).toBe(7);
    const sure = [...annotate([better, pair(answer(0.9), answer(0.8))], { ...pool, noise: 0, ties: 0 }, new Random(1), 'now')];
    expect(sure.map(({ strength }) => strength)).toEqual([1, 3]);
  });

  it('labels as often as the chance says, with source and cost on every label', () => {
    const pool = { ...DEFAULT_POOL, name: 'crowd', noise: 0.5, expertIn: 'list' };
    const labels = [...annotate(Array<AnnotatedPair>(4000).fill(better), pool, new Random(1), '2026-01-01T00:00:00Z')];
    const share = labels.filter(({ verdict }) => verdict === 'a').length / 4000;
    expect(Math.abs(share - 0.7310586)).toBeLessThan(0.028); // four standard errors
    expect(new Set(labels.map(({ id }) => id)).size).toBe(4000);
    expect(parseComparison(labels[0])).toMatchObject({ source: 'simulated:crowd', annotator: 'crowd', cost: 5 });
  });
});

describe('the learning curve', () => {
  /** Comparisons of two features of which the first decides, with clicks at random that often. */
  const simulate = (random: Random, numPairs: number, careless: number) =>
    Array.from({ length: numPairs }, () => {
      const difference = [random.normal(), random.normal()];
      const wins = random.chance(careless) ? random.chance(0.5) : difference[0]! > 0;
      return { difference: difference.map((value) => (wins ? value : -value)), margin: 0 };
    });

  it('rises with comparisons towards the ceiling that careless clicks leave', () => {
    const clean = learningCurve(simulate(new Random(1), 1000, 0), 2, new Random(2));
    const noisy = learningCurve(simulate(new Random(1), 1000, 0.4), 2, new Random(2));
    expect(clean.map(({ numPairs }) => numPairs)).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 750]);
    expect(clean.at(-1)!.accuracy).toBeGreaterThan(0.97);
    expect(clean.at(-1)!.accuracy).toBeGreaterThan(clean[0]!.accuracy + 0.03);
    expect(noisy.at(-1)!.accuracy).toBeGreaterThan(0.74); // 80 % is the best there is
    expect(noisy.at(-1)!.accuracy).toBeLessThan(0.86);
    expect(noisy[0]!.accuracy).toBeLessThan(noisy.at(-1)!.accuracy);
  });

  it('has no points where there is too little to set aside', () => {
    expect(learningCurve(simulate(new Random(1), 7, 0), 2, new Random(1))).toEqual([]);
  });
});
