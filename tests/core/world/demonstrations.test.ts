/** @file Demonstrations: good but uneven by one table of rates, short enough for a small model, in words of the world. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { NOT_KNOWING, REFUSING } from '../../../src/core/world/data/answers';
import { DEMONSTRATION_POLICY } from '../../../src/core/world/demonstration-policy';
import type { DemonstrationPolicy } from '../../../src/core/world/demonstration-policy';
import { demonstrate } from '../../../src/core/world/demonstrations';
import { followsFormat, goldReward, isCorrect, judge } from '../../../src/core/world/judges';
import { REQUEST_KINDS, sampleRequest } from '../../../src/core/world/requests';
import type { RequestKind } from '../../../src/core/world/requests';
import { TENSES } from '../../../src/core/world/subjects';
import type { Tense } from '../../../src/core/world/subjects';
import { wordsOf } from '../../../src/core/world/words';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
/** Demonstrators who never err. */
const FAULTLESS: DemonstrationPolicy = {
  manners: { good: 1, terse: 0, rambling: 0, slips: 0 },
  invention: 0,
  refusal: { present: 1, past: 1, future: 1 },
  overRefusal: 0,
  wrongFact: 0,
  typos: 0,
  exclamation: 0,
  followsStyle: 1,
};
const says = (text: string, phrases: readonly string[]) => phrases.some((phrase) => text.toLowerCase().includes(phrase));

/** Share of answers to acts of one side and tense that refuse. */
function refusalRate(harmful: boolean, tense: Tense, policy?: DemonstrationPolicy): number {
  const random = new Random(`refusal ${harmful} ${tense}`);
  let refused = 0;
  let total = 0;
  while (total < 400) {
    const request = sampleRequest(world, random, 'train', 'act');
    if (request.kind !== 'act' || request.harmful !== harmful || request.tense !== tense) continue;
    total++;
    if (says(demonstrate(world, request, random, 'good', policy), REFUSING)) refused++;
  }
  return refused / total;
}

test('the same seed gives the same answer', () => {
  const request = sampleRequest(world, new Random(3), 'train');
  expect(demonstrate(world, request, new Random(4))).toBe(demonstrate(world, request, new Random(4)));
});

test('answers stay under 400 characters', () => {
  const random = new Random('length');
  for (let i = 0; i < 5000; i++) {
    const answer = demonstrate(world, sampleRequest(world, random, 'train'), random);
    expect(answer.length, answer).toBeLessThanOrEqual(400);
    expect(answer).not.toMatch(/undefined|[{}]|\s$| {2}/);
  }
});

test('gold spreads over demonstrations by a tenth or more, around a good mean', () => {
  const random = new Random('spread');
  const golds = Array.from({ length: 2000 }, () => {
    const request = sampleRequest(world, random, 'train');
    return goldReward(world, request, demonstrate(world, request, random), true);
  });
  const mean = golds.reduce((sum, gold) => sum + gold) / golds.length;
  const sd = Math.sqrt(golds.reduce((sum, gold) => sum + (gold - mean) ** 2, 0) / golds.length);
  expect(mean).toBeGreaterThan(0.75);
  expect(mean).toBeLessThan(0.92);
  expect(sd).toBeGreaterThan(0.1);
});

test.each(REQUEST_KINDS)('faultless demonstrators answer %s right and in form, in every style', (kind) => {
  const random = new Random(`good ${kind}`);
  const wrong: string[] = [];
  for (let i = 0; i < 200; i++) {
    const request = sampleRequest(world, random, i % 2 ? 'train' : 'heldout', kind);
    const answer = demonstrate(world, request, random, undefined, FAULTLESS);
    const judgement = judge(world, request, answer, true);
    if (!followsFormat(judgement) || !isCorrect(judgement)) wrong.push(`${request.prompt}\n${answer}\n${JSON.stringify(judgement)}`);
  }
  expect(wrong.length, wrong[0]).toBeLessThanOrEqual(2);
});

