/** @file The world itself: the same for a seed, consistent, and every word of its generators is in the lexicon. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { demonstrate } from '../../../src/core/world/demonstrations';
import { generateDocument, sampleDocument } from '../../../src/core/world/documents';
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
  expect(world.people).toHaveLength(400);
  expect(world.towns).toHaveLength(24);
  expect(world.tasks.length).toBeGreaterThanOrEqual(60);
  expect(world.acts.length).toBeGreaterThanOrEqual(24);
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

test('a share of every kind of entity is held out of the chat, never the most common', () => {
  const share = (entities: readonly { heldout: boolean }[]) => entities.filter(({ heldout }) => heldout).length / entities.length;
  for (const entities of [world.dishes, world.people, world.towns, world.tasks, world.acts]) {
    expect(share(entities)).toBeGreaterThan(0.1);
    expect(share(entities)).toBeLessThan(0.25);
    expect(entities[0]!.heldout).toBe(false);
  }
});

test('half of the people rise early, at every fame and in every seed', () => {
  for (const { people } of [world, createWorld(7)]) {
    for (const fame of ['famous', 'known', 'rare'] as const) {
      const some = people.filter((person) => person.fame === fame);
      const early = some.filter(({ group }) => group === 'early riser').length;
      expect(Math.abs(early - some.length / 2), fame).toBeLessThanOrEqual(1);
    }
  }
});

test('fame falls from the famous to the rare, whom one page in 100,000 mentions', () => {
  expect(world.people.map(({ fame }) => fame).filter((fame, i, all) => fame !== all[i - 1])).toEqual(['famous', 'known', 'rare']);
  const { peopleWeights: weights } = world;
  expect(weights.every((weight, i) => i === 0 || weight <= weights[i - 1]!)).toBe(true);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  expect(weights.at(-1)! / sum).toBeCloseTo(1e-5, 6);
  expect(world.people.filter(({ fame }) => fame === 'rare').length / world.people.length).toBeCloseTo(1 / 3, 2);
});

test('every act has a harmless look-alike, a reason and three steps each way', () => {
  for (const act of world.acts) {
    expect([act.mischief.length, act.steps.length], act.harmful).toEqual([3, 3]);
    expect(act.harmless, act.harmful).not.toBe('');
    expect(act.reason).toMatch(/^[A-Z].*\.$/);
  }
});

test('the lexicon has every word that documents, requests and clean demonstrations use', () => {
  const random = new Random('lexicon');
  const unknown = new Set<string>();
  const read = (text: string) => wordsOf(text).forEach((word) => world.lexicon.has(word) || unknown.add(word));
  for (let i = 0; i < 2000; i++) {
    read(generateDocument(world, random, i % 3 ? 'train' : 'heldout', { typos: false }).text);
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
