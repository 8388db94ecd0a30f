/**
 * @file The engine over ONNX Runtime: names, refusals, uploads, and runs that do not overlap.
 */
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/core/graph/graph';
import { Interpreter } from '../../src/core/graph/interpreter';
import { add, scale, topK } from '../../src/core/graph/ops';
import { readNumber, scalarTensor } from '../../src/core/graph/engine';
import { createNodeEngine } from '../../src/engine/ort-node';
import { floats, ints } from '../helpers/graphs';

describe.each([
  ['interpreter', () => new Interpreter()],
  ['node', () => createNodeEngine({ numThreads: 1 })],
])('the %s engine', (name, create) => {
  const engine = create();
  const sum = () => {
    const graph = new Graph();
    const [a, b] = [graph.input('a', [2]), graph.input('b', [])];
    graph.output('a', add(a, b)); // an output may be named like an input
    graph.output('b', b);
    graph.output('one', graph.scalar(1));
    return graph;
  };

  it('says its name', () => {
    expect(engine.name).toBe(name);
    expect(engine.isGpu).toBe(false);
  });

  it('gives outputs named like inputs, inputs as outputs, and constants as outputs', async () => {
    const program = await engine.compile(sum());
    const { a, b, one } = await program.run({ a: floats([2], [1, 2]), b: scalarTensor(10) });
    expect([...(await a!.read())]).toEqual([11, 12]);
    expect(await readNumber(b!)).toBe(10);
    expect(await readNumber(one!)).toBe(1);
    await program.release();
  });

  it('feeds results to the next run', async () => {
    const program = await engine.compile(sum());
    let state = engine.upload(floats([2], [0, 1]));
    for (let i = 0; i < 3; i++) state = (await program.run({ a: state, b: scalarTensor(2) })).a!;
    expect([...(await state.read())]).toEqual([6, 7]);
    await program.release();
  });

  it('rejects missing inputs and other dims by name', async () => {
    const program = await engine.compile(sum());
    await expect(program.run({ a: floats([2], [1, 2]) })).rejects.toThrow('"b" was not fed');
    await expect(program.run({ a: floats([3], [1, 2, 3]), b: scalarTensor(0) })).rejects.toThrow('"a" wants [2], got [3]');
    await program.release();
  });

  it('uploads a copy: numbers changed afterwards do not change the tensor', async () => {
    const data = Float32Array.of(1, 2);
    const tensor = engine.upload({ dims: [2], data });
    data.fill(99);
    expect([...(await tensor.read())]).toEqual([1, 2]);
  });

  it('reads a copy: numbers changed afterwards do not change the tensor', async () => {
    const tensor = engine.upload(floats([2], [1, 2]));
    (await tensor.read()).fill(99);
    expect([...(await tensor.read())]).toEqual([1, 2]);
  });

  it('copies a tensor: the copy outlives the original, and neither sees the other change', async () => {
    const original = engine.upload(floats([2], [1, 2]));
    const copy = await engine.copy(original);
    expect(copy.dims).toEqual([2]);
    (await copy.read()).fill(99);
    expect(await copy.read()).toEqual(Float32Array.of(1, 2));
    original.dispose();
    const program = await engine.compile(sum());
    const { a } = await program.run({ a: copy, b: scalarTensor(10) });
    const copied = await engine.copy(a!);
    a!.dispose();
    expect(await copied.read()).toEqual(Float32Array.of(11, 12));
    await program.release();
  });

  it('copies integers as integers', async () => {
    const copy = await engine.copy(engine.upload(ints([3], [1, -2, 3])));
    expect(await copy.read()).toEqual(Int32Array.of(1, -2, 3));
  });

  it('reads several tensors in their order, one of them twice, as copies', async () => {
    const [first, second] = [engine.upload(floats([2], [1, 2])), engine.upload(ints([1], [7]))];
    const read = await engine.readAll([second, first, second]);
    expect(read).toEqual([Int32Array.of(7), Float32Array.of(1, 2), Int32Array.of(7)]);
    read[1]!.fill(99);
    expect(await engine.readAll([first])).toEqual([Float32Array.of(1, 2)]);
    expect(await engine.readAll([])).toEqual([]);
  });

  it('refuses to copy or read the tensors of another engine', async () => {
    const foreign = (name === 'node' ? new Interpreter() : createNodeEngine({ numThreads: 1 })).upload(floats([1], [1]));
    await expect(engine.copy(foreign)).rejects.toThrow('another engine');
    await expect(engine.readAll([foreign])).rejects.toThrow('another engine');
  });

  it('reads int64 results as int32', async () => {
    const graph = new Graph();
    graph.output('indices', topK(graph.input('x', [3]), 2)[1]);
    const program = await engine.compile(graph);
    const indices = await (await program.run({ x: floats([3], [1, 3, 2]) })).indices!.read();
    expect(indices).toEqual(Int32Array.of(1, 2));
    await program.release();
  });

  it('runs programs asked for at once one after the other, each with its own feeds', async () => {
    const graph = new Graph();
    graph.output('y', scale(graph.input('x', []), 3));
    const programs = await Promise.all([engine.compile(graph), engine.compile(graph)]);
    const results = await Promise.all([0, 1, 2, 3, 4, 5].map((x) => programs[x % 2]!.run({ x: scalarTensor(x) })));
    expect(await Promise.all(results.map(({ y }) => readNumber(y!)))).toEqual([0, 3, 6, 9, 12, 15]);
    await Promise.all(programs.map((program) => program.release()));
  });
});

describe('a disposed tensor', () => {
  it('can neither be read nor fed, and may be disposed again', async () => {
    const engine = createNodeEngine({ numThreads: 1 });
    const graph = new Graph();
    graph.output('y', scale(graph.input('x', [2]), 3));
    const program = await engine.compile(graph);
    const tensor = engine.upload(floats([2], [1, 2]));
    tensor.dispose();
    tensor.dispose();
    await expect(tensor.read()).rejects.toThrow('disposed');
    await expect(engine.readAll([tensor])).rejects.toThrow('disposed');
    await expect(engine.copy(tensor)).rejects.toThrow('disposed');
    await expect(program.run({ x: tensor })).rejects.toThrow(/disposed/);
    await program.release();
  });
});
