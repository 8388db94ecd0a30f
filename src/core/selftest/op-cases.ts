/**
 * @file One table of small graphs, at least one for every operator: what the gradient, ONNX Runtime and WebGPU tests
 * run, and the page's self-test.
 *
 * Inputs stay away from kinks and poles. The type asks for an entry for every operator, so that a new one cannot be
 * forgotten.
 */
import { UNKNOWN, type DType, type OpName, type Value } from '../graph/graph';
import * as ops from '../graph/ops';
import { LOOP_CASES } from './loop-cases';
import type { InputSpec, OpCase } from './op-case';

type Unary = (x: Value) => Value;
type Binary = (a: Value, b: Value) => Value;

const of = (name: string, inputs: readonly InputSpec[], build: (...values: Value[]) => Value | readonly Value[]): OpCase => ({
  name,
  inputs,
  build: (values) => build(...values),
});

const unary = (f: Unary, low?: number, high?: number): OpCase[] => [
  of('a matrix', [{ dims: [3, 5], low, high }], f),
  of('a scalar', [{ dims: [], low, high }], f),
];

/** Where exp overflows in float32. */
const farFromZero = (f: Unary): OpCase[] => [
  of('far above zero', [{ dims: [5], low: 100, high: 300 }], f),
  of('far below zero', [{ dims: [5], low: -300, high: -100 }], f),
];

const BROADCASTS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [2, 2]],
  [
    [1, 1],
    [3, 2],
  ],
];

const binary = (f: Binary, range: { low?: number; high?: number } = {}): OpCase[] =>
  BROADCASTS.map(([a, b]) =>
    of(
      `[${a.join()}] with [${b.join()}]`,
      [
        { dims: a, ...range },
        { dims: b, ...range },
      ],
      f,
    ),
  );

const onIntegers = (f: Binary, low = -9, high = 10, lowB = low): OpCase =>
  of(
    'int32',
    [
      { dims: [4, 5], dtype: 'int32', low, high },
      { dims: [5], dtype: 'int32', low: lowB, high },
    ],
    f,
  );

const logic = (f: Binary): OpCase[] => [
  of(
    'broadcast',
    [
      { dims: [3, 4], dtype: 'bool' },
      { dims: [4], dtype: 'bool' },
    ],
    f,
  ),
];

const reduction = (f: (x: Value, axes: readonly number[], keepDims?: boolean) => Value): OpCase[] => [
  of('the last axis', [{ dims: [3, 4] }], (x) => f(x, [-1])),
  of('the first axis, kept', [{ dims: [3, 4] }], (x) => f(x, [0], true)),
  of('two of three axes', [{ dims: [2, 3, 4] }], (x) => f(x, [0, 2])),
  of('the middle axis', [{ dims: [2, 3, 4] }], (x) => f(x, [1])),
  of('all axes', [{ dims: [2, 3] }], (x) => f(x, [0, 1])),
  of('no axes', [{ dims: [2, 3] }], (x) => f(x, [])),
];

const flags = [false, true];
const MATMULS: OpCase[] = flags.flatMap((transposeA) =>
  flags.flatMap((transposeB) =>
    [1, 0.37].flatMap((alpha) => {
      const options = { transposeA, transposeB, alpha };
      const name = `${transposeA ? 'Aᵀ' : 'A'}·${transposeB ? 'Bᵀ' : 'B'} times ${alpha}`;
      const a = transposeA ? [4, 3] : [3, 4];
      const b = transposeB ? [5, 4] : [4, 5];
      const product = (p: Value, q: Value) => ops.matmul(p, q, options);
      return [
        of(name, [{ dims: a }, { dims: b }], product),
        of(`${name}, batched`, [{ dims: [2, ...a] }, { dims: [2, ...b] }], product),
        of(`${name}, batched twice`, [{ dims: [2, 3, ...a] }, { dims: [2, 3, ...b] }], product),
        ...(transposeA ? [] : [of(`${name}, B shared`, [{ dims: [2, 2, ...a] }, { dims: b }], product)]),
      ];
    }),
  ),
);

