/** @file Stage 1: a byte-level BPE tokenizer, trained on a sample of the world's documents and conversations. */
import { Random } from '../../src/core/random';
import { trainBpe } from '../../src/core/text/bpe-trainer';
import { SPECIAL_TOKENS } from '../../src/core/text/chat-template';
import { toTokenizerConfigJson, toTokenizerJson } from '../../src/core/text/tokenizer-files';
import { readTokenizer } from '../../src/core/text/read-tokenizer';
import type { TextTokenizer } from '../../src/core/text/tokenizer';
import { demonstrate } from '../../src/core/world/demonstrations';
import { sampleDocument } from '../../src/core/world/documents';
import { sampleRequest } from '../../src/core/world/requests';
import type { World } from '../../src/core/world/world';
import type { Recipe } from './recipe';
import type { Store } from './store';

/** Texts to learn from; typos are left out, so that no token is spent on them. */
function* sampleTexts(world: World, random: Random, numCharacters: number): Generator<string> {
  for (let written = 0; written < numCharacters;) {
    const document = sampleDocument(world, random, { typos: false }).text;
    const request = sampleRequest(world, random, 'train');
    const answer = demonstrate(world, request, random, 'good');
    for (const text of [document, request.prompt, answer]) {
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
}

/** Trains the tokenizer, or reads the one trained before. */
export function tokenizerStage(recipe: Recipe, world: World, store: Store): Tokenizers {
  let json = store.readJson<Record<string, unknown>>('tokenizer.json');
  if (!json) {
    const texts = sampleTexts(world, new Random(recipe.seed).split('tokenizer'), 3_000_000);
    json = toTokenizerJson(trainBpe(texts, { vocabularySize: recipe.model.vocabularySize, specialTokens: SPECIAL_TOKENS }));
    store.writeJson('tokenizer.json', json);
  }
  const make = (chat: boolean) => readTokenizer(json, toTokenizerConfigJson({ chat, maxPositions: recipe.model.maxPositions }));
  return { json, base: make(false), chat: make(true) };
}
