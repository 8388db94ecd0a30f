/**
 * @file Operators: one function an operator, checking shapes and types, recording a node.
 *
 * Each has ONNX's meaning (onnx.ai/onnx/operators) and NumPy broadcasting where ONNX has it. All run natively on
 * ONNX Runtime's WebGPU provider; log-softmax, one-hot, sign, mod and int64 arithmetic, which do not, are left out.
 * Errors name the operator and both shapes.
 */
import { Graph, UNKNOWN, sizeOf, type Dims, type DType, type OpName, type Value } from './graph';

/** Thrown when an operator is given shapes or types it cannot take. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

function fail(op: string, ...values: readonly Value[]): never {
  throw new ShapeError(`${op}: cannot take ${values.map(String).join(' and ')}`);
}

function one(graph: Graph, op: OpName, inputs: readonly Value[], dims: Dims, dtype: DType, attributes = {}): Value {
  return graph.node(op, inputs, [{ dims, dtype }], attributes)[0]!;
}

/** Turns a negative axis into a position. */
function positive(axis: number, rank: number, op: string): number {
  const at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank) throw new ShapeError(`${op}: axis ${axis} of ${rank} axes`);
  return at;
}

/** Dims of a broadcast pair, or null when they do not fit. Unknown against 1 or unknown stays unknown. */
function broadcastDims(a: Dims, b: Dims): number[] | null {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    dims.push(x === 1 ? y : x);
  }
  return dims;
}

function unary(op: OpName) {
  return (x: Value): Value => (x.dtype === 'float32' ? one(x.graph, op, [x], x.dims, x.dtype) : fail(op, x));
}

function binary(op: OpName, result: 'same' | 'bool', types: readonly DType[]) {
  return (a: Value, b: Value): Value => {
    const dims = broadcastDims(a.dims, b.dims);
    if (!dims || a.dtype !== b.dtype || !types.includes(a.dtype)) return fail(op, a, b);
    return one(a.graph, op, [a, b], dims, result === 'bool' ? 'bool' : a.dtype);
  };
}

const NUMBERS: readonly DType[] = ['float32', 'int32'];

export const identity = (x: Value): Value => one(x.graph, 'Identity', [x], x.dims, x.dtype);
export const neg = unary('Neg');
export const exp = unary('Exp');
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const reciprocal = unary('Reciprocal');
export const sigmoid = unary('Sigmoid');
/** log(1 + exp x). */
export const softplus = unary('Softplus');
export const tanh = unary('Tanh');
export const add = binary('Add', 'same', NUMBERS);
export const sub = binary('Sub', 'same', NUMBERS);
export const mul = binary('Mul', 'same', NUMBERS);
export const div = binary('Div', 'same', NUMBERS);
export const min = binary('Min', 'same', NUMBERS);
export const max = binary('Max', 'same', NUMBERS);
export const equal = binary('Equal', 'bool', NUMBERS);
export const less = binary('Less', 'bool', NUMBERS);
export const greater = binary('Greater', 'bool', NUMBERS);
export const and = binary('And', 'bool', ['bool']);
export const or = binary('Or', 'bool', ['bool']);

/** Logical negation. */
export function not(x: Value): Value {
  return x.dtype === 'bool' ? one(x.graph, 'Not', [x], x.dims, 'bool') : fail('Not', x);
}

/** `a` where the condition holds, else `b`; broadcasts. */
export function where(condition: Value, a: Value, b: Value): Value {
  const branches = broadcastDims(a.dims, b.dims);
  const dims = branches && broadcastDims(condition.dims, branches);
  if (!dims || condition.dtype !== 'bool' || a.dtype !== b.dtype) return fail('Where', condition, a, b);
  return one(a.graph, 'Where', [condition, a, b], dims, a.dtype);
}

/** Converts elements to another type; float to int truncates. */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : one(x.graph, 'Cast', [x], x.dims, to, { to });
}

/** Times a number. */
export const scale = (x: Value, factor: number): Value => mul(x, x.graph.scalar(factor));

/**
 * Matrix product of the last two axes, `alpha · A·B`, either one transposed first. Leading axes must be equal;
 * a 2-D `b` is shared by every matrix of `a`.
 */
