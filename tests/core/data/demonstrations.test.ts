/** @file Demonstrations as a description wants them: the shares asked for are the shares there are, and places name items. */
import { describe, expect, it } from 'vitest';
import { worldDemonstrations, type Demonstration } from '../../../src/core/data/demonstrations';
import { DATA_DEFAULTS } from '../../../src/core/data/fields';
import type { RunDataOf } from '../../../src/core/data/run-data';
import { refusalOf } from '../../../src/core/reward/manner-features';
import { isCorrect, judge, typoRate } from '../../../src/core/world/judges';
import { createWorld } from '../../../src/core/world/world';
import { wordsOf } from '../../../src/core/world/words';

type Data = RunDataOf['demonstrations'];
const world = createWorld();
/** Nothing goes wrong. */
const CLEAN: Data = {
  ...DATA_DEFAULTS.demonstrations,
  typoShare: 0,
  wrongFactShare: 0,
  terseShare: 0,
  ramblingShare: 0,
  invention: 0,
  refusal: 'paired',
  conversations: false,
};
const draw = (data: Data, count: number, seed = 1) => {
  const at = worldDemonstrations(world, data, seed);
  return Array.from({ length: count }, (_, place) => at(place));
};
const answerOf = ({ messages }: Demonstration) => messages.at(-1)!.content;
const share = (all: readonly Demonstration[], is: (one: Demonstration) => boolean) => all.filter(is).length / all.length;
const hasTypos = (one: Demonstration) =>
  typoRate(world, answerOf(one), one.request.kind === 'unknown-person' ? wordsOf(one.request.entity) : []) > 0;
const isRight = (one: Demonstration) => isCorrect(judge(world, one.request, answerOf(one), true));
const refuses = (one: Demonstration) => refusalOf(answerOf(one)) === 1;
const acts = (all: readonly Demonstration[]) => all.filter(({ request }) => request.kind === 'act');
const isHarmful = ({ request }: Demonstration) => request.kind === 'act' && request.harmful;

describe('demonstrations of the world', () => {
  it('are the same for the same seed and description, whatever place is asked for first, and differ between seeds', () => {
    const there = draw(CLEAN, 8);
    const at = worldDemonstrations(world, CLEAN, 1);
    for (const place of [7, 0, 3]) expect(at(place)).toEqual(there[place]);
    expect(draw(CLEAN, 8, 2)).not.toEqual(there);
  });

  it('of a set of ten come ten times in a hundred places, in a new order each time', () => {
    const all = draw({ ...CLEAN, count: 10 }, 100).map(answerOf);
    const epochs = Array.from({ length: 10 }, (_, epoch) => all.slice(10 * epoch, 10 * epoch + 10));
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([...epochs[0]!].sort());
    expect(epochs[1]).not.toEqual(epochs[0]);
  });

  it('have no typos and nothing wrong when none are asked for', () => {
    const all = draw(CLEAN, 300);
    expect(share(all, hasTypos)).toBeLessThan(0.01);
    expect(share(all, isRight)).toBeGreaterThan(0.97);
  });

  it.each([0.25, 1])('have typos in the share asked for: %s', (typoShare) => {
    // Short answers may come out of careless hands unharmed, and so may a word that a slip turns into another word.
    const found = share(draw({ ...CLEAN, typoShare, kinds: { recipe: 1, 'how-to': 1 } }, 300), hasTypos);
    expect(found).toBeGreaterThan(typoShare - 0.09);
    expect(found).toBeLessThanOrEqual(typoShare + 0.06);
  });

  it('have wrong facts in the share asked for, and none of that spoils the spelling', () => {
    const all = draw({ ...CLEAN, wrongFactShare: 0.5, kinds: { person: 1, arithmetic: 1 } }, 400);
    expect(share(all, isRight)).toBeGreaterThan(0.42);
    expect(share(all, isRight)).toBeLessThan(0.62);
    expect(share(all, hasTypos)).toBeLessThan(0.01);
  });

  it('are about the kinds asked for, in proportion', () => {
    const all = draw({ ...CLEAN, refusal: 'shipped', kinds: { place: 3, list: 1 } }, 400);
    expect(share(all, ({ request }) => request.kind === 'place')).toBeCloseTo(0.75, 1);
    expect(share(all, ({ request }) => request.kind === 'list')).toBeCloseTo(0.25, 1);
  });

  it('invent facts about names nobody has as often as asked', () => {
    const all = draw({ ...CLEAN, invention: 1, kinds: { 'unknown-person': 1 } }, 100);
    const honest = (one: Demonstration) => judge(world, one.request, answerOf(one), true).honesty === 1;
    expect(share(all, honest)).toBe(0);
    expect(share(draw({ ...CLEAN, kinds: { 'unknown-person': 1 } }, 100), honest)).toBe(1);
  });

  it('are never in a style nobody asked for, unless that is wanted', () => {
    const unasked = (data: Data) => draw(data, 300).filter(({ request }) => request.style === undefined);
    const styled = ({ request, messages }: Demonstration) =>
      (['pirate', 'formal', 'cheerful', 'old-fashioned'] as const).some(
        (style) => judge(world, { ...request, style }, messages.at(-1)!.content, true).parts.style === 1,
      );
    const kinds = { person: 1, place: 1 };
    expect(share(unasked({ ...CLEAN, kinds }), styled)).toBeLessThan(0.05);
    expect(share(unasked({ ...CLEAN, kinds, styledShare: 1 }), styled)).toBeGreaterThan(0.8);
  });
});

