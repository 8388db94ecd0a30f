/**
 * @file The engine of the page in a real browser: wasm equals the interpreter, and WebGPU equals wasm.
 *
 * There must be a WebGPU adapter (a software one will do): without it these tests fail, they do not skip.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/core/graph/engine';
import { Interpreter } from '../../src/core/graph/interpreter';
import { Graph, type OpName } from '../../src/core/graph/graph';
import { add, matmul, scale } from '../../src/core/graph/ops';
import { initialTheta } from '../../src/core/model/parameters';
import { Random } from '../../src/core/random';
import { buildCase } from '../../src/core/selftest/op-case';
import { OP_CASES } from '../../src/core/selftest/op-cases';
import { createWebEngine, type WebEngine } from '../../src/engine/ort-web';
import { expectAllclose } from '../helpers/allclose';
import { floats, ints, runOnce } from '../helpers/graphs';
import { generateAll } from '../helpers/generation';
import { rollOut, rollOutInChunks, score } from '../helpers/rollouts';
import { livelyTheta, randomTokens, tinyConfig } from '../helpers/tiny-config';
import { trainSteps } from '../helpers/training';

const interpreter = new Interpreter();
let gpu: WebEngine;
let wasm: WebEngine;

beforeAll(async () => {
  gpu = await createWebEngine('webgpu');
  if (gpu.backend !== 'webgpu') throw new Error(`no WebGPU: ${gpu.fallbackReason}`);
  wasm = await createWebEngine('wasm');
  // Held to the end: releasing the last session would drop the cache of compiled shaders.
  await gpu.engine.compile(buildCase(OP_CASES.Identity[0]!).graph);
});

/** On the processor, ONNX Runtime adds thousands of squares one after the other in float32, which costs digits. */
const NORM_TOLERANCE = 1e-4;

const small = tinyConfig({
  vocabularySize: 64,
  width: 32,
  numHeads: 4,
  numKeyValueHeads: 2,
  headSize: 8,
  feedForwardSize: 88,
  maxPositions: 64,
});

describe('createWebEngine', () => {
  it('gives the engine asked for, and says which', () => {
    expect([gpu.backend, gpu.engine.name, gpu.engine.isGpu, gpu.fallbackReason]).toEqual(['webgpu', 'webgpu', true, null]);
    expect([wasm.backend, wasm.engine.name, wasm.engine.isGpu, wasm.fallbackReason]).toEqual(['wasm', 'wasm', false, null]);
    expect(gpu.label).not.toBe('');
    expect(wasm.label).toMatch(/thread/);
    expect([gpu.isSoftware, gpu.precision, wasm.isSoftware, wasm.precision]).toEqual([true, 'float32', false, 'float32']);
  });

  it('asked for float16 gives float32 where the adapter has none, and says why', async () => {
    // The software adapter of these tests has no shader-f16.
    const { backend, precision, offersFloat16, fallbackReason } = await createWebEngine('webgpu-float16');
    expect({ backend, precision, offersFloat16 }).toEqual({ backend: 'webgpu', precision: 'float32', offersFloat16: false });
    expect(fallbackReason).toContain('float16');
  });
});