export function matmul(a: Value, b: Value, { transposeA = false, transposeB = false, alpha = 1 } = {}): Value {
  const [p, q] = [a.dims.length, b.dims.length];
  if (p < 2 || q < 2 || a.dtype !== 'float32' || b.dtype !== 'float32') return fail('MatMul', a, b);
  const rows = a.dims[transposeA ? p - 1 : p - 2]!;
  const inner = a.dims[transposeA ? p - 2 : p - 1]!;
  const innerB = b.dims[transposeB ? q - 1 : q - 2]!;
  const columns = b.dims[transposeB ? q - 2 : q - 1]!;
  const sameBatch = q === p && a.dims.slice(0, -2).every((dim, i) => dim === b.dims[i]);
  if (inner !== innerB || !(sameBatch || (q === 2 && !transposeA))) return fail('MatMul', a, b);
  return one(a.graph, 'MatMul', [a, b], [...a.dims.slice(0, -2), rows, columns], 'float32', { transposeA, transposeB, alpha });
}

/** The same elements under other dims; one may be `UNKNOWN` when the run must work it out. */
export function reshape(x: Value, dims: Dims): Value {
  const known = !x.dims.includes(UNKNOWN) && !dims.includes(UNKNOWN);
  if (known && sizeOf(dims) !== x.size) throw new ShapeError(`Reshape: ${x} has not the size of [${dims.join(', ')}]`);
  if (known && dims.length === x.dims.length && dims.every((dim, i) => dim === x.dims[i])) return x;
  return one(x.graph, 'Reshape', [x], dims, x.dtype, { dims });
}

/** Reorders axes: axis i of the result is axis `permutation[i]` of `x`. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  const sorted = [...permutation].sort((a, b) => a - b);
  if (sorted.length !== x.dims.length || sorted.some((axis, i) => axis !== i)) return fail(`Transpose(${permutation.join(', ')})`, x);
  return one(
    x.graph,
    'Transpose',
    [x],
    permutation.map((axis) => x.dims[axis]!),
    x.dtype,
    { permutation },
  );
}

/** Elements `start` to `end` (not included) along one axis. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  const at = positive(axis, x.dims.length, 'Slice');
  const length = x.dims[at]!;
  if (start < 0 || end <= start || (length !== UNKNOWN && end > length))
    throw new ShapeError(`Slice: ${start}..${end} of ${x}, axis ${at}`);
  return one(
    x.graph,
    'Slice',
    [x],
    x.dims.map((dim, i) => (i === at ? end - start : dim)),
    x.dtype,
    { axis: at, start, end },
  );
}

/** Cuts along one axis into pieces of the sizes given. At most 7 (a WebGPU kernel binds at most 10 buffers). */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const at = positive(axis, x.dims.length, 'Split');
  if (sizes.length > 7 || sizes.reduce((sum, size) => sum + size, 0) !== x.dims[at])
    throw new ShapeError(`Split: ${x}, axis ${at}, into ${sizes.join(' + ')}`);
  const outputs = sizes.map((size) => ({ dims: x.dims.map((dim, i) => (i === at ? size : dim)), dtype: x.dtype }));
  return x.graph.node('Split', [x], outputs, { axis: at, sizes });
}

/** Joins along one axis, as a tree of at most 7 at a time (a WebGPU kernel binds at most 10 buffers). */
export function concat(parts: readonly Value[], axis: number): Value {
  const first = parts[0];
  if (!first) throw new ShapeError('Concat: nothing to join');
  const at = positive(axis, first.dims.length, 'Concat');
  if (parts.length === 1) return first;
  if (parts.length > 7) {
    const groups: Value[] = [];
    for (let i = 0; i < parts.length; i += 7) groups.push(concat(parts.slice(i, i + 7), at));
    return concat(groups, at);
  }
  for (const part of parts) {
    const fits =
      part.dtype === first.dtype &&
      part.dims.length === first.dims.length &&
      part.dims.every((dim, i) => i === at || dim === first.dims[i]);
    if (!fits) fail('Concat', first, part);
  }
  const lengths = parts.map((part) => part.dims[at]!);
  const length = lengths.includes(UNKNOWN) ? UNKNOWN : lengths.reduce((sum, size) => sum + size, 0);
  return one(
    first.graph,
    'Concat',
    parts,
    first.dims.map((dim, i) => (i === at ? length : dim)),
    first.dtype,
    { axis: at },
  );
}

