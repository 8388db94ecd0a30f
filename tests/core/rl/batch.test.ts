/**
 * @file Packing: every completion token is predicted exactly once, nothing else is, for any sequences.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { packSequences, type Sequence } from '../../../src/core/rl/batch';

const PAD = 99;
const tokens = (minLength: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength: 8 });
const sequences: fc.Arbitrary<Sequence[]> = fc.array(fc.record({ promptTokens: tokens(0), completionTokens: tokens(0) }), { maxLength: 4 });
const length = fc.integer({ min: 1, max: 12 });
const extraRows = fc.integer({ min: 0, max: 2 });

/** Runs a check on packings of anything. */
function forAll(check: (rows: readonly Sequence[], batch: number, length: number, packed: ReturnType<typeof packSequences>) => void): void {
  fc.assert(
    fc.property(sequences, extraRows, length, (rows, extra, T) => {
      const batch = rows.length + extra;
      check(rows, batch, T, packSequences(rows, batch, T, PAD));
    }),
    { seed: 3, numRuns: 200 },
  );
}

describe('packed sequences', () => {
  it('are a prompt, then its completion, then padding, cut at T + 1 tokens', () => {
    forAll((rows, batch, T, packed) => {
      expect(packed.tokens.length).toBe(batch * (T + 1));
      for (let row = 0; row < batch; row++) {
        const { promptTokens = [], completionTokens = [] } = rows[row] ?? {};
        const expected = [...promptTokens, ...completionTokens, ...new Array<number>(T + 1).fill(PAD)].slice(0, T + 1);
        expect([...packed.tokens.subarray(row * (T + 1), (row + 1) * (T + 1))]).toEqual(expected);
      }
    });
  });

  it('have a mask of 0 and 1, whose sum is the number of completion tokens that fit and can be predicted', () => {
    forAll((rows, batch, T, packed) => {
      expect(packed.completionMask.length).toBe(batch * T);
      expect(packed.completionMask.every((number) => number === 0 || number === 1)).toBe(true);
      expect(packed.completionMask.reduce((sum, number) => sum + number, 0)).toBe(packed.numCompletionTokens);
      const fit = rows.map(({ promptTokens: { length: P }, completionTokens: { length: C } }) => {
        const first = Math.max(1, P); // the very first token of a row has nothing before it to be predicted from
        return Math.max(0, Math.min(P + C, T + 1) - first);
      });
      expect(packed.numCompletionTokens).toBe(fit.reduce((sum, number) => sum + number, 0));
    });
  });

  it('count prediction t exactly when token t + 1 belongs to the completion', () => {
    forAll((rows, batch, T, { completionMask }) => {
      for (let row = 0; row < batch; row++)
        for (let t = 0; t < T; t++) {
          const { promptTokens, completionTokens } = rows[row] ?? { promptTokens: [], completionTokens: [] };
          const isCompletion = t + 1 >= promptTokens.length && t + 1 < promptTokens.length + completionTokens.length;
          expect(completionMask[row * T + t]).toBe(Number(isCompletion));
        }
    });
  });

  it('put the prediction of the first completion token at the last prompt token: by hand', () => {
    const packed = packSequences([{ promptTokens: [4, 5], completionTokens: [6, 7] }], 2, 4, PAD);
    expect([...packed.tokens]).toEqual([4, 5, 6, 7, PAD, PAD, PAD, PAD, PAD, PAD]);
    expect([...packed.completionMask]).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
    expect(packed.numCompletionTokens).toBe(2);
  });

  it('count only what a mask of the completion counts', () => {
    const sequence = { promptTokens: [4, 5], completionTokens: [6, 7, 8], completionMask: [true, false, true] };
    const packed = packSequences([sequence], 1, 5, PAD);
    expect([...packed.tokens]).toEqual([4, 5, 6, 7, 8, PAD]);
    expect([...packed.completionMask]).toEqual([0, 1, 0, 1, 0]);
    expect(packed.numCompletionTokens).toBe(2);
  });

  it('of more sequences than rows are refused', () => {
    const one = { promptTokens: [1], completionTokens: [2] };
    expect(() => packSequences([one, one], 1, 4, PAD)).toThrow(RangeError);
  });
});
