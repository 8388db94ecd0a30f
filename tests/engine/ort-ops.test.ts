/**
 * @file ONNX Runtime and the interpreter compute the same, operator by operator.
 *
 * The bound is 10⁻⁶ of the largest number: float32 keeps 6·10⁻⁸, and a sum of a few terms loses a little more.
 */
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { Graph, type OpName } from '../../src/core/graph/graph';
import { Interpreter } from '../../src/core/graph/interpreter';
import { gradients } from '../../src/core/graph/gradients';
import * as ops from '../../src/core/graph/ops';
import { createNodeEngine } from '../../src/engine/ort-node';
import { buildCase, randomTensor, type InputSpec } from '../../src/core/selftest/op-case';
import { OP_CASES } from '../../src/core/selftest/op-cases';
import { expectAllclose } from '../helpers/allclose';
import { runOnce } from '../helpers/graphs';
import { Random } from '../../src/core/random';

const node = createNodeEngine({ numThreads: 1 });
const interpreter = new Interpreter();

/** Expects both engines to return the same dims, and the same numbers within 10⁻⁶. */
async function expectSame(graph: Graph, feeds: Parameters<typeof runOnce>[2]): Promise<void> {
  const [found, expected] = [await runOnce(node, graph, feeds), await runOnce(interpreter, graph, feeds)];
  for (const { name } of graph.outputs) {
    expect(found[name]!.dims, name).toEqual(expected[name]!.dims);
    expect(found[name]!.data.constructor, name).toBe(expected[name]!.data.constructor);
    expectAllclose(found[name]!.data, expected[name]!.data, 1e-6, name);
  }
}

describe.each(Object.keys(OP_CASES) as OpName[])('%s on ONNX Runtime', (op) => {
  it('has a case that uses it', () => {
    expect(OP_CASES[op].flatMap((opCase) => buildCase(opCase).graph.nodes.map((one) => one.op))).toContain(op);
  });

  it.each(OP_CASES[op])('equals the interpreter: $name', async (opCase) => {
    const { graph, feeds } = buildCase(opCase, `${op} ${opCase.name}`);
    await expectSame(graph, feeds);
  });
});

describe('on shapes drawn at random, ONNX Runtime equals the interpreter', () => {
  const dim = fc.integer({ min: 1, max: 5 });

  /** Output and gradients of one float32 operation. */
  async function check(inputs: readonly InputSpec[], build: (values: ReturnType<Graph['input']>[]) => ReturnType<Graph['input']>) {
    const graph = new Graph();
    const values = inputs.map(({ dims }, i) => graph.input(`x${i}`, dims));
    const y = build(values);
    graph.output('y', y);
    gradients(graph, ops.reduceSum(ops.mul(y, y), ops.allAxes(y)), values).forEach((gradient, i) => graph.output(`gradient${i}`, gradient));
    const random = new Random(8);
    await expectSame(graph, Object.fromEntries(inputs.map((input, i) => [`x${i}`, randomTensor(input, random)])));
  }

  it('for products of matrices and their gradients', async () => {
    await fc.assert(
      fc.asyncProperty(
        dim,
        dim,
        dim,
        fc.array(dim, { maxLength: 2 }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        async (m, k, n, batch, tA, tB, shared) => {
          const transposeA = tA && !(shared && batch.length > 0);
          const a = [...batch, ...(transposeA ? [k, m] : [m, k])];
          const b = [...(shared ? [] : batch), ...(tB ? [n, k] : [k, n])];
          await check([{ dims: a }, { dims: b }], ([p, q]) => ops.matmul(p!, q!, { transposeA, transposeB: tB, alpha: 0.7 }));
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  it('for broadcasting and its gradients', async () => {
    const axes = fc.array(fc.tuple(dim, fc.constantFrom('both', 'a', 'b')), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(axes, fc.nat(4), async (list, cut) => {
        const side = (own: string) => list.map(([size, who]) => (who === 'both' || who === own ? size : 1));
        const inputs = [{ dims: side('a') }, { dims: side('b').slice(cut), low: 1, high: 2 }];
        await check(inputs, ([p, q]) => ops.div(ops.sub(p!, q!), q!));
      }),
      { numRuns: 20, seed: 2 },
    );
  });

  it('for reductions over any axes and their gradients', async () => {
    const dims = fc.array(dim, { minLength: 1, maxLength: 4 });
    const kind = fc.constantFrom(ops.reduceSum, ops.reduceMean, ops.reduceMax, ops.reduceMin, ops.reduceSumSquare, ops.reduceLogSumExp);
    await fc.assert(
      fc.asyncProperty(dims, fc.nat(15), fc.boolean(), kind, async (shape, bits, keepDims, reduce) => {
        const axes = shape.map((_, i) => i).filter((i) => bits & (1 << i));
        await check([{ dims: shape }], ([x]) => reduce(x!, axes, keepDims));
      }),
      { numRuns: 30, seed: 3 },
    );
  });
});
