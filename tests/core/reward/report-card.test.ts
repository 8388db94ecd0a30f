/** @file Report cards: their pairs are what they say, and a scorer's known fault shows where it should. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random';
import { reportCard, type GradedPair } from '../../../src/core/reward/report-card';
import { WORLD_PAIR_CATEGORIES, worldPairs, type WorldPair } from '../../../src/core/reward/world-pairs';
import { goldReward, typoRate } from '../../../src/core/world/judges';
import { wordsOf } from '../../../src/core/world/words';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const PAIRS = [...worldPairs(world, new Random(3), 30)];
const gold = (pair: WorldPair, text: string) => goldReward(world, pair.request, text, true);

/** The card of a scorer. */
function grade(score: (text: string, pair: WorldPair) => number) {
  const graded = PAIRS.map((pair) => {
    const answer = (text: string) => ({ score: score(text, pair), numTokens: wordsOf(text).length, goldReward: gold(pair, text) });
    return { category: pair.category, pair, chosen: answer(pair.chosen), rejected: answer(pair.rejected) };
  });
  const card = reportCard(graded);
  return { ...card, of: (name: string) => card.categories.find(({ category }) => category === name)!.accuracy.share };
}

describe('pairs of the world', () => {
  it('come in every category, as many as asked for, the same from the same seed', () => {
    for (const { name } of WORLD_PAIR_CATEGORIES)
      expect(
        PAIRS.filter(({ category }) => category === name),
        name,
      ).toHaveLength(30);
    expect([...worldPairs(world, new Random(3), 30)]).toEqual(PAIRS);
    expect([...worldPairs(world, new Random(4), 30)]).not.toEqual(PAIRS);
  });

  it('are held-out requests whose better answer gold prefers', () => {
    for (const pair of PAIRS) {
      expect(pair.request.split).toBe('heldout');
      expect(gold(pair, pair.chosen)).toBeGreaterThan(gold(pair, pair.rejected));
    }
  });

  it('differ in what their category says', () => {
    for (const { category, chosen, rejected } of PAIRS) {
      if (category === 'typos') expect(typoRate(world, rejected)).toBeGreaterThan(typoRate(world, chosen));
      if (category === 'length') expect(wordsOf(chosen).length).toBeLessThan(wordsOf(rejected).length);
    }
  });
});

describe('the report card', () => {
  it('of gold itself is without fault', () => {
    const card = grade((text, pair) => gold(pair, text));
    expect(card.overall.accuracy.share).toBe(1);
    expect(card.goldCorrelation).toBeCloseTo(1, 12);
    expect(card.mostWrong).toEqual([]);
    expect(card.lengthControlled.share).toBe(1);
    expect(card.lengthControlled.count).toBeGreaterThan(20);
  });

  it('of a lover of length is worst on length, and shows the correlation', () => {
    const card = grade((text) => wordsOf(text).length);
    expect(card.of('length')).toBe(0);
    expect(card.lengthCorrelation).toBeCloseTo(1, 12);
    expect(card.mostWrong).toHaveLength(10);
    const leads = card.mostWrong.map(({ chosen, rejected }) => chosen.score - rejected.score);
    expect(leads).toEqual([...leads].sort((a, b) => a - b));
    expect(leads[9]!).toBeLessThan(0);
  });

  it('with length taken out of account looks at pairs of one length only', () => {
    const answer = (numTokens: number, score: number) => ({ score, numTokens, goldReward: null });
    const alike: GradedPair = { category: 'mine', chosen: answer(10, 1), rejected: answer(11, 0) };
    const longer: GradedPair = { category: 'mine', chosen: answer(20, 0), rejected: answer(10, 1) };
    expect(reportCard([alike, longer, longer]).lengthControlled).toMatchObject({ share: 1, count: 1 });
  });

  it('of a lover of typos gets every typo wrong', () => {
    expect(grade((text) => typoRate(world, text)).of('typos')).toBe(0);
  });

  it('of one who cannot tell is half right everywhere', () => {
    const card = grade(() => 1);
    expect(card.categories.every(({ accuracy }) => accuracy.share === 0.5)).toBe(true);
    expect(card.overall.loss).toBeCloseTo(Math.LN2, 12);
  });

  it('without judged answers says nothing of gold', () => {
    const answer = { score: 1, numTokens: 1, goldReward: null };
    const pair: GradedPair = { category: 'mine', chosen: answer, rejected: answer };
    expect(reportCard([pair]).goldCorrelation).toBeNull();
  });
});
