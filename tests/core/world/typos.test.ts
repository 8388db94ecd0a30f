/** @file Typos: each kind of slip is what it says, the rate is the rate asked for, and first letters and short words are kept. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { addTypos, misspell, TYPO_KINDS } from '../../../src/core/world/typos';
import { createWorld } from '../../../src/core/world/world';

const words = [...createWorld().lexicon].filter((word) => /^[a-z]{4,}$/.test(word));
const sorted = (word: string) => [...word].sort().join('');

/** All slips of a kind, with the word they were made of. */
function slips(kind: (typeof TYPO_KINDS)[number]): [string, string][] {
  const random = new Random(kind);
  return words.flatMap((word): [string, string][] => {
    const slip = misspell(word, kind, random);
    return slip === null ? [] : [[word, slip]];
  });
}

test('a slip on a neighbour changes one letter into a key beside it', () => {
  const beside: Record<string, string> = { a: 'qwsz', e: 'wrsd', m: 'njk', p: 'ol', t: 'ryfg' };
  for (const [word, slip] of slips('neighbour')) {
    expect(slip).toHaveLength(word.length);
    const changed = [...word].flatMap((letter, i) => (letter === slip[i] ? [] : [[letter, slip[i]!]]));
    expect(changed, slip).toHaveLength(1);
    const [letter, typed] = changed[0]!;
    const keys = beside[letter!];
    if (keys) expect(keys, slip).toContain(typed);
  }
});

test('a transposition swaps two different letters side by side', () => {
  const made = slips('transposed');
  expect(made.length).toBeGreaterThan(0.95 * words.length);
  for (const [word, slip] of made) {
    expect(sorted(slip)).toBe(sorted(word));
    const differing = [...word].flatMap((letter, i) => (letter === slip[i] ? [] : [i]));
    expect(differing, slip).toHaveLength(2);
    expect(differing[1]! - differing[0]!).toBe(1);
  }
});

test('a dropped letter is gone, a doubled one stands twice', () => {
  for (const [word, slip] of slips('dropped')) {
    expect(slip).toHaveLength(word.length - 1);
    expect(
      [...word].some((_, i) => word.slice(0, i) + word.slice(i + 1) === slip),
      slip,
    ).toBe(true);
  }
  for (const [word, slip] of slips('doubled')) {
    expect(slip).toHaveLength(word.length + 1);
    expect(
      [...slip].some((letter, i) => letter === slip[i + 1] && slip.slice(0, i) + slip.slice(i + 1) === word),
      slip,
    ).toBe(true);
  }
});

test('phonetic slips are the ones people make', () => {
  const random = new Random(1);
  const slip = (word: string) => misspell(word, 'phonetic', random);
  expect(slip('receive')).toBe('recieve');
  expect(slip('definitely')).toBe('definately');
  expect(slip('Friend')).toBe('Freind');
  expect(slip('field')).toBe('feild');
  expect(slip('elephant')).toBe('elefant');
  expect(slip('bottle')).toBe('botle');
  expect(slip('wood')).toBeNull();
  expect(slips('phonetic').length).toBeGreaterThan(0.2 * words.length);
});

test('no slip leaves the word as it was, and none touches the first letter', () => {
  for (const kind of TYPO_KINDS) {
    for (const [word, slip] of slips(kind)) {
      // A letter doubled beside its twin, or one of a pair dropped, is still a slip.
      expect(slip, kind).not.toBe(word);
      expect(slip[0]).toBe(word[0]);
    }
  }
});

test('the rate is the share of words that slip, and at rate 0 nothing does', () => {
  const text = words.join(' ');
  expect(addTypos(text, 0, new Random(1))).toBe(text);
  for (const rate of [0.05, 0.3]) {
    const typed = addTypos(text, rate, new Random(rate)).split(' ');
    const share = typed.filter((word, i) => word !== words[i]).length / words.length;
    expect(Math.abs(share - rate)).toBeLessThan(0.03);
  }
  expect(addTypos('I am up at 8 in my bed.', 1, new Random(2))).toBe('I am up at 8 in my bed.');
});
