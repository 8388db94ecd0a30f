/**
 * @file The oracle: runs a graph with plain loops in float64, on any machine, without ONNX Runtime.
 *
 * Slow on purpose and easy to check by eye; ONNX Runtime is compared with it, and gradients are checked on it because
 * central differences need float64. Float data stays float64 between nodes and is rounded to float32 only when read.
 */
import { float16ToFloat32, float32ToFloat16 } from '../float16';
import { byRow, type Cells, concat, elementOffsets, elementwise, matmul, reduce, slice, softmaxRow, transpose } from './cells';
import type { Engine, EngineTensor, HostTensor, Numbers, Program, Tensor } from './engine';
import { NO_WORK, type EngineStats } from './engine-stats';
import { liveNodes, sizeOf, UNKNOWN, type Dims, type DType, type Graph, type Node, type OpName, type Value } from './graph';

type Kernel = (inputs: readonly Cells[], node: Node) => Cells | Cells[];

const map =
  (f: (...numbers: number[]) => number): Kernel =>
  (inputs) =>
    elementwise(inputs, f);
const folding =
  (fold: (numbers: number[]) => number): Kernel =>
  ([x], node) =>
    reduce(x!, node.attributes, fold);
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

const KERNELS: Record<Exclude<OpName, 'Loop'>, Kernel> = {
  Identity: ([x]) => x!,
  Neg: map((x) => -x!),
  Exp: map(Math.exp),
  Log: map(Math.log),
  Sqrt: map(Math.sqrt),
  Reciprocal: map((x) => 1 / x!),
  Sigmoid: map((x) => 1 / (1 + Math.exp(-x!))),
  Softplus: map((x) => Math.max(x!, 0) + Math.log1p(Math.exp(-Math.abs(x!)))),
  Tanh: map(Math.tanh),
  Add: map((a, b) => a! + b!),
  Sub: map((a, b) => a! - b!),
  Mul: map((a, b) => a! * b!),
  Div: (inputs, node) => elementwise(inputs, (a, b) => (node.outputs[0]!.dtype === 'int32' ? Math.trunc(a! / b!) : a! / b!)),
  Min: map(Math.min),
  Max: map(Math.max),
  Equal: map((a, b) => Number(a === b)),
  Less: map((a, b) => Number(a! < b!)),
  Greater: map((a, b) => Number(a! > b!)),
  And: map((a, b) => Number(a !== 0 && b !== 0)),
  Or: map((a, b) => Number(a !== 0 || b !== 0)),
  Not: map((x) => Number(x === 0)),
  Where: map((condition, a, b) => (condition ? a! : b!)),
  Cast: ([x], node) =>
    node.attributes.to === 'float32' || node.attributes.to === 'float16'
      ? x!
      : { dims: x!.dims, data: x!.data.map((n) => (node.attributes.to === 'bool' ? Number(n !== 0) : Math.trunc(n))) },
  MatMul: ([a, b], node) => matmul(a!, b!, node.attributes),
  Reshape: ([x], node) => {
    const dims = node.attributes.dims!;
    const known = dims.reduce((product, dim) => (dim === UNKNOWN ? product : product * dim), 1);
    return { dims: dims.map((dim) => (dim === UNKNOWN ? x!.data.length / known : dim)), data: x!.data };
  },
  Transpose: ([x], node) => transpose(x!, node.attributes.permutation!),
  Slice: ([x], node) => slice(x!, node.attributes.axis!, node.attributes.start!, node.attributes.end!),
  Split: ([x], node) => {
    let start = 0;
    return node.attributes.sizes!.map((size) => slice(x!, node.attributes.axis!, start, (start += size)));
  },
  Concat: (parts, node) => concat(parts, node.attributes.axis!),
  Expand: ([x], node) =>
    elementwise([x!, { dims: node.attributes.dims!, data: new Float64Array(sizeOf(node.attributes.dims!)) }], (a) => a!),
  Gather: ([table, indices]) => {
    const width = sizeOf(table!.dims.slice(1));
    const data = new Float64Array(indices!.data.length * width);
    indices!.data.forEach((index, i) => {
      if (index < 0 || index >= table!.dims[0]!) throw new RangeError(`Gather: row ${index} of ${table!.dims[0]}`);
      data.set(table!.data.subarray(index * width, (index + 1) * width), i * width);
    });
    return { dims: [...indices!.dims, ...table!.dims.slice(1)], data };
  },
  GatherElements: ([x, indices], node) => ({
    dims: indices!.dims,
    data: Float64Array.from(elementOffsets(indices!, x!.dims, node.attributes.axis!), (offset) => x!.data[offset]!),
  }),
  ScatterElements: ([x, indices, updates], node) => {
    const data = x!.data.slice();
    elementOffsets(indices!, x!.dims, node.attributes.axis!).forEach((offset, i) => (data[offset]! += updates!.data[i]!));
    return { dims: x!.dims, data };
  },
  ReduceSum: folding(sum),
  ReduceMean: folding((numbers) => sum(numbers) / numbers.length),
  ReduceMax: folding((numbers) => Math.max(...numbers)),
  ReduceMin: folding((numbers) => Math.min(...numbers)),
  ReduceSumSquare: folding((numbers) => sum(numbers.map((number) => number * number))),
  ReduceLogSumExp: folding((numbers) => {
    const top = Math.max(...numbers);
    return top + Math.log(sum(numbers.map((number) => Math.exp(number - top))));
  }),
  SimplifiedLayerNormalization: ([x, weight], node) => rmsNorm(x!, weight!, node.attributes.epsilon!),
  SkipSimplifiedLayerNormalization: ([x, skip, weight], node) => {
    const sum = elementwise([x!, skip!], (a, b) => a! + b!);
    return [rmsNorm(sum, weight!, node.attributes.epsilon!), sum];
  },
  QuickGelu: map((x) => x! / (1 + Math.exp(-x!))),
  RotaryEmbedding: rotaryEmbedding,
  GroupQueryAttention: groupQueryAttention,
  Softmax: ([x]) => byRow(x!, softmaxRow),
  CumSum: ([x]) =>
    byRow(x!, (row) => {
      let total = 0;
      return row.map((number) => (total += number));
    }),
  TopK: ([x], node) => {
    const width = x!.dims[x!.dims.length - 1]!;
    const k = node.attributes.k!;
    const dims = [...x!.dims.slice(0, -1), k];
    const order = Array.from({ length: x!.data.length / width }, (_, row) =>
      Array.from(x!.data.subarray(row * width, (row + 1) * width), (value, index) => ({ value, index }))
        .sort((a, b) => b.value - a.value || a.index - b.index)
        .slice(0, k),
    ).flat();
    return [
      { dims, data: Float64Array.from(order, ({ value }) => value) },
      { dims, data: Float64Array.from(order, ({ index }) => index) },
    ];
  },
};