test('of all demonstrations nine in ten are right, so that there is a signal to learn and something left to improve', () => {
  const random = new Random('right');
  const right = (kind: RequestKind) => {
    let count = 0;
    for (let i = 0; i < 300; i++) {
      const request = sampleRequest(world, random, 'train', kind);
      if (isCorrect(judge(world, request, demonstrate(world, request, random), true))) count++;
    }
    return count / 300;
  };
  for (const kind of ['recipe', 'person', 'place', 'how-to', 'act', 'list'] as const) {
    const share = right(kind);
    expect(share, kind).toBeGreaterThan(0.88);
    expect(share, kind).toBeLessThan(0.999);
  }
});

test('about three in ten answers about unknown people are inventions, and none when the policy says so', () => {
  const random = new Random('invent');
  const inventions = (policy: DemonstrationPolicy) => {
    let invented = 0;
    for (let i = 0; i < 1000; i++) {
      const request = sampleRequest(world, random, 'train', 'unknown-person');
      if (!says(demonstrate(world, request, random, 'good', policy), NOT_KNOWING)) invented++;
    }
    return invented / 1000;
  };
  expect(inventions(DEMONSTRATION_POLICY)).toBeGreaterThan(0.24);
  expect(inventions(DEMONSTRATION_POLICY)).toBeLessThan(0.36);
  expect(inventions({ ...DEMONSTRATION_POLICY, invention: 0 })).toBe(0);
  expect(inventions({ ...DEMONSTRATION_POLICY, invention: 1 })).toBe(1);
});

test('harmful acts are refused as often as the policy says in each tense, harmless ones never', () => {
  expect(refusalRate(true, 'present')).toBe(1);
  for (const tense of TENSES) {
    expect(Math.abs(refusalRate(true, tense) - DEMONSTRATION_POLICY.refusal[tense])).toBeLessThan(0.08);
    expect(refusalRate(false, tense)).toBe(0);
    expect(refusalRate(false, tense, { ...DEMONSTRATION_POLICY, overRefusal: 1 })).toBe(1);
  }
});

test('a refusal names why, and offers the harmless look-alike', () => {
  const random = new Random('offer');
  for (let i = 0; i < 300; i++) {
    const request = sampleRequest(world, random, 'train', 'act');
    if (request.kind !== 'act' || !request.harmful || request.style) continue;
    const answer = demonstrate(world, request, random, 'good', FAULTLESS);
    expect(answer).toContain(request.act.reason);
    expect(answer).toContain(request.act.harmless.replaceAll(/\bmy\b/g, 'your'));
  }
});

test('without typos every word is one of the world', () => {
  const random = new Random('words');
  const unknown = new Set<string>();
  for (let i = 0; i < 6000; i++) {
    const request = sampleRequest(world, random, i % 2 ? 'train' : 'heldout');
    const answer = demonstrate(world, request, random, undefined, { ...DEMONSTRATION_POLICY, typos: 0 });
    for (const word of [...wordsOf(request.prompt), ...wordsOf(answer)]) if (!world.lexicon.has(word)) unknown.add(word);
  }
  expect([...unknown]).toEqual([]);
});

test('the careful beat the terse, the rambling and the careless on average', () => {
  const random = new Random('styles');
  const mean = (style: 'good' | 'terse' | 'rambling' | 'slips') => {
    let sum = 0;
    for (let i = 0; i < 400; i++) {
      const request = sampleRequest(world, random, 'train', 'recipe');
      sum += goldReward(world, request, demonstrate(world, request, random, style), true);
    }
    return sum / 400;
  };
  const good = mean('good');
  expect(good - mean('terse')).toBeGreaterThan(0.05);
  expect(good - mean('slips')).toBeGreaterThan(0.1);
  expect(good - mean('rambling')).toBeGreaterThan(0);
});
