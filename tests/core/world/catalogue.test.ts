/** @file The world as a reference book: complete, consistent, and in the words the world can read back. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { catalogueOf, entryIdOf } from '../../../src/core/world/catalogue';
import { interpretRequest } from '../../../src/core/world/interpret';
import { REQUEST_KINDS, sampleRequest } from '../../../src/core/world/requests';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const entries = catalogueOf(world);
const byId = new Map(entries.map((entry) => [entry.id, entry]));

test('every person, dish, town, task and act has one entry, and no two entries share an id', () => {
  expect(byId.size).toBe(entries.length);
  const count = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
  expect(count('person')).toBe(world.people.length);
  expect(count('dish')).toBe(world.dishes.length);
  expect(count('town')).toBe(world.towns.length);
  expect(count('task')).toBe(world.tasks.length);
  expect(count('act')).toBe(world.acts.length);
});

test('facts are said, links lead somewhere, and a town names exactly those who name it', () => {
  for (const { facts, kind, name } of entries) {
    for (const { label, lines } of facts) {
      expect(label).not.toBe('');
      for (const { text, to } of lines) {
        expect(text.trim()).not.toBe('');
        if (to !== undefined) expect(byId.has(to)).toBe(true);
      }
    }
    if (kind !== 'town') continue;
    const natives = facts.find(({ label }) => label === 'Who is from here')!.lines.map(({ text }) => text);
    expect(natives).toEqual(world.people.filter((person) => person.town === name).map((person) => person.name));
  }
});

test('what a request is about has an entry, and held-out things are marked there', () => {
  const random = new Random('catalogue');
  for (const kind of REQUEST_KINDS)
    for (let i = 0; i < 40; i++) {
      const request = sampleRequest(world, random, i % 2 ? 'train' : 'heldout', kind);
      const id = entryIdOf(request);
      if (kind === 'arithmetic' || kind === 'unknown-person') expect(id).toBeNull();
      else expect(byId.has(id!), `${kind}: ${id}`).toBe(true);
      if (request.split === 'train' && id !== null) expect(byId.get(id)!.heldout).toBe(false);
    }
});

test('the prompts offered of people, dishes, towns, tasks and acts are read back as being about them', () => {
  const kinds = ['person', 'dish', 'town', 'task', 'act'];
  const offered = entries
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ id, prompts }) => prompts.map((prompt) => ({ id, prompt })));
  const missed = offered.filter(({ id, prompt }) => {
    const request = interpretRequest(world, prompt);
    return request === null || entryIdOf(request) !== id;
  });
  expect(missed.length / offered.length).toBeLessThan(0.01);
});