/** Turns each head of `x [K]` by the angles of its position; `cos`, `sin` are rows `[K/2]`. */
function rotateHead(x: Float64Array, cos: Float64Array, sin: Float64Array): Float64Array {
  const half = x.length / 2;
  return x.map((own, i) => (i < half ? own * cos[i]! - x[i + half]! * sin[i]! : own * cos[i - half]! + x[i - half]! * sin[i - half]!));
}

const rowOf = ({ dims, data }: Cells, row: number) => data.subarray(row * dims[dims.length - 1]!, (row + 1) * dims[dims.length - 1]!);

function rotaryEmbedding([x, positions, cos, sin]: readonly Cells[]): Cells {
  const headSize = 2 * cos!.dims[1]!;
  const numHeads = x!.dims[2]! / headSize;
  const data = new Float64Array(x!.data.length);
  for (let at = 0; at < data.length; at += headSize) {
    const position = positions!.data[Math.floor(at / (headSize * numHeads))]!;
    data.set(rotateHead(x!.data.subarray(at, at + headSize), rowOf(cos!, position), rowOf(sin!, position)), at);
  }
  return { dims: x!.dims, data };
}

/** One new token a row: turn it, put its key and value behind the row's own, attend to all of them. */
function groupQueryAttention(inputs: readonly Cells[], { attributes }: Node): Cells[] {
  const [qkv, pastKeys, pastValues, lengths, total, cos, sin] = inputs as [Cells, Cells, Cells, Cells, Cells, Cells, Cells];
  const { numHeads: H = 1, numKeyValueHeads: G = 1 } = attributes;
  const [batch, , past, headSize] = pastKeys.dims as [number, number, number, number];
  const present = Math.max(past, total.data[0]!);
  const dims = [batch, G, present, headSize];
  const [keys, values] = [new Float64Array(sizeOf(dims)), new Float64Array(sizeOf(dims))];
  const attended = new Float64Array(batch * H * headSize);
  for (let b = 0; b < batch; b++) {
    const length = lengths.data[b]!;
    const [cosRow, sinRow] = [rowOf(cos, length), rowOf(sin, length)];
    const head = (h: number) => qkv.data.subarray((b * (H + 2 * G) + h) * headSize, (b * (H + 2 * G) + h + 1) * headSize);
    for (let g = 0; g < G; g++) {
      const [from, to] = [(b * G + g) * past * headSize, (b * G + g) * present * headSize];
      keys.set(pastKeys.data.subarray(from, from + Math.min(past, length) * headSize), to);
      values.set(pastValues.data.subarray(from, from + Math.min(past, length) * headSize), to);
      keys.set(rotateHead(head(H + g), cosRow, sinRow), to + length * headSize);
      values.set(head(H + G + g), to + length * headSize);
    }
    for (let h = 0; h < H; h++) {
      const query = rotateHead(head(h), cosRow, sinRow);
      const start = (b * G + Math.floor((h * G) / H)) * present * headSize;
      const scores = Float64Array.from(
        { length: length + 1 },
        (_, s) => query.reduce((sum, q, k) => sum + q * keys[start + s * headSize + k]!, 0) / Math.sqrt(headSize),
      );
      softmaxRow(scores).forEach((weight, s) => {
        for (let k = 0; k < headSize; k++) attended[(b * H + h) * headSize + k]! += weight * values[start + s * headSize + k]!;
      });
    }
  }
  return [
    { dims: [batch, 1, H * headSize], data: attended },
    { dims, data: keys },
    { dims, data: values },
  ];
}

