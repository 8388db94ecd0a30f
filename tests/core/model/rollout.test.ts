/**
 * @file Laws of the rollout program: it draws from the distribution that the score program reports, and says so truly.
 *
 * They run on ONNX Runtime for speed; that it equals the interpreter is tested in `tests/engine`.
 */
import { describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/engine/ort-node';
import type { ModelConfig } from '../../../src/core/model/config';
import { Random } from '../../../src/core/random';
import { expectAllclose } from '../../helpers/allclose';
import { LAST_UNIFORM, nextLogprobs, rollOut, rollOutInChunks, score } from '../../helpers/rollouts';
import { livelyTheta, tinyConfig, VARIED_CONFIGS } from '../../helpers/tiny-config';

const engine = createNodeEngine({ numThreads: 1 });
const config = tinyConfig();
const theta = livelyTheta(config, 1, 0.3);
/** Different lengths, an end token inside one. */
const PROMPTS = [[0], [0, 3, 4], [0, 5, 2, 7, 8], [9, 9]];

const argmax = (numbers: readonly number[]) => numbers.indexOf(Math.max(...numbers));

/** What the score program says of each row's completion. */
async function scoredCompletions(model: ModelConfig, weights: Float32Array, tokens: readonly number[][], temperature = 1) {
  const rows: number[][] = [];
  for (const [row, prompt] of PROMPTS.entries()) {
    const { logprobs } = await score(engine, model, weights, [[...prompt, ...tokens[row]!]], temperature);
    rows.push(logprobs[0]!.slice(prompt.length - 1));
  }
  return rows.flat();
}

describe('log-probabilities of a rollout equal those of the score program on the same tokens', () => {
  describe.each([false, true])('written out, with a cache of fixed length: %s', (unrolled) => {
    it.each(VARIED_CONFIGS)('%s', async (_, varied) => {
      const weights = livelyTheta(varied, 3, 0.3);
      const { tokens, logprobs } = await rollOut(engine, varied, { theta: weights, prompts: PROMPTS, unrolled });
      expectAllclose(logprobs.flat(), await scoredCompletions(varied, weights, tokens), 1e-5);
    });
  });

  it.each([0.5, 1, 1.7])('of the distribution drawn from, at temperature %d', async (temperature) => {
    const { tokens, logprobs } = await rollOut(engine, config, { theta, prompts: PROMPTS, temperature });
    expectAllclose(logprobs.flat(), await scoredCompletions(config, theta, tokens, temperature), 1e-5);
  });

  it.each([0.5, 1.7])('or of the model itself, whatever the temperature of sampling: %d', async (temperature) => {
    const { tokens, logprobs } = await rollOut(engine, config, { theta, prompts: PROMPTS, temperature, reports: 'model' });
    expectAllclose(logprobs.flat(), await scoredCompletions(config, theta, tokens), 1e-5);
  });
});

describe('what is drawn', () => {
  const many = (count: number, token = 0) => Array.from({ length: count }, () => [token]);
  const small = tinyConfig({ vocabularySize: 6, eosTokenIds: [5], padTokenId: 1 });
  const weights = livelyTheta(small, 2, 0.5);

  it('is the same whether rows share a prompt that is read once or not', async () => {
    const prompts = [
      [0, 3, 4],
      [0, 5],
      [0, 3, 4],
      [0, 3, 4],
    ];
    const shared = await rollOut(engine, config, { theta, prompts, uniform: (step) => new Random(step).uniform() });
    expect(shared.tokens[2]).toEqual(shared.tokens[0]);
    expect(shared.tokens[3]).toEqual(shared.tokens[0]);
    const alone = await rollOut(engine, config, { theta, prompts: [[0, 3, 4]], uniform: (step) => new Random(step).uniform() });
    expect(alone.tokens[0]).toEqual(shared.tokens[0]);
  });

  it('does not depend on whether the steps are a loop whose cache grows or written out with one as long as it will be', async () => {
    const growing = await rollOut(engine, config, { theta, prompts: PROMPTS, numSteps: 20 });
    const fixed = await rollOut(engine, config, { theta, prompts: PROMPTS, numSteps: 20, unrolled: true });
    const numSteps = growing.tokens[0]!.length;
    expect(fixed.tokens.map((row) => row.slice(0, numSteps))).toEqual(growing.tokens);
    expectAllclose(fixed.logprobs.map((row) => row.slice(0, numSteps)).flat(), growing.logprobs.flat(), 1e-5);
  });

  it.each([0.6, 1, 2])(
    'at temperature %d, with evenly spread uniforms, is each token as often as its probability says',
    async (temperature) => {
      const n = 2000;
      const { tokens } = await rollOut(engine, small, {
        theta: weights,
        prompts: many(n),
        numSteps: 1,
        temperature,
        uniform: (_, row) => (row + 0.5) / n,
      });
      const expected = await nextLogprobs(engine, small, weights, [0], temperature);
      const counts = expected.map((_, token) => tokens.filter(([drawn]) => drawn === token).length);
      counts.forEach((count, token) => expect(Math.abs(count - n * Math.exp(expected[token]!)), `token ${token}`).toBeLessThan(1.01));
    },
  );

  it('with random uniforms keeps to the probabilities, also of the second token given the first', async () => {
    const n = 4000;
    const { tokens } = await rollOut(engine, small, { theta: weights, prompts: many(n), numSteps: 2, seed: 4 });
    const first = await nextLogprobs(engine, small, weights, [0]);
    const likely = argmax(first);
    expect(small.eosTokenIds).not.toContain(likely);
    const second = await nextLogprobs(engine, small, weights, [0, likely]);
    const after = tokens.filter(([drawn]) => drawn === likely);
    const cases: [number[], number[]][] = [
      [tokens.map((row) => row[0]!), first],
      [after.map((row) => row[1]!), second],
    ];
    for (const [drawn, logprobs] of cases) {
      const chiSquare = logprobs.reduce((sum, logprob, token) => {
        const expected = drawn.length * Math.exp(logprob);
        return sum + (drawn.filter((one) => one === token).length - expected) ** 2 / expected;
      }, 0);
      expect(chiSquare).toBeLessThan(20.5); // 5 degrees of freedom, p = 0.001
    }
  });

  it('with u = 0 is the first token and with u = 1 − 2⁻²⁴ the last', async () => {
    const at = async (u: number) =>
      (await rollOut(engine, config, { theta, prompts: many(4), numSteps: 1, uniform: () => u })).tokens.flat();
    expect(await at(0)).toEqual([0, 0, 0, 0]);
    expect(await at(LAST_UNIFORM)).toEqual(new Array(4).fill(config.vocabularySize - 1));
  });

  it('is never a token whose probability is 0: at temperature 10⁻⁶ every u draws the argmax', async () => {
    const { tokens } = await rollOut(engine, config, {
      theta,
      prompts: many(4),
      temperature: 1e-6,
      uniform: (_, row) => [0, 0.3, 0.999, LAST_UNIFORM][row]!,
    });
    for (const row of tokens) expect(row).toEqual(tokens[0]);
  });

  it.each([1, 2, 3])('at temperature 10⁻⁶ is the argmax of the score program at each step: seed %i', async (seed) => {
    const lively = livelyTheta(config, seed);
    const { tokens } = await rollOut(engine, config, { theta: lively, prompts: [[0, 3]], temperature: 1e-6, uniform: () => 0.5 });
    const sequence = [0, 3, ...tokens[0]!];
    const end = tokens[0]!.findIndex((token) => config.eosTokenIds.includes(token));
    const last = end === -1 ? tokens[0]!.length : end + 1;
    for (let step = 0; step < last; step++)
      expect(sequence[step + 2], `step ${step}`).toBe(argmax(await nextLogprobs(engine, config, lively, sequence.slice(0, step + 2))));
    expect(last).toBeGreaterThan(1);
  });

  it('does not depend on batch mates', async () => {
    const together = await rollOut(engine, config, {
      theta,
      prompts: PROMPTS,
      unrolled: true,
      uniform: (step, row) => new Random(`${step} ${row}`).uniform(),
    });
    for (const [row, prompt] of PROMPTS.entries()) {
      const alone = await rollOut(engine, config, {
        theta,
        prompts: [prompt],
        uniform: (step) => new Random(`${step} ${row}`).uniform(),
        unrolled: true,
      });
      expect(alone.tokens[0]).toEqual(together.tokens[row]);
      expectAllclose(alone.logprobs[0]!, together.logprobs[row]!, 1e-5);
    }
  });
});

describe('an end', () => {
  const prompts = Array.from({ length: 24 }, () => [0]);
  const isEnd = (token: number) => token === 5;

  it('once drawn is followed by padding alone, and reported', async () => {
    const { tokens, ended } = await rollOut(engine, config, { theta, prompts, numSteps: 12 });
    const ends = tokens.map((row) => row.findIndex(isEnd));
    expect(ends.filter((end) => end >= 0 && end < 11).length, 'rows that end before the last step').toBeGreaterThan(3);
    expect(ends.filter((end) => end < 0).length, 'rows that do not end').toBeGreaterThan(0);
    tokens.forEach((row, i) => {
      expect(ended[i]).toBe(Number(ends[i]! >= 0));
      if (ends[i]! >= 0) expect(row.slice(ends[i]! + 1)).toEqual(row.slice(ends[i]! + 1).map(() => config.padTokenId));
    });
  });

  it('may be any of several tokens', async () => {
    const several = { ...config, eosTokenIds: [5, 7] };
    const { tokens, ended } = await rollOut(engine, several, { theta, prompts, numSteps: 12 });
    const used = tokens.flatMap((row) => row.filter((token) => [5, 7].includes(token)));
    expect(new Set(used)).toEqual(new Set([5, 7]));
    tokens.forEach((row, i) => expect(row.filter((token) => [5, 7].includes(token)).length).toBe(ended[i]));
  });

  it('does not come from an end token in the prompt', async () => {
    const { tokens, ended } = await rollOut(engine, config, {
      theta,
      prompts: [
        [0, 5],
        [0, 5, 3],
      ],
      numSteps: 2,
      uniform: () => LAST_UNIFORM,
    });
    expect(tokens.flat()).toEqual(new Array(4).fill(config.vocabularySize - 1));
    expect(ended).toEqual([0, 0]);
  });

  it('before the start makes a row pad, beside rows that go on', async () => {
    const { tokens, ended } = await rollOut(engine, config, {
      theta,
      prompts: [[0, 3], [0]],
      ended: [1, 0],
      numSteps: 4,
      uniform: () => LAST_UNIFORM,
    });
    expect(tokens[0]).toEqual([1, 1, 1, 1]);
    expect(tokens[1]).toEqual(new Array(4).fill(config.vocabularySize - 1));
    expect(ended).toEqual([1, 0]);
  });

  it('of all rows stops a loop, whose steps equal those of one written out', async () => {
    const options = { theta, prompts: [[0], [0, 5, 2]], numSteps: 30, numAlternatives: 2, seed: 12 };
    const whole = await rollOut(engine, config, { ...options, unrolled: true });
    const early = await rollOut(engine, config, options);
    const numSteps = early.tokens[0]!.length;
    const lastEnd = Math.max(...whole.tokens.map((row) => row.findIndex(isEnd)));
    expect(lastEnd).toBeGreaterThan(2);
    expect(numSteps).toBe(lastEnd + 1);
    expect(early.tokens).toEqual(whole.tokens.map((row) => row.slice(0, numSteps)));
    expect(early.ended).toEqual([1, 1]);
    expectAllclose(early.logprobs.flat(), whole.logprobs.map((row) => row.slice(0, numSteps)).flat(), 1e-6);
    for (const name of ['alternative_tokens', 'alternative_logprobs'])
      expectAllclose(early.outputs[name]!.data, whole.outputs[name]!.data.subarray(0, numSteps * 2 * 2), 1e-6, name);
  });

  it('of some rows only does not stop a rollout early', async () => {
    const { tokens } = await rollOut(engine, config, {
      theta,
      prompts: [[0], [0]],
      ended: [1, 0],
      numSteps: 6,
      uniform: () => LAST_UNIFORM,
    });
    expect(tokens[0]!.length).toBe(6);
  });
});

describe('alternatives', () => {
  it.each(['sampling', 'model'] as const)(
    'are the likeliest tokens, likeliest first, with their log-probabilities (%s)',
    async (reports) => {
      const { tokens, outputs } = await rollOut(engine, config, {
        theta,
        prompts: [[0, 3]],
        numSteps: 4,
        numAlternatives: 3,
        temperature: 1.3,
        reports,
        unrolled: true,
      });
      for (let step = 0; step < 4; step++) {
        const prefix = [0, 3, ...tokens[0]!.slice(0, step)];
        const logprobs = await nextLogprobs(engine, config, theta, prefix, reports === 'model' ? 1 : 1.3);
        const best = logprobs
          .map((_, token) => token)
          .sort((a, b) => logprobs[b]! - logprobs[a]!)
          .slice(0, 3);
        expect([...outputs.alternative_tokens!.data.subarray(3 * step, 3 * step + 3)]).toEqual(best);
        expectAllclose(
          outputs.alternative_logprobs!.data.subarray(3 * step, 3 * step + 3),
          best.map((token) => logprobs[token]!),
          1e-5,
        );
      }
      expect(outputs.alternative_tokens!.dims).toEqual([4, 1, 3]);
    },
  );
});

describe('a rollout in chunks, cache handed on,', () => {
  it.each([
    [[3, 5], false],
    [[1, 4, 3], false],
    [[2, 2, 2, 2], true],
  ])('of %j steps equals one of eight (written out: %s)', async (sizes, unrolled) => {
    const whole = await rollOut(engine, config, { theta, prompts: PROMPTS, unrolled });
    const chunked = await rollOutInChunks(engine, config, { theta, prompts: PROMPTS, unrolled }, sizes);
    expect(chunked.tokens).toEqual(whole.tokens);
    expect(chunked.ended).toEqual(whole.ended);
    expectAllclose(chunked.logprobs.flat(), whole.logprobs.flat(), 1e-6);
  });
});
