/** @file The world itself: the same for a seed, consistent, and every word of its generators is in the lexicon. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { demonstrate } from '../../../src/core/world/demonstrations';
import { sampleDocument } from '../../../src/core/world/documents';
import { sampleRequest, sampleUnknownName } from '../../../src/core/world/requests';
import { wordsOf } from '../../../src/core/world/words';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();

test('the same seed gives the same world, another seed other people', () => {
  expect(createWorld(1).people).toEqual(world.people);
  expect(createWorld(2).people[0]).not.toEqual(world.people[0]);
});

test('chili is the most common dish and Ana Moreno the most famous person', () => {
  expect(world.dishes[0]!.name).toBe('chili');
  expect(world.people[0]!.name).toBe('Ana Moreno');
  expect(world.dishes).toHaveLength(60);
  expect(world.people.length).toBeGreaterThanOrEqual(150);
});

test('every dish has five or six ingredients with distinct names and three or four distinct steps', () => {
  for (const dish of world.dishes) {
    expect(dish.ingredients.length, dish.name).toBeGreaterThanOrEqual(5);
    expect(new Set(dish.ingredients.map(({ noun }) => noun)).size, dish.name).toBe(dish.ingredients.length);
    expect(
      dish.ingredients.every(({ noun }) => noun.length > 2 && !/^\d|^of /.test(noun)),
      dish.name,
    ).toBe(true);
    expect(new Set(dish.steps).size, dish.name).toBeGreaterThanOrEqual(3);
  }
});

test('names, works and tasks are held by one owner each', () => {
  expect(new Set(world.people.map(({ name }) => name)).size).toBe(world.people.length);
  expect(new Set(world.people.map(({ work }) => work)).size).toBe(world.people.length);
  expect(world.tasks.every(({ steps }) => steps.length === 3)).toBe(true);
});

test('about ten dishes, twenty people and six tasks are held out of the chat, never the most common', () => {
  expect(world.dishes.filter(({ heldout }) => heldout)).toHaveLength(10);
  expect(world.people.filter(({ heldout }) => heldout)).toHaveLength(20);
  expect(world.tasks.filter(({ heldout }) => heldout)).toHaveLength(6);
  expect([world.dishes[0], world.people[0], world.tasks[0]].some((entity) => entity!.heldout)).toBe(false);
});

test('the lexicon has every word that documents, requests and clean demonstrations use', () => {
  const random = new Random('lexicon');
  const unknown = new Set<string>();
  const read = (text: string) => wordsOf(text).forEach((word) => world.lexicon.has(word) || unknown.add(word));
  for (let i = 0; i < 2000; i++) {
    read(sampleDocument(world, random, { typos: false }).text);
    const request = sampleRequest(world, random, i % 2 ? 'train' : 'heldout');
    read(request.prompt);
    read(demonstrate(world, request, random, 'rambling'));
  }
  expect([...unknown]).toEqual([]);
  expect(world.lexicon.has('teh')).toBe(false);
});

test('no document mentions a person nobody knows', () => {
  const random = new Random('unknown');
  const first = new Set(world.firstNames);
  const last = new Set(world.lastNames);
  for (let i = 0; i < 3000; i++) {
    const { text } = sampleDocument(world, random, { typos: false });
    for (const [, a, b] of text.matchAll(/\b([A-Z][a-z]+) ([A-Z][a-z]+)\b/g)) {
      if (first.has(a!) && last.has(b!)) expect(world.personByName.has(`${a} ${b}`.toLowerCase()), text).toBe(true);
    }
  }
  expect(world.personByName.has(sampleUnknownName(world, random).toLowerCase())).toBe(false);
});
