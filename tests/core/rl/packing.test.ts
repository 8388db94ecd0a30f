/**
 * @file Packing changes nothing but the work: what a packed batch says of a token is what the token's sequence says alone.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scalarTensor } from '../../../src/core/graph/engine';
import { clippedPolicyGradient, crossEntropy } from '../../../src/core/algorithms/objectives';
import { gradientProgram, scoreProgram } from '../../../src/core/model/programs';
import { Random } from '../../../src/core/random';
import type { Sequence } from '../../../src/core/rl/batch';
import { gatherRows, packCompletions, spread, type Packing } from '../../../src/core/rl/packing';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { expectAllclose } from '../../helpers/allclose';
import { floats, runOnce } from '../../helpers/graphs';
import { score } from '../../helpers/rollouts';
import { livelyTheta, randomTokens, tinyConfig } from '../../helpers/tiny-config';

const engine = createNodeEngine({ numThreads: 1 });
const config = tinyConfig();
const weights = livelyTheta(config, 4, 0.3);
const theta = floats([weights.length], weights);
const LENGTH = 16;

/** Groups of completions that share a prompt, of lengths drawn by the seed; of `dialogues` some tokens are only read. */
function groups(seed: number, numGroups: number, groupSize: number, dialogues = false): Sequence[] {
  const random = new Random(seed);
  return Array.from({ length: numGroups }, (_, group) => {
    const promptTokens = [...randomTokens(config, 1 + random.integer(6), `${seed} ${group}`)];
    return Array.from({ length: groupSize }, (_unused, i) => {
      const completionTokens = [...randomTokens(config, 1 + random.integer(10), `${seed} ${group} ${i}`)];
      // Some masks count the first token or the last, some neither, some nothing at all.
      return { promptTokens, completionTokens, ...(dialogues ? { completionMask: completionTokens.map(() => random.chance(0.4)) } : {}) };
    });
  }).flat();
}

/** Whether a token of a sequence's completion counts. */
const counts = ({ completionMask }: Sequence, place: number) => completionMask?.[place] ?? true;

/** Log-probabilities that each sequence gives its completion when scored alone. */
async function alone(sequences: readonly Sequence[]): Promise<number[][]> {
  const rows: number[][] = [];
  for (const { promptTokens, completionTokens } of sequences) {
    const { logprobs } = await score(engine, config, weights, [[...promptTokens, ...completionTokens]]);
    rows.push(logprobs[0]!.slice(promptTokens.length - 1));
  }
  return rows;
}

const packedFeeds = ({ feeds }: Packing) => ({ theta, ...feeds, inverse_temperature: scalarTensor(1) });