/** Repeats along axes of size 1 (or new leading axes) up to `dims`. */
export function expand(x: Value, dims: Dims): Value {
  const result = broadcastDims(x.dims, dims);
  if (!result || result.length !== dims.length || result.some((dim, i) => dim !== dims[i]))
    return fail(`Expand to [${dims.join(', ')}]`, x);
  return x.dims.length === dims.length && x.dims.every((dim, i) => dim === dims[i])
    ? x
    : one(x.graph, 'Expand', [x], dims, x.dtype, { dims });
}

/** Rows of `table` along axis 0: result dims are `indices.dims` then the rest of the table's. */
export function gather(table: Value, indices: Value): Value {
  if (table.dims.length < 1 || (indices.dtype !== 'int32' && indices.dtype !== 'int64')) return fail('Gather', table, indices);
  const owner = table.graph.depth >= indices.graph.depth ? table.graph : indices.graph;
  return one(owner, 'Gather', [table, indices], [...indices.dims, ...table.dims.slice(1)], table.dtype, { axis: 0 });
}

/** Element `indices[..., j]` along `axis`, all other positions kept. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  const at = positive(axis, x.dims.length, 'GatherElements');
  if (indices.dtype !== 'int32' || indices.dims.length !== x.dims.length) return fail('GatherElements', x, indices);
  return one(x.graph, 'GatherElements', [x, indices], indices.dims, x.dtype, { axis: at });
}

/** A copy of `x` with `updates` added at `indices` along `axis`; repeated indices add up. */
export function scatterAdd(x: Value, indices: Value, updates: Value, axis: number): Value {
  const at = positive(axis, x.dims.length, 'ScatterElements');
  const sameDims = indices.dims.length === updates.dims.length && indices.dims.every((dim, i) => dim === updates.dims[i]);
  if (indices.dtype !== 'int32' || !sameDims || indices.dims.length !== x.dims.length) return fail('ScatterElements', x, indices, updates);
  return one(x.graph, 'ScatterElements', [x, indices, updates], x.dims, x.dtype, { axis: at, add: true });
}

function reduction(op: OpName) {
  return (x: Value, axes: readonly number[], keepDims = false): Value => {
    const at = axes.map((axis) => positive(axis, x.dims.length, op));
    if (x.dtype !== 'float32' && !(op === 'ReduceSum' && x.dtype === 'int32')) return fail(op, x);
    // To ONNX, an empty list of axes means all of them; here it means none.
    if (at.length === 0 && x.dims.length > 0) return op === 'ReduceSumSquare' ? mul(x, x) : x;
    const dims = x.dims.map((dim, i) => (at.includes(i) ? 1 : dim)).filter((_, i) => keepDims || !at.includes(i));
    return one(x.graph, op, [x], dims, x.dtype, { axes: at, keepDims });
  };
}

export const reduceSum = reduction('ReduceSum');
export const reduceMean = reduction('ReduceMean');
export const reduceMax = reduction('ReduceMax');
export const reduceMin = reduction('ReduceMin');
export const reduceSumSquare = reduction('ReduceSumSquare');
/** log Σ exp, safe against overflow. */
export const reduceLogSumExp = reduction('ReduceLogSumExp');

/** Every axis of a value, for whole reductions. */
export const allAxes = (x: Value): number[] => x.dims.map((_, i) => i);

/** exp(x) / Σ exp(x) over the last axis. */
export function softmax(x: Value): Value {
  return one(x.graph, 'Softmax', [x], x.dims, x.dtype, { axis: x.dims.length - 1 });
}

/** Running sum along the last axis, the element itself included. */
export function cumSum(x: Value): Value {
  return one(x.graph, 'CumSum', [x], x.dims, x.dtype, { axis: x.dims.length - 1 });
}

/** The k largest along the last axis, largest first: `[values, indices]`, indices int64. */
export function topK(x: Value, k: number): [Value, Value] {
  const last = x.dims[x.dims.length - 1];
  if (last === undefined || k > last) return fail(`TopK ${k}`, x);
  const dims = [...x.dims.slice(0, -1), k];
  const [values, indices] = x.graph.node(
    'TopK',
    [x],
    [
      { dims, dtype: 'float32' },
      { dims, dtype: 'int64' },
    ],
    { k, axis: x.dims.length - 1 },
  );
  return [values!, indices!];
}

/**
 * RMSNorm as one operator: x / √(mean x² + ε) · weight, over the last axis. (Its further outputs differ between backends.)
 *
 * @param x `[..., D]`
 * @param weight `[D]`
 */
