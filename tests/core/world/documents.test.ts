/** @file Documents read like pages of the web: many kinds, questions that go unanswered, never an assistant. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { FACT_TABLES } from '../../../src/core/world/data/facts';
import { SHARED_TABLES } from '../../../src/core/world/data/grammar';
import { PAGE_TABLES } from '../../../src/core/world/data/pages';
import { PERSONAL_TABLES } from '../../../src/core/world/data/personal';
import * as phrasings from '../../../src/core/world/data/phrasings';
import { PLACE_TABLES } from '../../../src/core/world/data/places';
import { DISH_ROSTERS, ROSTER_TITLES, TOWN_ROSTERS } from '../../../src/core/world/data/rosters';
import { THREAD_TABLES } from '../../../src/core/world/data/threads';
import { drawSlots } from '../../../src/core/world/document-slots';
import { DOCUMENT_KINDS, generateDocument, sampleDocument } from '../../../src/core/world/documents';
import { linesOf } from '../../../src/core/world/grammar';
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

test('about a sixth of the pages begin as a chat request does, and hardly any continues as an assistant would', () => {
  const questions = documents.filter(({ kind }) => kind.startsWith('question'));
  expect(questions.length / documents.length).toBeGreaterThan(0.13);
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

test('everybody famous or known is mentioned, the famous much more often, the rare hardly ever', () => {
  const generator = new Random('mentions');
  const mentions = new Map(world.people.map((person) => [person.name, 0]));
  const dishes = new Set<string>();
  for (let i = 0; i < 20000; i++) {
    const { text } = sampleDocument(world, generator, { typos: false });
    for (const [, a, b] of text.matchAll(/\b(?=([A-Z][a-z]+) ([A-Z][a-z]+))/g)) {
      const name = `${a} ${b}`;
      if (mentions.has(name)) mentions.set(name, mentions.get(name)! + 1);
    }
    for (const { name } of world.dishes) if (text.toLowerCase().includes(name)) dishes.add(name);
  }
  expect(dishes.size).toBe(world.dishes.length);
  const of = (fame: string) => world.people.filter((person) => person.fame === fame).map(({ name }) => mentions.get(name)!);
  expect(Math.min(...of('famous'))).toBeGreaterThan(40);
  expect(Math.min(...of('known'))).toBeGreaterThan(4);
  expect(mentions.get('Ana Moreno')).toBeGreaterThan(20 * Math.min(...of('known')));
  // A name every 100,000 pages, so about one in five of the rare in 20,000.
  const rare = of('rare').reduce((sum, count) => sum + count, 0);
  expect(rare).toBeGreaterThan(0);
  expect(rare / of('rare').length).toBeLessThan(1.5);
});

test('what pages say about people and towns is true', () => {
  const generator = new Random('truth');
  let numChecked = 0;
  for (let i = 0; i < 6000; i++) {
    const { text } = generateDocument(world, generator, i % 2 ? 'train' : 'heldout', { typos: false });
    for (const [, name, year] of text.matchAll(/\b([A-Z][a-z]+ [A-Z][a-z]+)(?: \(born | was born in |, born in )(\d{4})\b/g)) {
      const person = world.personByName.get(name!.toLowerCase());
      if (!person) continue;
      numChecked++;
      expect(person.born, text).toBe(Number(year));
    }
    for (const [, name, job, town] of text.matchAll(/\b([A-Z][a-z]+ [A-Z][a-z]+) is an? ([a-z ]+) from ([A-Z][a-z]+(?: [A-Z][a-z]+)?)/g)) {
      const person = world.personByName.get(name!.toLowerCase());
      numChecked++;
      expect([person?.job, person?.town], text).toEqual([job, town]);
    }
    for (const [, name, people] of text.matchAll(/\b([A-Z][a-z]+(?: [A-Z][a-z]+)?) (?:has|counts) ([\d,]+) (?:inhabitants|people)/g)) {
      const town = world.towns.find((other) => other.name === name);
      if (!town) continue;
      numChecked++;
      expect(town.inhabitants, text).toBe(people);
    }
    for (const [, a, sign, b, result] of text.matchAll(/(?<![-+x] )\b(\d+) ([-+x]) (\d+) = (\d+)\b/g)) {
      const value = sign === '+' ? Number(a) + Number(b) : sign === '-' ? Number(a) - Number(b) : Number(a) * Number(b);
      numChecked++;
      // A sheet cut in the middle of its last number cannot be wrong.
      if (!text.endsWith(result!)) expect(value, text).toBe(Number(result));
    }
  }
  expect(numChecked).toBeGreaterThan(1200);
});

test('encyclopedia, news and lists, where the facts are, make nearly half of the text', () => {
  const size = (pages: typeof documents) => pages.reduce((sum, { text }) => sum + text.length, 0);
  const share = size(documents.filter(({ kind }) => ['wiki', 'news', 'list'].includes(kind))) / size(documents);
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.5);
});

test('every fact is worded in at least six ways', () => {
  for (const fact of [
    'personIs',
    'personBorn',
    'personWork',
    'personGroup',
    'townWhere',
    'townFame',
    'townPop',
    'townFest',
    'dishWith',
    'dishHow',
  ])
    expect(new Set(linesOf(FACT_TABLES[fact]!, 'train')).size, fact).toBeGreaterThanOrEqual(6);
});

/** The longest stretch of a template between its slots. */
const longestLiteral = (template: string) =>
  template
    .split(/\{[^}]*\}|\n/)
    .map((part) => part.trim())
    .sort((a, b) => b.length - a.length)[0]!;

