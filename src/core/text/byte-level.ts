/**
 * @file The byte-level alphabet and the pre-tokenizer that training and encoding share.
 *
 * GPT-2 writes each byte of the UTF-8 text as one printable character, so every text has tokens and none is unknown
 * (Radford et al. 2019, section 2.2). Text is first cut into pre-tokens (one digit, or a word with the space before it)
 * that merges never cross. Digits stand alone so that numbers are read digit by digit.
 *
 * `@huggingface/tokenizers` 0.2.0 cuts as the Rust library does except on exotic characters: its `Digits` splits only
 * 0–9, where Rust splits every numeric character ("٣٤", "Ⅻ"), and JavaScript's `\s` counts U+FEFF but not U+0085 as space.
 * Such text still round-trips; only its token ids may differ from Python's (byte-level.test.ts pins this down).
 */
import { ByteLevelPreTokenizer, DigitsPreTokenizer } from '@huggingface/tokenizers';

/** The character of each byte, by byte value. Printable Latin-1 stands for itself, the other 68 bytes for U+0100 upward. */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  let next = 0x100;
  const printable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
})();

const BYTE_OF_CHARACTER = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

/** The bytes a byte-level token stands for, or null when it holds a character outside the alphabet. */
export function bytesOfToken(token: string): Uint8Array | null {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** The `pre_tokenizer` section of tokenizer.json, as the Rust library writes it. */
export const PRE_TOKENIZER = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'Digits', individual_digits: true },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
  ],
} as const;

const [digitsConfig, byteLevelConfig] = PRE_TOKENIZER.pretokenizers;
const digits = new DigitsPreTokenizer(digitsConfig);
const byteLevel = new ByteLevelPreTokenizer(byteLevelConfig);

/**
 * Cuts a text into pre-tokens written in the byte-level alphabet. Special-token text is ordinary text here; a lone
 * surrogate, which UTF-8 cannot write, becomes U+FFFD.
 */
export function preTokenize(text: string): string[] {
  return byteLevel.pre_tokenize(digits.pre_tokenize(text));
}
