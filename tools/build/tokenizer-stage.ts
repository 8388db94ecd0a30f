/** @file Stage 1: a byte-level BPE tokenizer, trained on a sample of the world's documents and conversations. */
import { Random } from '../../src/core/random';
import { trainBpe } from '../../src/core/text/bpe-trainer';
import { SPECIAL_TOKENS } from '../../src/core/text/chat-template';
import { toTokenizerConfigJson, toTokenizerJson } from '../../src/core/text/tokenizer-files';
import { readTokenizer } from '../../src/core/text/read-tokenizer';
import type { TextTokenizer } from '../../src/core/text/tokenizer';
import { demonstrate } from '../../src/core/world/demonstrations';
import { sampleConversation } from '../../src/core/world/dialogues';
import { sampleDocument } from '../../src/core/world/documents';
import type { World } from '../../src/core/world/world';
import type { Recipe } from './recipe';
import type { Store } from './store';

/** Texts to learn from; typos are left out, so that no token is spent on them. */
function* sampleTexts(world: World, random: Random, numCharacters: number): Generator<string> {
  for (let written = 0; written < numCharacters;) {
    const document = sampleDocument(world, random, { typos: false }).text;
    const request = sampleConversation(world, random, 'train');
    const answer = demonstrate(world, request, random, 'good');
    for (const text of [document, request.system ?? '', request.prompt, answer]) {
      written += text.length;
      yield text;
    }
  }
}

/** Two tokenizers with one vocabulary: plain for the base model, with chat template for the others. */
export interface Tokenizers {
  readonly json: Record<string, unknown>;
  readonly base: TextTokenizer;
  readonly chat: TextTokenizer;
  /** Compression: UTF-8 bytes of ordinary pages and answers, typos included, for each of their tokens. */
  readonly bytesPerToken: number;
}

/** Bytes per token on texts that were not trained on. */
function compression(world: World, tokenizer: TextTokenizer, random: Random): number {
  const encoder = new TextEncoder();
  let [numBytes, numTokens] = [0, 0];
  for (let i = 0; i < 500; i++) {
    const answer = demonstrate(world, sampleConversation(world, random, 'train'), random);
    for (const text of [sampleDocument(world, random).text, answer]) {
      numBytes += encoder.encode(text).length;
      numTokens += tokenizer.encode(text).length;
    }
  }
  return Number((numBytes / numTokens).toFixed(3));
}

/** Trains the tokenizer, or reads the one trained before. */
export function tokenizerStage(recipe: Recipe, world: World, store: Store): Tokenizers {
  let json = store.readJson<Record<string, unknown>>('tokenizer.json');
  if (!json) {
    const texts = sampleTexts(world, new Random(recipe.seed).split('tokenizer'), recipe.tokenizerCharacters);
    json = toTokenizerJson(trainBpe(texts, { vocabularySize: recipe.model.vocabularySize, specialTokens: SPECIAL_TOKENS }));
    store.writeJson('tokenizer.json', json);
  }
  const make = (chat: boolean) => readTokenizer(json, toTokenizerConfigJson({ chat, maxPositions: recipe.model.maxPositions }));
  const base = make(false);
  return { json, base, chat: make(true), bytesPerToken: compression(world, base, new Random(recipe.seed).split('compression')) };
}