export function simplifiedLayerNorm(x: Value, weight: Value, epsilon: number): Value {
  const width = x.dims[x.dims.length - 1];
  if (x.dtype !== 'float32' || weight.dims.length !== 1 || weight.dims[0] !== width) return fail('SimplifiedLayerNormalization', x, weight);
  return one(x.graph, 'SimplifiedLayerNormalization', [x, weight], x.dims, x.dtype, { epsilon });
}

/**
 * Residual sum and RMSNorm as one operator.
 *
 * @param x, skip `[M, D]`
 * @param weight `[D]`
 * @returns RMSNorm(x + skip), and x + skip
 */
export function skipSimplifiedLayerNorm(x: Value, skip: Value, weight: Value, epsilon: number): [Value, Value] {
  const same = skip.dims.length === 2 && x.dims.length === 2 && skip.dims.every((dim, i) => dim === x.dims[i]);
  if (!same || x.dtype !== 'float32' || weight.dims.length !== 1 || weight.dims[0] !== x.dims[1])
    return fail('SkipSimplifiedLayerNormalization', x, skip, weight);
  const output = { dims: x.dims, dtype: x.dtype };
  const [y, sum] = x.graph.node('SkipSimplifiedLayerNormalization', [x, skip, weight], [output, output], { epsilon });
  return [y!, sum!];
}

/** x · sigmoid(x), the SiLU. */
export const silu = unary('QuickGelu');

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864), "rotate half" as Llama checkpoints have it, as one operator.
 *
 * @param x `[B, T, H·K]`
 * @param positions int64 `[B, T]`
 * @param cos, sin `[P, K/2]`, a row for every position
 */
export function rotate(x: Value, positions: Value, cos: Value, sin: Value, numHeads: number): Value {
  const [batch, length, width] = x.dims;
  const fits =
    x.dims.length === 3 &&
    positions.dtype === 'int64' &&
    positions.dims.length === 2 &&
    positions.dims[0] === batch &&
    positions.dims[1] === length &&
    [cos, sin].every(({ dims }) => dims.length === 2 && dims[1]! * 2 * numHeads === width);
  return fits
    ? one(x.graph, 'RotaryEmbedding', [x, positions, cos, sin], x.dims, 'float32', { numHeads })
    : fail('RotaryEmbedding', x, positions, cos, sin);
}

/** What {@link groupQueryAttention} reads. */
export interface CachedAttention {
  /** Queries, keys and values of one new token a row, not yet turned, `[B, 1, (H + 2·G)·K]`; K a multiple of 16. */
  readonly qkv: Value;
  /** `[B, G, S, K]`. */
  readonly keys: Value;
  readonly values: Value;
  /** int32 `[B]`: tokens in the cache of each row; the new one goes behind them. */
  readonly lengths: Value;
  /** int32 `[1]`: the longest row, the new token included. */
  readonly total: Value;
  /** `[P, K/2]`, a row for every position. */
  readonly cos: Value;
  readonly sin: Value;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
}

/**
 * Rotary embedding, cache and attention of one new token a row as one operator (Ainslie et al., arXiv 2305.13245).
 *
 * @param cacheLength S of the caches given back: S, or `UNKNOWN` where they grow to `total`
 * @returns attended values `[B, 1, H·K]`, and the caches with the token added; behind a row's length they hold anything
 */
export function groupQueryAttention(inputs: CachedAttention, cacheLength: number): [Value, Value, Value] {
  const { qkv, keys, values, lengths, total, cos, sin, numHeads, numKeyValueHeads } = inputs;
  const [batch, one_, width] = qkv.dims as [number, number, number];
  const headSize = keys.dims[3]!;
  if (one_ !== 1 || width !== (numHeads + 2 * numKeyValueHeads) * headSize || headSize % 16 !== 0 || lengths.dtype !== 'int32')
    return fail('GroupQueryAttention', qkv, keys, lengths);
  const cache = { dims: [batch, numKeyValueHeads, cacheLength, headSize], dtype: qkv.dtype };
  const outputs = [{ dims: [batch, 1, numHeads * headSize], dtype: qkv.dtype }, cache, cache];
  const [attended, newKeys, newValues] = qkv.graph.node('GroupQueryAttention', [qkv, keys, values, lengths, total, cos, sin], outputs, {
    numHeads,
    numKeyValueHeads,
  });
  return [attended!, newKeys!, newValues!];
}
