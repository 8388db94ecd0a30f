/**
 * @file Finding the world's names and works in an answer, hundreds of them in microseconds: a phrase can only stand where
 * a word begins with each of its first letters, because a slip never falls on a first letter.
 */
import { phraseWords, sameWord, singular } from '../words';

/** A phrase found: what it names, and where it begins among the words. */
export interface Found<Item> {
  readonly item: Item;
  readonly at: number;
  readonly length: number;
}

/** One bit for every letter that a word begins with. */
function initials(words: readonly string[]): number {
  let bits = 0;
  for (const word of words) bits |= 1 << (word.charCodeAt(0) - 97);
  return bits;
}

/** Where a phrase stands in the words, each up to one slip; -1: nowhere. Words in `exact` are no slips of others. */
function findPhrase(words: readonly string[], phrase: readonly string[], exact?: ReadonlySet<string>): number {
  for (let i = 0; phrase.length > 0 && i + phrase.length <= words.length; i++) {
    const isHere = phrase.every((part, j) => {
      const word = words[i + j]!;
      return exact?.has(word) ? singular(word) === singular(part) : sameWord(word, part);
    });
    if (isHere) return i;
  }
  return -1;
}

/** Items of the world by the phrase that names them. */
export class PhraseTable<Item> {
  readonly #rows: { readonly item: Item; readonly phrase: readonly string[]; readonly bits: number }[];

  /** `nameOf`: the phrase of an item. */
  constructor(
    items: readonly Item[],
    nameOf: (item: Item) => string,
    private readonly exact?: ReadonlySet<string>,
  ) {
    this.#rows = items.map((item) => ({ item, phrase: phraseWords(nameOf(item)), bits: initials(phraseWords(nameOf(item))) }));
  }

  /** Every item whose phrase stands in the words. */
  find(words: readonly string[]): Found<Item>[] {
    const missing = ~initials(words);
    const found: Found<Item>[] = [];
    for (const { item, phrase, bits } of this.#rows) {
      if ((bits & missing) !== 0) continue;
      const at = findPhrase(words, phrase, this.exact);
      if (at >= 0) found.push({ item, at, length: phrase.length });
    }
    return found;
  }
}
