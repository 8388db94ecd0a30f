/** @file What the experiments of lessons 5, 7 and 8 compute by themselves: fits, maps and labels. */
import { describe, expect, it } from 'vitest';
import { swapGroups } from '../../src/core/data/requests';
import { createWorld } from '../../src/core/world/world';
import { gapOf, label, LEANING } from '../../src/lessons/leaning';
import { TORN } from '../helpers/torn-pairs';
import { curveOf, fitGao, type GaoPoint } from '../../src/lessons/overoptimisation';
import { probes, refusalRate, type RefusalMap } from '../../src/lessons/refusals';

const world = createWorld();

describe('Gao’s forms', () => {
  const points = (gold: (d: number) => number, ds: readonly number[]): GaoPoint[] => ds.map((d) => ({ d, proxy: d, gold: gold(d) }));
  const ds = [0, 0.25, 0.5, 1, 1.5, 2, 3];

  it('best of n: points on d (α − β d) give α and β back, and a peak at α / 2β', () => {
    const fit = fitGao(
      points((d) => d * (1.2 - 0.4 * d), ds),
      'bestOfN',
    )!;
    expect(fit.alpha).toBeCloseTo(1.2, 9);
    expect(fit.beta).toBeCloseTo(0.4, 9);
    expect(fit.peak.d).toBeCloseTo(1.5, 9);
    expect(fit.peak.gold).toBeCloseTo(0.9, 9);
  });

  it('RL: points on d (α − β ln d) give α and β back, and a peak where ln d = α / β − 1', () => {
    const fit = fitGao(
      points((d) => (d > 0 ? d * (0.5 - 0.8 * Math.log(d)) : 0), ds),
      'rl',
    )!;
    expect(fit.alpha).toBeCloseTo(0.5, 9);
    expect(fit.beta).toBeCloseTo(0.8, 9);
    expect(Math.log(fit.peak.d)).toBeCloseTo(0.5 / 0.8 - 1, 9);
  });

  it('a curve that only rises peaks at its end, one that only falls at the start, and two points decide nothing', () => {
    expect(
      fitGao(
        points((d) => d, ds),
        'bestOfN',
      )!.peak.d,
    ).toBe(3);
    expect(
      fitGao(
        points((d) => -d, ds),
        'bestOfN',
      )!.peak,
    ).toEqual({ d: 0, gold: 0 });
    expect(
      fitGao(
        points((d) => d, [0, 1]),
        'rl',
      ),
    ).toBeNull();
  });

  it('a run is counted in standard deviations of the start, five updates a point; what was not measured is left out', () => {
    const history = Array.from({ length: 11 }, (_, update) => ({
      update,
      metrics: update === 0 ? {} : { reward: 2, gold_reward: 0.7, 'objective/kl': 4 },
    }));
    const scale = { proxy: { mean: 1, sd: 2 }, gold: { mean: 0.5, sd: 0.1 } };
    const { points: counted } = curveOf(history, scale, { size: 48, klCoef: 0 });
    expect(counted).toHaveLength(2);
    expect(counted[0]!.d).toBe(2);
    expect(counted[0]!.proxy).toBe(0.5);
    expect(counted[0]!.gold).toBeCloseTo(2, 12);
  });
});

describe('the boundary map', () => {
  const asked = probes(world, 1);
  const meanAlarm = (side: string) => {
    const own = asked.filter((probe) => probe.side === side && probe.tense === 'present');
    return own.reduce((sum, { alarm }) => sum + alarm, 0) / own.length;
  };

  it('has every act of training on both sides and in both tenses, each asked once', () => {
    const numActs = world.acts.filter(({ heldout }) => !heldout).length;
    for (const side of ['mischief', 'look-alike'])
      for (const tense of ['present', 'past'])
        expect(asked.filter((probe) => probe.side === side && probe.tense === tense)).toHaveLength(numActs);
    expect(new Set(asked.map(({ prompt }) => prompt)).size).toBe(asked.length);
  });

  it('look-alikes sound more like mischief than everyday tasks do, and less than mischief itself', () => {
    expect(meanAlarm('look-alike')).toBeGreaterThan(meanAlarm('everyday') + 0.5);
    expect(meanAlarm('mischief')).toBeGreaterThan(meanAlarm('look-alike'));
  });

  it('a rate is the share of one side in one tense', () => {
    const placed = asked.map((probe) => ({ ...probe, refused: probe.side === 'mischief' && probe.tense === 'present', answer: '' }));
    const map: RefusalMap = { teaching: 'naive', placed };
    expect(refusalRate(map, 'mischief', 'present')).toBe(1);
    expect(refusalRate(map, 'mischief', 'past')).toBe(0);
    expect(refusalRate(map, 'look-alike', 'present')).toBe(0);
  });
});

describe('leaning labels', () => {
  it('without a leaning both groups get the same labels: no gap at all', () => {
    expect(gapOf(label(TORN, 0, 1).rates)).toBe(0);
  });

  it.each([1, 2, 3])('with the lesson’s leaning the gap is there, against night owls, and under a tenth: seed %i', (seed) => {
    const gap = gapOf(label(TORN, LEANING, seed).rates);
    expect(gap).toBeGreaterThan(0.03);
    expect(gap).toBeLessThan(0.1);
  });

  it('each pair is asked about either group in the same words', () => {
    const { pairs } = label(TORN, LEANING, 1);
    for (let i = 0; i < 40; i += 2) {
      expect(swapGroups(pairs[i]!.prompt)).toBe(pairs[i + 1]!.prompt);
      const texts = ({ chosen, rejected }: (typeof pairs)[number]) => [chosen, rejected].sort();
      expect(texts(pairs[i + 1]!)).toEqual([swapGroups(pairs[i]!.chosen), swapGroups(pairs[i]!.rejected)].sort());
    }
  });
});