describe.each([
  ['webgpu', () => gpu.engine],
  ['wasm', () => wasm.engine],
])('on %s', (_, engineOf) => {
  it.each(Object.keys(OP_CASES) as OpName[])('%s equals the interpreter', async (op) => {
    const engine = engineOf();
    for (const opCase of OP_CASES[op]) {
      const { graph, feeds } = buildCase(opCase, `${op} ${opCase.name}`);
      const [found, expected] = [await runOnce(engine, graph, feeds), await runOnce(interpreter, graph, feeds)];
      for (const { name } of graph.outputs) {
        expect(found[name]!.dims, `${opCase.name}: ${name}`).toEqual(expected[name]!.dims);
        expectAllclose(found[name]!.data, expected[name]!.data, 2e-6, `${opCase.name}: ${name}`);
      }
    }
  });

  it('an uploaded tensor is a copy that can be read again and again, and fed after it was read', async () => {
    const engine = engineOf();
    const data = Float32Array.from({ length: 37 }, (_unused, i) => i);
    const tensor = engine.upload({ dims: [37], data });
    const before = data.slice();
    data.fill(-1);
    expect(await tensor.read()).toEqual(before);
    expect(await tensor.read()).toEqual(before);
    const { graph } = buildCase({ name: 'twice', inputs: [{ dims: [37] }], build: ([x]) => add(x!, x!) });
    const { y0 } = await runOnce(engine, graph, { x0: tensor });
    expect(y0!.data).toEqual(before.map((number) => 2 * number));
    tensor.dispose();
    await expect(tensor.read()).rejects.toThrow('disposed');
  });

  it('a copy is made on the device: it has the numbers of that moment, and outlives the original and its program', async () => {
    const engine = engineOf();
    const graph = new Graph();
    graph.output('y', scale(graph.input('x', [37]), 2), { resident: true });
    const program = await engine.compile(graph);
    const numbers = Float32Array.from({ length: 37 }, (_unused, i) => i - 5);
    const doubled = numbers.map((number) => 2 * number);
    const { y } = await program.run({ x: { dims: [37], data: numbers } });
    const copying = engine.copy(y!);
    y!.dispose(); // asked for after the copy, so it must not hurt it
    const copy = await copying;
    expect(copy.dims).toEqual([37]);
    const { y: again } = await program.run({ x: copy });
    await program.release();
    expect(await copy.read()).toEqual(doubled);
    expect(await again!.read()).toEqual(doubled.map((number) => 2 * number));
    copy.dispose();
    again!.dispose();
    await expect(engine.copy(copy)).rejects.toThrow('disposed');
  });

  it('several tensors are read together, in their order, wherever they are and whatever their type', async () => {
    const engine = engineOf();
    const graph = new Graph();
    const [x, i] = [graph.input('x', [3]), graph.input('i', [2], 'int32')];
    graph.output('y', scale(x, 2), { resident: true });
    graph.output('j', add(i, i), { resident: true });
    graph.output('host', scale(x, -1));
    const program = await engine.compile(graph);
    const { y, j, host } = await program.run({ x: floats([3], [1, 2, 3]), i: ints([2], [-4, 1 << 24]) });
    const uploaded = engine.upload(floats([1], [0.5]));
    const read = await engine.readAll([j!, uploaded, host!, y!, j!]);
    const sums = Int32Array.of(-8, 1 << 25);
    expect(read).toEqual([sums, Float32Array.of(0.5), Float32Array.of(-1, -2, -3), Float32Array.of(2, 4, 6), sums]);
    [y, j, uploaded].forEach((tensor) => tensor!.dispose());
    await expect(engine.readAll([uploaded])).rejects.toThrow('disposed');
    await program.release();
  });

  it('a resident result outlives its program: it can be read, fed, read again and disposed', async () => {
    const engine = engineOf();
    const graph = new Graph();
    graph.output('y', scale(graph.input('x', [3]), 2), { resident: true });
    const [first, second] = [await engine.compile(graph), await engine.compile(graph)];
    const { y } = await first.run({ x: { dims: [3], data: Float32Array.of(1, 2, 3) } });
    await first.release();
    await expect(first.run({ x: y! })).rejects.toThrow('released');
    expect([...(await y!.read())]).toEqual([2, 4, 6]);
    const { y: z } = await second.run({ x: y! });
    expect([...(await z!.read()), ...(await y!.read())]).toEqual([4, 8, 12, 2, 4, 6]);
    y!.dispose();
    await second.release();
    expect([...(await z!.read())]).toEqual([4, 8, 12]);
    z!.dispose();
  });
});

