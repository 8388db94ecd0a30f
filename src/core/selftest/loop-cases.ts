/**
 * @file Loops for the operator table: fixed and growing carried values, early ends, captured values, a loop in a loop.
 */
import { UNKNOWN } from '../graph/graph';
import { add, concat, greater, mul, not, reduceSum, reshape, softmax, sub } from '../graph/ops';
import { loop, unroll } from '../graph/loops';
import type { OpCase } from './op-case';

export const LOOP_CASES: readonly OpCase[] = [
  {
    name: 'a running sum of rows, scanned',
    inputs: [{ dims: [4, 3] }, { dims: [3] }],
    build: ([rows, start], graph) => {
      const { carried, scanned } = loop(graph, 4, [start!], [[3]], ({ row, carried: [sum] }) => {
        const next = add(sum!, row(rows!));
        return { carried: [next], scanned: [next, mul(next, graph.scalar(2))] };
      });
      return [...carried, ...scanned];
    },
  },
  {
    name: 'ends early, when the sum is over 2',
    inputs: [{ dims: [10], low: 0.3, high: 0.9 }],
    build: ([numbers], graph) => {
      const { carried, scanned } = loop(graph, 10, [graph.scalar(0)], [[]], ({ row, carried: [sum] }) => {
        const next = add(sum!, row(numbers!));
        return { carried: [next], scanned: [next], proceed: not(greater(next, graph.scalar(2))) };
      });
      return [...carried, ...scanned];
    },
  },
  {
    name: 'a cache that grows from nothing, attended to',
    inputs: [{ dims: [5, 2, 3] }],
    build: ([steps], graph) => {
      const empty = graph.constant(new Float32Array(0), [2, 0, 3]);
      const { carried, scanned } = loop(graph, 5, [empty], [[2, UNKNOWN, 3]], ({ row, carried: [cache] }) => {
        const query = reshape(row(steps!), [2, 1, 3]);
        const grown = concat([cache!, query], 1);
        return { carried: [grown], scanned: [reduceSum(mul(softmax(mul(query, grown)), grown), [1])] };
      });
      return [...carried, ...scanned];
    },
  },
  {
    name: 'int32 and captured values, with loop-invariant work',
    inputs: [{ dims: [4], dtype: 'int32', low: -5, high: 6 }, { dims: [2] }],
    build: ([integers, x], graph) => {
      const { carried, scanned } = loop(graph, 4, [graph.integer(7)], [[]], ({ row, carried: [count] }) => {
        const next = sub(count!, row(integers!));
        return { carried: [next], scanned: [next, add(x!, x!)] };
      });
      return [...carried, ...scanned];
    },
  },
  {
    name: 'written out',
    inputs: [{ dims: [9, 3] }, { dims: [3] }],
    build: ([rows, start], graph) => {
      const { carried, scanned } = unroll(graph, 9, [start!], ({ row, carried: [sum] }) => {
        const next = add(sum!, row(rows!));
        return { carried: [next], scanned: [next, mul(next, graph.scalar(2))] };
      });
      return [...carried, ...scanned];
    },
  },
  {
    name: 'a loop in a loop',
    inputs: [{ dims: [3] }, { dims: [2] }],
    build: ([outer, inner], graph) => {
      const { carried, scanned } = loop(graph, 3, [graph.scalar(0)], [[]], ({ graph: body, row, carried: [sum] }) => {
        const factor = row(outer!);
        const nested = loop(body, 2, [graph.scalar(1)], [[]], (scope) => {
          const product = add(mul(scope.carried[0]!, factor), scope.row(inner!));
          return { carried: [product], scanned: [product] };
        });
        return { carried: [add(sum!, nested.carried[0]!)], scanned: [nested.scanned[0]!] };
      });
      return [...carried, ...scanned];
    },
  },
];
