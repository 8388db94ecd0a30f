/** @file The benchmark's arithmetic: nothing here is timed, and no peer is needed. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { Graph } from '../../src/core/graph/graph';
import { Interpreter } from '../../src/core/graph/interpreter';
import { loop } from '../../src/core/graph/loops';
import { add, identity, matmul } from '../../src/core/graph/ops';
import { parameterLayout } from '../../src/core/model/parameters';
import {
  inTurns,
  LOSS_TOLERANCE,
  lossMismatch,
  measureGeneration,
  measureTraining,
  NUM_STEPS_COMPARED,
  shareOfEqualRows,
  type ContenderName,
  type TrainEntry,
  type TrainSamples,
} from '../../tools/bench/cells';
import { productGraph, productsOf, totalFlops } from '../../tools/bench/flops';
import { stepGraph } from '../../tools/bench/ours';
import { planOf, SIZES, type SizeName } from '../../tools/bench/plan';
import { linearityPlot, ticks } from '../../tools/bench/plot';
import { figure, MARKERS, readmeTable, withTable } from '../../tools/bench/report';
import { generateRows, single, trainRows, type Results, type Row } from '../../tools/bench/results';
import { quantile, rateOf, summarise } from '../../tools/bench/statistics';
import { floats } from '../helpers/graphs';

const NO_MEMORY = { wasmBytes: 0, gpuBytes: 0 };
const memory = () => Promise.resolve(NO_MEMORY);
const PLACE = { size: '1', runtime: 'wasm', numThreads: 2 } as const;

describe('statistics', () => {
  it('takes quantiles between samples, in whatever order they came', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([40, 10, 30, 20, 50], 0.25)).toBe(20);
    expect(quantile([7], 0.9)).toBe(7);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it('is moved by a single slow round less than by half of one step', () => {
    expect(summarise([10, 11, 12, 13, 500]).median).toBe(12);
  });

  it('turns quartiles round when durations become rates', () => {
    const rate = rateOf(summarise([100, 200, 400, 500, 1000]), 1000);
    expect(rate).toEqual({ median: 2.5, lowerQuartile: 2, upperQuartile: 5, count: 5 });
  });
});

describe('floating-point operations', () => {
  it('are 2·M·N·K a product, whatever is transposed, batched, or repeated by a loop', () => {
    const graph = new Graph();
    const [a, b] = [graph.input('a', [5, 7]), graph.input('b', [3, 5])];
    const batches = matmul(graph.input('c', [2, 4, 6]), graph.input('d', [2, 9, 6]), { transposeB: true });
    const shared = matmul(graph.input('e', [2, 4, 6]), graph.input('f', [6, 8]));
    const { carried } = loop(graph, 10, [graph.input('x', [4, 4])], [[4, 4]], ({ carried: [x] }) => ({
      carried: [matmul(x!, x!)],
      scanned: [],
    }));
    graph.output('ab', matmul(a, b, { transposeA: true, transposeB: true }));
    graph.output('batches', batches);
    graph.output('shared', shared);
    graph.output('looped', carried[0]!);
    matmul(b, a); // of no use to any output, so it never runs
    const products = productsOf(graph);
    expect(products.map(({ count, flops }) => [count, flops])).toEqual(
      expect.arrayContaining([
        [1, 2 * 7 * 3 * 5],
        [1, 2 * 2 * 4 * 9 * 6],
        [1, 2 * 2 * 4 * 8 * 6],
        [10, 2 * 4 * 4 * 4],
      ]),
    );
    expect(products).toHaveLength(4);
    expect(totalFlops(products)).toBe(210 + 864 + 768 + 1280);
  });

  it('count equal shapes together, and tell a transposed one apart', () => {
    const graph = new Graph();
    const square = graph.input('square', [4, 4]);
    graph.output('sum', add(matmul(square, identity(square)), add(matmul(square, square), matmul(square, square, { transposeA: true }))));
    expect(productsOf(graph).map(({ transposeA, count }) => [transposeA, count])).toEqual([
      [false, 2],
      [true, 1],
    ]);
  });

  it('of a training step are three forward passes, and at most one more where something is worked out again', () => {
    const [batch, length] = [2, 16];
    const config = SIZES['1'];
    const { entries } = parameterLayout(config);
    const matrices = entries.filter(({ decayed }) => decayed).reduce((sum, { size }) => sum + size, 0); // the embedding is the head too
    const attention = config.numLayers * 4 * length * config.numHeads * config.headSize; // scores and mixtures, a token
    const forward = batch * length * (2 * matrices + attention);
    const found = totalFlops(productsOf(stepGraph(config, { batch, length })));
    expect(found).toBeGreaterThanOrEqual(3 * forward);
    expect(found).toBeLessThanOrEqual(4 * forward);
  });

  it('are measured on graphs that give one corner of each product', async () => {
    const shape = { aDims: [2, 3, 2], bDims: [2, 3, 4], transposeA: true, transposeB: false, count: 1, flops: 96 };
    const graph = productGraph(shape, 2);
    expect(totalFlops(productsOf(graph))).toBe(2 * shape.flops);
    const program = await new Interpreter().compile(graph);
    const ones = (dims: number[], value: number) => floats(dims, new Float32Array(dims.reduce((a, b) => a * b)).fill(value));
    const { corners } = await program.run({ a: ones([2, 3, 2], 2), b0: ones([2, 3, 4], 1), b1: ones([2, 3, 4], 5) });
    expect(Array.from(await corners!.read())).toEqual([6, 30]);
  });
});

describe('plans', () => {
  it.each(Object.keys(SIZES) as SizeName[])('have a model of %s million parameters, within one per cent', (size) => {
    const { numParameters } = parameterLayout(SIZES[size]);
    expect(Math.abs(numParameters / (Number(size) * 1e6) - 1)).toBeLessThan(0.01);
  });

  it('are short when quick, and take sizes and threads in order whatever was typed', () => {
    expect(planOf({ quick: true })).toMatchObject({ sizes: ['1'], threads: [2], adapter: 'none' });
    expect(planOf({ sizes: '10,1', threads: '2,1' })).toMatchObject({ sizes: ['1', '10'], threads: [1, 2] });
  });

  it('refuse what cannot be had in one sentence with the usage', () => {
    expect(() => planOf({ sizes: '1,7' })).toThrow(/--sizes wants some of 1, 3, 10, 30, not "7".*npm run bench/);
    expect(() => planOf({ threads: '' })).toThrow(/--threads/);
    expect(() => planOf({ adapter: 'gpu' })).toThrow(/--adapter/);
  });
});

describe('cells', () => {
  it('let every contender begin a round in turn', async () => {
    const order: string[] = [];
    await inTurns(['a', 'b', 'c'], 3, (name, round) => Promise.resolve(void order.push(`${name}${round}`)));
    expect(order).toEqual(['a0', 'b0', 'c0', 'b1', 'c1', 'a1', 'c2', 'a2', 'b2']);
  });

  const contender = (name: ContenderName, failsAt = Infinity): TrainEntry => {
    let numSteps = 0;
    return {
      contender: name,
      prepare: () => Promise.resolve(),
      step: () => {
        if (++numSteps > failsAt) throw new Error('out of memory');
        return Promise.resolve({ ms: numSteps === 1 ? 900 : 100 + numSteps, loss: 8 - numSteps });
      },
      memory,
    };
  };

  it('keep the first step apart, and go on without a contender that fails', async () => {
    const { samples, failures } = await measureTraining([contender('ours'), contender('tfjs', 2)], 3);
    expect(samples).toEqual([{ contender: 'ours', firstMs: 900, stepMs: [102, 103, 104], losses: [7, 6, 5, 4], memory: NO_MEMORY }]);
    expect(failures).toEqual([{ contender: 'tfjs', reason: 'out of memory' }]);
  });

  it('count no rollout that compiles', async () => {
    let numRollouts = 0;
    const entry = {
      contender: 'ours',
      prepare: () => Promise.resolve({ firstTokenMs: 700 }),
      firstToken: () => Promise.resolve(20),
      rollout: (batch: number) => Promise.resolve({ ms: ++numRollouts, tokens: [[batch]] }),
      memory,
    } as const;
    const { samples } = await measureGeneration([entry], [1, 32], 2);
    expect(samples[0]).toMatchObject({
      coldFirstTokenMs: 700,
      firstTokenMs: [20, 20],
      rolloutMs: { 1: [2, 3], 32: [5, 6] },
      tokens: { 1: [[1]], 32: [[32]] },
    });
  });

  const samplesWith = (name: ContenderName, losses: readonly number[]): TrainSamples => ({
    contender: name,
    firstMs: 900,
    stepMs: [500, 500],
    losses,
    memory: { wasmBytes: 5e6, gpuBytes: 0 },
  });

  it('compare nobody whose losses are not ours', () => {
    const ours = samplesWith('ours', [7.6, 7.2, 7]);
    const near = samplesWith('jax-js', [7.6 + LOSS_TOLERANCE / 2, 7.2, 7]);
    const far = samplesWith('tfjs', [7.6, 7.2, 7 + 2 * LOSS_TOLERANCE]);
    expect(lossMismatch(ours, near)).toBeNull();
    expect(lossMismatch(ours, far)).toContain(`step ${NUM_STEPS_COMPARED}`);
    expect(lossMismatch(ours, samplesWith('tfjs', [7.6, NaN, 7]))).toContain('NaN');
    const { rows, failed } = trainRows(PLACE, { samples: [ours, near, far], failures: [] }, 2048, ours);
    expect(rows.filter(({ metric }) => metric === 'train').map((row) => [row.contender, row.value.median])).toEqual([
      ['ours', 4096],
      ['jax-js', 4096],
    ]);
    expect(failed).toMatchObject([{ contender: 'tfjs', what: 'train' }]);
  });

  it('compare nobody who writes other tokens than ours', () => {
    expect(shareOfEqualRows([[1, 2], [3, 4], [5, 6], [7]], [[1, 2], [3, 5], [5, 6], [7, 8]])).toBe(0.5); // prettier-ignore
    const generated = (name: ContenderName, tokens: number[][]) => ({
      contender: name,
      coldFirstTokenMs: 800,
      firstTokenMs: [20],
      rolloutMs: { 1: [100] },
      tokens: { 1: tokens },
      memory: NO_MEMORY,
    });
    const cell = { samples: [generated('ours', [[4, 5]]), generated('transformers.js', [[4, 6]])], failures: [] };
    const { rows, failed } = generateRows(PLACE, cell, 2);
    expect(rows.find(({ metric }) => metric === 'rollout1')).toMatchObject({ contender: 'ours', value: { median: 20 } });
    expect(failed).toMatchObject([{ contender: 'transformers.js', what: 'generate' }]);
    const alone = generateRows(PLACE, { samples: cell.samples.slice(1), failures: [] }, 2);
    expect(alone).toMatchObject({ rows: [], failed: [{ reason: expect.stringContaining('nothing of ours') as string }] });
  });
});

const row = (metric: Row['metric'], contender: ContenderName, value: number, numThreads = 2, runtime: Row['runtime'] = 'wasm'): Row => ({
  size: '1',
  runtime,
  numThreads,
  metric,
  contender,
  value: single(value),
});

const RESULTS: Results = {
  date: '2026-01-02T03:04:05.000Z',
  quick: false,
  machine: { cpu: 'Abacus', numCpus: 2, os: 'Linux 6', node: '20.0.0', browser: 'Chromium 156' },
  adapter: { label: 'google swiftshader', isSoftware: true },
  versions: { 'onnxruntime-web': '1.30.0' },
  rows: [
    row('train', 'ours', 4321),
    row('train', 'jax-js', 2500),
    row('train', 'tfjs', 2881),
    row('train', 'ours', 9000, 2, 'node'),
    row('train', 'nanogpt', 30.2, 1),
    row('train', 'ours', 25, 0, 'webgpu'),
    row('firstToken', 'ours', 20),
    row('firstToken', 'transformers.js', 5),
    row('update', 'ours', 612.3),
    row('trainMemory', 'ours', 2.21e8),
    row('ceiling', 'ours', 0.853),
  ],
  failures: [{ ...PLACE, contender: 'tfjs', what: 'train', reason: 'out of memory' }],
  curve: [
    { numParameters: 1e6, numTokens: 2048, ms: { median: 400, lowerQuartile: 390, upperQuartile: 420, count: 5 } },
    { numParameters: 3e6, numTokens: 2048, ms: { median: 1200, lowerQuartile: 1190, upperQuartile: 1220, count: 5 } },
    { numParameters: 1e6, numTokens: 1024, ms: { median: 200, lowerQuartile: 195, upperQuartile: 205, count: 5 } },
  ],
  curvePlace: { runtime: 'wasm', numThreads: 2 },
};

describe('the table', () => {
  const table = readmeTable(RESULTS);
  const line = (start: string) => table.split('\n').find((each) => each.startsWith(`| ${start}`));

  it('sets ours beside its peers, and divides by the best of them, whichever way is better', () => {
    expect(line('train')).toBe('| train, tokens/s | 1 M | 2 | 4,320 | 2,500 | 2,880 |  | 1.50 × | 9,000 |');
    expect(line('first token, warm')).toBe('| first token, warm | 1 M | 2 | 20 ms |  |  | 5 ms | 0.25 × |  |');
    expect(line('RL update')).toBe('| RL update, 32 × 48 | 1 M | 2 | 612 ms |  |  |  |  |  |');
  });

  it('writes figures with three digits and a unit', () => {
    expect(figure('trainMemory', single(2.2149e8))).toBe('221 MB');
    expect(figure('ceiling', single(0.853))).toBe('85 %');
    expect(figure('rollout32', single(12345.6))).toBe('12,300');
    expect(figure('firstToken', single(3.4567))).toBe('3.46 ms');
  });

  it('never ranks a software adapter, and says who gave no figure', () => {
    expect(table).toContain('a software adapter (google swiftshader): ours ran on it; how fast means nothing');
    expect(table).not.toContain('ours 25');
    expect(table.split('\n').filter((each) => each.startsWith('| train'))).toHaveLength(1);
    expect(table).toContain('Without a figure: tfjs at 1 M (train): out of memory.');
    expect(table).toContain('nanogpt has no wasm backend');
  });

  it('says how soon the page answers, where that was measured', () => {
    const load = (firstToken: number, answers: number, bytes: number) => ({
      firstToken: single(firstToken),
      answers: single(answers),
      bytes: single(bytes),
    });
    const page = { date: RESULTS.date, cold: load(1840, 2910, 2.36e7), warm: load(1200, 2100, 0) };
    expect(readmeTable({ ...RESULTS, page })).toContain(
      'first token 1.8 s after opening with an empty cache (23.6 MB sent, not compressed), three answers after 2.9 s; with a kept one 1.2 s and 2.1 s (0 MB)',
    );
    expect(table).not.toContain('after opening');
  });

  it('replaces what stands between its markers and nothing else', () => {
    const [begin, end] = MARKERS;
    expect(withTable(`before\n${begin}\nold\n${end}\nafter\n`, 'new')).toBe(`before\n${begin}\nnew\n${end}\nafter\n`);
    expect(() => withTable('no markers', 'new')).toThrow(/README/);
    expect(() => withTable(`${begin}${begin}${end}`, 'new')).toThrow(/once/);
  });
});

describe('the plot', () => {
  it('has at most seven round ticks, the first at 0, the last not beyond the end', () => {
    expect(ticks(32.4)).toEqual([0, 10, 20, 30]);
    expect(ticks(1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    for (const limit of [0.037, 5.1, 99, 4096 * 1.08]) {
      expect(ticks(limit).length).toBeLessThanOrEqual(7);
      expect(ticks(limit).at(-1)).toBeLessThanOrEqual(limit);
    }
  });

  it('puts proportional costs on its dashed line', () => {
    const svg = linearityPlot(RESULTS)!;
    const [, right] = svg.split('<g ').slice(1) as [string, string]; // steps of 1024 and 2048 tokens, 200 and 400 ms
    const numbers = (pattern: RegExp) => [...right.matchAll(pattern)].map((match) => match.slice(1).map(Number));
    const [[x1, y1, x2, y2]] = numbers(/class="proportional" x1="(.*?)" y1="(.*?)" x2="(.*?)" y2="(.*?)"/g) as [number[]];
    const dots = numbers(/cx="(.*?)" cy="(.*?)"/g);
    expect(dots).toHaveLength(2);
    for (const [x, y] of dots) expect((y! - y1!) / (x! - x1!)).toBeCloseTo((y2! - y1!) / (x2! - x1!), 2);
  });

  it('is not drawn without a curve', () => {
    expect(linearityPlot({ curve: [], curvePlace: null })).toBeNull();
  });
});

test.runIf(existsSync('tools/bench/results.json'))('the README says what the committed results say, and so does the plot', () => {
  const results = JSON.parse(readFileSync('tools/bench/results.json', 'utf8')) as Results;
  const readme = readFileSync('README.md', 'utf8');
  expect(withTable(readme, readmeTable(results))).toBe(readme);
  expect(linearityPlot(results)).toBe(readFileSync('tools/bench/linearity.svg', 'utf8'));
});
