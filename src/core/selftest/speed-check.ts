/**
 * @file How fast an engine multiplies matrices, and whether the product is right: the one number that says most about
 * how long training will take. It fails only on a wrong product.
 */
import type { Engine } from '../graph/engine';
import { Graph } from '../graph/graph';
import { matmul, reduceSum } from '../graph/ops';
import { Random } from '../random';
import { judge, type Check, type Finding } from './check';
import { relativeError } from './numbers';

const SIZE = 512;
/** Products one after the other in one run, so that starting it counts for little. */
const NUM_PRODUCTS = 4;
/** Runs after the first, which compiles shaders; fewer on a device that takes longer than this. */
const NUM_RUNS = 3;
const ENOUGH_MS = 1000;

/** M·x for a square matrix, in float64. */
function times(matrix: Float32Array, x: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return x.map((_, row) => x.reduce((sum, number, column) => sum + matrix[row * SIZE + column]! * number, 0));
}

/** Times A·B·B·B·B, and compares its row sums with A·(B·(B·(B·(B·1)))). */
async function multiply(engine: Engine, nowMs: () => number): Promise<Finding> {
  const random = new Random('self-test speed');
  const square = () => Float32Array.from({ length: SIZE * SIZE }, () => random.normal() / Math.sqrt(SIZE));
  const [a, b] = [square(), square()];
  const graph = new Graph(null, 'self-test speed');
  const [valueA, valueB] = [graph.input('a', [SIZE, SIZE]), graph.input('b', [SIZE, SIZE])];
  let product = valueA;
  for (let i = 0; i < NUM_PRODUCTS; i++) product = matmul(product, valueB);
  graph.output('rows', reduceSum(product, [1]));
  const program = await engine.compile(graph);
  const feeds = { a: engine.upload({ dims: [SIZE, SIZE], data: a }), b: engine.upload({ dims: [SIZE, SIZE], data: b }) };
  try {
    let [bestMs, spentMs] = [Infinity, 0];
    let found: ArrayLike<number> = [];
    for (let run = 0; run <= NUM_RUNS && spentMs < ENOUGH_MS; run++) {
      const startMs = nowMs();
      const { rows } = await program.run(feeds);
      found = await rows!.read();
      rows!.dispose();
      if (run === 0) continue;
      const ms = nowMs() - startMs;
      bestMs = Math.min(bestMs, ms);
      spentMs += ms;
    }
    let expected = new Float64Array(SIZE).fill(1);
    for (let i = 0; i < NUM_PRODUCTS; i++) expected = times(b, expected);
    const { passed, detail } = judge([{ what: 'sums', error: relativeError(found, times(a, expected)), allowed: 1e-4 }]);
    const gigaflops = (2 * NUM_PRODUCTS * SIZE ** 3) / (bestMs * 1e6);
    const speed = `${NUM_PRODUCTS} products of ${SIZE} × ${SIZE} in ${bestMs.toFixed(1)} ms, ${gigaflops.toFixed(gigaflops < 10 ? 1 : 0)} GFLOP/s`;
    return { passed, detail: `${speed}; ${detail}` };
  } finally {
    Object.values(feeds).forEach((tensor) => tensor.dispose());
    await program.release();
  }
}

/** The speed of matrix products. */
export function speedChecks(engine: Engine, nowMs: () => number): Check[] {
  return [{ group: 'Speed', name: 'Matrix product', run: () => multiply(engine, nowMs) }];
}
