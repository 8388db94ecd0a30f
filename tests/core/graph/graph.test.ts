/**
 * @file The graph builder: errors that name shapes, live nodes, hoisting, constants.
 */
import { describe, expect, it } from 'vitest';
import { capturedValues, Graph, liveNodes, UNKNOWN } from '../../../src/core/graph/graph';
import { encodeOnnx } from '../../../src/core/graph/onnx';
import { Interpreter } from '../../../src/core/graph/interpreter';
import * as ops from '../../../src/core/graph/ops';
import { loop } from '../../../src/core/graph/loops';
import { float64 } from '../../helpers/graphs';

describe('an operator given what it cannot take', () => {
  const graph = new Graph();
  const a = graph.input('a', [2, 3]);
  const b = graph.input('b', [4, 5]);
  const n = graph.input('n', [2, 3], 'int32');
  const wide = graph.input('wide', [8]);

  it.each([
    ['Add', () => ops.add(a, b), 'a:float32[2, 3] and b:float32[4, 5]'],
    ['Mul', () => ops.mul(a, n), 'a:float32[2, 3] and n:int32[2, 3]'],
    ['And', () => ops.and(a, a), 'a:float32[2, 3] and a:float32[2, 3]'],
    ['MatMul', () => ops.matmul(a, b), 'a:float32[2, 3] and b:float32[4, 5]'],
    ['MatMul', () => ops.matmul(a, a), 'a:float32[2, 3] and a:float32[2, 3]'],
    ['Where', () => ops.where(ops.less(a, a), a, b), 'a:float32[2, 3] and b:float32[4, 5]'],
    ['Concat', () => ops.concat([a, b], 0), 'a:float32[2, 3] and b:float32[4, 5]'],
    ['Exp', () => ops.exp(n), 'n:int32[2, 3]'],
    ['Gather', () => ops.gather(a, b), 'a:float32[2, 3] and b:float32[4, 5]'],
    ['GatherElements', () => ops.gatherElements(a, wide, 1), 'a:float32[2, 3] and wide:float32[8]'],
    ['ScatterElements', () => ops.scatterAdd(a, n, b, 0), 'a:float32[2, 3] and n:int32[2, 3] and b:float32[4, 5]'],
    ['Reshape', () => ops.reshape(a, [7]), 'a:float32[2, 3] has not the size of [7]'],
    ['Expand', () => ops.expand(a, [3, 3]), '[3, 3]: cannot take a:float32[2, 3]'],
    ['Transpose', () => ops.transpose(a, [0, 0]), 'a:float32[2, 3]'],
    ['Slice', () => ops.slice(a, 1, 1, 4), '1..4 of a:float32[2, 3], axis 1'],
    ['Split', () => ops.split(a, 1, [1, 1]), 'a:float32[2, 3], axis 1, into 1 + 1'],
    [
      'Split',
      () =>
        ops.split(
          wide,
          0,
          Array.from({ length: 8 }, () => 1),
        ),
      'wide:float32[8]',
    ],
    ['ReduceMax', () => ops.reduceMax(n, [0]), 'n:int32[2, 3]'],
    ['ReduceSum', () => ops.reduceSum(a, [2]), 'axis 2 of 2 axes'],
    ['TopK', () => ops.topK(a, 4), 'a:float32[2, 3]'],
  ])('is refused by name with the shapes: %s', (op, build, message) => {
    expect(build).toThrow(ops.ShapeError);
    expect(build).toThrow(op);
    expect(build).toThrow(message);
  });

  it('is refused by a loop that carries out another number of values than in', () => {
    expect(() => loop(new Graph(), 2, [], [], ({ graph: body }) => ({ carried: [body.scalar(1)], scanned: [] }))).toThrow(
      '0 carried in, 1 out',
    );
  });
});

