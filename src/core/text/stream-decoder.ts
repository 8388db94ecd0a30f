/**
 * @file Turns token ids into text one at a time.
 *
 * A token is a run of bytes, not of characters: an emoji may be spread over several. Bytes that do not yet make a whole
 * character are held back, so text that was shown never changes. Bytes that can never make one become U+FFFD.
 */

/** What decoding needs to know of each token id. */
export interface TokenBytes {
  /** UTF-8 bytes by token id. */
  readonly bytes: readonly Uint8Array[];
  /** Ids of special tokens. */
  readonly specialIds: ReadonlySet<number>;
}

/** Decodes one sequence; the pieces it returns, joined, are the text of the whole sequence. */
export class StreamDecoder {
  readonly #tokens: TokenBytes;
  readonly #skipSpecial: boolean;
  // ignoreBOM: a byte-order mark in the text is a character like any other, not to be swallowed.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** @param options.skipSpecial leave special tokens out of the text (default false: they show as their name) */
  constructor(tokens: TokenBytes, options: { skipSpecial?: boolean } = {}) {
    this.#tokens = tokens;
    this.#skipSpecial = options.skipSpecial ?? false;
  }

  /**
   * The text that this token adds; empty while a character is incomplete.
   * @throws RangeError when the id is outside the vocabulary
   */
  push(id: number): string {
    const bytes = this.#tokens.bytes[id];
    if (!bytes) throw new RangeError(`The token id ${id} is outside the vocabulary of ${this.#tokens.bytes.length}.`);
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
