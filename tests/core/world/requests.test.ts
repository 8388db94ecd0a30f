/** @file Requests: a clean split, and typed prompts are understood. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import * as phrasings from '../../../src/core/world/data/phrasings';
import { interpretRequest, REQUEST_KINDS, sampleRequest } from '../../../src/core/world/requests';
import { isHeldOutSum } from '../../../src/core/world/subjects';
import { SUGGESTED_PROMPTS } from '../../../src/core/world/suggestions';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();

function heldOutEntity(request: ReturnType<typeof sampleRequest>): boolean {
  if (request.kind === 'recipe') return request.dish.heldout;
  if (request.kind === 'person') return request.person.heldout;
  if (request.kind === 'how-to') return request.task.heldout;
  return request.kind === 'arithmetic' && isHeldOutSum(request.sum);
}

test('training asks about no held-out entity, and shares no prompt with the held-out split', () => {
  const random = new Random('split');
  const train = Array.from({ length: 5000 }, () => sampleRequest(world, random, 'train'));
  expect(train.filter(heldOutEntity)).toEqual([]);
  const prompts = new Set(train.map(({ prompt }) => prompt));
  const held = Array.from({ length: 2000 }, () => sampleRequest(world, random, 'heldout'));
  expect(held.filter(({ prompt }) => prompts.has(prompt))).toEqual([]);
  expect(held.some(heldOutEntity)).toBe(true);
  expect(held.some((request) => request.kind === 'recipe' && !heldOutEntity(request))).toBe(true);
});

test('both splits have every kind of request', () => {
  const random = new Random('kinds');
  for (const split of ['train', 'heldout'] as const) {
    const kinds = new Set(Array.from({ length: 500 }, () => sampleRequest(world, random, split).kind));
    expect(kinds).toEqual(new Set(REQUEST_KINDS));
  }
});

test('at least a fifth of the whole-sentence phrasings of each kind are held out', () => {
  for (const table of [phrasings.RECIPE_ASK, phrasings.PERSON_ASK, phrasings.TASK_ASK, phrasings.SUM_ASK, phrasings.LIST_ASK]) {
    expect(table.filter((line) => line.startsWith('*')).length / table.length).toBeGreaterThanOrEqual(0.2);
  }
});

test('recipes are asked for in hundreds of ways', () => {
  const random = new Random('ways');
  const ways = new Set(
    Array.from({ length: 3000 }, () => {
      const request = sampleRequest(world, random, 'train', 'recipe');
      return request.kind === 'recipe'
        ? request.prompt.toLowerCase().replace(request.dish.name, '_').replace(request.dish.recipeName, '_')
        : '';
    }),
  );
  expect(ways.size).toBeGreaterThan(300);
});

test('generated prompts are read back as the requests they were made from', () => {
  const random = new Random('read');
  const missed: string[] = [];
  for (let i = 0; i < 1500; i++) {
    const request = sampleRequest(world, random, i % 2 ? 'train' : 'heldout');
    const read = interpretRequest(world, request.prompt);
    if (read?.kind !== request.kind || read.entity !== request.entity) missed.push(`${request.prompt} -> ${read?.kind} ${read?.entity}`);
  }
  expect(missed.length, missed.join('\n')).toBeLessThan(8);
});

describe('what people type', () => {
  test.each([
    ['gimme a chilli recipe!!', 'recipe', 'chili'],
    ['how to cook pancake', 'recipe', 'pancakes'],
    ['WHO IS ANA MORENO', 'person', 'Ana Moreno'],
    ['who is john schulman?', 'unknown-person', 'John Schulman'],
    ['Who is John Schulman?', 'unknown-person', 'John Schulman'],
    ['how do i open my lock', 'how-to', 'open my own lock'],
    ['how can I fix a squeeky door', 'how-to', 'fix a squeaky door'],
    ['12*4', 'arithmetic', '12 x 4'],
    ['what is 9 minus 4', 'arithmetic', '9 - 4'],
    ['hi', 'small-talk', 'hello'],
    ['tell me a good joke', 'small-talk', 'joke'],
    ['five things early risers should improve please', 'list', 'things early risers should improve'],
  ])('%s is a request of kind %s about %s', (text, kind, entity) => {
    const request = interpretRequest(world, text);
    expect(request?.kind).toBe(kind);
    expect(request?.entity).toBe(entity);
  });

  test.each([
    '',
    '!!!',
    'Tell me about Millbrook.',
    'Who is Ana?',
    'Explain quantum field theory.',
    "How do I open my neighbor's lock?",
    'Who is the king of the moon and why does he dance so badly?',
    'Write a poem about the sea.',
  ])('the world does not cover "%s"', (text) => expect(interpretRequest(world, text)).toBeNull());
});

test('every suggested prompt is covered, and the promised kinds are among them', () => {
  const requests = SUGGESTED_PROMPTS.map((prompt) => interpretRequest(world, prompt));
  expect(requests.every((request) => request !== null)).toBe(true);
  expect(new Set(requests.map((request) => request!.kind))).toEqual(new Set(REQUEST_KINDS));
  expect(requests.some((request) => request?.kind === 'recipe' && request.dish.heldout)).toBe(true);
});
