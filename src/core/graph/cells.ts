/**
 * @file The interpreter's tensors, and what is done to them: broadcasting, products, cutting, folding, by plain loops.
 */
import { sizeOf, type Attributes } from './graph';

/** A tensor while the interpreter works on it. */
export interface Cells {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** Strides of `dims`, with 0 where an axis of size 1 is repeated to fill `result`. */
function broadcastStrides(dims: readonly number[], result: readonly number[]): number[] {
  const strides = new Array<number>(result.length).fill(0);
  let stride = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    const axis = i + result.length - dims.length;
    strides[axis] = dims[i] === 1 ? 0 : stride;
    stride *= dims[i]!;
  }
  return strides;
}

/** Applies `f` element by element over broadcast inputs. */
export function elementwise(inputs: readonly Cells[], f: (...numbers: number[]) => number): Cells {
  const rank = Math.max(...inputs.map((input) => input.dims.length));
  const dims = Array.from({ length: rank }, (_, i) =>
    inputs.reduce((dim, input) => {
      const own = input.dims[i - rank + input.dims.length] ?? 1;
      return own === 1 ? dim : own;
    }, 1),
  );
  const strides = inputs.map((input) => broadcastStrides(input.dims, dims));
  const data = new Float64Array(sizeOf(dims));
  const at = new Array<number>(rank).fill(0);
  for (let n = 0; n < data.length; n++) {
    data[n] = f(...inputs.map((input, k) => input.data[at.reduce((sum, index, axis) => sum + index * strides[k]![axis]!, 0)]!));
    for (let axis = rank - 1; axis >= 0 && ++at[axis]! === dims[axis]; axis--) at[axis] = 0;
  }
  return { dims, data };
}

/** `[outer, length, inner]` around an axis. */
function around(dims: readonly number[], axis: number): [number, number, number] {
  return [sizeOf(dims.slice(0, axis)), dims[axis]!, sizeOf(dims.slice(axis + 1))];
}

export function matmul(a: Cells, b: Cells, { transposeA = false, transposeB = false, alpha = 1 }: Attributes): Cells {
  const [p, q] = [a.dims.length, b.dims.length];
  const [rowsA, columnsA] = [a.dims[p - 2]!, a.dims[p - 1]!];
  const [rowsB, columnsB] = [b.dims[q - 2]!, b.dims[q - 1]!];
  const [m, inner, n] = [transposeA ? columnsA : rowsA, transposeA ? rowsA : columnsA, transposeB ? rowsB : columnsB];
  const batch = sizeOf(a.dims.slice(0, -2));
  const data = new Float64Array(batch * m * n);
  for (let z = 0; z < batch; z++) {
    const [offA, offB] = [z * rowsA * columnsA, q === 2 ? 0 : z * rowsB * columnsB];
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum +=
            a.data[offA + (transposeA ? k * columnsA + i : i * columnsA + k)]! *
            b.data[offB + (transposeB ? j * columnsB + k : k * columnsB + j)]!;
        data[(z * m + i) * n + j] = alpha * sum;
      }
  }
  return { dims: [...a.dims.slice(0, -2), m, n], data };
}

export function transpose(x: Cells, permutation: readonly number[]): Cells {
  const dims = permutation.map((axis) => x.dims[axis]!);
  const strides = broadcastStrides(x.dims, x.dims).map((stride, axis) => (x.dims[axis] === 1 ? 0 : stride));
  const data = new Float64Array(x.data.length);
  const at = new Array<number>(dims.length).fill(0);
  for (let n = 0; n < data.length; n++) {
    data[n] = x.data[at.reduce((sum, index, i) => sum + index * strides[permutation[i]!]!, 0)]!;
    for (let axis = dims.length - 1; axis >= 0 && ++at[axis]! === dims[axis]; axis--) at[axis] = 0;
  }
  return { dims, data };
}

export function slice(x: Cells, axis: number, start: number, end: number): Cells {
  const [outer, length, inner] = around(x.dims, axis);
  const data = new Float64Array(outer * (end - start) * inner);
  for (let o = 0; o < outer; o++)
    data.set(x.data.subarray((o * length + start) * inner, (o * length + end) * inner), o * (end - start) * inner);
  return { dims: x.dims.map((dim, i) => (i === axis ? end - start : dim)), data };
}

export function concat(parts: readonly Cells[], axis: number): Cells {
  const length = parts.reduce((sum, part) => sum + part.dims[axis]!, 0);
  const dims = parts[0]!.dims.map((dim, i) => (i === axis ? length : dim));
  const [outer, , inner] = around(dims, axis);
  const data = new Float64Array(sizeOf(dims));
  let start = 0;
  for (const part of parts) {
    const width = part.dims[axis]! * inner;
    for (let o = 0; o < outer; o++) data.set(part.data.subarray(o * width, (o + 1) * width), o * length * inner + start);
    start += width;
  }
  return { dims, data };
}

/** Folds the cells along `axes` by `fold`, which is given all the numbers that meet in one result. */
export function reduce(x: Cells, { axes = [], keepDims = false }: Attributes, fold: (numbers: number[]) => number): Cells {
  const kept = x.dims.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const strides = broadcastStrides(kept, x.dims);
  const groups = Array.from({ length: sizeOf(kept) }, () => [] as number[]);
  const at = new Array<number>(x.dims.length).fill(0);
  for (let n = 0; n < x.data.length; n++) {
    groups[at.reduce((sum, index, axis) => sum + index * strides[axis]!, 0)]!.push(x.data[n]!);
    for (let axis = x.dims.length - 1; axis >= 0 && ++at[axis]! === x.dims[axis]; axis--) at[axis] = 0;
  }
  return { dims: kept.filter((_, i) => keepDims || !axes.includes(i)), data: Float64Array.from(groups, fold) };
}

/** Applies `f` to each row along the last axis. */
export function byRow(x: Cells, f: (row: Float64Array) => ArrayLike<number>): Cells {
  const width = x.dims[x.dims.length - 1]!;
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += width) data.set(Array.from(f(x.data.subarray(start, start + width))), start);
  return { dims: x.dims, data };
}

export function softmaxRow(row: Float64Array): Float64Array {
  const top = Math.max(...row);
  const weights = row.map((number) => Math.exp(number - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Index into `indices`' own cells, mapped to the cell of `dims` with the index on `axis` replaced. */
export function elementOffsets(indices: Cells, dims: readonly number[], axis: number): number[] {
  const strides = broadcastStrides(dims, dims).map((stride, i) => (dims[i] === 1 ? 0 : stride));
  const at = new Array<number>(indices.dims.length).fill(0);
  return Array.from(indices.data, (index) => {
    const wrapped = index < 0 ? index + dims[axis]! : index;
    if (wrapped < 0 || wrapped >= dims[axis]!) throw new RangeError(`index ${index} on an axis of ${dims[axis]}`);
    const offset = at.reduce((sum, position, i) => sum + (i === axis ? wrapped : position) * strides[i]!, 0);
    for (let i = at.length - 1; i >= 0 && ++at[i]! === indices.dims[i]; i--) at[i] = 0;
    return offset;
  });
}