describe('a graph', () => {
  it('refuses a second input or output of the same name, and constants that do not fill their dims', () => {
    const graph = new Graph();
    const x = graph.input('x', []);
    graph.output('y', x);
    expect(() => graph.input('x', [])).toThrow('"x"');
    expect(() => graph.output('y', x)).toThrow('"y"');
    expect(() => graph.constant(new Float32Array(3), [2, 2])).toThrow('3 numbers for dims [2, 2]');
  });

  it('shares equal scalars, and tells 0 from −0, 1 from 1.0 and a scalar from a list of one', () => {
    const graph = new Graph();
    expect(graph.scalar(2)).toBe(graph.scalar(2));
    expect(graph.scalar(0)).not.toBe(graph.scalar(-0));
    expect(graph.scalar(1)).not.toBe(graph.integer(1));
    expect(graph.scalar(2)).not.toBe(graph.constant(Float32Array.of(2), [1]));
  });

  it('leaves out nodes that no output needs: the file is the same byte for byte', () => {
    const build = (withDead: boolean) => {
      const graph = new Graph();
      const x = graph.input('x', [3, 2]);
      graph.output('y', ops.exp(x));
      if (withDead) ops.neg(ops.matmul(x, x, { transposeB: true }));
      return graph;
    };
    expect(build(true).nodes.map(({ op }) => op)).toEqual(['Exp', 'MatMul', 'Neg']);
    expect(liveNodes(build(true)).map(({ op }) => op)).toEqual(['Exp']);
    expect(encodeOnnx(build(true))).toEqual(encodeOnnx(build(false)));
  });

  it('keeps what a loop body reads from outside, drops what only dead body nodes read, and hoists what needs nothing of the body', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const used = ops.exp(x);
    const unused = ops.log(x);
    const { scanned } = loop(graph, 3, [x], [[2]], ({ carried: [y] }) => {
      ops.add(y!, unused); // dead
      return { carried: [ops.mul(y!, used)], scanned: [ops.add(y!, ops.tanh(x))] };
    });
    graph.output('y', scanned[0]!);
    expect(liveNodes(graph).map(({ op }) => op)).toEqual(['Exp', 'Tanh', 'Loop']);
    const body = graph.nodes.find(({ op }) => op === 'Loop')!.attributes.body!;
    expect(liveNodes(body).map(({ op }) => op)).toEqual(['Mul', 'Add']);
    expect(capturedValues(body)).toContain(used);
    expect(capturedValues(body)).not.toContain(unused);
  });

  it('puts a loop whose body reads a loop body inside that body, even when all it starts from is constant', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const { carried } = loop(graph, 2, [x], [[2]], ({ graph: body, carried: [y] }) => {
      const inner = loop(body, 3, [body.scalar(1)], [[]], (scope) => ({
        carried: [ops.mul(scope.carried[0]!, ops.reduceSum(y!, [0]))],
        scanned: [],
      }));
      return { carried: [ops.mul(y!, inner.carried[0]!)], scanned: [] };
    });
    graph.output('y', carried[0]!);
    expect(liveNodes(graph).map(({ op }) => op)).toEqual(['Loop']);
  });
});

describe('the interpreter', () => {
  const graph = new Graph();
  graph.output('y', ops.identity(graph.input('x', [UNKNOWN, 2])));

  it('rejects, not throws, when an input is missing or has other dims', async () => {
    const program = await new Interpreter().compile(graph);
    await expect(program.run({})).rejects.toThrow('"x" was not fed');
    await expect(program.run({ x: float64([2, 3], [1, 2, 3, 4, 5, 6]) })).rejects.toThrow('"x" wants [-1, 2], got [2, 3]');
  });

  it('takes any size on an unknown axis', async () => {
    const program = await new Interpreter().compile(graph);
    const { y } = await program.run({ x: float64([3, 2], [1, 2, 3, 4, 5, 6]) });
    expect(y!.dims).toEqual([3, 2]);
    expect([...(await y!.read())]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
