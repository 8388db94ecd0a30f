/**
 * @file Writes an ONNX graph node by node, for files that other programs run.
 *
 * Our own graphs (`graph.ts`) know nearly every size, which makes them fast and differentiable; a file for others takes
 * any batch and length, and works its shapes out as it runs. Values are plain names here, and nothing is checked: ONNX
 * Runtime does that when it loads the file.
 */
import type { DType } from './graph';
import { ELEMENT_TYPES, encodeGraph, encodeModel, encodeNode, encodeTensor, encodeValueInfo, type OnnxAttribute } from './onnx-proto';

/** Sizes of an input or output; a text names a size that only the run knows. */
export type DynamicDims = readonly (number | string)[];

/** Collects nodes in running order. Each method that adds a node returns the name of its result. */
export class OnnxWriter {
  readonly #nodes: Uint8Array[] = [];
  readonly #initialisers = new Map<string, Uint8Array>();
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];
  #numNames = 0;

  /** Declares an input. */
  input(name: string, dtype: DType, dims: DynamicDims): string {
    this.#inputs.push(encodeValueInfo(name, dtype, dims));
    return name;
  }

  /** Declares a result; some node must write it under this name. */
  output(name: string, dtype: DType, dims: DynamicDims): void {
    this.#outputs.push(encodeValueInfo(name, dtype, dims));
  }

  /** Numbers that belong to the file, such as weights; row-major in `dims`. The first of a name is kept. */
  tensor(name: string, dims: readonly number[], data: Float32Array | BigInt64Array): string {
    const dtype = data instanceof Float32Array ? 'float32' : 'int64';
    if (!this.#initialisers.has(name)) this.#initialisers.set(name, encodeTensor(name, dtype, dims, data));
    return name;
  }

  /** A float32 scalar, shared by all who want the same. */
  scalar(value: number): string {
    return this.tensor(`float_${value}`, [], Float32Array.of(value));
  }

  /** An int64 scalar, shared likewise. */
  index(value: number): string {
    return this.tensor(`index_${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  /** An int64 vector (axes, dims), shared likewise. */
  numbers(...values: readonly number[]): string {
    return this.tensor(`numbers_${values.join('_')}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** Adds a node with several results. */
  nodes(op: string, inputs: readonly string[], numOutputs: number, attributes: Readonly<Record<string, OnnxAttribute>> = {}): string[] {
    const outputs = Array.from({ length: numOutputs }, () => `${op.toLowerCase()}_${this.#numNames++}`);
    this.#nodes.push(encodeNode({ op, inputs, outputs, attributes }));
    return outputs;
  }

  /** Adds a node with one result, named as said or after its operator. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}, name?: string): string {
    const output = name ?? `${op.toLowerCase()}_${this.#numNames++}`;
    this.#nodes.push(encodeNode({ op, inputs, outputs: [output], attributes }));
    return output;
  }

  /** Converts elements to another type. */
  cast(x: string, to: DType): string {
    return this.node('Cast', [x], { to: ELEMENT_TYPES[to] });
  }

  /** The file. */
  finish(): Uint8Array {
    const [nodes, inputs, outputs] = [this.#nodes, this.#inputs, this.#outputs];
    return encodeModel(encodeGraph({ nodes, initialisers: this.#initialisers.values(), inputs, outputs }));
  }
}
