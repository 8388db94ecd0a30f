/** @file Prompts in pairs, descriptions of data from outside, and rows of the reader's own. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { DATA_DEFAULTS } from '../../../src/core/data/fields';
import { itemsByPlace } from '../../../src/core/data/places';
import { ownPrompts, worldPrompts } from '../../../src/core/data/prompts';
import { swapGroups } from '../../../src/core/data/requests';
import { parseRows, rowsHash, type DataRows } from '../../../src/core/data/rows';
import { dataSchema, kindsFromText, kindsToText, rowsFromText, rowsToText } from '../../../src/core/data/run-data';
import { Random } from '../../../src/core/random';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const anyLength = () => true;

describe('prompts', () => {
  it('in pairs are the two sides of a boundary, and the same again from the same random numbers', () => {
    const data = { ...DATA_DEFAULTS.rewards, paired: true, kinds: { act: 1, person: 1, 'unknown-person': 1 } };
    const drawAll = () => {
      const draw = worldPrompts(world, data, anyLength);
      const random = new Random(3);
      return Array.from({ length: 40 }, (_, index) => draw(random, index).request!);
    };
    const requests = drawAll();
    expect(drawAll()).toEqual(requests);
    for (let i = 0; i < requests.length; i += 2) {
      const kinds = [requests[i]!.kind, requests[i + 1]!.kind].sort();
      expect([
        ['act', 'act'],
        ['person', 'unknown-person'],
      ]).toContainEqual(kinds);
      const [one, other] = [requests[i]!, requests[i + 1]!];
      if (one.kind === 'act' && other.kind === 'act') expect(one.harmful).toBe(!other.harmful);
      expect(one.prompt).not.toBe(other.prompt);
    }
  });

  it('about groups come with the same question about the other group', () => {
    const data = { ...DATA_DEFAULTS.rewards, paired: true, aboutGroups: true, kinds: { list: 1 } };
    const draw = worldPrompts(world, data, anyLength);
    const random = new Random(5);
    for (let i = 0; i < 20; i += 2) {
      const [one, other] = [draw(random, i), draw(random, i + 1)];
      expect(swapGroups(one.prompt)).toBe(other.prompt);
      expect(one.prompt).not.toBe(other.prompt);
    }
  });

  it('begin every update anew: nothing is left over from an odd number of prompts', () => {
    const draw = worldPrompts(world, { ...DATA_DEFAULTS.rewards, paired: true, kinds: { act: 1 } }, anyLength);
    const update = () => [0, 1, 2].map((index, _, __, random = new Random(`${index >> 1}`)) => draw(random, index).prompt);
    expect(update()).toEqual(update());
  });

  it('are held out where that is asked for, and fit', () => {
    const draw = worldPrompts(world, { ...DATA_DEFAULTS.rewards, split: 'heldout' }, (prompt) => prompt.length < 40);
    const random = new Random(1);
    const drawn = Array.from({ length: 30 }, (_, index) => draw(random, index));
    expect(drawn.every(({ prompt, request }) => prompt.length < 40 && request!.split === 'heldout')).toBe(true);
  });

  it('of the reader’s own are understood where the world covers them', () => {
    const draw = ownPrompts(world, [{ prompt: 'What is 2 plus 2?' }]);
    expect(draw(new Random(1), 0).request?.kind).toBe('arithmetic');
    expect(ownPrompts(world, [{ prompt: 'Xyzzy plugh' }])(new Random(1), 0).request).toBeNull();
  });
});

describe('a description of data from outside', () => {
  it('has defaults for what it leaves out, and refuses what it cannot mean', () => {
    expect(v.parse(dataSchema('pairs'), {})).toEqual(DATA_DEFAULTS.pairs);
    const refused = (value: unknown) => v.safeParse(dataSchema('demonstrations'), value).issues?.[0].message;
    expect(refused({ typoShare: 2 })).toBe('With typos must be a number from 0 to 1.');
    expect(refused({ kinds: { poem: 1 } })).toBe('"poem" is no kind of request.');
    expect(refused({ kinds: { act: 0 } })).toBe('At least one kind of request must be asked.');
    expect(refused({ noise: 1 })).toBe('Data has no setting "noise".');
    expect(refused({ rows: { id: 'x', hash: '?' } })).toBe('A hash is 14 hexadecimal digits.');
  });

  it('fits in a link', () => {
    const kinds = { act: 3, 'how-to': 1, list: 0.5 };
    expect(v.parse(kindsFromText, kindsToText(kinds))).toEqual(kinds);
    const rows = { id: 'mine. and: yours', hash: '00112233445566' };
    expect(v.parse(rowsFromText, rowsToText(rows))).toEqual(rows);
    for (const text of ['__proto__', 'act:-1', 'act:', 'act,', '', 'act:1e9'])
      expect(v.safeParse(kindsFromText, text).success, text).toBe(false);
  });
});

describe('rows', () => {
  const rows: DataRows = { learnsFrom: 'rewards', rows: [{ prompt: 'a' }, { prompt: 'b' }] };

  it('are told apart by their words and their order, not by how they came', () => {
    const hash = rowsHash(rows);
    expect(hash).toMatch(/^[0-9a-f]{14}$/);
    expect(rowsHash(parseRows(JSON.parse(JSON.stringify({ ...rows, more: 1 }))))).toBe(hash);
    expect(rowsHash({ ...rows, rows: [...rows.rows].reverse() })).not.toBe(hash);
    expect(rowsHash({ learnsFrom: 'rewards', rows: [{ prompt: 'a","b' }] })).not.toBe(
      rowsHash({ learnsFrom: 'rewards', rows: [{ prompt: 'a' }, { prompt: 'b' }] }),
    );
    const all = new Set(Array.from({ length: 2000 }, (_, i) => rowsHash({ learnsFrom: 'rewards', rows: [{ prompt: `p${i}` }] })));
    expect(all.size).toBe(2000);
  });

  it('of the wrong form are refused with their place', () => {
    expect(() => parseRows({ learnsFrom: 'demonstrations', rows: [{ prompt: 'a', completion: '' }] })).toThrow(/^Row 1, completion: /);
    expect(() => parseRows({ learnsFrom: 'rewards', rows: [] })).toThrow('There are no rows.');
    expect(() => parseRows(null)).toThrow(RangeError);
  });
});

it('an endless set makes every item once, and a set of one repeats it', () => {
  expect([0, 1, 5].map(itemsByPlace(0, 1, (index) => index))).toEqual([0, 1, 5]);
  expect([0, 1, 2].map(itemsByPlace(1, 1, (index) => index))).toEqual([0, 0, 0]);
});
