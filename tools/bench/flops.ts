/**
 * @file The matrix products of a graph: how many, of which shapes, and what they cost.
 *
 * Counted from the nodes that will run, loop bodies included, so the figures follow the program whatever becomes of it.
 * A product of `[M, K]` by `[K, N]` costs 2·M·N·K floating-point operations; nothing else is counted.
 */
import { Graph, liveNodes, sizeOf, type Node, type Value } from '../../src/core/graph/graph';
import { concat, matmul, reshape, slice } from '../../src/core/graph/ops';

/** Products of one shape. */
export interface ProductShape {
  readonly aDims: readonly number[];
  readonly bDims: readonly number[];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** How many of them one run does. */
  readonly count: number;
  /** Floating-point operations of one. */
  readonly flops: number;
}

function flopsOf({ inputs, outputs, attributes }: Node): number {
  const { dims } = inputs[0]!;
  return 2 * sizeOf(outputs[0]!.dims) * dims[dims.length - (attributes.transposeA ? 2 : 1)]!;
}

/**
 * The products of a graph, equal shapes counted together.
 * @throws RangeError when a size is known only at run time, as in a growing cache
 */
export function productsOf(graph: Graph): ProductShape[] {
  const found = new Map<string, ProductShape>();
  const visit = (part: Graph, times: number): void => {
    for (const node of liveNodes(part)) {
      if (node.attributes.body) visit(node.attributes.body, times * node.attributes.numTrips!);
      if (node.op !== 'MatMul') continue;
      const [a, b] = node.inputs as [Value, Value];
      if ([...a.dims, ...b.dims].some((dim) => dim < 0)) throw new RangeError(`the size of ${a} or ${b} is known only at run time`);
      const { transposeA = false, transposeB = false } = node.attributes;
      const key = JSON.stringify([a.dims, b.dims, transposeA, transposeB]);
      const shape = { aDims: a.dims, bDims: b.dims, transposeA, transposeB, flops: flopsOf(node) };
      found.set(key, { ...shape, count: (found.get(key)?.count ?? 0) + times });
    }
  };
  visit(graph, 1);
  return [...found.values()];
}

/** Floating-point operations of all products together. */
export const totalFlops = (products: readonly ProductShape[]): number => products.reduce((sum, { count, flops }) => sum + count * flops, 0);

/**
 * A graph that does `numCopies` products of one shape and hands back one number of each, so that neither copying the
 * result out nor folding equal nodes into one spoils the timing: the second factor is another input each time.
 * Inputs `a`, `b0`, `b1` …; output `corners [numCopies]`.
 */
export function productGraph({ aDims, bDims, transposeA, transposeB }: ProductShape, numCopies: number): Graph {
  const graph = new Graph();
  const a = graph.input('a', aDims);
  const corner = (value: Value): Value =>
    reshape(
      value.dims.reduce((cut, _, axis) => slice(cut, axis, 0, 1), value),
      [1],
    );
  const corners = Array.from({ length: numCopies }, (_, i) => corner(matmul(a, graph.input(`b${i}`, bDims), { transposeA, transposeB })));
  graph.output('corners', concat(corners, 0));
  return graph;
}
