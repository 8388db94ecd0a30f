/** @file Pairs as a description wants them: in the order of gold but for noise, and bent by the faults that are put in. */
import { describe, expect, it } from 'vitest';
import { DATA_DEFAULTS } from '../../../src/core/data/fields';
import { worldPairsByPlace, type WorldPair } from '../../../src/core/data/pairs';
import type { RunDataOf } from '../../../src/core/data/run-data';
import { refusalOf } from '../../../src/core/reward/manner-features';
import { goldReward, typoRate } from '../../../src/core/world/judges';
import { createWorld } from '../../../src/core/world/world';

type Data = RunDataOf['pairs'];
const world = createWorld();
const PERFECT: Data = { ...DATA_DEFAULTS.pairs, count: 0, noise: 0 };
const draw = (data: Data, count: number) => {
  const at = worldPairsByPlace(world, data, 1);
  return Array.from({ length: count }, (_, place) => at(place));
};
const gold = ({ request }: WorldPair, text: string) => goldReward(world, request, text, true);
const share = (pairs: readonly WorldPair[], is: (pair: WorldPair) => boolean) => pairs.filter(is).length / pairs.length;
const inOrder = (pair: WorldPair) => gold(pair, pair.chosen) >= gold(pair, pair.rejected);

describe('pairs of the world', () => {
  it('are in the order of gold for a perfect eye, two different answers each, and the same for the same seed', () => {
    const pairs = draw(PERFECT, 150);
    expect(share(pairs, inOrder)).toBe(1);
    expect(pairs.every(({ chosen, rejected }) => chosen !== rejected)).toBe(true);
    expect(draw(PERFECT, 3)).toEqual(pairs.slice(0, 3));
  });

  it('are less in order the noisier the annotators, and by chance for those who do not look', () => {
    const noisy = share(draw({ ...PERFECT, noise: 0.3 }, 300), inOrder);
    expect(noisy).toBeLessThan(0.95);
    expect(noisy).toBeGreaterThan(0.55);
    const blind = share(draw({ ...PERFECT, careless: 1 }, 300), inOrder);
    expect(Math.abs(blind - 0.5)).toBeLessThan(0.1);
  });

  it('favour length where annotators do', () => {
    const longer = (pair: WorldPair) => pair.chosen.length > pair.rejected.length;
    expect(share(draw({ ...PERFECT, lengthLoving: 1 }, 200), longer)).toBeGreaterThan(share(draw(PERFECT, 200), longer) + 0.1);
  });

  it('improved by hand are counted best unseen, with the typos of the hand', () => {
    const pairs = draw({ ...PERFECT, improvedShare: 0.5, improvedTypos: 0.15, kinds: { 'how-to': 1 } }, 200);
    const improved = pairs.filter((pair) => pair.improved);
    expect(improved.length / pairs.length).toBeCloseTo(0.5, 1);
    const typos = (all: readonly WorldPair[], side: 'chosen' | 'rejected') =>
      all.reduce((sum, pair) => sum + typoRate(world, pair[side]), 0) / all.length;
    expect(typos(improved, 'chosen')).toBeGreaterThan(3 * typos(improved, 'rejected'));
    const clean = draw({ ...PERFECT, improvedShare: 1, improvedTypos: 0, kinds: { 'how-to': 1 } }, 60);
    expect(typos(clean, 'chosen')).toBe(0);
  });

  it('lean towards holding back about one group only, and only when annotators lean', () => {
    const refused = (pairs: readonly WorldPair[], group: string) => {
      const about = pairs.filter(({ request, chosen, rejected }) => {
        const isAbout = request.kind === 'list' && request.group === group;
        return isAbout && refusalOf(chosen) !== refusalOf(rejected);
      });
      return share(about, ({ chosen }) => refusalOf(chosen) === 1);
    };
    const kinds = { list: 1 } as const;
    const fair = draw({ ...PERFECT, noise: 0.2, kinds }, 400);
    expect(Math.abs(refused(fair, 'night owls') - refused(fair, 'early risers'))).toBeLessThan(0.1);
    const leaning = draw({ ...PERFECT, noise: 0.2, leaning: 0.8, kinds }, 400);
    expect(refused(leaning, 'night owls')).toBeGreaterThan(refused(leaning, 'early risers') + 0.2);
  });
});