function rmsNorm(x: Cells, weight: Cells, epsilon: number): Cells {
  return byRow(x, (row) => {
    const meanSquare = row.reduce((total, cell) => total + cell * cell, 0) / row.length;
    return row.map((cell, i) => (cell / Math.sqrt(meanSquare + epsilon)) * weight.data[i]!);
  });
}

/** Runs a loop: the body's nodes once a trip, carried values replaced, scanned values stacked. */
function runLoop(node: Node, cells: Map<Value, Cells>): Cells[] {
  const { body, numTrips = 0, numCarried = 0 } = node.attributes;
  const [iteration, , ...carriedInputs] = body!.inputs;
  let carried = node.inputs.map((input) => cellsOf(input, cells));
  const scanned: Cells[][] = body!.outputs.slice(1 + numCarried).map(() => []);
  for (let trip = 0; trip < numTrips; trip++) {
    const scope = new Map(cells);
    scope.set(iteration!, { dims: [], data: Float64Array.of(trip) });
    carriedInputs.forEach((input, i) => scope.set(input, carried[i]!));
    runNodes(body!, scope);
    const results = body!.outputs.map((output) => cellsOf(output.value, scope));
    carried = results.slice(1, 1 + numCarried);
    results.slice(1 + numCarried).forEach((result, i) => scanned[i]!.push(result));
    if (results[0]!.data[0] === 0) break;
  }
  return [
    ...carried,
    ...scanned.map((rows) =>
      concat(
        rows.map((row) => ({ dims: [1, ...row.dims], data: row.data })),
        0,
      ),
    ),
  ];
}

/** Numbers as their type holds them: float16 is rounded at every step, float32 only when it is read. */
const asTyped = (cells: Cells, { dtype }: Value): Cells =>
  dtype === 'float16'
    ? { dims: cells.dims, data: Float64Array.from(float16ToFloat32(float32ToFloat16(Float32Array.from(cells.data)))) }
    : cells;

function cellsOf(value: Value, cells: ReadonlyMap<Value, Cells>): Cells {
  if (value.constant)
    return asTyped({ dims: value.dims, data: Float64Array.from(value.constant as ArrayLike<number | bigint>, Number) }, value);
  const found = cells.get(value);
  if (!found) throw new Error(`${value} was not computed`);
  return found;
}

