/**
 * @file Half precision: a float32 graph becomes one that does its heavy work in float16, which real GPUs do in half the time
 * and memory. Inputs and outputs stay float32, so weights have float32 masters and nobody feeding a program need know.
 *
 * What is computed in which precision is autocast's rule (Micikevicius et al., arXiv 1710.03740; `torch.autocast`): products,
 * norms and attention in float16; softmax, logarithms, exponentials, sums and comparisons in float32; element-by-element
 * operators and moves in that of their inputs, float32 if they differ. So a cast stands only where the two meet.
 *
 * Training is left alone (`Graph.allowsFloat16`): ONNX Runtime's WebGPU products add up in their own element type, and a
 * weight's gradient is a sum over thousands of tokens, most of it too small for float16 (below 6e-5) without loss scaling.
 */
import { Graph, liveNodes, type DType, type Node, type OpName, type Value } from './graph';

type Precision = 'float32' | 'float16';

/** Computed in float16 whatever comes in. */
const HEAVY = new Set<OpName>([
  'MatMul',
  'SimplifiedLayerNormalization',
  'SkipSimplifiedLayerNormalization',
  'QuickGelu',
  'RotaryEmbedding',
  'GroupQueryAttention',
]);

/** Computed in the precision of what comes in. */
const FOLLOWING = new Set<OpName>([
  'Identity',
  'Reshape',
  'Transpose',
  'Slice',
  'Split',
  'Concat',
  'Expand',
  'Gather',
  'GatherElements',
  'Where',
  'Neg',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Min',
  'Max',
  'Sigmoid',
]);

const LARGEST = 65_504;
/** Below this, float16 loses digits, and some GPUs all of them. */
const SMALLEST_NORMAL = 2 ** -14;

/** What a value is: computed in one precision, or had in either at no cost. */
type Kind = Precision | 'either';

/** float16 holds a constant when it keeps its digits. */
const holds = (data: Float32Array) =>
  data.every((x) => x === 0 || (Math.abs(x) <= LARGEST && Math.abs(x) >= SMALLEST_NORMAL) || Number.isNaN(x));

/** Records the graph anew. */
class HalfBuilder {
  readonly result: Graph;
  readonly #kinds = new Map<Value, Kind>();
  readonly #producers = new Map<Value, Node>();
  /** The new value of an old one, in one precision. */
  readonly #made = { float32: new Map<Value, Value>(), float16: new Map<Value, Value>() };

  constructor(readonly graph: Graph) {
    this.result = new Graph(null, graph.name);
    for (const input of graph.inputs) this.#made.float32.set(input, this.result.input(input.name, input.dims, input.dtype));
  }

  build(): Graph {
    for (const node of liveNodes(this.graph)) {
      const kind = this.#kindOf(node);
      for (const output of node.outputs) {
        this.#kinds.set(output, kind);
        this.#producers.set(output, node);
      }
      if (kind !== 'either') this.#record(node, kind);
    }
    for (const { name, value, resident } of this.graph.outputs) this.result.output(name, this.#get(value, 'float32'), { resident });
    return this.result;
  }

  #kindOf(node: Node): Kind {
    if (HEAVY.has(node.op)) return 'float16';
    if (!FOLLOWING.has(node.op)) return 'float32';
    const kinds = node.inputs.filter(({ dtype }) => dtype === 'float32').map((input) => this.#kind(input));
    if (kinds.length === 0 || kinds.includes('float32')) return 'float32';
    return kinds.includes('float16') ? 'float16' : 'either';
  }

  #kind(value: Value): Kind {
    const known = this.#kinds.get(value);
    if (known) return known;
    if (value.constant) return holds(value.constant as Float32Array) ? 'either' : 'float32';
    return value.dims.length > 0 ? 'either' : 'float32'; // weights and caches; scalars may be anything
  }

  /** A value in the precision wanted; what is not a float is what it is. */
  #get(value: Value, wanted: Precision): Value {
    const precision = value.dtype === 'float32' ? wanted : 'float32';
    const known = this.#made[precision].get(value);
    if (known) return known;
    const made = this.#make(value, precision);
    this.#made[precision].set(value, made);
    return made;
  }

  #make(value: Value, precision: Precision): Value {
    if (value.constant) return this.result.constant(value.constant, value.dims, precision === 'float16' ? precision : value.dtype);
    const producer = this.#producers.get(value);
    if (producer && this.#kinds.get(value) === 'either') {
      this.#record(producer, precision);
      return this.#made[precision].get(value)!;
    }
    const other = this.#made[precision === 'float16' ? 'float32' : 'float16'].get(value)!;
    return this.result.node('Cast', [other], [{ dims: value.dims, dtype: precision }], { to: precision })[0]!;
  }

  #record({ op, inputs, outputs, attributes }: Node, precision: Precision): void {
    const typeOf = (dtype: DType) => (dtype === 'float32' ? precision : dtype);
    const made = this.result.node(
      op,
      inputs.map((input) => this.#get(input, precision)),
      outputs.map(({ dims, dtype }) => ({ dims, dtype: typeOf(dtype) })),
      attributes,
    );
    outputs.forEach((output, i) => this.#made[output.dtype === 'float32' ? precision : 'float32'].set(output, made[i]!));
  }
}

/** The graph with its heavy work in float16, or the graph itself where that is not allowed, or a loop keeps it on the processor. */
export function halfPrecision(graph: Graph): Graph {
  if (!graph.allowsFloat16 || liveNodes(graph).some(({ op }) => op === 'Loop')) return graph;
  return new HalfBuilder(graph).build();
}
