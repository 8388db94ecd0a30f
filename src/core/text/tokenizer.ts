/**
 * @file What every tokenizer of a model can do. There are two kinds: ours (byte-level-tokenizer.ts), exact and fast, and
 * that of any other Hugging Face folder (library-tokenizer.ts). `readTokenizer` picks.
 *
 * Text is data: `encode` never makes a special token of it, even of "<|end|>"; only the chat template and the ids below do.
 */
import type { ChatMessage } from './chat-template';

/** Decodes one sequence, token by token; the pieces, joined, are the text of the whole sequence. */
export interface TokenDecoder {
  /** The text that this token adds; empty while a character is incomplete. */
  push(id: number): string;
  /** What is left when the sequence is over: U+FFFD for an incomplete character, else nothing. */
  finish(): string;
}

/** How to write special tokens. */
export interface DecodeOptions {
  /** Leave special tokens out (default false: they show as their name). */
  readonly skipSpecial?: boolean;
}

/** The tokenizer of one model. */
export interface TextTokenizer {
  /** Ordinary text is encoded to ids below this; the model must know at least as many. */
  readonly vocabularySize: number;
  /** Starts every sequence, or null when the tokenizer does not say. */
  readonly bosTokenId: number | null;
  /** Whether plain text is preceded by the start token. */
  readonly addsBosToken: boolean;
  /** Each ends a text, the model's own end token first; empty when the tokenizer does not say. */
  readonly eosTokenIds: readonly number[];
  /** Fills unused positions, or null when the tokenizer does not say. */
  readonly padTokenId: number | null;
  /** Ids of all special tokens by their text. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** Whether `encodeChat` can be used: a base model has no chat template. */
  readonly hasChatTemplate: boolean;

  /** Token ids of a text; never special ones, and none added. */
  encode(text: string): number[];

  /**
   * Token ids of a conversation, as the model's chat template writes it (start token included).
   * @param options.addGenerationPrompt end with the opening of an assistant message
   * @throws CheckpointError when the model has no chat template or the template fails
   */
  encodeChat(messages: readonly ChatMessage[], options: { addGenerationPrompt: boolean }): number[];

  /**
   * The text of token ids. An id the tokenizer does not know has no text: models often have room for more.
   * @throws RangeError when an id is negative or not whole
   */
  decode(ids: Iterable<number>, options?: DecodeOptions): string;

  /**
   * The text that each token adds to those before it; joined, it is the decoded text. A character spread over several
   * tokens comes with its last; those before it add nothing.
   * @throws RangeError when an id is negative or not whole
   */
  tokenTexts(ids: Iterable<number>, options?: DecodeOptions): string[];

  /** A decoder that is fed one token after another, as they are sampled. */
  streamDecoder(options?: DecodeOptions): TokenDecoder;
}

/** `tokenTexts` for any decoder. */
export function textsOf(decoder: TokenDecoder, ids: Iterable<number>): string[] {
  const texts = Array.from(ids, (id) => decoder.push(id));
  if (texts.length > 0) texts[texts.length - 1] += decoder.finish();
  return texts;
}

/** @throws RangeError when the id is negative or not whole, which no model can have drawn */
export function checkTokenId(id: number): void {
  if (!Number.isInteger(id) || id < 0) throw new RangeError(`${id} is not a token id.`);
}
