/**
 * @file ONNX encoder: a Graph becomes a ModelProto that ONNX Runtime loads.
 *
 * The messages are in `onnx-proto.ts`. Shape-like arguments (axes, dims, starts) are int64 initialisers in the graph of
 * the node that reads them. Transposed products use Gemm for matrices, and for batches
 * com.microsoft.FusedMatMul, or Transpose and MatMul where that has no kernel (WebGPU: it would run on the CPU).
 */
import {
  capturedValues,
  liveNodes,
  UNKNOWN,
  type Attributes,
  type ConstantData,
  type DType,
  type Graph,
  type Node,
  type Value,
} from './graph';
import { ELEMENT_TYPES, encodeGraph, encodeModel, encodeNode, encodeTensor, encodeValueInfo, type OnnxAttribute } from './onnx-proto';

/** The domain of ONNX Runtime's own operators. */
const MICROSOFT = 'com.microsoft';

/** Where the file will run. The WebGPU provider has no kernel for FusedMatMul and Or, and would send both to the CPU. */
export interface EncodeOptions {
  readonly target: 'cpu' | 'webgpu';
}

/** Writes the nodes of one GraphProto, with the initialisers they need. */
class GraphEncoder {
  readonly #nodes: Uint8Array[] = [];
  readonly #initialisers = new Map<string, Uint8Array>();
  readonly #written = new Set<Value>();
  /** Values that are written under the name of the output they are, which saves a copy. */
  readonly #outputNames = new Map<Value, string>();

  constructor(
    readonly graph: Graph,
    readonly options: EncodeOptions,
  ) {
    // A loop's body knows the values it captures by their own names.
    const captured = new Set(graph.nodes.flatMap(({ attributes }) => (attributes.body ? capturedValues(attributes.body) : [])));
    for (const { name, value } of graph.outputs) {
      const isMadeHere = value.graph === graph && !value.constant && !graph.inputs.includes(value);
      if (isMadeHere && !captured.has(value) && !this.#outputNames.has(value)) this.#outputNames.set(value, onnxOutputName(graph, name));
    }
  }

  #initialiser(name: string, dtype: DType, dims: readonly number[], data: ConstantData): string {
    if (!this.#initialisers.has(name)) this.#initialisers.set(name, encodeTensor(name, dtype, dims, data));
    return name;
  }

  /** An int64 vector argument (axes, dims…), shared by all nodes of this graph that want the same. */
  #numbers(values: readonly number[], scalar = false): string {
    const name = `${scalar ? 'n' : 'i'}${this.graph.depth}_${values.join('_')}`;
    return this.#initialiser(name, 'int64', scalar ? [] : [values.length], BigInt64Array.from(values, BigInt));
  }

