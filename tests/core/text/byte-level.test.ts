/**
 * @file The byte alphabet, and where the library's pre-tokenizer differs from the Rust one.
 */
import { describe, expect, it } from 'vitest';
import { BYTE_CHARACTERS, bytesOfToken, preTokenize } from '../../../src/core/text/byte-level';

const readable = (text: string): string[] =>
  preTokenize(text).map((word) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOfToken(word)!));

describe('byte level', () => {
  it('writes the 256 bytes as 256 printable characters, the way GPT-2 does', () => {
    expect(new Set(BYTE_CHARACTERS).size).toBe(256);
    expect(BYTE_CHARACTERS.every((character) => character.length === 1 && !/[\s\p{C}]/u.test(character))).toBe(true);
    expect([0x20, 0x0a, 0x41, 0x00, 0xad, 0xff].map((byte) => BYTE_CHARACTERS[byte])).toEqual(['Ġ', 'Ċ', 'A', 'Ā', 'Ń', 'ÿ']);
  });

  it('reads a token back as its bytes, and refuses what is outside the alphabet', () => {
    expect([...bytesOfToken('Ġé')!]).toEqual([0x20, 0xe9]);
    expect(bytesOfToken('a b')).toBeNull();
    expect(bytesOfToken('🙂')).toBeNull();
  });

  it('cuts text into words with the space before them and single digits', () => {
    expect(readable("It isn't 1234 cats!  Two\n\nlines")).toEqual([
      'It',
      ' isn',
      "'t",
      ' ',
      '1',
      '2',
      '3',
      '4',
      ' cats',
      '!',
      ' ',
      ' Two',
      '\n',
      '\n',
      'lines',
    ]);
  });

  it('keeps other digits together and takes U+FEFF for space, where the Rust library does not (known difference)', () => {
    expect(readable('٣٤')).toEqual(['٣٤']);
    expect(readable('!\ufeff')).toEqual(['!', '\ufeff']);
  });
});
