/**
 * @file Taking an answer apart for the judges: headings, bullets, numbered lines, sentences, and how alike two runs of words
 * are. Word order counts everywhere, so that a heap of the right words is not the right sentence.
 */
import { sameWord, wordsOf } from '../words';

/** An answer taken apart. */
export interface AnswerParts {
  readonly text: string;
  readonly words: readonly string[];
  /** Lines that are not empty. */
  readonly lines: readonly string[];
  /** Distinct bulleted lines without their mark, in order; `bulletRows` are their line numbers. */
  readonly bullets: readonly string[];
  readonly bulletRows: readonly number[];
  /** Distinct numbered lines without their number, counting 1, 2, 3 … without a gap. */
  readonly steps: readonly string[];
  readonly stepRows: readonly number[];
  readonly sentences: readonly string[];
}

/** Takes an answer apart. */
export function takeApart(text: string): AnswerParts {
  const lines = text.split('\n').map((line) => line.trim());
  const bullets: string[] = [];
  const bulletRows: number[] = [];
  const steps: string[] = [];
  const stepRows: number[] = [];
  lines.forEach((line, row) => {
    const bullet = /^[*\-•] +(\S.*)/.exec(line)?.[1];
    if (bullet && !bullets.includes(bullet)) {
      bullets.push(bullet);
      bulletRows.push(row);
    }
    const step = /^(\d+)[.)] +(\S.*)/.exec(line);
    if (step?.[2] && Number(step[1]) === steps.length + 1 && !steps.includes(step[2])) {
      steps.push(step[2]);
      stepRows.push(row);
    }
  });
  const sentences = text.split(/(?<=[.!?])\s+|\n+/).filter((sentence) => /[a-z0-9]/i.test(sentence));
  return { text, words: wordsOf(text), lines: lines.filter((line) => line !== ''), bullets, bulletRows, steps, stepRows, sentences };
}

/** 1 inside [low, high], falling to 0 at half of `low` and at twice `high`. */
export function band(value: number, low: number, high: number): number {
  if (value < low) return Math.max(0, (2 * value) / low - 1);
  if (value > high) return Math.max(0, 2 - value / high);
  return 1;
}

/** Lower case, with short forms spelled out ("don't" is "do not"), as the phrases of `phrases.ts` are written. */
export function spelledOut(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll("can't", 'cannot')
    .replaceAll('can not', 'cannot')
    .replaceAll("won't", 'will not')
    .replaceAll("n't", ' not')
    .replaceAll("'ve", ' have')
    .replaceAll("i'm", 'i am')
    .replaceAll("'ll", ' will')
    .replaceAll("i'd", 'i would');
}

/** How many of the phrases (as in {@link spelledOut}) stand in a text that is spelled out; each must begin and end with a word's. */
export function countPhrases(plain: string, phrases: readonly string[]): number {
  return phrases.filter((phrase) => {
    for (let at = plain.indexOf(phrase); at >= 0; at = plain.indexOf(phrase, at + 1)) {
      if (!isLetter(plain[at - 1]) && (!isLetter(phrase.at(-1)) || !isLetter(plain[at + phrase.length]))) return true;
    }
    return false;
  }).length;
}

const isLetter = (character: string | undefined) => character !== undefined && character >= 'a' && character <= 'z';

const MAX_WORDS = 120;

/** The most words of `a`, in their order, that also stand in `b` in that order (longest common subsequence, up to one slip a word). */
function commonInOrder(a: readonly string[], b: readonly string[]): number {
  const width = Math.min(b.length, MAX_WORDS);
  const best = new Uint8Array(width + 1);
  for (let i = 0; i < Math.min(a.length, MAX_WORDS); i++) {
    let diagonal = 0;
    for (let j = 1; j <= width; j++) {
      const above = best[j]!;
      best[j] = sameWord(a[i]!, b[j - 1]!) ? diagonal + 1 : Math.max(above, best[j - 1]!);
      diagonal = above;
    }
  }
  return best[width]!;
}

/** How alike two runs of words are, 0 to 1: the words they share in order, over the longer of them. */
export function alignment(a: readonly string[], b: readonly string[]): number {
  const longer = Math.max(a.length, b.length);
  // Runs that differ twofold in length are not alike, and need no look.
  if (longer === 0 || 2 * Math.min(a.length, b.length) < longer) return 0;
  return commonInOrder(a, b) / longer;
}

/** True when the answer only says what the prompt said: each of its sentences is one of the prompt's. */
export function isEcho(parts: AnswerParts, prompt: string): boolean {
  const said = [prompt, ...prompt.split(/(?<=[.!?])\s+/)].map(wordsOf);
  // A number that nobody asked with is an answer.
  const asked = new Set(prompt.match(/\d+/g));
  if (parts.words.length === 0 || (parts.text.match(/\d+/g) ?? []).some((number) => !asked.has(number))) return false;
  return parts.sentences.every((sentence) => said.some((words) => alignment(wordsOf(sentence), words) >= 0.9));
}

/** Share of a phrase that stands in one place of the words, in its order, with at most three others in between. */
export function coverage(words: readonly string[], phrase: readonly string[]): number {
  if (phrase.length === 0) return 0;
  const width = phrase.length + 3;
  let best = 0;
  for (let start = 0; start < words.length; start++) {
    // A phrase that is here begins here or with its second word: other windows need no look.
    if (!phrase.slice(0, 2).some((word) => sameWord(word, words[start]!))) continue;
    best = Math.max(best, commonInOrder(phrase, words.slice(start, start + width)) / phrase.length);
  }
  return best;
}
