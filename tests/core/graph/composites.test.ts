/**
 * @file Layers with gradients of their own: values equal their formulas, gradients equal central differences.
 */
import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../../src/core/graph/graph';
import { attend, rmsNorm, rotaryEmbedding, swiGluProjection, tokenLogprobs, type RotaryTables } from '../../../src/core/graph/composites';
import { gradients } from '../../../src/core/graph/gradients';
import { interpret } from '../../../src/core/graph/interpreter';
import { add, mul, reduceSum } from '../../../src/core/graph/ops';
import { Random } from '../../../src/core/random';
import { checkGradient } from '../../helpers/gradient-check';
import { expectAllclose } from '../../helpers/allclose';
import { float64, ints } from '../../helpers/graphs';

/** Angles row + 1 over column + 1, `[rows, K/2]`. */
function tables(graph: Graph, rows: number, headSize: number): RotaryTables {
  const half = headSize / 2;
  const table = (f: (x: number) => number) =>
    graph.constant(
      Float32Array.from({ length: rows * half }, (_, i) => f((Math.floor(i / half) + 1) / ((i % half) + 1))),
      [rows, half],
    );
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

const positions = (graph: Graph, rows: readonly (readonly number[])[]) =>
  graph.constant(BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length]);

/** 0 on and below the diagonal, −1e9 above. */
function causal(graph: Graph, length: number): Value {
  const data = Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e9 : 0));
  return graph.constant(data, [length, length]);
}

describe('gradients equal central differences', () => {
  it.each([[[5]], [[3, 4]], [[2, 3, 5]]])('of rmsNorm of %j', (dims) => {
    checkGradient([{ dims }, { dims: dims.slice(-1) }], ([x, w]) => rmsNorm(x!, w!, 1e-5));
  });

  it('of rmsNorm where epsilon matters', () => {
    checkGradient([{ dims: [3, 4], low: -0.1, high: 0.1 }, { dims: [4] }], ([x, w]) => rmsNorm(x!, w!, 0.01));
  });

  it('of swiGluProjection', () => {
    const inputs = [{ dims: [3, 4], low: -4, high: 4 }, { dims: [3, 4] }, { dims: [4, 2] }];
    checkGradient(inputs, ([gate, up, down]) => swiGluProjection(gate!, up!, down!));
  });

  it.each([2, 6])('of rotaryEmbedding with heads of %i', (headSize) => {
    checkGradient([{ dims: [2, 3, 2 * headSize] }], ([x], graph) =>
      rotaryEmbedding(
        x!,
        positions(graph, [
          [0, 1, 2],
          [2, 2, 0],
        ]),
        tables(graph, 3, headSize),
        2,
      ),
    );
  });

  it('of attend, without and with a mask, for two query heads a key head', () => {
    const inputs = [{ dims: [2, 4, 3, 4] }, { dims: [2, 2, 3, 4] }, { dims: [2, 2, 3, 4] }];
    checkGradient(inputs, ([q, k, v]) => attend(q!, k!, v!, null));
    checkGradient(inputs, ([q, k, v], graph) => attend(q!, k!, v!, causal(graph, 3)));
    checkGradient(inputs, ([q, k, v], graph) => {
      const rows = graph.constant(
        Float32Array.of(0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0, 0, -1e9, -1e9, -1e9, 0, -1e9, 0, -1e9, 0),
        [2, 1, 3, 3],
      );
      return attend(q!, k!, v!, rows);
    });
  });

  it.each([
    ['at once', 20],
    ['in two parts', 10],
    ['in the most parts', 1],
  ])('of tokenLogprobs, a target drawn twice too, rows taken %s', (_, logitsAtOnce) => {
    const inputs = [{ dims: [5, 3] }, { dims: [4, 3] }, { dims: [5], dtype: 'int32' as const, low: 0, high: 4 }];
    checkGradient(inputs, ([hidden, embedding, targets]) => tokenLogprobs(hidden!, embedding!, targets!, logitsAtOnce).logprobs);
  });
});