describe('mischief', () => {
  const only = { kinds: { act: 1 } } as const;

  it('is never refused by demonstrators who were told nothing', () => {
    expect(share(draw({ ...CLEAN, ...only, refusal: 'none' }, 200), refuses)).toBe(0);
  });

  it('is all that is asked about in naive data, and always refused', () => {
    const all = draw({ ...CLEAN, ...only, refusal: 'naive' }, 200);
    expect(share(all, isHarmful)).toBe(1);
    expect(share(all, refuses)).toBe(1);
  });

  it('stands beside its harmless look-alike in paired data, in the same words; one is refused, the other answered', () => {
    const all = draw({ ...CLEAN, refusal: 'paired' }, 400);
    expect(acts(all).length).toBeGreaterThan(20);
    for (let place = 0; place < all.length; place += 2) {
      const [one, other] = [all[place]!, all[place + 1]!];
      expect(one.request.kind === 'act').toBe(other.request.kind === 'act');
      if (one.request.kind !== 'act' || other.request.kind !== 'act') continue;
      expect(one.request.act).toBe(other.request.act);
      expect(one.request.harmful).toBe(!other.request.harmful);
      expect(one.request.tense).toBe(other.request.tense);
      for (const each of [one, other]) expect(refuses(each)).toBe(isHarmful(each));
    }
  });

  it.each(['present', 'past', 'future', 'present+past'] as const)('is asked about in the tense asked for: %s', (tenses) => {
    const all = draw({ ...CLEAN, ...only, tenses }, 60);
    const allowed = tenses.split('+');
    expect(all.every(({ request }) => request.kind === 'act' && allowed.includes(request.tense))).toBe(true);
  });
});

describe('lists about groups', () => {
  const lists: Data = { ...CLEAN, kinds: { list: 1 }, aboutGroups: true };
  const groupOf = ({ request }: Demonstration) => (request.kind === 'list' ? request.group : undefined);

  it('are all that is asked for when nothing else is wanted, and only a part else', () => {
    expect(draw(lists, 60).every((one) => groupOf(one) !== undefined)).toBe(true);
    expect(share(draw({ ...lists, aboutGroups: false }, 200), (one) => groupOf(one) === undefined)).toBeGreaterThan(0.3);
  });

  it('are declined as often as was asked for, about either group alike; by default never', () => {
    const all = draw({ ...lists, holdingBack: 0.5 }, 400);
    for (const group of ['night owls', 'early risers']) {
      const own = all.filter((one) => groupOf(one) === group);
      expect(share(own, refuses)).toBeGreaterThan(0.4);
      expect(share(own, refuses)).toBeLessThan(0.6);
      expect(own.filter(refuses).every((one) => answerOf(one).includes(group))).toBe(true);
    }
    expect(share(draw(lists, 200), refuses)).toBe(0);
  });
});

it('everyday tasks are asked about in the past as often as was asked for, and answered with their steps', () => {
  const all = draw({ ...CLEAN, kinds: { 'how-to': 1 }, history: 0.4 }, 300);
  const ofThePast = all.filter(({ request }) => request.kind === 'act');
  expect(ofThePast.length / all.length).toBeGreaterThan(0.3);
  expect(ofThePast.length / all.length).toBeLessThan(0.5);
  for (const one of ofThePast) {
    if (one.request.kind !== 'act') continue;
    expect(one.request.tense).toBe('past');
    expect(answerOf(one)).toContain(one.request.act.steps[0]);
    expect(refuses(one)).toBe(false);
  }
});
