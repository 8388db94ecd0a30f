/**
 * @file Trains a byte-level byte-pair encoding (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909).
 *
 * Starts from the 256 bytes and repeatedly joins the commonest pair of neighbouring tokens. The result depends only on the
 * texts: ties go to the pair with the smaller ids, as in the Rust library. Work is done on distinct pre-tokens with their
 * counts, and a merge touches only the pre-tokens that hold its pair, so megabytes of text take seconds.
 */
import { BYTE_CHARACTERS, preTokenize } from './byte-level';

/** A trained byte-pair encoding. */
export interface BpeModel {
  /** Token strings by id: special tokens, the 256 bytes in order of their characters, then merges. */
  readonly vocabulary: readonly string[];
  /** Pairs of token strings to join, most important first. */
  readonly merges: readonly (readonly [string, string])[];
  /** How many of the first ids are special tokens. */
  readonly numSpecialTokens: number;
}

/** What to train. */
export interface BpeTrainerOptions {
  /** Number of token ids to reach, special tokens and the 256 bytes included. */
  readonly vocabularySize: number;
  /** Special tokens; they get the first ids, in order, and are never looked for in the texts. */
  readonly specialTokens: readonly string[];
  /** A pair seen less often than this is not joined (default 2). */
  readonly minFrequency?: number;
}

/** Ids stay below this, so a pair is one exact number, and numbers compare as pairs do: first id first. */
const MAX_IDS = 1 << 16;

/** Distinct pre-tokens, as token ids, with how often each occurs. */
interface Words {
  readonly symbols: number[][];
  readonly counts: number[];
}

function countWords(texts: Iterable<string>, idOf: ReadonlyMap<string, number>): Words {
  const frequency = new Map<string, number>();
  for (const text of texts) for (const word of preTokenize(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return {
    symbols: Array.from(frequency.keys(), (word) => Array.from(word, (character) => idOf.get(character)!)),
    counts: [...frequency.values()],
  };
}

/** How often each pair occurs, and which words hold it (or once did). */
class PairIndex {
  readonly #counts = new Map<number, number>();
  readonly #words = new Map<number, Set<number>>();

  add(left: number, right: number, word: number, count: number): void {
    const pair = left * MAX_IDS + right;
    const total = (this.#counts.get(pair) ?? 0) + count;
    if (total > 0) this.#counts.set(pair, total);
    else this.#counts.delete(pair);
    if (count < 0) return;
    const words = this.#words.get(pair);
    if (words) words.add(word);
    else this.#words.set(pair, new Set([word]));
  }

  /** The commonest pair; of equals, the one with the smaller ids. A scan is fast enough for thousands of merges. */
  commonest(): { pair: number; count: number } {
    let pair = -1;
    let count = 0;
    for (const [candidate, total] of this.#counts) {
      if (total > count || (total === count && candidate < pair)) {
        pair = candidate;
        count = total;
      }
    }
    return { pair, count };
  }

  /** The words of a pair that is being joined; the pair is forgotten. */
  take(pair: number): Iterable<number> {
    const words = this.#words.get(pair) ?? [];
    this.#words.delete(pair);
    return words;
  }
}

/** Replaces each `left right` in a word by `joined`, from the left, and keeps the pair counts true. */
function joinInWord(word: number, words: Words, pairs: PairIndex, left: number, right: number, joined: number): void {
  const before = words.symbols[word]!;
  const count = words.counts[word]!;
  const after: number[] = [];
  for (let i = 0; i < before.length; i++) {
    if (before[i] === left && before[i + 1] === right) {
      after.push(joined);
      i++;
    } else after.push(before[i]!);
  }
  if (after.length === before.length) return;
  for (let i = 1; i < before.length; i++) pairs.add(before[i - 1]!, before[i]!, word, -count);
  for (let i = 1; i < after.length; i++) pairs.add(after[i - 1]!, after[i]!, word, count);
  words.symbols[word] = after;
}

/**
 * Trains a byte-level BPE on `texts`, which are read once. The vocabulary is smaller than asked for when the texts have
 * no more pairs of the minimum frequency.
 * @throws RangeError when the vocabulary cannot hold the special tokens and the 256 bytes, or is larger than 65 536
 */
export function trainBpe(texts: Iterable<string>, options: BpeTrainerOptions): BpeModel {
  const { vocabularySize, specialTokens, minFrequency = 2 } = options;
  const smallest = specialTokens.length + BYTE_CHARACTERS.length;
  if (!(vocabularySize >= smallest && vocabularySize <= MAX_IDS))
    throw new RangeError(`trainBpe: the vocabulary size must be from ${smallest} to ${MAX_IDS}, not ${vocabularySize}`);

  const vocabulary = [...specialTokens, ...[...BYTE_CHARACTERS].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)];
  const idOf = new Map(vocabulary.map((token, id) => [token, id]));
  const words = countWords(texts, idOf);
  const pairs = new PairIndex();
  words.symbols.forEach((symbols, word) => {
    for (let i = 1; i < symbols.length; i++) pairs.add(symbols[i - 1]!, symbols[i]!, word, words.counts[word]!);
  });

  const merges: [string, string][] = [];
  while (vocabulary.length < vocabularySize) {
    const { pair, count } = pairs.commonest();
    if (count < Math.max(1, minFrequency)) break;
    const left = Math.floor(pair / MAX_IDS);
    const right = pair % MAX_IDS;
    const token = vocabulary[left]! + vocabulary[right]!;
    merges.push([vocabulary[left]!, vocabulary[right]!]);
    // Two pairs can spell the same token ("a"+"bc", "ab"+"c"): it keeps its first id.
    const joined = idOf.get(token) ?? vocabulary.push(token) - 1;
    idOf.set(token, joined);
    for (const word of pairs.take(pair)) joinInWord(word, words, pairs, left, right, joined);
  }
  return { vocabulary, merges, numSpecialTokens: specialTokens.length };
}