describe('values', () => {
  it('rmsNorm divides by the root mean square', () => {
    const graph = new Graph();
    graph.output('y', rmsNorm(graph.input('x', [1, 2]), graph.input('w', [2]), 2 ** -10));
    const { y } = interpret(graph, { x: float64([1, 2], [3, 4]), w: float64([2], [1, 10]) });
    const root = Math.sqrt(12.5 + 2 ** -10);
    expectAllclose(y!.exact, [3 / root, 40 / root], 1e-12);
  });

  it('rotaryEmbedding turns pair (i, i + K/2) of every head by the angle of its position, and keeps lengths', () => {
    const graph = new Graph();
    graph.output('y', rotaryEmbedding(graph.input('x', [1, 2, 8]), positions(graph, [[1, 0]]), tables(graph, 2, 4), 2));
    const x = [1, 2, 3, 4, -1, 0.5, 2, -3, 0.3, -0.2, 4, 1, 7, -6, 0, 2];
    const y = interpret(graph, { x: float64([1, 2, 8], x) }).y!.exact;
    const expected = x.map((number, i) => {
      const [position, pair] = [1 - Math.floor(i / 8), i % 2];
      const angle = (position + 1) / (pair + 1);
      const other = x[Math.floor(i / 4) * 4 + (((i % 4) + 2) % 4)]!;
      return number * Math.cos(angle) + (i % 4 < 2 ? -other : other) * Math.sin(angle);
    });
    expectAllclose(y, expected, 1e-7);
    expect(Math.hypot(...y)).toBeCloseTo(Math.hypot(...x), 5);
  });

  it('attend averages values by the softmax of scaled products, of what the mask shows only', () => {
    const graph = new Graph();
    const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, [1, 1, 2, 4])) as [Value, Value, Value];
    graph.output('y', attend(q, k, v, causal(graph, 2)));
    const random = new Random(4);
    const [qs, ks, vs] = [0, 1, 2].map(() => Array.from({ length: 8 }, () => random.normal())) as [number[], number[], number[]];
    const dims = [1, 1, 2, 4];
    const y = interpret(graph, { q: float64(dims, qs), k: float64(dims, ks), v: float64(dims, vs) }).y!.exact;
    const score = (key: number) => Math.exp([0, 1, 2, 3].reduce((sum, i) => sum + qs[4 + i]! * ks[4 * key + i]!, 0) / 2);
    const p = score(1) / (score(0) + score(1));
    expectAllclose(y.slice(0, 4), vs.slice(0, 4), 1e-12, 'the first row sees itself alone');
    expectAllclose(
      y.slice(4),
      [0, 1, 2, 3].map((i) => (1 - p) * vs[i]! + p * vs[4 + i]!),
      1e-12,
    );
  });

  it.each([6, 3])(
    'tokenLogprobs gives log-probabilities and entropies of softmax(hidden · embeddingᵀ), safe far from zero; %i at once',
    (at) => {
      const graph = new Graph();
      const parts = tokenLogprobs(
        graph.input('hidden', [2, 2]),
        graph.input('embedding', [3, 2]),
        graph.input('targets', [2], 'int32'),
        at,
      );
      graph.output('logprobs', parts.logprobs);
      graph.output('entropies', parts.entropies);
      const p = [0.7, 0.2, 0.1];
      // The second row of hidden states adds 1000 to every logit.
      const embedding = p.flatMap((x) => [Math.log(x), 1]);
      const out = interpret(graph, {
        hidden: float64([2, 2], [1, 0, 1, 1000]),
        embedding: float64([3, 2], embedding),
        targets: ints([2], [1, 2]),
      });
      expectAllclose(out.logprobs!.exact, [Math.log(0.2), Math.log(0.1)], 1e-12);
      expectAllclose(out.entropies!.exact, [0.8018185525, 0.8018185525], 1e-9);
    },
  );

  it('entropies carry no gradient', () => {
    const graph = new Graph();
    const hidden = graph.input('hidden', [1, 3]);
    const { entropies } = tokenLogprobs(hidden, graph.input('embedding', [4, 3]), graph.input('targets', [1], 'int32'));
    const loss = add(reduceSum(mul(hidden, hidden), [0, 1]), reduceSum(entropies, [0]));
    graph.output('gradient', gradients(graph, loss, [hidden])[0]!);
    const embedding = float64([4, 3], [1, 2, 3, -1, 0, 2, 0.5, 1, 1, 0, 0, 3]);
    const { gradient } = interpret(graph, { hidden: float64([1, 3], [1, 2, 3]), embedding, targets: ints([1], [0]) });
    expect([...gradient!.exact]).toEqual([2, 4, 6]);
  });
});
