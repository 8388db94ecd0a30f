/**
 * @file Plain text to pretrain on: its last tenth is held out, the rest is cut into windows of so many tokens, each after the token
 * that starts a text. Every token counts, by the next-token loss that pretraining minimises (`algorithms/pretrain.ts`).
 */
import type { Sequence } from '../rl/batch';
import type { TextTokenizer } from '../text/tokenizer';

/** Share of a text that is learned; what comes after it is held out. */
const LEARNED_SHARE = 0.9;
/** Longest part of what is held out that is measured, in characters. */
const MAX_MEASURED_LENGTH = 8000;
/** Tokenizers get so many characters at once. */
const PIECE_LENGTH = 10_000;

/** Texts in two parts. */
export interface SplitTexts {
  readonly learned: readonly string[];
  /** As much of what is held out as is measured. */
  readonly heldOut: readonly string[];
}

/** A place to cut near `at`: after a line, else after a word, else between two characters. */
function cutNear(text: string, at: number): number {
  if (at >= text.length) return text.length;
  for (const end of ['\n', ' ']) {
    const found = text.lastIndexOf(end, at - 1) + 1;
    if (found > at / 2) return found;
  }
  const isHigh = (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return isHigh && at > 1 ? at - 1 : at;
}

/** The first part of texts, about so many characters together, and the rest. */
function splitAfter(texts: readonly string[], length: number): readonly [string[], string[]] {
  const [first, rest]: [string[], string[]] = [[], []];
  let left = length;
  for (const text of texts) {
    const cut = left <= 0 ? 0 : cutNear(text, left);
    left -= text.length;
    if (cut > 0) first.push(text.slice(0, cut));
    if (cut < text.length) rest.push(text.slice(cut));
  }
  return [first, rest];
}

/** Sets the end of texts apart. */
export function holdOut(texts: readonly string[]): SplitTexts {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const [learned, rest] = splitAfter(texts, Math.floor(length * LEARNED_SHARE));
  return { learned, heldOut: splitAfter(rest, MAX_MEASURED_LENGTH)[0] };
}

/** Token ids of a text of any length. */
export function encodeLong(tokenizer: Pick<TextTokenizer, 'encode'>, text: string): number[] {
  const ids: number[] = [];
  for (let start = 0; start < text.length;) {
    const end = start + cutNear(text.slice(start, start + PIECE_LENGTH + 1), PIECE_LENGTH);
    for (const id of tokenizer.encode(text.slice(start, end))) ids.push(id);
    start = end;
  }
  return ids;
}

/** A text's tokens in windows. @param length tokens of a window that are predicted */
export function windowsOf(ids: readonly number[], startToken: number, length: number): Sequence[] {
  const windows = Array.from({ length: Math.ceil(ids.length / length) }, (_, i) => ids.slice(i * length, (i + 1) * length));
  return windows.map((completionTokens) => ({ promptTokens: [startToken], completionTokens }));
}

/** Bits for a byte, from log-probabilities in nats of a text of so many bytes. */
export const bitsPerByte = (logprobs: readonly ArrayLike<number>[], bytes: number): number =>
  -logprobs.reduce((sum, row) => sum + Array.from(row).reduce((total, logprob) => total + logprob, 0), 0) / Math.LN2 / bytes;