const TABLES = { ...THREAD_TABLES, ...PAGE_TABLES, ...PERSONAL_TABLES, ...PLACE_TABLES, ...FACT_TABLES };
const manyTraining = Array.from({ length: 12000 }, () => sampleDocument(world, random, { typos: false }).text).join('\n\n');

test('every symbol of every template is a table or a slot, and no two tables share a name', () => {
  const sources = [SHARED_TABLES, THREAD_TABLES, PAGE_TABLES, PERSONAL_TABLES, PLACE_TABLES, FACT_TABLES];
  const names = sources.flatMap((source) => Object.keys(source));
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  const known = new Set([...names, ...Object.keys(drawSlots(world, new Random(1))), 'ask', 'reply', 'x', 'y', 'fruit']);
  const symbols = sources
    .flatMap((source) => Object.values(source).flat())
    .flatMap((line) => [...line.matchAll(/\{([^}:]+)(?::[^}]*)?\}/g)].map(([, name]) => name!.charAt(0).toLowerCase() + name!.slice(1)));
  expect(symbols.length).toBeGreaterThan(1000);
  expect([...new Set(symbols)].filter((symbol) => !known.has(symbol))).toEqual([]);
});

test('every kind of page has held-out templates, and no training page uses one', () => {
  const heldout = new Random('heldout');
  const kinds = new Set(Array.from({ length: 2000 }, () => generateDocument(world, heldout, 'heldout').kind));
  expect(kinds).toEqual(new Set(DOCUMENT_KINDS));
  const templates = [...Object.values(TABLES), ...Object.values(ROSTER_TITLES), TOWN_ROSTERS, DISH_ROSTERS].flatMap((table) =>
    linesOf(table, 'heldout').map((line) => longestLiteral(line.split('|')[0]!)),
  );
  expect(templates.length).toBeGreaterThan(60);
  const distinctive = templates.filter((literal) => literal.length >= 12);
  expect(distinctive.length).toBeGreaterThan(45);
  expect(distinctive.filter((literal) => manyTraining.includes(literal))).toEqual([]);
});

test('held-out pages do use the held-out templates', () => {
  const heldout = new Random('heldout');
  const text = Array.from({ length: 3000 }, () => generateDocument(world, heldout, 'heldout', { typos: false }).text).join('\n\n');
  const shapes = DOCUMENT_KINDS.flatMap((kind) => linesOf(TABLES[kind] ?? [], 'heldout')).map(longestLiteral);
  expect(shapes.length).toBeGreaterThan(30);
  // Without case: a line that begins with the literal has it with a capital.
  expect(shapes.filter((literal) => !text.toLowerCase().includes(literal.toLowerCase()))).toEqual([]);
});

test('no training page asks in a held-out phrasing', () => {
  const held = Object.entries(phrasings).flatMap(([table, lines]) =>
    (Array.isArray(lines) ? (lines as string[]) : [])
      .filter((line) => line.startsWith('*'))
      .map((line) => ({ table, line: line.slice(1) })),
  );
  expect(held.length).toBeGreaterThan(30);
  const slots: Record<string, string> = { '{n}': '(?:two|three|four|five|six)', '{do}': "[\\w ,'-]+" };
  const towns = `(?:${world.towns.map(({ name }) => name).join('|')})`;
  const pattern = ({ table, line }: { table: string; line: string }) => {
    // What a place is asked for may be asked of a person in training: only towns count there.
    const subject = table.startsWith('PLACE') ? towns : "[\\w +'-]{1,40}";
    const parts = line.split(/(\{[^}]*\})/).map((part, i) => (i % 2 ? (slots[part] ?? subject) : part.replaceAll(/[.?*+]/g, '\\$&')));
    // A question is a whole sentence ("recipe for soup" also ends "I want a recipe for soup"); an imperative may follow "Please".
    return new RegExp((table.endsWith('_DO') ? '' : '(?<=^|\\n|[.!?:"] )') + parts.join(''), 'm');
  };
  expect(held.filter((one) => longestLiteral(one.line).length >= 8 && pattern(one).test(manyTraining))).toEqual([]);
  // The patterns do find what they look for.
  expect(pattern({ table: 'RECIPE_ASK', line: 'How would you make {x}?' }).test('Hello. How would you make apple pie?')).toBe(true);
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
