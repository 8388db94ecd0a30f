/**
 * @file Made-up text for tokenizer tests: enough words and numbers to train on, none of them from the world.
 */
import { Random } from '../../../src/core/random';
import { SPECIAL_TOKENS } from '../../../src/core/text/chat-template';
import { trainBpe } from '../../../src/core/text/bpe-trainer';
import { toTokenizerConfigJson, toTokenizerJson } from '../../../src/core/text/tokenizer-files';

const SYLLABLES = ['ba', 'con', 'struct', 'or', 'mil', 'ler', 'wa', 'ter', 'é', 'ing', 'stone', 'th', 'e', 'riv', 'ver', 'ny'];

/** Deterministic sentences of at least `length` characters in all. */
export function madeUpText(length: number, numWords = 400): string {
  const random = new Random('made-up text');
  const words = Array.from({ length: numWords }, () =>
    Array.from({ length: 1 + random.integer(4) }, () => random.pick(SYLLABLES)).join(''),
  );
  const parts: string[] = [];
  for (let size = 0; size < length;) {
    const part = random.chance(0.1) ? `. ${random.pick(words)} costs ${random.integer(2000)}, isn't it? 🙂\n` : ` ${random.pick(words)}`;
    parts.push(part);
    size += part.length;
  }
  return parts.join('');
}

/** A trained tokenizer's two files, through JSON as they would be read. */
export function madeUpFiles(options: { chat: boolean; vocabularySize?: number }): [tokenizer: unknown, config: unknown] {
  const model = trainBpe([madeUpText(40_000)], { vocabularySize: options.vocabularySize ?? 700, specialTokens: SPECIAL_TOKENS });
  const json = [toTokenizerJson(model), toTokenizerConfigJson({ chat: options.chat, maxPositions: 256 })];
  return JSON.parse(JSON.stringify(json)) as [unknown, unknown];
}
