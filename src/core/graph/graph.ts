/**
 * @file The computation graph: values, nodes, and the builder that records them.
 *
 * A `Graph` is a list of nodes in the order they were made, which is an order in which they can run. Node kinds are
 * ONNX operator names, so encoding is a translation of attributes only (`onnx.ts`); the same nodes are executed by
 * plain loops in `interpreter.ts`, and differentiated in `gradients.ts`. Users build with the functions of `ops.ts`.
 *
 * Dims are known numbers, except the growing axis of a loop-carried cache, which is `UNKNOWN` (-1).
 * A loop body is a Graph of its own with a parent; nodes that need nothing of the body are recorded in the parent, so
 * loop-invariant work is hoisted by construction.
 */

/**
 * Element types. int64 appears only as a loop's iteration number; int64 arithmetic falls off the GPU. float16 is only in what
 * `half.ts` makes.
 */
export type DType = 'float32' | 'float16' | 'int32' | 'int64' | 'bool';

/** Sizes of the axes, outermost first; `UNKNOWN` where only the run knows. */
export type Dims = readonly number[];

/** A dimension known only when the program runs (cache length inside a loop). */
export const UNKNOWN = -1;

/** Operator kinds: ONNX names. `Parameter` and `Constant` are sources, not operators. */
export type OpName =
  | 'Identity'
  | 'Neg'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Reciprocal'
  | 'Sigmoid'
  | 'Softplus'
  | 'Tanh'
  | 'Add'
  | 'Sub'
  | 'Mul'
  | 'Div'
  | 'Min'
  | 'Max'
  | 'Equal'
  | 'Less'
  | 'Greater'
  | 'Where'
  | 'Cast'
  | 'And'
  | 'Or'
  | 'Not'
  | 'MatMul'
  | 'Reshape'
  | 'Transpose'
  | 'Slice'
  | 'Split'
  | 'Concat'
  | 'Expand'
  | 'Gather'
  | 'GatherElements'
  | 'ScatterElements'
  | 'ReduceSum'
  | 'ReduceMean'
  | 'ReduceMax'
  | 'ReduceMin'
  | 'ReduceSumSquare'
  | 'ReduceLogSumExp'
  | 'Softmax'
  | 'CumSum'
  | 'TopK'
  | 'SimplifiedLayerNormalization'
  | 'SkipSimplifiedLayerNormalization'
  | 'QuickGelu'
  | 'RotaryEmbedding'
  | 'GroupQueryAttention'
  | 'Loop';

/** Attributes of a node; which are present depends on the kind (see `ops.ts`). */
export interface Attributes {
  readonly axis?: number;
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
  readonly permutation?: readonly number[];
  readonly dims?: Dims;
  readonly start?: number;
  readonly end?: number;
  readonly sizes?: readonly number[];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly alpha?: number;
  readonly to?: DType;
  readonly add?: boolean;
  readonly k?: number;
  readonly epsilon?: number;
  readonly numHeads?: number;
  readonly numKeyValueHeads?: number;
  readonly body?: Graph;
  readonly numTrips?: number;
  readonly numCarried?: number;
}

/** Numbers held by a constant. */
export type ConstantData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** One tensor in a graph: the output of a node, an input, or a constant. */
export class Value {
  constructor(
    /** Unique in the whole program, bodies included. */
    readonly name: string,
    readonly dims: Dims,
    readonly dtype: DType,
    readonly graph: Graph,
    /** Present for constants. */
    readonly constant: ConstantData | null = null,
  ) {}

  /** Number of elements. Meaningless with unknown dims. */
  get size(): number {
    return sizeOf(this.dims);
  }

  toString(): string {
    return `${this.name}:${this.dtype}[${this.dims.join(', ')}]`;
  }
}

/** One operation. */
export interface Node {
  readonly op: OpName;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** A gradient given by hand for a value made of several nodes; see {@link Graph.setGradient}. */
export interface OwnGradient {
  readonly inputs: readonly Value[];
  readonly rule: (gradient: Value) => readonly (Value | null)[];
}

/** A named result. `resident`: stays on the device between runs (weights, optimiser state, caches). */
export interface Output {
  readonly name: string;
  readonly value: Value;
  readonly resident: boolean;
}

/** Product of the dims. */
export function sizeOf(dims: Dims): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** The type of a constant's numbers. */
function typeOf(data: ConstantData): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof Uint8Array ? 'bool' : 'int64';
}

