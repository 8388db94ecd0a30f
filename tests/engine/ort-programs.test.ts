/**
 * @file ONNX Runtime and the interpreter compute the same for whole programs: three train steps, scores, rollouts.
 */
import { describe, expect, it } from 'vitest';
import { Interpreter } from '../../src/core/graph/interpreter';
import { createNodeEngine } from '../../src/engine/ort-node';
import { initialTheta, parameterLayout } from '../../src/core/model/parameters';
import { rewardProgram } from '../../src/core/model/programs';
import { Random } from '../../src/core/random';
import { expectAllclose } from '../helpers/allclose';
import { floats, ints, runOnce } from '../helpers/graphs';
import { rollOut, rollOutInChunks, score } from '../helpers/rollouts';
import { trainSteps } from '../helpers/training';
import { livelyTheta, randomTokens, tinyConfig, VARIED_CONFIGS } from '../helpers/tiny-config';

const node = createNodeEngine({ numThreads: 1 });
const interpreter = new Interpreter();

describe.each(VARIED_CONFIGS)('ONNX Runtime equals the interpreter for a model: %s', (_, config) => {
  const theta = livelyTheta(config, 1, 0.3);

  it.each([1, 0.1])('over three train steps, gradients clipped to norm %d', async (maxGradNorm) => {
    const options = { numSteps: 3, start: initialTheta(config, new Random(1)), maxGradNorm };
    const [found, expected] = [await trainSteps(node, config, options), await trainSteps(interpreter, config, options)];
    for (const name of ['losses', 'gradNorms', 'entropies'] as const) expectAllclose(found[name], expected[name], 1e-6, name);
    for (const name of ['theta', 'm', 'v'] as const) expectAllclose(found[name], expected[name], 1e-5, name);
    expect(expected.losses[2]).toBeLessThan(expected.losses[0]!);
  });

  it('over three train steps of a score head', async () => {
    const reward = { ...config, numLabels: 1 as const };
    const options = { numSteps: 3, start: initialTheta(reward, new Random(4)) };
    const [found, expected] = [await trainSteps(node, reward, options), await trainSteps(interpreter, reward, options)];
    for (const name of ['losses', 'gradNorms'] as const) expectAllclose(found[name], expected[name], 2e-6, name);
    for (const name of ['theta', 'm', 'v'] as const) expectAllclose(found[name], expected[name], 1e-5, name);
  });

  it('in log-probabilities and entropies', async () => {
    const rows = [0, 1, 2].map((row) => [...randomTokens(config, 7, row)]);
    const [found, expected] = [await score(node, config, theta, rows, 0.8), await score(interpreter, config, theta, rows, 0.8)];
    expectAllclose(found.logprobs.flat(), expected.logprobs.flat(), 1e-6);
    expectAllclose(found.entropies.flat(), expected.entropies.flat(), 1e-6);
  });

  it('in scores', async () => {
    const reward = { ...config, numLabels: 1 as const };
    const feeds = {
      theta: floats([parameterLayout(reward).numParameters], livelyTheta(reward, 1, 0.3)),
      tokens: ints([3, 5], randomTokens(config, 15)),
      last_rows: ints([3], [4, 6, 13]),
    };
    const graph = rewardProgram(reward, { batch: 3, length: 5 });
    const [found, expected] = [await runOnce(node, graph, feeds), await runOnce(interpreter, graph, feeds)];
    expectAllclose(found.scores!.data, expected.scores!.data, 2e-6);
  });

  it.each([false, true])('in rollouts, tokens too (written out: %s)', async (unrolled) => {
    const options = { theta, prompts: [[0], [0, 3, 4], [2, 5]], numSteps: 10, numAlternatives: 2, unrolled, temperature: 0.9 };
    const [found, expected] = [await rollOut(node, config, options), await rollOut(interpreter, config, options)];
    expect(found.tokens).toEqual(expected.tokens);
    expect(found.ended).toEqual(expected.ended);
    expect(found.outputs.alternative_tokens).toEqual(expected.outputs.alternative_tokens);
    expectAllclose(found.logprobs.flat(), expected.logprobs.flat(), 1e-5);
    expectAllclose(found.outputs.alternative_logprobs!.data, expected.outputs.alternative_logprobs!.data, 1e-5);
  });
});

describe('ONNX Runtime equals the interpreter', () => {
  it('in rollouts in chunks, caches too', async () => {
    const config = tinyConfig();
    const options = { theta: livelyTheta(config, 1, 0.3), prompts: [[0, 4], [3]] };
    const [found, expected] = [
      await rollOutInChunks(node, config, options, [3, 2]),
      await rollOutInChunks(interpreter, config, options, [3, 2]),
    ];
    expect(found.tokens).toEqual(expected.tokens);
    for (const [name, { dims, data }] of Object.entries(expected.outputs)) {
      expect(found.outputs[name]!.dims, name).toEqual(dims);
      expectAllclose(found.outputs[name]!.data, data, 1e-5, name);
    }
  });
});
