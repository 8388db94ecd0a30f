/**
 * @file Streaming: a completion drawn a few tokens at a time is the one that the model defines, whatever the pieces.
 */
import { describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { expectAllclose } from '../../helpers/allclose';
import { generateAll } from '../../helpers/generation';
import { engineWith } from '../../helpers/like-gpu';
import { nextLogprobs } from '../../helpers/rollouts';
import { livelyTheta, randomTokens, tinyConfig } from '../../helpers/tiny-config';

const node = createNodeEngine({ numThreads: 1 });
const config = tinyConfig({ vocabularySize: 40, maxPositions: 400 }); // a large vocabulary ends less often
const theta = livelyTheta(config, 3, 0.3);
const PROMPTS = { 'of one token': [0], short: [0, 3, 4, 9], 'longer than the shortest program': [0, ...randomTokens(config, 70)] };

describe.each([false, true])('written out, as on a GPU: %s. A completion', (isGpu) => {
  const engine = engineWith(node, isGpu);

  it.each(Object.entries(PROMPTS))(
    'of a prompt %s has the log-probabilities of the score program, ends where it should',
    async (_, prompt) => {
      const tokens = await generateAll(engine, config, theta, prompt, { temperature: 1.5, maxTokens: 12 });
      const ids = tokens.map(({ id }) => id);
      const expected: number[] = [];
      for (const [i, id] of ids.entries()) expected.push((await nextLogprobs(node, config, theta, [...prompt, ...ids.slice(0, i)]))[id]!);
      expectAllclose(
        tokens.map(({ logprob }) => logprob),
        expected,
        1e-5,
      );
      const end = ids.findIndex((id) => config.eosTokenIds.includes(id));
      expect(tokens.length).toBe(end >= 0 ? end + 1 : 12);
      expect(tokens.map(({ isEnd }) => isEnd)).toEqual(ids.map((_id, i) => i === end));
    },
  );

  it('does not depend on how many tokens come at a time', async () => {
    const [one, other] = [3, 8].map((chunk) => generateAll(engine, config, theta, [0, 3], { chunk }));
    expect((await one!).map(({ id }) => id)).toEqual((await other!).map(({ id }) => id));
  });

  it('at temperature 0 takes the first of the alternatives at each step', async () => {
    const tokens = await generateAll(engine, config, theta, [0, 3], { temperature: 0, numAlternatives: 4 });
    for (const { id, logprob, alternatives } of tokens) {
      expect(alternatives.length).toBe(4);
      expect(alternatives[0]!.id).toBe(id);
      expect(alternatives[0]!.logprob).toBeCloseTo(logprob, 6);
    }
  });

  it('goes to the last position of the model and no further, and refuses a prompt that leaves none', async () => {
    const tight = { ...config, maxPositions: 12, eosTokenIds: [39] };
    const tokens = await generateAll(engine, tight, theta, [0, 1, 2], { temperature: 0, maxTokens: 99 });
    expect(tokens.length).toBe(tokens.at(-1)!.isEnd ? tokens.length : 9);
    await expect(generateAll(engine, tight, theta, new Array<number>(12).fill(0))).rejects.toThrow('at most 11');
    await expect(generateAll(engine, tight, theta, [])).rejects.toThrow(RangeError);
  });
});
