/**
 * @file The messages of an ONNX file in protobuf's wire format. Field numbers are those of onnx.proto3
 * (github.com/onnx/onnx).
 *
 * Messages nest: each function gives the bytes of one, to be written into the next. `onnx.ts` writes our graphs with
 * them, `model/onnx-export.ts` a model for other programs.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { float32ToFloat16 } from '../float16';
import type { ConstantData, DType } from './graph';

/** The operators' version that our files ask for. */
const OPSET = 21;
const IR_VERSION = 10;

/** ONNX's numbers of the element types. */
export const ELEMENT_TYPES: Readonly<Record<DType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 };

/** An attribute: whole number, text, whole numbers, float, or the bytes of a GraphProto. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | { readonly graph: Uint8Array };

/** A NodeProto. */
export interface OnnxNode {
  readonly op: string;
  /** Empty names stand for optional inputs and outputs left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** '' for the standard operators. */
  readonly domain?: string;
}

/** The parts of a GraphProto, each already bytes. */
export interface OnnxGraph {
  readonly nodes: Iterable<Uint8Array>;
  readonly initialisers: Iterable<Uint8Array>;
  readonly inputs: Iterable<Uint8Array>;
  readonly outputs: Iterable<Uint8Array>;
}

function bytes(writer: BinaryWriter, field: number, value: Uint8Array): void {
  writer.tag(field, WireType.LengthDelimited).bytes(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function encodeAttribute(name: string, value: OnnxAttribute): Uint8Array {
  const writer = new BinaryWriter();
  text(writer, 1, name);
  let type: number;
  if (typeof value === 'number') {
    integer(writer, 3, value);
    type = 2;
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    type = 3;
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    type = 1;
  } else if ('graph' in value) {
    bytes(writer, 6, value.graph);
    type = 5;
  } else {
    for (const item of value) integer(writer, 8, item);
    type = 7;
  }
  integer(writer, 20, type);
  return writer.finish();
}

/** A NodeProto, named after its first output. */
export function encodeNode({ op, inputs, outputs, attributes = {}, domain = '' }: OnnxNode): Uint8Array {
  const writer = new BinaryWriter();
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  text(writer, 3, `${op}_${outputs[0]}`);
  text(writer, 4, op);
  for (const [name, value] of Object.entries(attributes)) bytes(writer, 5, encodeAttribute(name, value));
  if (domain) text(writer, 7, domain);
  return writer.finish();
}

/** A TensorProto; `data` is row-major in `dims`. */
export function encodeTensor(name: string, dtype: DType, dims: readonly number[], data: ConstantData): Uint8Array {
  const writer = new BinaryWriter();
  const numbers = dtype === 'float16' ? float32ToFloat16(data as Float32Array) : data;
  for (const dim of dims) integer(writer, 1, dim);
  integer(writer, 2, ELEMENT_TYPES[dtype]);
  text(writer, 8, name);
  bytes(writer, 9, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  return writer.finish();
}

/** A ValueInfoProto of a tensor. A dim that is a text is known only at run time; equal texts are equal dims. */
export function encodeValueInfo(name: string, dtype: DType, dims: readonly (number | string)[]): Uint8Array {
  const shape = new BinaryWriter();
  for (const dim of dims) {
    const dimension = new BinaryWriter();
    if (typeof dim === 'string') text(dimension, 2, dim);
    else integer(dimension, 1, dim);
    bytes(shape, 1, dimension.finish());
  }
  const tensor = new BinaryWriter();
  integer(tensor, 1, ELEMENT_TYPES[dtype]);
  bytes(tensor, 2, shape.finish());
  const type = new BinaryWriter();
  bytes(type, 1, tensor.finish());
  const writer = new BinaryWriter();
  text(writer, 1, name);
  bytes(writer, 2, type.finish());
  return writer.finish();
}

/** A GraphProto. */
export function encodeGraph({ nodes, initialisers, inputs, outputs }: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter();
  for (const node of nodes) bytes(writer, 1, node);
  text(writer, 2, 'aftertrain');
  for (const tensor of initialisers) bytes(writer, 5, tensor);
  for (const input of inputs) bytes(writer, 11, input);
  for (const output of outputs) bytes(writer, 12, output);
  return writer.finish();
}

/** A ModelProto: the file. Standard operators, and those of the domains named, version 1. */
export function encodeModel(graph: Uint8Array, domains: readonly string[] = []): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, IR_VERSION);
  text(writer, 2, 'aftertrain');
  bytes(writer, 7, graph);
  for (const [domain, version] of [['', OPSET] as const, ...domains.map((name) => [name, 1] as const)]) {
    const opset = new BinaryWriter();
    text(opset, 1, domain);
    integer(opset, 2, version);
    bytes(writer, 8, opset.finish());
  }
  return writer.finish();
}