/** Records nodes, inputs, constants and outputs. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Output[] = [];
  readonly ownGradients = new Map<Value, OwnGradient>();
  /** Its results are good enough when it is computed in float16 (`half.ts`), should the engine be asked to. */
  allowsFloat16 = false;
  readonly depth: number;
  readonly #root: Graph;
  readonly #scalars = new Map<string, Value>();
  #numNames = 0;

  /**
   * @param parent the graph this one is a loop body of
   * @param name what the program is called where its work is counted; need not be unique
   */
  constructor(
    readonly parent: Graph | null = null,
    readonly name = 'program',
  ) {
    this.depth = parent ? parent.depth + 1 : 0;
    this.#root = parent ? parent.#root : this;
  }

  /** A name no other value of the program has. */
  freshName(prefix = 'v'): string {
    return `${prefix}${this.#root.#numNames++}`;
  }

  /** Declares an input that every run must feed. */
  input(name: string, dims: Dims, dtype: DType = 'float32'): Value {
    if (this.inputs.some((input) => input.name === name)) throw new Error(`two inputs are named "${name}"`);
    const value = new Value(name, dims, dtype, this);
    this.inputs.push(value);
    return value;
  }

  /** Names a result of the program. */
  output(name: string, value: Value, { resident = false } = {}): void {
    if (this.outputs.some((output) => output.name === name)) throw new Error(`two outputs are named "${name}"`);
    this.outputs.push({ name, value, resident });
  }

  /**
   * A constant tensor; equal scalars are shared.
   * @param as float16, for floats that are to be rounded to it; else the type that the numbers have
   * @throws when the data does not fill the dims
   */
  constant(data: ConstantData, dims: Dims, as?: DType): Value {
    if (data.length !== sizeOf(dims)) throw new Error(`constant of ${data.length} numbers for dims [${dims.join(', ')}]`);
    const dtype = as ?? typeOf(data);
    const root = this.#root;
    if (data.length !== 1) return new Value(root.freshName('c'), dims, dtype, root, data);
    const key = `${dtype}:${dims.length}:${Object.is(data[0], -0) ? '-0' : String(data[0])}`;
    const known = root.#scalars.get(key);
    if (known) return known;
    const value = new Value(root.freshName('c'), dims, dtype, root, data);
    root.#scalars.set(key, value);
    return value;
  }

  /** A float32 scalar, dims []. */
  scalar(number: number): Value {
    return this.constant(Float32Array.of(number), []);
  }

  /** An int32 scalar, dims []. */
  integer(number: number): Value {
    return this.constant(Int32Array.of(number), []);
  }

  /** Records a node; its outputs take the dims and types given. Used by `ops.ts` only. */
  node(op: OpName, inputs: readonly Value[], outputs: readonly { dims: Dims; dtype: DType }[], attributes: Attributes = {}): Value[] {
    const read = attributes.body ? [...inputs, ...capturedValues(attributes.body)] : inputs;
    const owner = read.reduce<Graph>((deepest, input) => (input.graph.depth > deepest.depth ? input.graph : deepest), this.#root);
    const values = outputs.map(({ dims, dtype }) => new Value(owner.freshName(), dims, dtype, owner));
    owner.nodes.push({ op, inputs, outputs: values, attributes });
    return values;
  }

  /**
   * Gives `value` its own gradient: the backward pass calls `rule` with the gradient of `value` and takes what it
   * returns as the gradients of `inputs`, instead of going through the nodes in between.
   */
  setGradient(value: Value, inputs: readonly Value[], rule: OwnGradient['rule']): Value {
    value.graph.ownGradients.set(value, { inputs, rule });
    return value;
  }
}

/** The values a node reads, what its loop body captures from outside included. */
function reads(node: Node): readonly Value[] {
  const body = node.attributes.body;
  return body ? [...node.inputs, ...capturedValues(body)] : node.inputs;
}

/** Values a loop body uses that belong to an outer graph, constants aside. */
export function capturedValues(body: Graph): readonly Value[] {
  const captured = new Set<Value>();
  const visit = (value: Value) => {
    if (value.graph.depth < body.depth && value.constant === null) captured.add(value);
  };
  for (const node of liveNodes(body)) reads(node).forEach(visit);
  for (const output of body.outputs) visit(output.value);
  return [...captured];
}

/** The nodes that the outputs depend on, in running order. The rest (unused gradients, say) is never encoded or run. */
export function liveNodes(graph: Graph): Node[] {
  const needed = new Set<Value>(graph.outputs.map((output) => output.value));
  const live: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => needed.has(output))) continue;
    live.push(node);
    for (const value of reads(node)) needed.add(value);
  }
  return live.reverse();
}