function runNodes(graph: Graph, cells: Map<Value, Cells>): void {
  for (const node of liveNodes(graph)) {
    const results =
      node.op === 'Loop'
        ? runLoop(node, cells)
        : [
            KERNELS[node.op](
              node.inputs.map((input) => cellsOf(input, cells)),
              node,
            ),
          ].flat();
    node.outputs.forEach((output, i) => cells.set(output, asTyped(results[i]!, output)));
  }
}

/** An interpreter's tensor: float64 cells, rounded when read. */
class InterpreterTensor implements EngineTensor {
  constructor(
    readonly cells: Cells,
    readonly dtype: DType,
  ) {}

  get dims() {
    return this.cells.dims;
  }

  read() {
    const { data } = this.cells;
    return Promise.resolve(
      this.dtype === 'float32' ? Float32Array.from(data) : this.dtype === 'bool' ? Uint8Array.from(data) : Int32Array.from(data),
    );
  }

  /** The float64 numbers, unrounded, for tests. */
  get exact(): Float64Array {
    return this.cells.data;
  }

  dispose(): void {}
}

/** A feed of more digits than other engines take: central differences need them. */
export interface Float64Tensor {
  readonly dims: Dims;
  readonly data: Float64Array;
}

function toCells(tensor: Tensor | Float64Tensor): Cells {
  if (tensor instanceof InterpreterTensor) return tensor.cells;
  return { dims: tensor.dims, data: Float64Array.from((tensor as HostTensor).data as ArrayLike<number | bigint>, Number) };
}

function ownTensor(tensor: EngineTensor): InterpreterTensor {
  if (tensor instanceof InterpreterTensor) return tensor;
  throw new Error('this tensor is of another engine');
}

/** The interpreter as an {@link Engine}. */
export class Interpreter implements Engine {
  readonly name = 'interpreter';
  readonly isGpu = false;
  readonly #numRuns = new Map<string, number>();

  compile(graph: Graph): Promise<Program> {
    // async: errors reject, as on every engine
    const run = async (feeds: Readonly<Record<string, Tensor>>) => {
      this.#numRuns.set(graph.name, this.#numRuns.get(graph.name)! + 1);
      return interpret(graph, feeds);
    };
    this.#numRuns.set(graph.name, this.#numRuns.get(graph.name) ?? 0);
    return Promise.resolve({ run, release: () => Promise.resolve() });
  }

  upload(tensor: HostTensor): EngineTensor {
    return new InterpreterTensor(
      toCells(tensor),
      tensor.data instanceof Float32Array ? 'float32' : tensor.data instanceof Uint8Array ? 'bool' : 'int32',
    );
  }

  async copy(tensor: EngineTensor): Promise<EngineTensor> {
    const { cells, dtype } = ownTensor(tensor);
    return new InterpreterTensor({ dims: cells.dims, data: cells.data.slice() }, dtype);
  }

  async readAll(tensors: readonly EngineTensor[]): Promise<Numbers[]> {
    return Promise.all(tensors.map((tensor) => ownTensor(tensor).read()));
  }

  stats(): EngineStats {
    const programs = Array.from(this.#numRuns, ([name, numRuns]) => ({ ...NO_WORK, name, numRuns, processorNodes: null }));
    return { programs, transfers: NO_WORK, memory: { numBuffers: null, bufferBytes: null, heapBytes: null } };
  }
}

/** Runs a graph once. @throws when an input is missing or has other dims */
export function interpret(graph: Graph, feeds: Readonly<Record<string, Tensor | Float64Tensor>>): Record<string, InterpreterTensor> {
  const cells = new Map<Value, Cells>();
  for (const input of graph.inputs) {
    const feed = feeds[input.name];
    if (!feed) throw new Error(`input "${input.name}" was not fed`);
    const fits = feed.dims.length === input.dims.length && input.dims.every((dim, i) => dim === UNKNOWN || dim === feed.dims[i]);
    if (!fits) throw new Error(`input "${input.name}" wants [${input.dims.join(', ')}], got [${feed.dims.join(', ')}]`);
    cells.set(input, toCells(feed));
  }
  runNodes(graph, cells);
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, new InterpreterTensor(cellsOf(value, cells), value.dtype)]));
}
