/**
 * @file The whole model: its gradient equals central differences, it is causal, and batches do not mix.
 */
import { describe, expect, it } from 'vitest';
import { interpret } from '../../../src/core/graph/interpreter';
import { add, mul, neg, reduceMean, softplus } from '../../../src/core/graph/ops';
import type { ModelConfig } from '../../../src/core/model/config';
import { rotaryTables } from '../../../src/core/model/decoder';
import { parameterLayout, parameterView } from '../../../src/core/model/parameters';
import { gradientProgram, rewardProgram, scoreProgram, type Objective, type ObjectiveContext } from '../../../src/core/model/programs';
import { scalarTensor, type HostTensor } from '../../../src/core/graph/engine';
import { Random } from '../../../src/core/random';
import { centralDifference } from '../../../src/core/selftest/numbers';
import { expectAllclose } from '../../helpers/allclose';
import { float64, floats, ints } from '../../helpers/graphs';
import { livelyTheta, randomTokens, tinyConfig, VARIED_CONFIGS } from '../../helpers/tiny-config';

const SHAPE = { batch: 2, length: 4 };
const TOLERANCE = 1e-6;

/** Expects a gradient to agree with difference quotients along random directions and along one coordinate of every parameter. */
function expectGradient(config: ModelConfig, gradient: Float64Array, loss: (theta: Float64Array) => number, theta: Float64Array): void {
  const random = new Random('directions');
  const length = Math.hypot(...gradient);
  const direction = () => {
    const numbers = Array.from(theta, () => random.normal());
    const norm = Math.hypot(...numbers);
    return numbers.map((number) => number / norm);
  };
  const axis = (index: number) => Array.from(theta, (_, i) => Number(i === index));
  const { entries } = parameterLayout(config);
  const largest = ({ offset, size }: (typeof entries)[number]) => {
    const part = gradient.subarray(offset, offset + size).map(Math.abs);
    return offset + part.indexOf(Math.max(...part));
  };
  const named: [string, number[]][] = [
    ...[1, 2, 3].map((i): [string, number[]] => [`direction ${i}`, direction()]),
    ...entries.map((entry): [string, number[]] => [entry.name, axis(largest(entry))]),
  ];
  for (const [name, along] of named) {
    const expected = centralDifference(loss, theta, along);
    const found = along.reduce((sum, part, i) => sum + part * gradient[i]!, 0);
    expect(Math.abs(found - expected), `${name}: ${found} for ${expected}`).toBeLessThan(TOLERANCE * length);
    if (!name.startsWith('direction')) expect(Math.abs(found), `${name} reaches the loss`).toBeGreaterThan(0);
  }
}

const meanNll = (context: ObjectiveContext): Objective => ({ loss: neg(reduceMean(context.logprobs(), [0, 1])), metrics: {} });

describe('the gradient of the whole model equals central differences', () => {
  it.each(VARIED_CONFIGS)('for the mean negative log-likelihood: %s', (_, config) => {
    const theta = Float64Array.from(livelyTheta(config));
    const dims = [theta.length];
    const tokens = ints([SHAPE.batch, SHAPE.length + 1], randomTokens(config, SHAPE.batch * (SHAPE.length + 1)));
    const feeds = { tokens, inverse_temperature: scalarTensor(0.75) };
    const score = scoreProgram(config, SHAPE);
    const loss = (x: Float64Array) => {
      const { exact } = interpret(score, { ...feeds, theta: float64(dims, x) }).logprobs!;
      return -exact.reduce((sum, logprob) => sum + logprob, 0) / exact.length;
    };
    const out = interpret(gradientProgram(config, SHAPE, meanNll, { temperature: true }), { ...feeds, theta: float64(dims, theta) });
    expectAllclose(out.loss!.exact, [loss(theta)], 1e-12);
    expectGradient(config, out.gradient!.exact, loss, theta);
  });

  it.each(VARIED_CONFIGS)('for a score head under softplus: %s', (_, language) => {
    const config = { ...language, numLabels: 1 as const };
    const theta = Float64Array.from(livelyTheta(config));
    const dims = [theta.length];
    const feeds = { tokens: ints([2, 4], randomTokens(config, 8)), last_rows: ints([2], [3, 5]) };
    const reward = rewardProgram(config, SHAPE);
    const loss = (x: Float64Array) => {
      const [a, b] = interpret(reward, { ...feeds, theta: float64(dims, x) }).scores!.exact as unknown as [number, number];
      return (Math.log1p(Math.exp(a)) + Math.log1p(Math.exp(b))) / 2;
    };
    const objective = (context: ObjectiveContext): Objective => ({ loss: reduceMean(softplus(context.scores()), [0]), metrics: {} });
    const out = interpret(gradientProgram(config, SHAPE, objective), { ...feeds, theta: float64(dims, theta) });
    expectGradient(config, out.gradient!.exact, loss, theta);
  });

  it('is the mean of the gradients of the rows: one batch of four is four batches of one', () => {
    const config = tinyConfig();
    const theta = floats([parameterLayout(config).numParameters], livelyTheta(config));
    const tokens = randomTokens(config, 4 * 4);
    const run = (batch: number, rows: Int32Array) =>
      interpret(gradientProgram(config, { batch, length: 3 }, meanNll), { theta, tokens: ints([batch, 4], rows) }).gradient!.exact;
    const each = [0, 1, 2, 3].map((row) => run(1, tokens.slice(4 * row, 4 * row + 4)));
    expectAllclose(
      run(4, tokens),
      each[0]!.map((_, i) => each.reduce((sum, gradient) => sum + gradient[i]! / 4, 0)),
      1e-6,
    );
  });

  it('adds up when the loss uses log-probabilities twice', () => {
    const config = tinyConfig();
    const feeds = {
      theta: floats([parameterLayout(config).numParameters], livelyTheta(config)),
      tokens: ints([2, 5], randomTokens(config, 10)),
    };
    const squared = (context: ObjectiveContext): Objective => {
      const logprobs = context.logprobs();
      return { loss: reduceMean(add(mul(logprobs, logprobs), logprobs), [0, 1]), metrics: {} };
    };
    const out = interpret(gradientProgram(config, SHAPE, squared), feeds);
    const score = scoreProgram(config, SHAPE);
    const loss = (x: Float64Array) => {
      const { exact } = interpret(score, { ...feeds, theta: float64([x.length], x), inverse_temperature: scalarTensor(1) }).logprobs!;
      return exact.reduce((sum, logprob) => sum + logprob * logprob + logprob, 0) / exact.length;
    };
    expectGradient(config, out.gradient!.exact, loss, Float64Array.from(feeds.theta.data, Number));
  });
});