const indices = (dims: readonly number[], high: number): InputSpec => ({ dims, dtype: 'int32' as DType, low: 0, high });

/** Cases for every operator. */
export const OP_CASES: Record<OpName, readonly OpCase[]> = {
  Identity: [...unary(ops.identity), of('int32', [{ dims: [3], dtype: 'int32' }], ops.identity)],
  Neg: unary(ops.neg),
  Exp: unary(ops.exp),
  Log: unary(ops.log, 0.2, 4),
  Sqrt: unary(ops.sqrt, 0.2, 4),
  Reciprocal: unary(ops.reciprocal, 0.3, 3),
  Sigmoid: [...unary(ops.sigmoid, -6, 6), ...farFromZero(ops.sigmoid)],
  Softplus: [...unary(ops.softplus, -6, 6), ...farFromZero(ops.softplus)],
  Tanh: [...unary(ops.tanh, -3, 3), ...farFromZero(ops.tanh)],
  Add: [...binary(ops.add), onIntegers(ops.add)],
  Sub: [...binary(ops.sub), onIntegers(ops.sub)],
  Mul: [...binary(ops.mul), onIntegers(ops.mul)],
  Div: [
    ...binary(ops.div, { low: 0.4, high: 3 }),
    onIntegers(ops.div, -9, 10, 2),
    of('of itself', [{ dims: [3], low: 1 }], (x) => ops.div(x, x)),
  ],
  Min: [...binary(ops.min), onIntegers(ops.min)],
  Max: [...binary(ops.max), onIntegers(ops.max)],
  Equal: [onIntegers(ops.equal, 0, 3), of('float32', [{ dims: [4] }], (x) => ops.equal(x, x))],
  Less: [...binary(ops.less), onIntegers(ops.less, 0, 3)],
  Greater: [...binary(ops.greater), onIntegers(ops.greater, 0, 3)],
  Where: [
    of('branches', [{ dims: [3, 4], dtype: 'bool' }, { dims: [3, 4] }, { dims: [3, 4] }], ops.where),
    of('broadcast', [{ dims: [3, 1], dtype: 'bool' }, { dims: [4] }, { dims: [2, 1, 1] }], ops.where),
    of(
      'int32',
      [
        { dims: [4], dtype: 'bool' },
        { dims: [4], dtype: 'int32' },
        { dims: [], dtype: 'int32' },
      ],
      ops.where,
    ),
  ],
  Cast: [
    of('float to int and back, times itself', [{ dims: [7], low: -4, high: 4 }], (x) =>
      ops.mul(x, ops.cast(ops.cast(x, 'int32'), 'float32')),
    ),
    of('bool to float', [{ dims: [5], dtype: 'bool' }], (x) => ops.cast(x, 'float32')),
    of('bool to int', [{ dims: [5], dtype: 'bool' }], (x) => ops.cast(x, 'int32')),
    of('int to bool', [{ dims: [9], dtype: 'int32' }], (x) => ops.cast(x, 'bool')),
  ],
  And: logic(ops.and),
  Or: logic(ops.or),
  Not: [of('a matrix', [{ dims: [2, 3], dtype: 'bool' }], ops.not)],
  MatMul: MATMULS,
  Reshape: [
    of('to three axes', [{ dims: [4, 6] }], (x) => ops.reshape(x, [2, 3, 4])),
    of('to a scalar', [{ dims: [1, 1] }], (x) => ops.reshape(x, [])),
  ],
  Transpose: [
    of('a matrix', [{ dims: [3, 4] }], (x) => ops.transpose(x, [1, 0])),
    of('a cycle of three', [{ dims: [2, 3, 4] }], (x) => ops.transpose(x, [2, 0, 1])),
    of('heads', [{ dims: [2, 3, 1, 2] }], (x) => ops.transpose(x, [0, 2, 1, 3])),
  ],
  Slice: [
    of('the middle', [{ dims: [2, 5] }], (x) => ops.slice(x, 1, 1, 4)),
    of('the start', [{ dims: [5, 2] }], (x) => ops.slice(x, 0, 0, 2)),
    of('the end', [{ dims: [2, 3, 2] }], (x) => ops.slice(x, -2, 1, 3)),
  ],
  Split: [
    of('all pieces', [{ dims: [2, 6] }], (x) => ops.split(x, 1, [1, 2, 3])),
    of('one piece used', [{ dims: [5, 2] }], (x) => ops.split(x, 0, [2, 1, 2])[1]!),
  ],
  Concat: [
    of('two', [{ dims: [2, 3] }, { dims: [2, 1] }], (a, b) => ops.concat([a, b], 1)),
    of('sixteen, one of them often', [{ dims: [2, 3] }, { dims: [1, 3] }], (a, b) =>
      ops.concat(
        Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? b : a)),
        0,
      ),
    ),
  ],
  Expand: [
    of('new leading axis', [{ dims: [3] }], (x) => ops.expand(x, [2, 3])),
    of('an axis of one', [{ dims: [2, 1, 3] }], (x) => ops.expand(x, [2, 4, 3])),
    of('a scalar', [{ dims: [] }], (x) => ops.expand(x, [2, 2])),
  ],
  Gather: [
    of('rows, some twice', [{ dims: [4, 3] }, indices([2, 5], 4)], ops.gather),
    of('numbers', [{ dims: [4] }, indices([3], 4)], ops.gather),
  ],
  GatherElements: [
    of('along the last axis', [{ dims: [3, 4] }, indices([3, 2], 4)], (x, at) => ops.gatherElements(x, at, 1)),
    of('along the first axis', [{ dims: [4, 3] }, indices([6, 3], 4)], (x, at) => ops.gatherElements(x, at, 0)),
  ],
  ScatterElements: [
    of('along the last axis', [{ dims: [3, 4] }, indices([3, 1], 4), { dims: [3, 1] }], (x, at, u) => ops.scatterAdd(x, at, u, 1)),
    of('repeated indices add up', [{ dims: [3, 2] }, indices([7, 2], 3), { dims: [7, 2] }], (x, at, u) => ops.scatterAdd(x, at, u, 0)),
  ],
  ReduceSum: [...reduction(ops.reduceSum), of('int32', [{ dims: [3, 4], dtype: 'int32', low: -5, high: 6 }], (x) => ops.reduceSum(x, [1]))],
  ReduceMean: reduction(ops.reduceMean),
  ReduceMax: reduction(ops.reduceMax),
  ReduceMin: reduction(ops.reduceMin),
  ReduceSumSquare: reduction(ops.reduceSumSquare),
  ReduceLogSumExp: [
    ...reduction(ops.reduceLogSumExp),
    of('far above zero', [{ dims: [3, 4], low: 200, high: 203 }], (x) => ops.reduceLogSumExp(x, [1])),
    of('far below zero', [{ dims: [3, 4], low: -203, high: -200 }], (x) => ops.reduceLogSumExp(x, [1], true)),
  ],
  Softmax: [
    of('rows', [{ dims: [3, 5] }], ops.softmax),
    ...farFromZero(ops.softmax),
    of('masked', [{ dims: [2, 2, 4] }], (x) => ops.softmax(ops.add(x, maskOf(x)))),
  ],
  CumSum: [of('a row', [{ dims: [6] }], ops.cumSum), of('rows', [{ dims: [2, 3, 4] }], ops.cumSum)],
  TopK: [of('two of each row', [{ dims: [4, 6] }], (x) => ops.topK(x, 2)), of('all', [{ dims: [5] }], (x) => ops.topK(x, 5))],
  SimplifiedLayerNormalization: [
    of('rows', [{ dims: [3, 6] }, { dims: [6] }], (x, weight) => ops.simplifiedLayerNorm(x, weight, 1e-5)),
    of('three axes', [{ dims: [2, 3, 4] }, { dims: [4] }], (x, weight) => ops.simplifiedLayerNorm(x, weight, 0.1)),
  ],
  SkipSimplifiedLayerNormalization: [
    of('a sum and its norm', [{ dims: [3, 8] }, { dims: [3, 8] }, { dims: [8] }], (x, skip, weight) =>
      ops.skipSimplifiedLayerNorm(x, skip, weight, 1e-5),
    ),
  ],
  QuickGelu: [
    of('a matrix', [{ dims: [3, 5], low: -6, high: 6 }], ops.silu),
    of('far above zero', [{ dims: [5], low: 100, high: 300 }], ops.silu),
  ],
  RotaryEmbedding: [
    of('positions in any order', [{ dims: [2, 3, 8] }], (x) => ops.rotate(x, positions(x, [0, 4, 2, 3, 3, 1], [2, 3]), ...angles(x, 4), 2)),
  ],
  GroupQueryAttention: [
    of('rows of one length, two heads a key', attentionInputs(2, 4, 2, 3), (...inputs) => attention(inputs, [3, 3], 4, UNKNOWN)),
    of('rows of several lengths', attentionInputs(3, 2, 1, 5), (...inputs) => attention(inputs, [5, 0, 2], 6, UNKNOWN)),
    of('a cache of fixed length', attentionInputs(3, 4, 2, 7), (...inputs) => attention(inputs, [6, 1, 3], 7, 7)),
    of('two steps, the second reading what the first wrote', attentionInputs(3, 4, 2, 7), (...inputs) =>
      attention(inputs, [5, 0, 3], 7, 7, 2),
    ),
    of('a long cache', attentionInputs(9, 4, 2, 200), (...inputs) => attention(inputs, [199, 0, 31, 32, 33, 63, 64, 130, 150], 200, 200)),
    of('two steps, growing', attentionInputs(3, 4, 2, 5), (...inputs) => attention(inputs, [5, 0, 3], 6, UNKNOWN, 2)),
  ],
  Loop: LOOP_CASES,
};

