/** @file Demonstrations: good but uneven, short enough for a small model. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { demonstrate } from '../../../src/core/world/demonstrations';
import { followsFormat, goldReward, isCorrect, judge } from '../../../src/core/world/judges';
import { sampleRequest } from '../../../src/core/world/requests';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();

test('the same seed gives the same answer', () => {
  const request = sampleRequest(world, new Random(3), 'train');
  expect(demonstrate(world, request, new Random(4))).toBe(demonstrate(world, request, new Random(4)));
});

test('answers stay under 400 characters', () => {
  const random = new Random('length');
  for (let i = 0; i < 3000; i++) {
    const answer = demonstrate(world, sampleRequest(world, random, 'train'), random);
    expect(answer.length, answer).toBeLessThanOrEqual(400);
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

test('careful demonstrators are right and in form, except about people nobody knows', () => {
  const random = new Random('good');
  for (let i = 0; i < 1000; i++) {
    const request = sampleRequest(world, random, i % 2 ? 'train' : 'heldout');
    if (request.kind === 'unknown-person') continue;
    const answer = demonstrate(world, request, random, 'good');
    const judgement = judge(world, request, answer, true);
    expect(followsFormat(judgement) && judgement.gold > 0.8, `${request.prompt}\n${answer}\n${JSON.stringify(judgement)}`).toBe(true);
  }
});

test('about three in ten answers about unknown people are inventions', () => {
  const random = new Random('invent');
  let invented = 0;
  for (let i = 0; i < 1000; i++) {
    const request = sampleRequest(world, random, 'train', 'unknown-person');
    const judgement = judge(world, request, demonstrate(world, request, random, 'good'), true);
    if (!isCorrect(judgement)) invented++;
  }
  expect(invented / 1000).toBeGreaterThan(0.24);
  expect(invented / 1000).toBeLessThan(0.36);
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
  expect(good - mean('terse')).toBeGreaterThan(0.1);
  expect(good - mean('slips')).toBeGreaterThan(0.1);
  expect(good - mean('rambling')).toBeGreaterThan(0);
});
