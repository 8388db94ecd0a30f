/**
 * @file AdamW in the graph equals AdamW written down by hand in float64.
 *
 * The bound is 10⁻⁶: the graph's constants (β₁, 1 − β₂…) are float32.
 */
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/core/graph/graph';
import { interpret } from '../../../src/core/graph/interpreter';
import { adamW, ADAMW_DEFAULTS, adamWFeeds, type AdamWConfig } from '../../../src/core/model/adamw';
import { Random } from '../../../src/core/random';
import { expectAllclose } from '../../helpers/allclose';
import { float64 } from '../../helpers/graphs';
import { referenceAdamW, type AdamWState } from '../../helpers/reference-adamw';

const N = 7;

function program(config: AdamWConfig, numDecayed: number): Graph {
  const graph = new Graph();
  const [theta, m, v, gradient] = ['theta', 'm', 'v', 'gradient'].map((name) => graph.input(name, [N]));
  const next = adamW(graph, { theta: theta!, m: m!, v: v!, gradient: gradient!, numDecayed }, config);
  graph.output('theta', next.theta);
  graph.output('m', next.m);
  graph.output('v', next.v);
  graph.output('norm', next.gradNorm);
  return graph;
}

const numbers = (random: Random, scale = 1) => Float64Array.from({ length: N }, () => scale * random.normal());

describe('AdamW equals the reference over five steps', () => {
  it.each<[string, Partial<AdamWConfig>, number, number]>([
    ['by default', {}, 4, 1],
    ['with clipping that never acts', { maxGradNorm: 1e6 }, 4, 1],
    ['with clipping that always acts', { maxGradNorm: 0.01 }, 4, 1],
    ['with clipping off', { maxGradNorm: Infinity }, 4, 1],
    ['without weight decay', { weightDecay: 0 }, 4, 1],
    ['with everything decayed', { weightDecay: 0.5 }, N, 1],
    ['with an epsilon as large as the gradients, which shows where it is added', { epsilon: 0.1 }, 4, 0.1],
    ['with other betas', { beta1: 0.5, beta2: 0.75 }, 4, 1],
  ])('%s', (_, changes, numDecayed, scale) => {
    const config = { ...ADAMW_DEFAULTS, ...changes };
    const graph = program(config, numDecayed);
    const random = new Random('adamw');
    const learningRate = 0.125;
    let expected: AdamWState = { theta: numbers(random), m: new Float64Array(N), v: new Float64Array(N) };
    let found = expected;
    for (let step = 1; step <= 5; step++) {
      const gradient = numbers(random, scale);
      const out = interpret(graph, {
        theta: float64([N], found.theta),
        m: float64([N], found.m),
        v: float64([N], found.v),
        gradient: float64([N], gradient),
        ...adamWFeeds(config, learningRate, step),
      });
      expected = referenceAdamW(config, expected, gradient, { numDecayed, learningRate, step });
      found = { theta: out.theta!.exact, m: out.m!.exact, v: out.v!.exact };
      expectAllclose(found.theta, expected.theta, 1e-6, `theta after step ${step}`);
      expectAllclose(found.m, expected.m, 1e-6, `m after step ${step}`);
      expectAllclose(found.v, expected.v, 1e-6, `v after step ${step}`);
      expectAllclose(out.norm!.exact, [Math.hypot(...gradient)], 1e-12, 'the norm before clipping');
    }
  });
});

describe('AdamW', () => {
  const zero = float64([N], new Float64Array(N));
  const ones = float64([N], new Float64Array(N).fill(1));
  const run = (config: AdamWConfig, gradient: Float64Array, learningRate = 0.5) =>
    interpret(program(config, 4), {
      theta: ones,
      m: zero,
      v: zero,
      gradient: float64([N], gradient),
      ...adamWFeeds(config, learningRate, 1),
    });

  it('moves each parameter by the learning rate at its first step, whatever the size of its gradient', () => {
    const gradient = Float64Array.of(1, -1e-3, 1e-5, -1, 1e-2, 3, -2);
    const { theta } = run({ ...ADAMW_DEFAULTS, weightDecay: 0, epsilon: 1e-12 }, gradient);
    expectAllclose(
      theta!.exact,
      gradient.map((g) => 1 - 0.5 * Math.sign(g)),
      1e-6,
    );
  });

  it('decays the first numDecayed by learning rate times decay, and the others not at all', () => {
    const { theta } = run(ADAMW_DEFAULTS, new Float64Array(N), 0.5);
    expectAllclose(theta!.exact, [0.95, 0.95, 0.95, 0.95, 1, 1, 1], 1e-7);
  });

  it('changes nothing and divides by nothing when the gradient and the decay are zero', () => {
    const { theta, m, v, norm } = run({ ...ADAMW_DEFAULTS, weightDecay: 0 }, new Float64Array(N));
    expect([...theta!.exact]).toEqual([...ones.data]);
    expect([...m!.exact, ...v!.exact, ...norm!.exact]).toEqual(new Array(2 * N + 1).fill(0));
  });

  it('feeds bias corrections 1 / (1 − βᵗ)', () => {
    const feeds = adamWFeeds({ ...ADAMW_DEFAULTS, beta1: 0.5, beta2: 0.75 }, 0.25, 2);
    expect([feeds.learning_rate, feeds.correction1, feeds.correction2].map((feed) => feed!.data[0])).toEqual([
      0.25,
      Math.fround(4 / 3),
      Math.fround(16 / 7),
    ]);
  });
});