describe('WebGPU equals wasm', () => {
  const both = async <Result>(f: (engine: Engine) => Promise<Result>) => [await f(gpu.engine), await f(wasm.engine)] as const;
  const theta = livelyTheta(small, 1, 0.2);
  const prompts = [[0], [0, 3, 40], [7, 5, 2, 63], [9]];

  it('over five train steps', async () => {
    const options = { numSteps: 5, start: initialTheta(small, new Random(1)), batch: 4, length: 12, learningRate: 0.01 };
    const [found, expected] = await both((engine) => trainSteps(engine, small, options));
    for (const name of ['losses', 'entropies'] as const) expectAllclose(found[name], expected[name], 1e-5, name);
    expectAllclose(found.gradNorms, expected.gradNorms, NORM_TOLERANCE, 'norms of gradients');
    for (const name of ['theta', 'm', 'v'] as const) expectAllclose(found[name], expected[name], 1e-4, name);
    expect(expected.losses[4]).toBeLessThan(expected.losses[0]! - 0.1);
  });

  it('over five train steps of a score head', async () => {
    const reward = { ...small, numLabels: 1 as const };
    const options = { numSteps: 5, start: initialTheta(reward, new Random(1)), batch: 4, length: 12 };
    const [found, expected] = await both((engine) => trainSteps(engine, reward, options));
    expectAllclose(found.losses, expected.losses, 1e-5, 'losses');
    expectAllclose(found.gradNorms, expected.gradNorms, NORM_TOLERANCE, 'norms of gradients');
    expectAllclose(found.theta, expected.theta, 1e-4);
  });

  it('in log-probabilities and entropies', async () => {
    const rows = [0, 1, 2].map((row) => [...randomTokens(small, 41, row)]);
    const [found, expected] = await both((engine) => score(engine, small, theta, rows, 0.8));
    expectAllclose(found.logprobs.flat(), expected.logprobs.flat(), 1e-5);
    expectAllclose(found.entropies.flat(), expected.entropies.flat(), 1e-5);
  });

  it.each([
    ['greedy', { temperature: 1e-6, uniform: () => 0.5 }],
    ['sampled', { seed: 3 }],
    ['a loop, until all have ended', { seed: 4, numSteps: 40 }],
    ['written out', { seed: 4, unrolled: true, numSteps: 40 }],
  ])('in tokens drawn: %s', async (_, options) => {
    const [found, expected] = await both((engine) =>
      rollOut(engine, small, { theta, prompts, numSteps: 16, numAlternatives: 3, ...options }),
    );
    expect(found.tokens).toEqual(expected.tokens);
    expect(found.ended).toEqual(expected.ended);
    expectAllclose(found.logprobs.flat(), expected.logprobs.flat(), 1e-5);
    expect(found.outputs.alternative_tokens).toEqual(expected.outputs.alternative_tokens);
  });

  it('in answers streamed token by token, with alternatives', async () => {
    const [found, expected] = await both((engine) => generateAll(engine, small, theta, [0, 3, 9], { maxTokens: 18, numAlternatives: 3 }));
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    expect(found.map(({ alternatives }) => alternatives.map(({ id }) => id))).toEqual(
      expected.map(({ alternatives }) => alternatives.map(({ id }) => id)),
    );
    expectAllclose(
      found.map(({ logprob }) => logprob),
      expected.map(({ logprob }) => logprob),
      1e-5,
    );
  });

  it('in rollouts in chunks, caches staying on the GPU', async () => {
    const [found, expected] = await both((engine) => rollOutInChunks(engine, small, { theta, prompts }, [5, 3, 4]));
    expect(found.tokens).toEqual(expected.tokens);
    expectAllclose(found.logprobs.flat(), expected.logprobs.flat(), 1e-5);
  });

  it('for matrices larger than a workgroup', async () => {
    const [rows, columns] = [70, 130];
    const { graph, feeds } = buildCase({
      name: 'large',
      inputs: [{ dims: [rows, columns] }, { dims: [rows, columns] }],
      build: ([a, b]) => matmul(a!, b!, { transposeB: true, alpha: 0.1 }),
    });
    const [found, expected] = await both((engine) => runOnce(engine, graph, feeds));
    expectAllclose(found.y0!.data, expected.y0!.data, 1e-5);
    expect(found.y0!.dims).toEqual([rows, rows]);
  });
});
