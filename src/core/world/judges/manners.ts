/** @file Manners and craft, whatever was asked: politeness, tone, spelling, repetition, excitement, length. */
import type { Request, RequestKind } from '../subjects';
import { wordsOf } from '../words';
import type { World } from '../world';
import { countCourtesies, countPreaching, countRude } from './phrases';
import { band } from './text';
import type { AnswerParts } from './text';

/** Good lengths in words (numbers are no words). */
export const LENGTH_BANDS: Readonly<Record<RequestKind, readonly [number, number]>> = {
  recipe: [26, 70],
  'how-to': [14, 45],
  act: [10, 45],
  person: [8, 36],
  'unknown-person': [5, 20],
  place: [8, 36],
  'small-talk': [3, 22],
  arithmetic: [1, 14],
  list: [8, 40],
  opinion: [16, 48],
  advice: [6, 40],
  note: [14, 48],
};

/** Share of the words of a text that the world does not know; names in `allowed` are let through. 0 for a text without words. */
export function typoRate(world: World, text: string, allowed: readonly string[] = []): number {
  const words = wordsOf(text);
  if (words.length === 0) return 0;
  return words.filter((word) => !world.lexicon.has(word) && !allowed.includes(word)).length / words.length;
}

/** Share of the words of a text that the world knows; 1 for a text without words. */
export function worldWordRate(world: World, text: string): number {
  return 1 - typoRate(world, text);
}

/** Share of runs of four words that repeat an earlier one; 0 for texts under five words. */
export function repetitionRate(text: string): number {
  const words = wordsOf(text);
  const seen = new Set<string>();
  for (let i = 0; i + 4 <= words.length; i++) seen.add(words.slice(i, i + 4).join(' '));
  const total = words.length - 3;
  return total < 2 ? 0 : 1 - seen.size / total;
}

/** Courtesy: 0 without a kind phrase, 0.7 with one, 1 with two or more different ones. */
export function politenessOf(text: string): number {
  const count = countCourtesies(text);
  return count === 0 ? 0 : count === 1 ? 0.7 : 1;
}

/** Excitement: 0 up to two exclamation marks, 1 from seven. */
export function exclamationOf(text: string): number {
  return Math.min(1, Math.max(0, text.split('!').length - 3) / 5);
}

/** Tone, 0 to 1: kind and not preachy. An insult or a brush-off costs seven tenths, a phrase of a sermon half, shouting up to half. */
export function toneOf(text: string): number {
  const isBrusque = /^\s*(?:no|never|none|what\?)[.!]?\s*$/i.test(text);
  return Math.max(0, 1 - 0.7 * countRude(text) - 0.5 * countPreaching(text) - 0.5 * exclamationOf(text) - (isBrusque ? 0.6 : 0));
}

/** Length, 0 to 1: 1 inside the good band of the kind; a style may add some words, terse and short answers may have few. */
export function judgeLength(request: Request, parts: AnswerParts): number {
  const numWords = parts.words.length;
  if (request.followUp && request.followUp !== 'shorter') return band(numWords + 1, 1, 18);
  const [low, high] = LENGTH_BANDS[request.kind];
  if (request.kind === 'arithmetic') return band(numWords + 1, low, high);
  const isLean = request.style === 'terse' || request.followUp === 'shorter';
  return band(numWords, isLean ? 1 : low, high);
}