  #name(value: Value): string {
    if (value.constant && !this.#written.has(value)) {
      this.#written.add(value);
      // A body gets its own copy under its own name: one name in two scopes is not allowed.
      this.#initialiser(this.#constantName(value), value.dtype, value.dims, value.constant);
    }
    return value.constant ? this.#constantName(value) : (this.#outputNames.get(value) ?? value.name);
  }

  #constantName(value: Value): string {
    return this.graph.depth === 0 ? value.name : `${value.name}_${this.graph.depth}`;
  }

  #emit(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): void {
    this.#nodes.push(encodeNode({ op, inputs, outputs, attributes, domain }));
  }

  #matmul(inputs: readonly string[], outputs: readonly string[], node: Node): void {
    const { transposeA = false, transposeB = false, alpha = 1 } = node.attributes;
    const plain = !transposeA && !transposeB && alpha === 1;
    const matrices = node.inputs.every((input) => input.dims.length === 2);
    if (plain) this.#emit('MatMul', inputs, outputs);
    else if (matrices)
      this.#emit('Gemm', inputs, outputs, { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } });
    else if (this.options.target === 'cpu')
      this.#emit(
        'FusedMatMul',
        inputs,
        outputs,
        { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } },
        MICROSOFT,
      );
    else {
      const [y] = outputs as [string];
      const factors = node.inputs.map(({ dims }, i) => {
        if (!(i === 0 ? transposeA : transposeB)) return inputs[i]!;
        const rank = dims.length;
        const perm = dims.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
        this.#emit('Transpose', [inputs[i]!], [`${y}_factor${i}`], { perm });
        return `${y}_factor${i}`;
      });
      if (alpha !== 1) {
        const { dtype } = node.inputs[0]!;
        const constant = this.#initialiser(`alpha${this.graph.depth}_${alpha}_${dtype}`, dtype, [], Float32Array.of(alpha));
        this.#emit('Mul', [factors[0]!, constant], [`${y}_scaled`]);
        factors[0] = `${y}_scaled`;
      }
      this.#emit('MatMul', factors, outputs);
    }
  }

  #or(inputs: readonly string[], outputs: readonly string[]): void {
    if (this.options.target === 'cpu') return this.#emit('Or', inputs, outputs);
    const [y] = outputs as [string];
    const negated = inputs.map((_, i) => `${y}_not${i}`);
    inputs.forEach((input, i) => this.#emit('Not', [input], [negated[i]!]));
    this.#emit('And', negated, [`${y}_neither`]);
    this.#emit('Not', [`${y}_neither`], outputs);
  }

  /** max + log Σ exp(x − max): ONNX Runtime's WebGPU kernel leaves the maximum in, and overflows where x > 88. */
  #logSumExp(x: string, y: string, { axes = [], keepDims = false }: Attributes): void {
    const [along, max, shifted, rest, sum] = [this.#numbers(axes), `${y}_max`, `${y}_shifted`, `${y}_rest`, `${y}_sum`];
    const inPlace = keepDims || axes.length === 0;
    this.#emit('ReduceMax', [x, along], [max], { keepdims: 1 });
    this.#emit('Sub', [x, max], [shifted]);
    this.#emit('ReduceLogSumExp', [shifted, along], [rest], { keepdims: 1 });
    this.#emit('Add', [rest, max], [inPlace ? y : sum]);
    if (!inPlace) this.#emit('Squeeze', [sum, along], [y]);
  }

  #loop(inputs: readonly string[], outputs: readonly string[], { body, numTrips = 0 }: Attributes): void {
    const trips = this.#numbers([numTrips], true);
    const proceed = this.#initialiser(`true_${this.graph.depth}`, 'bool', [], Uint8Array.of(1));
    this.#emit('Loop', [trips, proceed, ...inputs], outputs, { body: { graph: new GraphEncoder(body!, this.options).encode() } });
  }

  #node(node: Node): void {
    const { op, attributes } = node;
    const inputs = node.inputs.map((input) => this.#name(input));
    const outputs = node.outputs.map((output) => this.#outputNames.get(output) ?? output.name);
    switch (op) {
      case 'MatMul':
        return this.#matmul(inputs, outputs, node);
      case 'Reshape':
      case 'Expand':
        return this.#emit(op, [...inputs, this.#numbers(attributes.dims!)], outputs);
      case 'Transpose':
        return this.#emit(op, inputs, outputs, { perm: attributes.permutation! });
      case 'Slice':
        return this.#emit(
          op,
          [...inputs, this.#numbers([attributes.start!]), this.#numbers([attributes.end!]), this.#numbers([attributes.axis!])],
          outputs,
        );
      case 'Split':
        return this.#emit(op, [...inputs, this.#numbers(attributes.sizes!)], outputs, { axis: attributes.axis! });
      case 'Concat':
      case 'Gather':
      case 'GatherElements':
      case 'Softmax':
        return this.#emit(op, inputs, outputs, { axis: attributes.axis! });
      case 'ScatterElements':
        return this.#emit(op, inputs, outputs, { axis: attributes.axis!, reduction: 'add' });
      case 'ReduceSum':
      case 'ReduceMean':
      case 'ReduceMax':
      case 'ReduceMin':
      case 'ReduceSumSquare':
        return this.#emit(op, [...inputs, this.#numbers(attributes.axes!)], outputs, { keepdims: Number(attributes.keepDims) });
      case 'ReduceLogSumExp':
        return this.#logSumExp(inputs[0]!, outputs[0]!, attributes);
      case 'CumSum':
        return this.#emit(op, [...inputs, this.#numbers([attributes.axis!], true)], outputs);
      case 'TopK':
        return this.#emit(op, [...inputs, this.#numbers([attributes.k!])], outputs, { axis: attributes.axis! });
      case 'Cast':
        return this.#emit(op, inputs, outputs, { to: ELEMENT_TYPES[attributes.to!] });
      case 'SimplifiedLayerNormalization':
        return this.#emit(op, inputs, outputs, { axis: -1, epsilon: { float: attributes.epsilon! } });
      case 'SkipSimplifiedLayerNormalization':
        // The operator's second and third outputs, mean and inverse deviation, are not asked for.
        return this.#emit(op, inputs, [outputs[0]!, '', '', outputs[1]!], { epsilon: { float: attributes.epsilon! } }, MICROSOFT);
      case 'QuickGelu':
        return this.#emit(op, inputs, outputs, { alpha: { float: 1 } }, MICROSOFT);
      case 'RotaryEmbedding':
        return this.#emit(op, inputs, outputs, { num_heads: attributes.numHeads! }, MICROSOFT);
      case 'GroupQueryAttention': {
        const [qkv, ...rest] = inputs as [string, ...string[]];
        const heads = { num_heads: attributes.numHeads!, kv_num_heads: attributes.numKeyValueHeads!, do_rotary: 1 };
        return this.#emit(op, [qkv, '', '', ...rest], outputs, heads, MICROSOFT);
      }
      case 'Loop':
        return this.#loop(inputs, outputs, attributes);
      case 'Or':
        return this.#or(inputs, outputs);
      default:
        return this.#emit(op, inputs, outputs);
    }
  }

  /**
   * The nodes are written last first. ONNX Runtime sorts them itself, from the results back, and of the inputs of a node
   * visits first the one that was written last: so it computes in about the order in which we recorded. Written first to
   * last, it would do a gradient step's matrices after everything else, and hold all that they need (a fifth more memory).
   * The body of a loop must be written first to last.
   */
  encode(): Uint8Array {
    for (const node of liveNodes(this.graph)) this.#node(node);
    for (const { name, value } of this.graph.outputs) {
      const [from, to] = [this.#name(value), onnxOutputName(this.graph, name)];
      if (from !== to) this.#emit('Identity', [from], [to]);
    }
    return encodeGraph({
      nodes: this.graph.depth === 0 ? this.#nodes.reverse() : this.#nodes,
      initialisers: this.#initialisers.values(),
      inputs: this.graph.inputs.map((input) => describe(input.name, input)),
      outputs: this.graph.outputs.map(({ name, value }) => describe(onnxOutputName(this.graph, name), value)),
    });
  }
}

/** The type of an input or output; what only the run knows is named after its axis. */
function describe(name: string, { dtype, dims }: Value): Uint8Array {
  return encodeValueInfo(
    name,
    dtype,
    dims.map((dim, axis) => (dim === UNKNOWN ? `${name}_${axis}` : dim)),
  );
}

/** ONNX wants every name once: an output named like an input (theta in, theta out) gets a suffix in the file. */
export function onnxOutputName(graph: Graph, name: string): string {
  return graph.inputs.some((input) => input.name === name) ? `${name}_out` : name;
}

/** The graph as the bytes of an ONNX model. */
export function encodeOnnx(graph: Graph, options: EncodeOptions = { target: 'cpu' }): Uint8Array {
  return encodeModel(new GraphEncoder(graph, options).encode(), [MICROSOFT]);
}