describe('a sequence', () => {
  const config = tinyConfig();
  const theta = floats([parameterLayout(config).numParameters], livelyTheta(config));
  const logprobs = (tokens: HostTensor) => {
    const [batch, columns] = tokens.dims as [number, number];
    const feeds = { theta, tokens, inverse_temperature: scalarTensor(1) };
    return interpret(scoreProgram(config, { batch, length: columns - 1 }), feeds).logprobs!.exact;
  };

  it('sees only what came before: later tokens and padding change nothing', () => {
    const [tokens, padded] = [randomTokens(config, 5), randomTokens(config, 9, 'other')];
    padded.set(tokens);
    expectAllclose(logprobs(ints([1, 9], padded)).slice(0, 4), logprobs(ints([1, 5], tokens)), 1e-12);
  });

  it('sees all that came before: the first token changes the prediction of the last', () => {
    const tokens = randomTokens(config, 6);
    const changed = tokens.slice();
    changed[0] = (tokens[0]! + 1) % config.vocabularySize;
    expect(Math.abs(logprobs(ints([1, 6], tokens))[4]! - logprobs(ints([1, 6], changed))[4]!)).toBeGreaterThan(1e-4);
  });

  it('depends on order: exchanging two earlier tokens changes the prediction of the last', () => {
    const at = (tokens: number[]) => logprobs(ints([1, 5], tokens))[3]!;
    expect(Math.abs(at([0, 2, 3, 4, 6]) - at([0, 3, 2, 4, 6]))).toBeGreaterThan(1e-4);
  });

  it('does not see its batch mates', () => {
    const tokens = randomTokens(config, 15);
    const alone = [0, 1, 2].flatMap((row) => [...logprobs(ints([1, 5], tokens.slice(5 * row, 5 * row + 5)))]);
    expectAllclose(logprobs(ints([3, 5], tokens)), alone, 1e-12);
  });
});

describe('a model whose heads are repeated', () => {
  it('equals one with fewer key heads: grouped-query attention is tied multi-head attention', () => {
    const grouped = tinyConfig({ numHeads: 4, numKeyValueHeads: 2, headSize: 2, numLayers: 1 });
    const full = { ...grouped, numKeyValueHeads: 4 };
    const [from, to] = [parameterLayout(grouped), parameterLayout(full)];
    const small = livelyTheta(grouped);
    const large = new Float32Array(to.numParameters);
    for (const { name } of to.entries) {
      const [source, target] = [parameterView(from, small, name), parameterView(to, large, name)];
      if (!name.endsWith('qkv')) target.set(source);
      else
        for (let row = 0; row < grouped.width; row++)
          for (let head = 0; head < 12; head++) {
            // 4 query heads, then 4 keys and 4 values, of which 2 and 2 exist
            const own = head < 4 ? head : head < 8 ? 4 + Math.floor((head - 4) / 2) : 6 + Math.floor((head - 8) / 2);
            target.set(source.subarray((row * 8 + own) * 2, (row * 8 + own) * 2 + 2), (row * 12 + head) * 2);
          }
    }
    const run = (config: ModelConfig, theta: Float32Array) =>
      interpret(scoreProgram(config, SHAPE), {
        theta: floats([theta.length], theta),
        tokens: ints([2, 5], randomTokens(config, 10)),
        inverse_temperature: scalarTensor(1),
      }).logprobs!.exact;
    expectAllclose(run(full, large), run(grouped, small), 1e-12);
  });
});

describe('rotaryTables', () => {
  it('hold the angle position · base^(−2i/K)', () => {
    const config = tinyConfig({ headSize: 6, ropeTheta: 100 });
    const { cos, sin } = rotaryTables(config, 5);
    const angles = [0, 1, 2, 3, 4].flatMap((position) => [0, 1, 2].map((i) => position / 100 ** (i / 3)));
    expectAllclose(cos, angles.map(Math.cos), 1e-7);
    expectAllclose(sin, angles.map(Math.sin), 1e-7);
  });
});
