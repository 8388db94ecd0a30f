/**
 * @file Text to token ids and back, for one model.
 *
 * Merging is @huggingface/tokenizers' (no eval, so it runs under a strict CSP); pre-tokens met before are remembered.
 * Text is data: `encode` never yields a special token, even for the text "<|end|>"; only the chat template and the ids
 * below do. Its own `Tokenizer.encode` cannot promise that (it always splits on added tokens), its `decode` throws on an
 * empty list and rewrites " ." to "." unless told not to; so only its BPE is used here. tokenizer.test.ts compares both.
 */
import { BPE } from '@huggingface/tokenizers';
import { CheckpointError } from '../model/checkpoint-error';
import { bytesOfToken, preTokenize } from './byte-level';
import { ChatRenderer } from './chat-renderer';
import { DOCUMENT_TOKEN, type ChatMessage } from './chat-template';
import { StreamDecoder, type TokenBytes } from './stream-decoder';
import { parseTokenizerFiles, type TokenizerFiles } from './tokenizer-files';

/** Distinct pre-tokens remembered before starting afresh; some ten megabytes. */
const MAX_REMEMBERED = 1 << 16;
/** Longer pre-tokens are rare and are not remembered. */
const MAX_REMEMBERED_LENGTH = 64;

/** The tokenizer of one model. */
export class TextTokenizer {
  /** V: number of token ids, special tokens included. */
  readonly vocabularySize: number;
  /** Starts every sequence, or null when the model has no such token. */
  readonly bosTokenId: number | null;
  /** Each ends a text: the model's own end token first, then the end of a document. */
  readonly eosTokenIds: readonly number[];
  /** Fills unused positions, or null when the model has no such token. */
  readonly padTokenId: number | null;
  /** Ids of all special tokens by their text. */
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
      files.chatTemplate === null ? null : new ChatRenderer(files.chatTemplate, files.specialTokens.keys(), roleVariables(files));
  }

  /** Whether `encodeChat` can be used: a base model has no chat template. */
  get hasChatTemplate(): boolean {
    return this.#chat !== null;
  }

  /** Token ids of a text; never special ones. Decoding gives the text back, lone surrogates as U+FFFD. */
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

  /**
   * Token ids of a conversation, as the model's chat template writes it (start token included).
   * @param options.addGenerationPrompt end with the opening of an assistant message
   * @throws CheckpointError when the model has no chat template or the template fails
   */
  encodeChat(messages: readonly ChatMessage[], options: { addGenerationPrompt: boolean }): number[] {
    if (!this.#chat) throw new CheckpointError('This model has no chat template.');
    const segments = this.#chat.render(messages, options.addGenerationPrompt);
    return segments.flatMap(({ special, text }) => (special ? [this.specialTokens.get(text)!] : this.encode(text)));
  }

  /**
   * The text of token ids; special tokens as their names, or left out.
   * @throws RangeError when an id is outside the vocabulary
   */
  decode(ids: Iterable<number>, options: { skipSpecial?: boolean } = {}): string {
    const decoder = this.streamDecoder(options);
    let text = '';
    for (const id of ids) text += decoder.push(id);
    return text + decoder.finish();
  }

  /**
   * The text that each token adds to those before it; joined, it is the decoded text. A character spread over several
   * tokens comes with its last; those before it add nothing.
   * @throws RangeError when an id is outside the vocabulary
   */
  tokenTexts(ids: Iterable<number>, options: { skipSpecial?: boolean } = {}): string[] {
    const decoder = this.streamDecoder(options);
    const texts = Array.from(ids, (id) => decoder.push(id));
    if (texts.length > 0) texts[texts.length - 1] += decoder.finish();
    return texts;
  }

  /** A decoder that is fed one token after another, as they are sampled. */
  streamDecoder(options: { skipSpecial?: boolean } = {}): StreamDecoder {
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

/** The variables Hugging Face hands to every chat template. */
function roleVariables(files: TokenizerFiles): Record<string, string> {
  const roles = { bos_token: files.bosToken, eos_token: files.eosToken, pad_token: files.padToken };
  return Object.fromEntries(Object.entries(roles).filter((role): role is [string, string] => role[1] !== null));
}
