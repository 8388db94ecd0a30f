/**
 * @file Each operator's gradient equals central differences, in float64 on the interpreter.
 */
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { Graph } from '../../../src/core/graph/graph';
import { DIFFERENTIABLE_OPS, gradients, stopGradient } from '../../../src/core/graph/gradients';
import { interpret } from '../../../src/core/graph/interpreter';
import { loop } from '../../../src/core/graph/loops';
import {
  add,
  cast,
  identity,
  matmul,
  max,
  min,
  mul,
  reduceMax,
  reduceSum,
  scale,
  scatterAdd,
  softmax,
  sub,
  topK,
} from '../../../src/core/graph/ops';
import { OP_CASES } from '../../../src/core/selftest/op-cases';
import { checkGradient } from '../../helpers/gradient-check';
import { float64, ints } from '../../helpers/graphs';

describe.each(DIFFERENTIABLE_OPS)('the gradient of %s', (op) => {
  const cases = OP_CASES[op].filter(({ inputs }) => inputs.some(({ dtype = 'float32' }) => dtype === 'float32'));

  it('has a case that uses the operator', () => {
    const ops = cases.flatMap(({ inputs, build }) => {
      const graph = new Graph();
      build(
        inputs.map(({ dims, dtype }, i) => graph.input(`x${i}`, dims, dtype)),
        graph,
      );
      return graph.nodes.map((node) => node.op);
    });
    expect(ops).toContain(op);
  });

  it.each(cases)('equals central differences: $name', ({ name, inputs, build }) => {
    checkGradient(inputs, build, name);
  });
});

const dim = fc.integer({ min: 1, max: 3 });

describe('shapes drawn at random', () => {
  it('broadcast and are summed back', () => {
    const pair = fc.array(fc.tuple(dim, fc.constantFrom('both', 'a', 'b')), { maxLength: 3 });
    fc.assert(
      fc.property(pair, fc.nat(3), fc.nat(3), (axes, cutA, cutB) => {
        const side = (own: string, cut: number) => axes.map(([size, who]) => (who === 'both' || who === own ? size : 1)).slice(cut);
        checkGradient([{ dims: side('a', cutA) }, { dims: side('b', cutB) }], ([a, b]) => mul(add(a!, b!), sub(a!, b!)));
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  it('multiply as matrices', () => {
    fc.assert(
      fc.property(dim, dim, dim, fc.array(dim, { maxLength: 2 }), fc.boolean(), fc.boolean(), (m, k, n, batch, transposeA, transposeB) => {
        const a = [...batch, ...(transposeA ? [k, m] : [m, k])];
        const b = [...batch, ...(transposeB ? [n, k] : [k, n])];
        checkGradient([{ dims: a }, { dims: b }], ([p, q]) => matmul(p!, q!, { transposeA, transposeB, alpha: 0.7 }));
      }),
      { numRuns: 25, seed: 6 },
    );
  });
});

describe('gradients', () => {
  /** The gradient of Σ f(x) at x. */
  function gradientAt(f: (x: ReturnType<Graph['input']>, graph: Graph) => ReturnType<Graph['input']>, x: number[]): number[] {
    const graph = new Graph();
    const input = graph.input('x', [x.length]);
    graph.output('gradient', gradients(graph, reduceSum(f(input, graph), [0]), [input])[0]!);
    return [...interpret(graph, { x: float64([x.length], x) }).gradient!.exact];
  }

  it('add up over every path from a value to the loss', () => {
    expect(gradientAt((x) => add(mul(x, x), add(x, scale(x, 3))), [1, 2])).toEqual([6, 8]);
  });

  it('stop at stopGradient, and nowhere else', () => {
    expect(gradientAt((x) => mul(x, stopGradient(x)), [3, 4])).toEqual([3, 4]);
    expect(gradientAt((x) => mul(x, identity(x)), [3, 4])).toEqual([6, 8]);
  });

  it('do not go through integers', () => {
    expect(gradientAt((x) => mul(x, cast(cast(x, 'int32'), 'float32')), [3.5, -1.5])).toEqual([3, -1]);
  });

  it('of a tie go to the first of two, and evenly to all of an axis', () => {
    expect(gradientAt((x, graph) => max(x, graph.scalar(2)), [1, 2, 3])).toEqual([0, 1, 1]);
    expect(gradientAt((x, graph) => max(graph.scalar(2), x), [1, 2, 3])).toEqual([0, 0, 1]);
    expect(gradientAt((x, graph) => min(x, graph.scalar(2)), [1, 2, 3])).toEqual([1, 1, 0]);
    expect(gradientAt((x) => reduceMax(x, [0], true), [1, 3, 3])).toEqual([0, 0.5, 0.5]);
  });

  it('flow through a softmax used twice', () => {
    checkGradient([{ dims: [2, 4] }, { dims: [2, 4] }], ([x, y]) => {
      const p = softmax(x!);
      return mul(p, add(p, y!));
    });
  });

  it('are refused for a loss that is not a scalar', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    expect(() => gradients(graph, x, [x])).toThrow(/scalar.*\[2\]/);
  });

  it('are refused for a value the loss does not depend on', () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', []), graph.input('y', [])];
    expect(() => gradients(graph, mul(x, x), [x, y])).toThrow(/does not depend on y/);
  });

  it.each([
    ['ScatterElements', (x: ReturnType<Graph['input']>, graph: Graph) => scatterAdd(x, graph.constant(Int32Array.of(0), [1]), x, 0)],
    ['TopK', (x: ReturnType<Graph['input']>) => topK(x, 1)[0]],
    [
      'Loop',
      (x: ReturnType<Graph['input']>, graph: Graph) =>
        loop(graph, 2, [x], [[1]], ({ carried: [y] }) => ({ carried: [mul(y!, y!)], scanned: [] })).carried[0]!,
    ],
  ] as const)('are refused, not zero, through %s', (op, f) => {
    const graph = new Graph();
    const x = graph.input('x', [1]);
    expect(() => gradients(graph, reduceSum(f(x, graph), [0]), [x])).toThrow(new RegExp(`no gradient rule for ${op}`));
  });

  it('of rows gathered twice add up', () => {
    const graph = new Graph();
    const x = graph.input('x', [3, 1]);
    const at = graph.input('at', [4], 'int32');
    const loss = reduceSum(OP_CASES.Gather[0]!.build([x, at], graph) as ReturnType<Graph['input']>, [0, 1]);
    graph.output('gradient', gradients(graph, loss, [x])[0]!);
    const feeds = { x: float64([3, 1], [1, 2, 3]), at: ints([4], [2, 0, 2, 2]) };
    expect([...interpret(graph, feeds).gradient!.exact]).toEqual([1, 0, 3]);
  });
});
