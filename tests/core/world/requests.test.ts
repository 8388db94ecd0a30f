/** @file Requests: every kind in many phrasings, balanced, and a clean split. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { ADVICE } from '../../../src/core/world/data/advice';
import { FOLLOW_UP_ASK, ELLIPSES } from '../../../src/core/world/data/follow-ups';
import { NOTES } from '../../../src/core/world/data/notes';
import { OPINIONS } from '../../../src/core/world/data/opinions';
import * as phrasings from '../../../src/core/world/data/phrasings';
import { PLAIN_SYSTEMS, STYLE_FRAMES, STYLE_WORDS, TOOL_SYSTEMS } from '../../../src/core/world/data/styles';
import { REQUEST_KINDS, sampleRequest } from '../../../src/core/world/requests';
import type { Request } from '../../../src/core/world/requests';
import { isHeldOutSum, makeSum, sampleSum, STYLES, sumInWords, sumSteps } from '../../../src/core/world/subjects';
import { wordsOf } from '../../../src/core/world/words';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();

function heldOutEntity(request: Request): boolean {
  switch (request.kind) {
    case 'recipe':
      return request.dish.heldout;
    case 'person':
      return request.person.heldout;
    case 'place':
      return request.town.heldout;
    case 'how-to':
      return request.task.heldout;
    case 'act':
      return request.act.heldout;
    case 'opinion':
      return request.question.heldout;
    case 'advice':
      return request.topic.heldout;
    case 'note':
      return request.occasion.heldout;
    case 'arithmetic':
      return isHeldOutSum(request.sum);
    default:
      return false;
  }
}

test('training asks about no held-out entity, and shares no prompt with the held-out split', () => {
  const random = new Random('split');
  const train = Array.from({ length: 8000 }, () => sampleRequest(world, random, 'train'));
  expect(train.filter(heldOutEntity)).toEqual([]);
  const prompts = new Set(train.map(({ prompt }) => prompt));
  const held = Array.from({ length: 3000 }, () => sampleRequest(world, random, 'heldout'));
  expect(held.filter(({ prompt }) => prompts.has(prompt)).map(({ prompt }) => prompt)).toEqual([]);
  for (const kind of REQUEST_KINDS) {
    if (['small-talk', 'list', 'unknown-person'].includes(kind)) continue;
    const ofKind = held.filter((request) => request.kind === kind);
    expect(ofKind.some(heldOutEntity), kind).toBe(true);
    expect(
      ofKind.some((request) => !heldOutEntity(request)),
      kind,
    ).toBe(true);
  }
});

test('the shares of kinds are those that a small model learns from, and nine in ten are in plain style', () => {
  const random = new Random('kinds');
  const requests = Array.from({ length: 10000 }, () => sampleRequest(world, random, 'train'));
  const share = (kind: string) => requests.filter((request) => request.kind === kind).length / requests.length;
  for (const kind of REQUEST_KINDS) expect(share(kind), kind).toBeGreaterThan(0.015);
  expect(share('recipe')).toBeCloseTo(0.18, 1);
  expect(share('person')).toBeCloseTo(0.2, 1);
  expect(requests.filter(({ style }) => style === undefined).length / requests.length).toBeGreaterThan(0.9);
  expect(new Set(requests.map(({ style }) => style ?? 'none'))).toEqual(new Set([...STYLES, 'none']));
});

test('acts come on both sides of the boundary and in three tenses', () => {
  const random = new Random('acts');
  const seen = new Map<string, number>();
  for (let i = 0; i < 2000; i++) {
    const request = sampleRequest(world, random, 'train', 'act');
    if (request.kind !== 'act') throw new Error('not an act');
    const key = `${request.harmful ? 'harmful' : 'harmless'} ${request.tense}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    expect(request.entity).toBe(request.harmful ? request.act.harmful : request.act.harmless);
  }
  expect(seen.size).toBe(6);
  expect(Math.min(...seen.values())).toBeGreaterThan(80);
});

test('the tables are as large as the lessons need, and about a sixth of each is held out', () => {
  for (const [table, size] of [
    [world.acts, 24],
    [OPINIONS, 30],
    [ADVICE, 30],
    [NOTES, 24],
  ] as const) {
    expect(table.length).toBeGreaterThanOrEqual(size);
    const held = table.filter(({ heldout }) => heldout).length / table.length;
    expect(held).toBeGreaterThan(0.1);
    expect(held).toBeLessThan(0.25);
  }
});

const TABLES = { ...phrasings, STYLE_FRAMES, PLAIN_SYSTEMS, TOOL_SYSTEMS, ELLIPSES, ...FOLLOW_UP_ASK };

test('every table of phrasings has held-out lines, which are no training lines', () => {
  for (const [name, table] of Object.entries(TABLES)) {
    if (name === 'GREETINGS' || name === 'CLOSINGS') continue;
    const held = table.filter((line) => line.startsWith('*'));
    expect(held.length / table.length, name).toBeGreaterThan(0.12);
    expect(held.filter((line) => table.includes(line.slice(1)))).toEqual([]);
  }
  for (const style of STYLES) {
    for (const table of [STYLE_WORDS[style].asked, STYLE_WORDS[style].systems])
      expect(table.some((line) => line.startsWith('*'))).toBe(true);
  }
});

test('common kinds are asked for in hundreds of ways', () => {
  const random = new Random('ways');
  for (const [kind, ways] of [
    ['recipe', 300],
    ['person', 300],
    ['place', 150],
    ['act', 300],
    ['note', 100],
  ] as const) {
    const seen = new Set(
      Array.from({ length: 3000 }, () => {
        const request = sampleRequest(world, random, 'train', kind);
        const names = new Set(wordsOf(request.kind === 'recipe' ? `${request.entity} ${request.dish.recipeName}` : request.entity));
        return wordsOf(request.prompt)
          .filter((word) => !names.has(word))
          .join(' ');
      }),
    );
    expect(seen.size, kind).toBeGreaterThan(ways);
  }
});

test('sums stay small, come out right, and their written steps lead to the result', () => {
  const random = new Random('sums');
  let numTwoStep = 0;
  for (let i = 0; i < 3000; i++) {
    const sum = sampleSum(random);
    if (sum.then) numTwoStep++;
    const { left, sign, right, then } = sum;
    const first = sign === '+' ? left + right : sign === '-' ? left - right : left * right;
    expect(sum.result).toBe(then ? (then.sign === '+' ? first + then.right : first - then.right) : first);
    expect(sum.result).toBeGreaterThanOrEqual(0);
    expect(sum.result).toBeLessThanOrEqual(110);
    const steps = sumSteps(sum);
    for (const step of steps) {
      const [, a, s, b, result] = /^(\d+) ([-+x]) (\d+) = (\d+)$/.exec(step)!;
      expect(makeSum(Number(a), s as '+', Number(b)).result, step).toBe(Number(result));
    }
    expect(steps.at(-1)).toMatch(new RegExp(` = ${sum.result}$`));
  }
  expect(numTwoStep).toBeGreaterThan(200);
  expect(sumSteps(makeSum(17, '+', 25))).toEqual(['10 + 20 = 30', '7 + 5 = 12', '30 + 12 = 42']);
  expect(sumInWords(makeSum(17, '+', 25, { sign: '-', right: 6 }))).toEqual({ signs: '17 + 25 - 6', words: '17 plus 25 minus 6' });
});
