/**
 * @file The self-test passes on a sound engine, and finds out an unsound one: a wrong gradient rule, numbers spoilt on
 * their way back, a run that fails.
 */
import { describe, expect, it } from 'vitest';
import type { Engine, EngineTensor } from '../../../src/core/graph/engine';
import { gradients } from '../../../src/core/graph/gradients';
import { Interpreter } from '../../../src/core/graph/interpreter';
import { scale } from '../../../src/core/graph/ops';
import { judge } from '../../../src/core/selftest/check';
import { checkOperator } from '../../../src/core/selftest/operator-checks';
import { runChecks, selfTestChecks, type CheckReport, type SelfTestOptions } from '../../../src/core/selftest/self-test';
import { inFloat32, OrtEngine } from '../../../src/engine/ort-engine';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { engineWith } from '../../helpers/like-gpu';

const node = createNodeEngine({ numThreads: 1 });
const optionsOf = (engine: Engine, changes: Partial<SelfTestOptions> = {}): SelfTestOptions => ({
  engine,
  other: null,
  half: null,
  nowMs: () => performance.now(),
  ...changes,
});

/** Runs the checks whose group or name matches; reports by name. */
async function reportsOf(options: SelfTestOptions, wanted = /./): Promise<(CheckReport & { name: string })[]> {
  const checks = selfTestChecks(options).filter(({ group, name }) => wanted.test(`${group}: ${name}`));
  const reports = [];
  for await (const report of runChecks(checks, options)) reports.push({ ...report, name: checks[report.index]!.name });
  return reports;
}

/** An engine whose tensors are read as `spoil` says. */
function spoilt(spoil: (numbers: Float32Array) => void): Engine {
  const wrap = (tensor: EngineTensor): EngineTensor => {
    const read = tensor.read.bind(tensor);
    return Object.assign(tensor, {
      read: async () => {
        const numbers = await read();
        if (numbers instanceof Float32Array) spoil(numbers);
        return numbers;
      },
    });
  };
  return {
    name: 'spoilt',
    isGpu: false,
    compile: async (graph) => {
      const program = await node.compile(graph);
      const run: typeof program.run = async (feeds) =>
        Object.fromEntries(Object.entries(await program.run(feeds)).map(([name, tensor]) => [name, wrap(tensor)]));
      return { run, release: () => program.release() };
    },
    upload: (tensor) => wrap(node.upload(tensor)),
    copy: async (tensor) => wrap(await node.copy(tensor)),
    readAll: (tensors) => Promise.all(tensors.map((tensor) => tensor.read())),
    stats: () => node.stats(),
  };
}

describe('on ONNX Runtime in Node, with the interpreter as the other engine', () => {
  it('every check passes, each reported once and in order', async () => {
    const options = optionsOf(node, { other: new Interpreter() });
    const reports = await reportsOf(options);
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
    expect(reports.map(({ index }) => index)).toEqual(selfTestChecks(options).map((_, i) => i));
    expect(new Set(reports.map(({ name }) => name)).size).toBeGreaterThan(50);
    expect(reports.find(({ name }) => name === 'Softmax')!.detail).toMatch(/^values off by .* \(allowed 2e−5\), gradient off by /);
    expect(reports.find(({ name }) => name === 'Matrix product')!.detail).toMatch(/GFLOP\/s/);
  });

  it('compares with another engine only where there is one', () => {
    const groups = (other: Engine | null) => new Set(selfTestChecks(optionsOf(node, { other })).map(({ group }) => group));
    expect(groups(new Interpreter())).toContain('node and interpreter agree');
    expect([...groups(null)].filter((group) => group.includes('agree'))).toEqual([]);
  });
});

describe('a wrong gradient', () => {
  const wrong: typeof gradients = (graph, loss, wrt) => gradients(graph, loss, wrt).map((gradient) => scale(gradient, 1.001));

  it.each(['Softmax', 'MatMul', 'ReduceLogSumExp'] as const)('of %s, off by a thousandth, is found out', async (op) => {
    expect((await checkOperator(node, op)).passed).toBe(true);
    expect((await checkOperator(node, op, wrong)).passed).toBe(false);
  });

  it('fails exactly the operators that have a gradient', async () => {
    const reports = await reportsOf(optionsOf(node, { gradientsOf: wrong }), /^Operators/);
    for (const { name, passed, detail } of reports) expect(passed, name).toBe(!detail.includes('gradient'));
    expect(reports.filter(({ passed }) => !passed).length).toBeGreaterThan(20);
  });
});

