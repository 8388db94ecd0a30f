/** @file Documents read like pages of the web: many kinds, questions that go unanswered, never an assistant. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { DOCUMENT_KINDS, sampleDocument } from '../../../src/core/world/documents';
import { interpretRequest } from '../../../src/core/world/interpret';
import { followsFormat, judge, typoRate } from '../../../src/core/world/judges';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const random = new Random('documents');
const documents = Array.from({ length: 4000 }, () => sampleDocument(world, random));

test('the same seed gives the same pages', () => {
  expect(sampleDocument(world, new Random(5))).toEqual(sampleDocument(world, new Random(5)));
});

test('every kind of page occurs, and no slot is left unfilled', () => {
  expect(new Set(documents.map(({ kind }) => kind))).toEqual(new Set(DOCUMENT_KINDS));
  expect(documents.filter(({ text }) => /[{}]|undefined|NaN/.test(text))).toEqual([]);
});

test('about a third of the pages begin as a chat request does, and hardly any continues as an assistant would', () => {
  const questions = documents.filter(({ kind }) => kind.startsWith('question'));
  expect(questions.length / documents.length).toBeGreaterThan(0.25);
  let numRead = 0;
  let numInForm = 0;
  for (const { text } of questions.slice(0, 400)) {
    const [, first = '', rest = ''] = /^(.*?[.?!])\s([^]*)$/.exec(text) ?? [];
    const request = interpretRequest(world, first);
    if (request?.kind !== 'recipe' && request?.kind !== 'how-to') continue;
    numRead++;
    if (followsFormat(judge(world, request, rest, true))) numInForm++;
  }
  expect(numRead).toBeGreaterThan(50);
  expect(numInForm).toBe(0);
});

test('the chili question of the talk begins pages that go on about chili without a recipe in form', () => {
  const generator = new Random('chili');
  let found = 0;
  for (let i = 0; i < 60000 && found < 3; i++) {
    const { text } = sampleDocument(world, generator, { typos: false });
    if (!text.startsWith('Please give me a simple chili recipe.')) continue;
    found++;
    expect(text).not.toContain('**');
  }
  expect(found).toBe(3);
});

test('every dish and every person is mentioned, common ones much more often', () => {
  const all = Array.from({ length: 12000 }, () => sampleDocument(world, random, { typos: false }).text).join('\n');
  const count = (name: string) => all.split(name).length - 1;
  expect(world.dishes.filter(({ name }) => count(name) === 0)).toEqual([]);
  expect(world.people.filter(({ name }) => count(name) === 0)).toEqual([]);
  expect(count('Ana Moreno')).toBeGreaterThan(20 * count(world.people.at(-1)!.name));
});

test('some pages have typos, most have none, and they can be switched off', () => {
  const clean = new Random('clean');
  expect(
    Array.from({ length: 500 }, () => typoRate(world, sampleDocument(world, clean, { typos: false }).text)).every((rate) => rate === 0),
  ).toBe(true);
  const withTypos = documents.filter(({ text }) => typoRate(world, text) > 0).length / documents.length;
  expect(withTypos).toBeGreaterThan(0.15);
  expect(withTypos).toBeLessThan(0.45);
});