/** int64 positions `[B, T]`. */
function positions(x: Value, numbers: readonly number[], dims: readonly number[]): Value {
  return x.graph.constant(BigInt64Array.from(numbers, BigInt), dims);
}

/** Cosines and sines of 200 positions, `[200, K/2]`. */
function angles(x: Value, headSize: number): [Value, Value] {
  const table = (f: (angle: number) => number) =>
    x.graph.constant(
      Float32Array.from({ length: 100 * headSize }, (_, i) => f(Math.floor((2 * i) / headSize) * 0.3 ** (i % (headSize / 2)))),
      [200, headSize / 2],
    );
  return [table(Math.cos), table(Math.sin)];
}

/** Heads of 16: queries, keys and values of one token a row, and caches of `past` tokens. */
function attentionInputs(batch: number, numHeads: number, numKeyValueHeads: number, past: number): InputSpec[] {
  const cache = { dims: [batch, numKeyValueHeads, past, 16] };
  return [{ dims: [batch, 1, (numHeads + 2 * numKeyValueHeads) * 16] }, cache, cache];
}

/** Attended values of the last of `numSteps` steps; what lies in a cache behind a row's length is not compared. */
function attention(inputs: readonly Value[], lengths: readonly number[], total: number, cacheLength: number, numSteps = 1): Value {
  const [qkv, firstKeys, firstValues] = inputs as [Value, Value, Value];
  const numKeyValueHeads = firstKeys.dims[1]!;
  const [cos, sin] = angles(qkv, 16);
  let [attended, keys, values] = [qkv, firstKeys, firstValues];
  for (let step = 0; step < numSteps; step++)
    [attended, keys, values] = ops.groupQueryAttention(
      {
        qkv,
        keys,
        values,
        lengths: qkv.graph.constant(
          Int32Array.from(lengths, (length) => length + step),
          [lengths.length],
        ),
        total: qkv.graph.constant(Int32Array.of(cacheLength === UNKNOWN ? total + step : total), [1]),
        cos,
        sin,
        numHeads: qkv.dims[2]! / 16 - 2 * numKeyValueHeads,
        numKeyValueHeads,
      },
      cacheLength,
    );
  return attended;
}

/** Hides the last column. */
function maskOf(x: Value): Value {
  const width = x.dims[x.dims.length - 1]!;
  return x.graph.constant(
    Float32Array.from({ length: width }, (_, i) => (i === width - 1 ? -1e9 : 0)),
    [width],
  );
}