describe('an engine that spoils numbers', () => {
  it('in one place of many fails the read-back', async () => {
    const engine = spoilt((numbers) => numbers.length === 65_537 && (numbers[65_536]! += 1));
    expect(await reportsOf(optionsOf(engine), /Read-back/)).toMatchObject([{ passed: false, detail: 'wrong for 65537 numbers' }]);
  });

  it('with a NaN fails the large values and every comparison of models', async () => {
    const engine = spoilt((numbers) => (numbers[0] = NaN));
    const reports = await reportsOf(optionsOf(engine), /Large|training step|update by/);
    expect(reports.map(({ passed }) => passed)).toEqual([false, false, false]);
  });

  it('by a hundredth fails the product of matrices', async () => {
    const engine = spoilt((numbers) => numbers.forEach((number, i) => (numbers[i] = 1.01 * number)));
    expect(await reportsOf(optionsOf(engine), /Matrix product/)).toMatchObject([{ passed: false }]);
  });
});

describe('an engine with another model', () => {
  it('does not agree: other texts and another loss', async () => {
    // Reads and computes soundly, but on other weights.
    const other: Engine = {
      ...spoilt(() => undefined),
      upload: (tensor) =>
        node.upload(tensor.data instanceof Float32Array ? { ...tensor, data: tensor.data.map((number) => -1.3 * number) } : tensor),
    };
    const reports = await reportsOf(optionsOf(node, { other }), /agree/);
    expect(reports.map(({ passed }) => passed)).toEqual([false, false, false, false]);
  });
});

describe('half precision', () => {
  const inHalf = new OrtEngine({ ...(node as OrtEngine).options, precision: 'float16' });

  it('is compared with float32 where a device has it, and passes', async () => {
    const reports = await reportsOf(optionsOf(node, { half: engineWith(inHalf, true) }), /^float16/);
    expect(reports).toMatchObject([{ passed: true }, { passed: true }]);
    expect(reports[1]!.detail).toMatch(/^\d+ of \d+ tokens before texts part, log-probabilities off by [1-9]/);
    expect(await reportsOf(optionsOf(node), /^float16/)).toEqual([]);
  });

  it('with other weights fails', async () => {
    const half: Engine = {
      ...engineWith(inHalf, true),
      upload: (tensor) =>
        inHalf.upload(tensor.data instanceof Float32Array ? { ...tensor, data: tensor.data.map((x) => -1.3 * x) } : tensor),
    };
    expect(await reportsOf(optionsOf(node, { half }), /^float16/)).toMatchObject([{ passed: false }, { passed: false }]);
  });

  it('has float32 beside it on the same device', async () => {
    expect((inFloat32(inHalf) as OrtEngine).options).toEqual({ ...inHalf.options, precision: 'float32' });
    expect(inFloat32(node)).toBe(node);
  });
});

describe('a check that throws', () => {
  it('fails with what was said, and the rest goes on', async () => {
    const engine: Engine = {
      ...spoilt(() => undefined),
      upload: () => {
        throw new Error('no memory left');
      },
    };
    const reports = await reportsOf(optionsOf(engine), /Read-back|Large/);
    expect(reports).toMatchObject([{ passed: false, detail: 'no memory left' }, { passed: true }]);
  });
});

describe('a finding', () => {
  it('passes when each error is within its bound, and says both', () => {
    const [good, bad] = [
      { what: 'values', error: 1e-7, allowed: 1e-5 },
      { what: 'gradient', error: 2e-3, allowed: 1e-4 },
    ];
    expect(judge([good!])).toEqual({ passed: true, detail: 'values off by 1e−7 (allowed 1e−5)' });
    expect(judge([good!, bad!]).passed).toBe(false);
    expect(judge([{ ...good!, error: NaN }]).passed).toBe(false);
    expect(judge([]).passed).toBe(false);
  });
});
