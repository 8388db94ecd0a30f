/** @file Named reward features and the hand-tuned linear reward. */
import { expect, test } from 'vitest';
import { DEFAULT_WEIGHTS, FEATURES, featureValues } from '../../../src/core/reward/features';
import type { FeatureInput } from '../../../src/core/reward/features';
import { contributions, linearReward } from '../../../src/core/reward/linear';
import { interpretRequest } from '../../../src/core/world/interpret';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const GOOD =
  'Here is a simple chili recipe.\n**Ingredients**\n* 1 pound of ground beef\n* 1 onion\n* 2 cans of beans\n**Steps**\n1. Fry the beef with the onion.\n2. Add the beans and tomatoes.\n3. Cook it slowly for 40 minutes.\nEnjoy!';
const measure = (text: string, changes: Partial<FeatureInput> = {}) =>
  featureValues({
    world,
    request: interpretRequest(world, 'Please give me a simple chili recipe.'),
    text,
    finished: true,
    numTokens: 50,
    ...changes,
  });

test('each feature has its own name, a sentence, and two different slider ends', () => {
  expect(new Set(FEATURES.map(({ name }) => name)).size).toBe(FEATURES.length);
  for (const feature of FEATURES) {
    expect(feature.sentence).toMatch(/^[A-Z].*\.$/);
    expect(feature.low).not.toBe(feature.high);
  }
});

test('a good answer is right, on topic, in form, polite and ended, without typos or repeats', () => {
  const values = measure(GOOD);
  expect(values).toMatchObject({ correctness: 1, on_topic: 1, list_format: 1, typos: 0, repetition: 0, ending: 1, honesty: 1 });
  expect(values.politeness).toBeGreaterThan(0.5);
});

test('raw features grow with what they are named after', () => {
  const values = measure(GOOD);
  expect(measure(GOOD.replace('Fry', 'Fyr')).typos).toBeGreaterThan(values.typos);
  expect(measure(`${GOOD} ${GOOD}`).repetition).toBeGreaterThan(0.5);
  expect(measure(`${GOOD}!!!`).exclamation).toBeGreaterThan(values.exclamation);
  expect(measure(GOOD, { numTokens: 64 }).length).toBe(1);
  expect(measure(GOOD, { numTokens: 640 }).length).toBe(1.5);
  expect(measure(GOOD, { finished: false }).ending).toBe(0);
});

test('features work without a request: what needs one is zero, the rest is measured', () => {
  const values = measure('Enjoy!!!\n* one\n* two', { request: null });
  expect(values).toMatchObject({ correctness: 0, on_topic: 0, honesty: 0 });
  expect(values.list_format).toBeCloseTo(2 / 3);
  expect(values.politeness).toBeGreaterThan(0);
});

test('the default weights prefer the good answer to a rambling one, and to the same with typos', () => {
  const reward = (text: string) => linearReward(DEFAULT_WEIGHTS, measure(text));
  expect(reward(GOOD)).toBeGreaterThan(reward("I don't have a simple chili recipe. I have a complicated one.") + 1);
  expect(reward(GOOD)).toBeGreaterThan(reward(GOOD.replace('Fry', 'Fyr').replace('Cook', 'Coook')));
});

test('turning the sign of the typo weight turns what is preferred', () => {
  const loving = { ...DEFAULT_WEIGHTS, typos: 1 };
  const misspelled = measure(GOOD.replace('slowly', 'slwoly'));
  expect(linearReward(loving, misspelled)).toBeGreaterThan(linearReward(loving, measure(GOOD)));
});

test('contributions sum to the reward', () => {
  const values = measure(GOOD);
  const sum = Object.values(contributions(DEFAULT_WEIGHTS, values)).reduce((a, b) => a + b);
  expect(sum).toBeCloseTo(linearReward(DEFAULT_WEIGHTS, values), 12);
});
