/**
 * @file Whether numbers come back from an engine as they went in: many sizes, copies, several at once, exact integers,
 * and values where a careless exponential overflows.
 */
import type { Engine, EngineTensor, HostTensor } from '../graph/engine';
import { Graph, type Value } from '../graph/graph';
import { interpret } from '../graph/interpreter';
import { add, gather, reduceLogSumExp, scale, scatterAdd, sigmoid, softmax, softplus, tanh } from '../graph/ops';
import { judge, type Check, type Finding } from './check';
import { relativeError } from './numbers';

/** One number, odd sizes, and more than a shader reaches along one axis of workgroups. */
const SIZES = [1, 3, 37, 1024, 65_537, 1 << 20];

const pattern = (length: number): HostTensor => ({
  dims: [length],
  data: Float32Array.from({ length }, (_, i) => (i % 9973) - 0.5 * (i % 7)),
});

const floats = (numbers: readonly number[]): HostTensor => ({ dims: [numbers.length], data: Float32Array.from(numbers) });
const ints = (numbers: readonly number[]): HostTensor => ({ dims: [numbers.length], data: Int32Array.from(numbers) });

const same = (found: ArrayLike<number>, expected: ArrayLike<number>) => relativeError(found, expected) === 0;

/** Runs `graph` once and hands its results on; everything is given back afterwards. */
async function withResults<Result>(
  engine: Engine,
  graph: Graph,
  feeds: Readonly<Record<string, HostTensor | EngineTensor>>,
  use: (results: Record<string, EngineTensor>) => Promise<Result>,
): Promise<Result> {
  const program = await engine.compile(graph);
  try {
    const results = await program.run(feeds);
    try {
      return await use(results);
    } finally {
      Object.values(results).forEach((tensor) => tensor.dispose());
    }
  } finally {
    await program.release();
  }
}

/** Uploads, copies, computes with and reads tensors of many sizes; every number must be exact. */
async function readBack(engine: Engine): Promise<Finding> {
  const wrong: string[] = [];
  for (const length of SIZES) {
    const sent = pattern(length);
    const graph = new Graph(null, 'self-test memory');
    const x = graph.input('x', [length]);
    graph.output('kept', scale(x, 2), { resident: true });
    graph.output('back', scale(x, -1));
    const uploaded = engine.upload(sent);
    const copied = await engine.copy(uploaded);
    const read = await withResults(engine, graph, { x: copied }, ({ kept, back }) => engine.readAll([uploaded, kept!, copied, back!]));
    const again = await copied.read();
    const numbers = Array.from(sent.data, Number);
    const expected = [1, 2, 1, -1, 1].map((factor) => numbers.map((number) => factor * number));
    if (![...read, again].every((found, i) => same(found, expected[i]!))) wrong.push(`${length} numbers`);
    [uploaded, copied].forEach((tensor) => tensor.dispose());
  }
  return { passed: wrong.length === 0, detail: wrong.length === 0 ? `${SIZES.length} sizes exact` : `wrong for ${wrong.join(', ')}` };
}

/** Row numbers over 65,535, integers that float32 cannot hold, negative ones, and repeated indices. */
async function integers(engine: Engine): Promise<Finding> {
  const numRows = 70_001;
  const graph = new Graph(null, 'self-test integers');
  const [table, rows] = [graph.input('table', [numRows]), graph.input('rows', [5], 'int32')];
  const [numbers, targets] = [graph.input('numbers', [4], 'int32'), graph.input('targets', [4], 'int32')];
  graph.output('rows', gather(table, rows));
  graph.output('sums', add(numbers, numbers));
  graph.output(
    'scattered',
    scatterAdd(graph.constant(new Float32Array(3), [3]), targets, graph.constant(Float32Array.of(1, 2, 4, 8), [4]), 0),
  );
  const feeds = {
    table: { dims: [numRows], data: Float32Array.from({ length: numRows }, (_, i) => i) },
    rows: ints([0, 65_535, 65_536, 70_000, 1]),
    numbers: ints([(1 << 24) + 1, -7, 0, (1 << 30) - 1]),
    targets: ints([2, 0, 2, 2]),
  };
  const expected = {
    rows: [0, 65_535, 65_536, 70_000, 1],
    sums: [2 * ((1 << 24) + 1), -14, 0, 2 * ((1 << 30) - 1)],
    scattered: [2, 0, 13],
  };
  return withResults(engine, graph, feeds, async (results) => {
    const wrong: string[] = [];
    for (const [name, numbers] of Object.entries(expected)) {
      const found = await results[name]!.read();
      if (!same(found, numbers)) wrong.push(`${name}: ${Array.from(found).join(', ')} for ${numbers.join(', ')}`);
    }
    return { passed: wrong.length === 0, detail: wrong.length === 0 ? 'exact' : wrong.join('; ') };
  });
}

/** Functions with an exponential in them, far from zero on both sides. */
async function largeValues(engine: Engine): Promise<Finding> {
  const functions: Record<string, (x: Value) => Value> = {
    softmax,
    'log of a sum of exponentials': (x) => reduceLogSumExp(x, [0]),
    sigmoid,
    softplus,
    tanh,
  };
  const graph = new Graph(null, 'self-test large values');
  const x = graph.input('x', [8]);
  for (const [name, f] of Object.entries(functions)) graph.output(name, f(x));
  const feeds = { x: floats([-10_000, -200, -89, -1, 0, 88, 89.5, 300]) };
  const expected = interpret(graph, feeds);
  return withResults(engine, graph, feeds, async (results) => {
    const comparisons = [];
    for (const what of Object.keys(functions)) {
      const found = await results[what]!.read();
      comparisons.push({ what, error: relativeError(found, expected[what]!.exact), allowed: 2e-5 });
    }
    return judge(comparisons);
  });
}

/** Checks of what lies between this page's memory and the device's. */
export function memoryChecks(engine: Engine): Check[] {
  const group = 'Numbers there and back';
  return [
    { group, name: 'Read-back of many sizes', run: () => readBack(engine) },
    { group, name: 'Whole numbers and indices', run: () => integers(engine) },
    { group, name: 'Large values', run: () => largeValues(engine) },
  ];
}
