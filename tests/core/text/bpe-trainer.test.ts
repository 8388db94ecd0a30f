/**
 * @file The trainer against a direct reading of the definition, and its tie-breaking.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { sha256Hex } from '../../../src/core/model/manifest';
import { trainBpe, type BpeTrainerOptions } from '../../../src/core/text/bpe-trainer';
import { BYTE_CHARACTERS, preTokenize } from '../../../src/core/text/byte-level';
import { madeUpText } from './made-up-text';

/** BPE as defined: count every pair anew for every merge. */
function slowMerges(texts: readonly string[], options: BpeTrainerOptions): [string, string][] {
  const vocabulary = [...options.specialTokens, ...[...BYTE_CHARACTERS].sort((a, b) => (a < b ? -1 : 1))];
  const idOf = new Map(vocabulary.map((token, id) => [token, id]));
  const words = texts.flatMap(preTokenize).map((word) => [...word]);
  const merges: [string, string][] = [];
  while (vocabulary.length < options.vocabularySize) {
    const counts = new Map<string, { left: string; right: string; count: number }>();
    for (const word of words)
      for (let i = 1; i < word.length; i++) {
        const [left, right] = [word[i - 1]!, word[i]!];
        const entry = counts.get(`${left} ${right}`) ?? { left, right, count: 0 };
        counts.set(`${left} ${right}`, { ...entry, count: entry.count + 1 });
      }
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || idOf.get(a.left)! - idOf.get(b.left)! || idOf.get(a.right)! - idOf.get(b.right)!,
    );
    if (!best || best.count < 2) break;
    merges.push([best.left, best.right]);
    const token = best.left + best.right;
    if (!idOf.has(token)) idOf.set(token, vocabulary.push(token) - 1);
    for (const word of words)
      for (let i = 0; i + 1 < word.length; i++) if (word[i] === best.left && word[i + 1] === best.right) word.splice(i, 2, token);
  }
  return merges;
}

describe('trainBpe', () => {
  it('finds the merges that counting every pair anew finds', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '1', 'é'), maxLength: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(texts, (samples) => {
        const options = { vocabularySize: 270, specialTokens: ['<|x|>'] };
        expect(trainBpe(samples, options).merges).toEqual(slowMerges(samples, options));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('finds the merges of the Rust trainer (recorded from tokenizers 0.23.2 on this text)', async () => {
    const { merges } = trainBpe([madeUpText(20_000)], { vocabularySize: 500, specialTokens: ['<|x|>'] });
    const lines = merges.map((merge) => merge.join(' ')).join('\n');
    expect(await sha256Hex(new TextEncoder().encode(lines))).toBe('7b51ff365a0f0362182fe41bf398c96a370d76f1c19c9cdb6341e995f5e1a1d3');
  });

  it('puts special tokens first, then the 256 bytes, then merges, each once', () => {
    const model = trainBpe([madeUpText(20_000)], { vocabularySize: 400, specialTokens: ['<|a|>', '<|b|>'] });
    expect(model.vocabulary).toHaveLength(400);
    expect(new Set(model.vocabulary).size).toBe(400);
    expect(model.vocabulary.slice(0, 3)).toEqual(['<|a|>', '<|b|>', '!']);
    expect(new Set(model.vocabulary.slice(2, 258))).toEqual(new Set(BYTE_CHARACTERS));
    expect(model.vocabulary.at(-1)).toBe(model.merges.at(-1)!.join(''));
  });

  it('breaks ties by the smaller ids, whatever the order of the texts', () => {
    const options = { vocabularySize: 258, specialTokens: [] };
    expect(trainBpe(['zy zy ab ab'], options).merges[0]).toEqual(['a', 'b']);
    expect(trainBpe(['ab', 'ab', 'zy', 'zy'].reverse(), options).merges[0]).toEqual(['a', 'b']);
  });

  it('never joins across words or digits', () => {
    const { vocabulary } = trainBpe(['10 cats 10 cats 10 cats'], { vocabularySize: 300, specialTokens: [] });
    expect(vocabulary).toContain('Ġcats');
    expect(vocabulary).not.toContain('10');
    expect(vocabulary.some((token) => token.slice(1).includes('Ġ'))).toBe(false);
  });

  it('keeps words that are names of object properties', () => {
    const { vocabulary } = trainBpe(['constructor__proto__'.repeat(20)], { vocabularySize: 280, specialTokens: [] });
    expect(vocabulary).toContain('constructor');
  });

  it('stops early when nothing is left to join', () => {
    expect(trainBpe(['ab ab'], { vocabularySize: 1000, specialTokens: [] }).vocabulary.length).toBeLessThan(262);
  });

  it('refuses a vocabulary that cannot hold the bytes', () => {
    expect(() => trainBpe([], { vocabularySize: 256, specialTokens: ['<|x|>'] })).toThrow(RangeError);
    expect(() => trainBpe([], { vocabularySize: NaN, specialTokens: [] })).toThrow(RangeError);
  });

  it('trains 2048 tokens on a megabyte within ten seconds', () => {
    const start = performance.now();
    const model = trainBpe([madeUpText(1_000_000, 8000)], { vocabularySize: 2048, specialTokens: [] });
    expect(model.vocabulary).toHaveLength(2048);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
