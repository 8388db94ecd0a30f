/**
 * @file Turns token ids into text one at a time.
 *
 * A token is a run of bytes, not of characters: an emoji may be spread over several. Bytes that do not yet make a whole
 * character are held back, so text that was shown never changes. Bytes that can never make one become U+FFFD.
 */

import { checkTokenId, type DecodeOptions, type TokenDecoder } from './tokenizer';

/** What decoding needs to know of each token id. */
export interface TokenBytes {
  /** UTF-8 bytes by token id. */
  readonly bytes: readonly Uint8Array[];
  /** Ids of special tokens. */
  readonly specialIds: ReadonlySet<number>;
}

/** Decodes one sequence of byte-level tokens. */
export class StreamDecoder implements TokenDecoder {
  readonly #tokens: TokenBytes;
  readonly #skipSpecial: boolean;
  // ignoreBOM: a byte-order mark in the text is a character like any other, not to be swallowed.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(tokens: TokenBytes, options: DecodeOptions = {}) {
    this.#tokens = tokens;
    this.#skipSpecial = options.skipSpecial ?? false;
  }

  /**
   * The text that this token adds; empty while a character is incomplete, and for an id beyond the vocabulary.
   * @throws RangeError when the id is negative or not whole
   */
  push(id: number): string {
    const bytes = this.#tokens.bytes[id];
    if (!bytes) {
      checkTokenId(id);
      return '';
    }
    if (!this.#tokens.specialIds.has(id)) return this.#decoder.decode(bytes, { stream: true });
    if (this.#skipSpecial) return '';
    // Not streaming: a special token ends the run of bytes, and what hangs before it is never completed after it.
    return this.#decoder.decode(bytes);
  }

  /** What is left when the sequence is over: U+FFFD for an incomplete character, else nothing. */
  finish(): string {
    return this.#decoder.decode();
  }
}