describe('a packed batch', () => {
  it.each([
    ['completion', false],
    ['turn of a dialogue', true],
  ])('gives every %s the log-probabilities it has alone', async (_name, dialogues) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), async (seed, numGroups, groupSize) => {
        const sequences = groups(seed, numGroups, groupSize, dialogues);
        const packing = packCompletions(sequences, LENGTH, config.padTokenId);
        const { logprobs } = await runOnce(engine, scoreProgram(config, packing.shape), packedFeeds(packing));
        const found = gatherRows(packing, sequences, logprobs!.data as Float32Array);
        (await alone(sequences)).forEach((expected, i) => {
          const counted = expected.map((logprob, place) => (counts(sequences[i]!, place) ? logprob : 0));
          expectAllclose(found[i]!, counted, 1e-5, `sequence ${i}`);
        });
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it.each([
    ['completions', false],
    ['dialogues', true],
  ])(
    'of %s has the gradient of the same tokens in rows of their own, for every objective of log-probabilities',
    async (_name, dialogues) => {
      const sequences = groups(3, 3, 4, dialogues);
      const packing = packCompletions(sequences, LENGTH, config.padTokenId);
      expect(packing.shape.rows, 'sequences share rows').toBeLessThan(sequences.length);
      const { shape, numTokens } = packing;
      const longest = Math.max(...sequences.map(({ promptTokens, completionTokens }) => promptTokens.length + completionTokens.length));
      const padded = { batch: sequences.length, length: longest - 1 };
      const random = new Random(2);
      const noise = sequences.map(({ completionTokens }) => completionTokens.map(() => random.normal()));
      const advantages = sequences.map(() => random.normal());
      const expected = await alone(sequences);
      /** One number a completion token, laid out in both ways. */
      const both = (of: (row: number, i: number) => number) => {
        const inRows = new Float32Array(padded.batch * padded.length);
        sequences.forEach(({ promptTokens, completionTokens }, row) =>
          completionTokens.forEach((_, i) => (inRows[row * padded.length + promptTokens.length - 1 + i] = of(row, i))),
        );
        const numbers = sequences.map(({ completionTokens }, row) => completionTokens.map((_, i) => of(row, i)));
        return { inRows: floats([padded.batch, padded.length], inRows), packed: spread(packing, numbers) };
      };
      // Rows of their own predict every token: what is only read must weigh nothing there, while packed it is not there to weigh.
      const weights = both((row, i) => (counts(sequences[row]!, i) ? 1 / numTokens : 0));
      weights.packed = spread(
        packing,
        sequences.map(({ completionTokens }) => completionTokens.map(() => 1 / numTokens)),
      );
      const inputs = {
        weights,
        advantages: both((row) => advantages[row]!),
        ref_logprobs: both((row, i) => expected[row]![i]! + 0.3 * noise[row]![i]!),
        old_logprobs: both((row, i) => expected[row]![i]! - 0.2 * noise[row]![i]!),
      };
      const tokens = new Int32Array(padded.batch * (padded.length + 1)).fill(config.padTokenId);
      sequences.forEach(({ promptTokens, completionTokens }, row) =>
        tokens.set([...promptTokens, ...completionTokens], row * (padded.length + 1)),
      );
      const scalars = { kl_coef: scalarTensor(0.3), clip_range: scalarTensor(0.2) };
      for (const objective of [crossEntropy, clippedPolicyGradient({ reusesBatch: true })]) {
        const options = { temperature: true };
        const found = await runOnce(engine, gradientProgram(config, shape, objective, options), {
          ...packedFeeds(packing),
          ...scalars,
          ...Object.fromEntries(Object.entries(inputs).map(([name, { packed }]) => [name, packed])),
        });
        const own = await runOnce(engine, gradientProgram(config, padded, objective, options), {
          theta,
          tokens: { dims: [padded.batch, padded.length + 1], data: tokens },
          inverse_temperature: scalarTensor(1),
          ...scalars,
          ...Object.fromEntries(Object.entries(inputs).map(([name, { inRows }]) => [name, inRows])),
        });
        expectAllclose(found.loss!.data, own.loss!.data, 1e-5);
        expectAllclose(found.gradient!.data, own.gradient!.data, 2e-5);
      }
    },
  );

  it('holds a prompt once for all its completions in a row, and less than half the tokens of padded rows', () => {
    const promptTokens = [0, 2, 3, 4];
    const sequences = Array.from({ length: 4 }, () => ({ promptTokens, completionTokens: [6, 7, 8, 9] }));
    const { feeds, shape } = packCompletions(sequences, LENGTH, config.padTokenId);
    expect(shape.rows).toBe(1);
    expect([...(feeds.tokens.data as Int32Array)]).toEqual([0, 2, 3, 4, 6, 7, 8, 6, 7, 8, 6, 7, 8, 6, 7, 8]);
    expect([...(feeds.positions.data as BigInt64Array)].map(Number)).toEqual([0, 1, 2, 3, 4, 5, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6]);
  });

  it('predicts a token that is only read by nobody, reads it where something follows, and carries no number of it', () => {
    const dialogue: Sequence = {
      promptTokens: [0, 2],
      completionTokens: [6, 7, 8, 9, 10, 5],
      completionMask: [true, false, false, true, false, false],
    };
    const packing = packCompletions([dialogue, { promptTokens: [0, 2], completionTokens: [4] }], LENGTH, config.padTokenId);
    const { feeds, numTokens, starts } = packing;
    const [tokens, targets, rows] = [feeds.tokens, feeds.targets, feeds.predict_rows].map(({ data }) => [...(data as Int32Array)]);
    expect(tokens!.slice(0, 6)).toEqual([0, 2, 6, 7, 8, config.padTokenId]); // not the 9, after which nothing counts
    expect([numTokens, starts]).toEqual([3, [0, 2]]);
    expect(targets!.slice(0, 4)).toEqual([6, 9, 4, config.padTokenId]);
    expect(rows!.slice(0, 3)).toEqual([1, 4, 1]);
    const numbers = spread(packing, [[1, 2, 3, 4, 5, 6], [7]]).data as Float32Array;
    expect([...numbers.subarray(0, 4)]).toEqual([1, 4, 7, 0]);
    expect(gatherRows(packing, [dialogue, { promptTokens: [0, 2], completionTokens: [4] }], numbers).map((row) => [...row])).toEqual([
      [1, 0, 0, 4, 0, 0],
      [7],
    ]);
    expect(() => packCompletions([{ ...dialogue, completionMask: [true] }], LENGTH, 1)).toThrow(RangeError);
  });

  it('comes in few sizes, each large enough', () => {
    const sizes = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const { shape, numTokens } = packCompletions(groups(seed, 4, 8), LENGTH, config.padTokenId);
      expect(shape.numPredictions).toBeGreaterThanOrEqual(numTokens);
      sizes.add(JSON.stringify(shape));
    }
    expect(sizes.size).toBeLessThanOrEqual(3);
  });

  it('refuses a sequence that is longer than a row, and an empty prompt', () => {
    const completionTokens = new Array<number>(14).fill(3);
    expect(() => packCompletions([{ promptTokens: [0, 1, 2, 3], completionTokens }], LENGTH, 1)).toThrow(RangeError);
    expect(() => packCompletions([{ promptTokens: [], completionTokens }], LENGTH, 1)).toThrow(RangeError);
    expect(packCompletions([{ promptTokens: [0, 1, 2], completionTokens }], LENGTH, 1).shape.rows).toBe(1);
  });
});
