/**
 * @file The sampler: completions of prompts of any length, each row on its own numbers.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { Random } from '../../../src/core/random';
import { inverseTemperature, RolloutSampler } from '../../../src/core/rl/rollout';
import { expectAllclose } from '../../helpers/allclose';
import { floats } from '../../helpers/graphs';
import { engineWith } from '../../helpers/like-gpu';
import { nextLogprobs } from '../../helpers/rollouts';
import { livelyTheta, tinyConfig } from '../../helpers/tiny-config';

const engine = createNodeEngine({ numThreads: 1 });
const config = tinyConfig();
const weights = livelyTheta(config, 1, 0.3);
const theta = floats([weights.length], weights);
/** Different lengths; an end token and a padding token inside prompts. */
const PROMPTS = [[0], [0, 3, 4], [0, 5, 2, 7, 8], [9, 1]];
const MAX_PROMPT = 6;
const streams = (seed: number, count: number) => Array.from({ length: count }, (_, row) => new Random(seed).split(row));

let sampler: RolloutSampler;
beforeAll(async () => {
  sampler = await RolloutSampler.create(engine, config, { batch: PROMPTS.length, maxPromptTokens: MAX_PROMPT, maxCompletionTokens: 8 });
});
afterAll(() => sampler.release());

const draw = (changes: Partial<Parameters<RolloutSampler['sample']>[0]> = {}) =>
  sampler.sample({ theta, prompts: PROMPTS, randoms: streams(1, 4), temperature: 1, maxCompletionTokens: 8, ...changes });

describe('a completion', () => {
  it('does not depend on its batch mates, nor on the row it is in', async () => {
    const together = await draw();
    for (const [row, prompt] of PROMPTS.entries()) {
      const [alone] = await draw({ prompts: [prompt], randoms: [streams(1, 4)[row]!] });
      expect(alone!.completionTokens).toEqual(together[row]!.completionTokens);
      expectAllclose(alone!.samplingLogprobs, together[row]!.samplingLogprobs, 1e-5);
      const [, , moved] = await draw({ prompts: [[0], [9], prompt], randoms: [...streams(7, 2), streams(1, 4)[row]!] });
      expect(moved!.completionTokens).toEqual(together[row]!.completionTokens);
    }
  });

  it('is drawn by the numbers of its stream: the same again, others from another', async () => {
    const tokens = async (seed: number) => (await draw({ randoms: streams(seed, 4) })).map((rollout) => rollout.completionTokens);
    expect(await tokens(1)).toEqual(await tokens(1));
    expect(await tokens(1)).not.toEqual(await tokens(2));
  });

  it('reads its stream by position in the completion: a longer limit only adds tokens', async () => {
    const [short, long] = [await draw({ maxCompletionTokens: 3 }), await draw({ maxCompletionTokens: 8 })];
    short.forEach(({ completionTokens }, row) =>
      expect(long[row]!.completionTokens.slice(0, completionTokens.length)).toEqual(completionTokens),
    );
  });

  it('comes with the log-probabilities it was drawn with, at the temperature of sampling', async () => {
    const rollouts = await draw({ temperature: 0.7 });
    for (const { promptTokens, completionTokens, samplingLogprobs } of rollouts) {
      expect(samplingLogprobs.length).toBe(completionTokens.length);
      for (const [i, token] of completionTokens.entries()) {
        const logprobs = await nextLogprobs(engine, config, weights, [...promptTokens, ...completionTokens.slice(0, i)], 0.7);
        expect(Math.abs(samplingLogprobs[i]! - logprobs[token]!)).toBeLessThan(1e-5);
      }
    }
  });

  it('ends with its end token and is then finished, or has the full length and is not', async () => {
    const seen = new Set<boolean>();
    for (let seed = 0; seed < 6; seed++)
      for (const { completionTokens, finished } of await draw({ randoms: streams(seed, 4), maxCompletionTokens: 5 })) {
        seen.add(finished);
        expect(completionTokens.findIndex((token) => token === 5)).toBe(finished ? completionTokens.length - 1 : -1);
        if (!finished) expect(completionTokens.length).toBe(5);
      }
    expect(seen).toEqual(new Set([true, false]));
  });

  it.each([1, 2, 8])('has at most %i tokens when that is the limit, whatever the length of its prompt', async (maxCompletionTokens) => {
    const lengths: number[] = [];
    for (let seed = 0; seed < 6; seed++)
      lengths.push(
        ...(await draw({ randoms: streams(seed, 4), maxCompletionTokens })).map(({ completionTokens }) => completionTokens.length),
      );
    expect(Math.max(...lengths)).toBe(maxCompletionTokens);
    expect(Math.min(...lengths)).toBeGreaterThan(0);
  });

  it('at temperature 0 is the likeliest token at each step, which is then certain', async () => {
    const rollouts = await draw({ temperature: 0, maxCompletionTokens: 4 });
    expect(await draw({ temperature: 0, maxCompletionTokens: 4, randoms: streams(5, 4) })).toEqual(rollouts);
    for (const { promptTokens, completionTokens, samplingLogprobs } of rollouts)
      for (const [i, token] of completionTokens.entries()) {
        const logprobs = await nextLogprobs(engine, config, weights, [...promptTokens, ...completionTokens.slice(0, i)]);
        expect(token).toBe(logprobs.indexOf(Math.max(...logprobs)));
        expect(samplingLogprobs[i]).toBe(0);
      }
  });
});

