/**
 * @file Train, score and reward programs: what they report is what they say they report.
 */
import { describe, expect, it } from 'vitest';
import { interpret, Interpreter } from '../../../src/core/graph/interpreter';
import { neg, reduceMean } from '../../../src/core/graph/ops';
import { ADAMW_DEFAULTS, adamWFeeds } from '../../../src/core/model/adamw';
import { initialTheta, parameterLayout } from '../../../src/core/model/parameters';
import { gradientProgram, rewardProgram, scoreProgram, trainProgram, type ObjectiveContext } from '../../../src/core/model/programs';
import { Random } from '../../../src/core/random';
import { expectAllclose } from '../../helpers/allclose';
import { float64, floats, ints } from '../../helpers/graphs';
import { referenceAdamW } from '../../helpers/reference-adamw';
import { nextLogprobs, score } from '../../helpers/rollouts';
import { livelyTheta, randomTokens, tinyConfig } from '../../helpers/tiny-config';

const engine = new Interpreter();
const config = tinyConfig();
const layout = parameterLayout(config);
const N = layout.numParameters;
const theta = livelyTheta(config);

const objective = (context: ObjectiveContext) => ({
  loss: neg(reduceMean(context.logprobs(), [0, 1])),
  metrics: { entropy: reduceMean(context.entropies(), [0, 1]) },
});

describe('a train program', () => {
  it('is the gradient program followed by AdamW', () => {
    const shape = { batch: 2, length: 3 };
    const tokens = ints([2, 4], randomTokens(config, 8));
    const optimiser = { ...ADAMW_DEFAULTS, maxGradNorm: 0.5 };
    const random = new Random(6);
    const state = {
      theta: Float64Array.from(theta),
      m: Float64Array.from({ length: N }, () => 0.1 * random.normal()),
      v: Float64Array.from({ length: N }, () => 0.1 * random.uniform()),
    };
    const { gradient, loss } = interpret(gradientProgram(config, shape, objective), { theta: float64([N], theta), tokens });
    const found = interpret(trainProgram(config, shape, optimiser, objective), {
      theta: float64([N], state.theta),
      m: float64([N], state.m),
      v: float64([N], state.v),
      tokens,
      ...adamWFeeds(optimiser, 0.01, 3),
    });
    const expected = referenceAdamW(optimiser, state, gradient!.exact, { numDecayed: layout.numDecayed, learningRate: 0.01, step: 3 });
    expectAllclose(found.theta!.exact, expected.theta, 1e-7);
    expectAllclose(found.m!.exact, expected.m, 1e-6);
    expectAllclose(found.v!.exact, expected.v, 1e-6);
    expect([...found.loss!.exact]).toEqual([...loss!.exact]);
    expectAllclose(found.grad_norm!.exact, [Math.hypot(...gradient!.exact)], 1e-9);
  });

  it('learns a sequence by heart in sixty steps', () => {
    const program = trainProgram(config, { batch: 1, length: 6 }, ADAMW_DEFAULTS, objective);
    const tokens = ints([1, 7], [0, 3, 9, 2, 7, 3, 5]);
    let state = {
      theta: floats([N], initialTheta(config, new Random(1))),
      m: float64([N], new Float64Array(N)),
      v: float64([N], new Float64Array(N)),
    };
    const losses: number[] = [];
    for (let step = 1; step <= 60; step++) {
      const out = interpret(program, { ...state, tokens, ...adamWFeeds(ADAMW_DEFAULTS, 0.02, step) });
      losses.push(out.loss!.exact[0]!);
      state = { theta: float64([N], out.theta!.exact), m: float64([N], out.m!.exact), v: float64([N], out.v!.exact) };
    }
    expect(losses[0]).toBeGreaterThan(0.8 * Math.log(config.vocabularySize));
    expect(losses.at(-1)).toBeLessThan(0.05);
  });

  it('keeps weights and optimiser state resident, and nothing else', () => {
    const program = trainProgram(config, { batch: 1, length: 2 }, ADAMW_DEFAULTS, objective);
    expect(program.outputs.map(({ name, resident }) => [name, resident])).toEqual([
      ['theta', true],
      ['m', true],
      ['v', true],
      ['loss', false],
      ['grad_norm', false],
      ['entropy', false],
    ]);
  });
});

describe('a score program', () => {
  const prefix = [0, 4, 7];

  it.each([0.5, 1, 2])('gives probabilities that sum to one, and their entropy, at temperature %d', async (temperature) => {
    const logprobs = await nextLogprobs(engine, config, theta, prefix, temperature);
    expect(logprobs.reduce((sum, logprob) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 6);
    const { entropies } = await score(engine, config, theta, [[...prefix, 0]], temperature);
    expect(entropies[0]!.at(-1)).toBeCloseTo(-logprobs.reduce((sum, logprob) => sum + Math.exp(logprob) * logprob, 0), 5);
  });

  it('divides logits by the temperature: log-probabilities are those of temperature 1, scaled and normalised', async () => {
    const logits = await nextLogprobs(engine, config, theta, prefix, 1);
    const scaled = logits.map((logit) => logit / 0.7);
    const norm = Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit), 0));
    expectAllclose(
      await nextLogprobs(engine, config, theta, prefix, 0.7),
      scaled.map((logit) => logit - norm),
      1e-6,
    );
  });

  it('declares the inputs it documents, in any order', () => {
    expect(new Set(scoreProgram(config, { batch: 1, length: 2 }).inputs.map(({ name }) => name))).toEqual(
      new Set(['theta', 'tokens', 'inverse_temperature']),
    );
  });
});

describe('a reward program', () => {
  const reward = tinyConfig({ numLabels: 1 });
  const weights = floats([parameterLayout(reward).numParameters], livelyTheta(reward));
  const scores = (rows: number[][], lastRows: number[]) => {
    const [batch, length] = [rows.length, rows[0]!.length];
    const feeds = { theta: weights, tokens: ints([batch, length], rows.flat()), last_rows: ints([batch], lastRows) };
    return interpret(rewardProgram(reward, { batch, length }), feeds).scores!.exact;
  };

  it('gives padded sequences the scores of unpadded ones', () => {
    const both = scores(
      [
        [0, 3, 4, 1, 1],
        [0, 2, 6, 7, 8],
      ],
      [2, 9],
    );
    expectAllclose(both, [scores([[0, 3, 4]], [2])[0]!, scores([[0, 2, 6, 7, 8]], [4])[0]!], 1e-12);
  });

  it('scores at the token asked for', () => {
    const [a, b] = [0, 1].map((last) => scores([[0, 3, 4]], [last])[0]!);
    expect(Math.abs(a! - b!)).toBeGreaterThan(1e-3);
  });
});
