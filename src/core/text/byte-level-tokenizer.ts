/**
 * @file The tokenizer of our own models: byte-level BPE without normaliser, so every text comes back exactly.
 *
 * Merging is @huggingface/tokenizers' (no eval, so it runs under a strict CSP); pre-tokens met before are remembered.
 * Its `Tokenizer.encode` always splits on added tokens, so it could not keep text from becoming special, and its `decode`
 * throws on an empty list and rewrites " ." to "." unless told not to; so only its BPE is used here, and a megabyte takes
 * a fraction of a second. tokenizer.test.ts compares both.
 */
import { BPE } from '@huggingface/tokenizers';
import { CheckpointError } from '../model/checkpoint-error';
import { bytesOfToken, preTokenize } from './byte-level';
import { ChatRenderer } from './chat-renderer';
import { DOCUMENT_TOKEN, type ChatMessage } from './chat-template';
import { StreamDecoder, type TokenBytes } from './stream-decoder';
import { textsOf, type DecodeOptions, type TextTokenizer } from './tokenizer';
import { templateVariables } from './tokenizer-config';
import { parseTokenizerFiles, type TokenizerFiles } from './tokenizer-files';

/** Distinct pre-tokens remembered before starting afresh; some ten megabytes. */
const MAX_REMEMBERED = 1 << 16;
/** Longer pre-tokens are rare and are not remembered. */
const MAX_REMEMBERED_LENGTH = 64;

/** The tokenizer of one of our models. */
export class ByteLevelTokenizer implements TextTokenizer {
  readonly vocabularySize: number;
  readonly bosTokenId: number | null;
  readonly addsBosToken = true;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #bpe: BPE;
  readonly #idOf: ReadonlyMap<string, number>;
  readonly #remembered = new Map<string, readonly number[]>();
  readonly #tokens: TokenBytes;
  readonly #chat: ChatRenderer | null;

  /**
   * @param tokenizerJson parsed tokenizer.json
   * @param tokenizerConfigJson parsed tokenizer_config.json
   * @throws CheckpointError naming what is malformed or not supported
   */
  constructor(tokenizerJson: unknown, tokenizerConfigJson: unknown) {
    const files = parseTokenizerFiles(tokenizerJson, tokenizerConfigJson);
    const idOf = (token: string | null): number | null => (token === null ? null : files.specialTokens.get(token)!);
    this.vocabularySize = files.vocabulary.length;
    this.specialTokens = files.specialTokens;
    this.bosTokenId = idOf(files.bosToken);
    this.padTokenId = idOf(files.padToken);
    const ends = [idOf(files.eosToken), files.specialTokens.get(DOCUMENT_TOKEN)];
    this.eosTokenIds = [...new Set(ends.filter((id) => typeof id === 'number'))];
    this.#idOf = new Map(files.vocabulary.map((token, id) => [token, id]));
    this.#bpe = new BPE({
      type: 'BPE',
      ignore_merges: false,
      vocab: Object.fromEntries(this.#idOf),
      merges: files.merges.map(([left, right]): [string, string] => [left, right]),
    });
    this.#tokens = tokenBytes(files);
    this.#chat =
      files.chatTemplate === null ? null : new ChatRenderer(files.chatTemplate, files.specialTokens.keys(), templateVariables(files));
  }

  get hasChatTemplate(): boolean {
    return this.#chat !== null;
  }

  /** Decoding gives the text back, lone surrogates as U+FFFD. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const word of preTokenize(text)) for (const id of this.#encodeWord(word)) ids.push(id);
    return ids;
  }

  #encodeWord(word: string): readonly number[] {
    const remembered = this.#remembered.get(word);
    if (remembered) return remembered;
    const ids = this.#bpe.encode([word]).map((token) => this.#idOf.get(token)!);
    if (word.length > MAX_REMEMBERED_LENGTH) return ids;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(word, ids);
    return ids;
  }

  encodeChat(messages: readonly ChatMessage[], options: { addGenerationPrompt: boolean }): number[] {
    if (!this.#chat) throw new CheckpointError('This model has no chat template.');
    const segments = this.#chat.render(messages, options.addGenerationPrompt);
    return segments.flatMap(({ special, text }) => (special ? [this.specialTokens.get(text)!] : this.encode(text)));
  }

  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    return this.tokenTexts(ids, options).join('');
  }

  tokenTexts(ids: Iterable<number>, options: DecodeOptions = {}): string[] {
    return textsOf(this.streamDecoder(options), ids);
  }

  streamDecoder(options: DecodeOptions = {}): StreamDecoder {
    return new StreamDecoder(this.#tokens, options);
  }
}

/** The bytes of every token. @throws CheckpointError when a token is not written in the byte-level alphabet */
function tokenBytes(files: TokenizerFiles): TokenBytes {
  const encoder = new TextEncoder();
  const bytes = files.vocabulary.map((token) => {
    const found = files.specialTokens.has(token) ? encoder.encode(token) : bytesOfToken(token);
    if (!found) throw new CheckpointError(`tokenizer.json: the token ${JSON.stringify(token)} is not written in bytes.`);
    return found;
  });
  return { bytes, specialIds: new Set(files.specialTokens.values()) };
}