describe('a sampler', () => {
  it('refuses a prompt that is empty or leaves no room, and more prompts than rows', async () => {
    const asking = (prompts: number[][]) => draw({ prompts, randoms: streams(1, prompts.length) });
    await expect(asking([[]])).rejects.toThrow(RangeError);
    await expect(asking([new Array<number>(MAX_PROMPT + 1).fill(0)])).rejects.toThrow(RangeError);
    await expect(asking(new Array<number[]>(5).fill([0]))).rejects.toThrow(RangeError);
    const [longest] = await asking([new Array<number>(MAX_PROMPT).fill(0)]);
    expect(longest!.completionTokens.length).toBeGreaterThan(0);
  });

  it('for few different prompts refuses more of them, and draws what one for many draws', async () => {
    const few = await RolloutSampler.create(engine, config, {
      batch: 4,
      numPrompts: 2,
      maxPromptTokens: MAX_PROMPT,
      maxCompletionTokens: 8,
    });
    const prompts = [
      [0, 3, 4],
      [9, 1],
      [0, 3, 4],
      [9, 1],
    ];
    const drawWith = async (one: RolloutSampler) =>
      (await one.sample({ theta, prompts, randoms: streams(3, 4), temperature: 1, maxCompletionTokens: 8 })).map(
        ({ completionTokens }) => completionTokens,
      );
    expect(await drawWith(few)).toEqual(await drawWith(sampler));
    const request = { theta, prompts: PROMPTS, randoms: streams(3, 4), temperature: 1, maxCompletionTokens: 8 };
    await expect(few.sample(request)).rejects.toThrow('different prompts');
    await few.release();
  });

  it.each([false, true])('draws long completions in several runs, as each row would alone; written out, as on a GPU: %s', async (isGpu) => {
    const wordy = tinyConfig({ vocabularySize: 40 }); // ends less often
    const data = livelyTheta(wordy, 1, 0.3);
    const like = engineWith(engine, isGpu);
    const prompts = Array.from({ length: 11 }, (_, row) => PROMPTS[row % 4]!);
    const long = await RolloutSampler.create(like, wordy, {
      batch: 12,
      numPrompts: 4,
      maxPromptTokens: MAX_PROMPT,
      maxCompletionTokens: 50,
    });
    const single = await RolloutSampler.create(engine, wordy, { batch: 1, maxPromptTokens: MAX_PROMPT, maxCompletionTokens: 50 });
    const common = { theta: floats([data.length], data), temperature: 1.2, maxCompletionTokens: 45 };
    const together = await long.sample({ ...common, prompts, randoms: streams(8, 11) });
    for (const [row, prompt] of prompts.entries()) {
      const [alone] = await single.sample({ ...common, prompts: [prompt], randoms: [streams(8, 11)[row]!] });
      expect(alone!.completionTokens).toEqual(together[row]!.completionTokens);
      expect(alone!.finished).toBe(together[row]!.finished);
      expectAllclose(alone!.samplingLogprobs, together[row]!.samplingLogprobs, 1e-5);
    }
    const lengths = together.map(({ completionTokens }) => completionTokens.length);
    expect(Math.min(...lengths), 'some end in the first run').toBeLessThan(16);
    expect(Math.max(...lengths), 'some go on to the last').toBeGreaterThan(32);
    await long.release();
    await single.release();
  });

  it('reads 1 / temperature, and 0 or less as greedy', () => {
    expect([0.5, 1, 2].map(inverseTemperature)).toEqual([2, 1, 0.5]);
    expect([0, -1].map(inverseTemperature)).toEqual([1e6, 1e6]);
  });
});
