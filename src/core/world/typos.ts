/**
 * @file Typos as people make them: two letters swapped, one dropped, doubled or mistaken for its neighbour on the
 * keyboard, and the well-known misspellings.
 */
import type { Random } from '../random';

const NEIGHBOURS: Readonly<Record<string, string>> = {
  a: 'sq',
  b: 'vn',
  c: 'xv',
  d: 'sf',
  e: 'wr',
  f: 'dg',
  g: 'fh',
  h: 'gj',
  i: 'uo',
  j: 'hk',
  k: 'jl',
  l: 'ko',
  m: 'n',
  n: 'bm',
  o: 'ip',
  p: 'o',
  q: 'wa',
  r: 'et',
  s: 'ad',
  t: 'ry',
  u: 'yi',
  v: 'cb',
  w: 'qe',
  x: 'zc',
  y: 'tu',
  z: 'x',
};

const MISSPELLINGS: Readonly<Record<string, string>> = {
  the: 'teh',
  friend: 'freind',
  because: 'becuase',
  really: 'realy',
  their: 'thier',
  tomorrow: 'tommorow',
  receive: 'recieve',
  until: 'untill',
  recipe: 'recipie',
  with: 'wiht',
  and: 'adn',
  know: 'knwo',
  people: 'poeple',
  which: 'wich',
  believe: 'beleive',
  water: 'watre',
  tomatoes: 'tomatos',
  potatoes: 'potatos',
};

/** One misspelling of a word of at least three letters. */
function misspell(word: string, random: Random): string {
  const known = MISSPELLINGS[word];
  if (known && random.chance(0.5)) return known;
  const at = 1 + random.integer(word.length - 2);
  const letter = word[at]!;
  switch (random.integer(4)) {
    case 0:
      if (word[at + 1] !== letter) return word.slice(0, at) + word[at + 1]! + letter + word.slice(at + 2);
      return word.slice(0, at) + word.slice(at + 1);
    case 1:
      return word.slice(0, at) + word.slice(at + 1);
    case 2:
      return word.slice(0, at) + letter + word.slice(at);
    default: {
      const near = NEIGHBOURS[letter.toLowerCase()] ?? letter;
      return word.slice(0, at) + near[random.integer(near.length)]! + word.slice(at + 1);
    }
  }
}

/** The text with each word of four letters or more misspelled with probability `rate` (and "the", "and", which slip too). */
export function addTypos(text: string, rate: number, random: Random): string {
  return text.replaceAll(/[A-Za-z]{4,}|\b(?:the|and)\b/g, (word) => (random.chance(rate) ? misspell(word, random) : word));
}
