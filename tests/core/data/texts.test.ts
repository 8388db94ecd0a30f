/** @file Plain text: what is held out is its end, nothing is lost or learned twice, and bits per byte are what they say. */
import { describe, expect, it } from 'vitest';
import { bitsPerByte, encodeLong, holdOut, windowsOf } from '../../../src/core/data/texts';
import { Random } from '../../../src/core/random';

const words = (count: number, seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.pick(['sun', 'moon', 'rain', 'Größe', '水', '😀', 'a\n'])).join(' ');
};
/** One token a character. */
const letters = { encode: (text: string) => Array.from(text, (letter) => letter.codePointAt(0)!) };

describe('holding out', () => {
  it.each([1, 2, 3])('takes the last tenth, cut between words, and no more of it than is measured (seed %i)', (seed) => {
    const text = words(2000, seed);
    const { learned, heldOut } = holdOut([text]);
    expect(learned.concat(heldOut).join('')).toBe(text);
    expect(heldOut.join('').length / text.length).toBeCloseTo(0.1, 1);
    const long = holdOut([words(60_000, seed)]);
    expect(long.heldOut.join('').length).toBeGreaterThan(7000);
    expect(long.heldOut.join('').length).toBeLessThanOrEqual(8000);
  });

  it('of several texts takes the last ones', () => {
    const texts = Array.from({ length: 20 }, (_, i) => words(50, i));
    const { learned, heldOut } = holdOut(texts);
    expect(learned.concat(heldOut).join('')).toBe(texts.join(''));
    expect(learned[0]).toBe(texts[0]);
    expect(heldOut.at(-1)).toBe(texts.at(-1));
  });

  it('cuts no character in two where there are no words', () => {
    const { learned, heldOut } = holdOut(['😀'.repeat(101)]);
    for (const part of [...learned, ...heldOut]) expect(part).toMatch(/^(😀)+$/u);
  });
});

it('a long text is encoded in pieces that add up to it', () => {
  for (const text of [words(20_000, 1), 'x'.repeat(25_001), '😀'.repeat(12_000), ''])
    expect(String.fromCodePoint(...encodeLong(letters, text).slice(0, 50_000)).length > 0 || text === '').toBe(true);
  const text = words(9000, 4);
  expect(encodeLong(letters, text)).toEqual(letters.encode(text));
  expect(encodeLong(letters, '😀'.repeat(12_000))).toEqual(letters.encode('😀'.repeat(12_000)));
});

it('windows hold every token once, each after the token that starts a text', () => {
  const ids = Array.from({ length: 100 }, (_, i) => i + 1);
  const windows = windowsOf(ids, 0, 16);
  expect(windows.flatMap(({ completionTokens }) => completionTokens)).toEqual(ids);
  expect(windows.every(({ promptTokens, completionTokens }) => promptTokens[0] === 0 && completionTokens.length <= 16)).toBe(true);
});

it('eight nats of a fair coin’s tosses are as many bits', () => {
  expect(bitsPerByte([[Math.log(0.5), Math.log(0.5)], [Math.log(0.5)]], 3)).toBeCloseTo(1);
});
