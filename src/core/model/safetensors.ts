/**
 * @file Reading and writing safetensors files: eight bytes of header length, a JSON header, then the numbers.
 *
 * The reader trusts nothing. As the reference implementation does, it requires that the tensors lie end to end and fill
 * the file, so no byte is read twice or hidden. Numbers are little-endian, as on every machine a browser runs on.
 * Format: https://github.com/huggingface/safetensors#format
 */
import { CheckpointError } from './checkpoint-error';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../float16';

/** Element types that are read and written. */
export type SafetensorsDtype = 'F32' | 'F16' | 'BF16';

/** One tensor of a file, still in its bytes. */
export interface StoredTensor {
  readonly dtype: SafetensorsDtype;
  readonly dims: readonly number[];
  /** A view into the file, not a copy; not necessarily aligned. */
  readonly bytes: Uint8Array;
}

/** A tensor to write; `data` is row-major in `dims`. */
export interface NamedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const ELEMENT_BYTES: Readonly<Record<SafetensorsDtype, number>> = { F32: 4, F16: 2, BF16: 2 };
const MAX_HEADER_BYTES = 100_000_000;
const MAX_DIMS = 8;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The header object and where the numbers begin. */
function readHeader(file: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (file.length < 8) throw new CheckpointError(`The weights file is only ${file.length} bytes long.`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > file.length - 8)
    throw new CheckpointError(`The weights file is not safetensors, or is cut short: it announces a header of ${headerBytes} bytes.`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + headerBytes)));
  } catch {
    throw new CheckpointError('The header of the weights file is not JSON.');
  }
  if (!isObject(header)) throw new CheckpointError('The header of the weights file is not a JSON object.');
  return { header, start: 8 + headerBytes };
}

/** One header entry, checked against itself; `begin` and `end` count from the first number of the file. */
function readEntry(name: string, entry: unknown): { dtype: SafetensorsDtype; dims: number[]; begin: number; end: number } {
  const fail = (what: string): CheckpointError => new CheckpointError(`The tensor ${quoted(name)} ${what}.`);
  if (!isObject(entry)) throw fail('is not described by an object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
    throw fail(`has the element type ${quoted(String(JSON.stringify(dtype)))}; only F32, F16 and BF16 are supported`);
  if (!Array.isArray(shape) || shape.length > MAX_DIMS || !shape.every(isSize)) throw fail('has no proper shape');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) throw fail('has no proper offsets');
  const [begin, end] = offsets as [number, number];
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (end - begin !== size * ELEMENT_BYTES[dtype])
    throw fail(`has ${end - begin} bytes, but its shape [${shape.join(', ')}] in ${dtype} needs ${size * ELEMENT_BYTES[dtype]}`);
  return { dtype, dims: shape, begin, end };
}

/**
 * The tensors of a safetensors file, by name.
 * @throws CheckpointError saying what is wrong, and with which tensor
 */
export function readSafetensors(file: Uint8Array): Map<string, StoredTensor> {
  const { header, start } = readHeader(file);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => ({ name, ...readEntry(name, entry) }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, StoredTensor>();
  let position = 0;
  for (const { name, dtype, dims, begin, end } of entries) {
    if (begin !== position)
      throw new CheckpointError(`The tensor ${quoted(name)} ${begin < position ? 'overlaps another' : 'leaves a gap before it'}.`);
    if (start + end > file.length)
      throw new CheckpointError(`The tensor ${quoted(name)} reaches past the end of the file, which may be cut short.`);
    tensors.set(name, { dtype, dims, bytes: file.subarray(start + begin, start + end) });
    position = end;
  }
  if (start + position !== file.length)
    throw new CheckpointError(`The weights file has ${file.length - start - position} bytes that belong to no tensor.`);
  return tensors;
}

/** The numbers of a stored tensor, widened to float32 exactly: a copy. */
export function tensorData(tensor: StoredTensor): Float32Array {
  const { buffer } = new Uint8Array(tensor.bytes); // A copy starts aligned; slice() of Node's Buffer would not copy.
  if (tensor.dtype === 'F32') return new Float32Array(buffer);
  return tensor.dtype === 'F16' ? float16ToFloat32(new Uint16Array(buffer)) : bfloat16ToFloat32(new Uint16Array(buffer));
}

/** How numbers are narrowed, and the bits of infinity in what they become. */
const HALVES = {
  F16: { narrow: float32ToFloat16, infinity: 0x7c00, name: 'float16' },
  BF16: { narrow: float32ToBfloat16, infinity: 0x7f80, name: 'bfloat16' },
} as const;

/** The bytes of a tensor's numbers in the type they are stored in. */
function encode({ name, data }: NamedTensor, dtype: SafetensorsDtype): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const { narrow, infinity, name: type } = HALVES[dtype];
  const halves = narrow(data);
  const lost = data.findIndex((value, i) => Number.isFinite(value) && (halves[i]! & 0x7fff) === infinity);
  if (lost >= 0) throw new CheckpointError(`The tensor ${quoted(name)} holds ${data[lost]}, which is too large for ${type}.`);
  return new Uint8Array(halves.buffer);
}

/**
 * A safetensors file. Tensors are written in order of their names, so equal weights give equal bytes.
 * @param metadata free text; Hugging Face libraries want to see `format: 'pt'`
 * @throws RangeError when a tensor's data does not fill its dims or a name occurs twice
 * @throws CheckpointError when a finite number is too large for the type
 */
export function writeSafetensors(
  tensors: Iterable<NamedTensor>,
  dtype: SafetensorsDtype,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header = new Map<string, unknown>([['__metadata__', metadata]]);
  let position = 0;
  for (const { name, dims, data } of sorted) {
    if (dims.reduce((product, dim) => product * dim, 1) !== data.length)
      throw new RangeError(`The tensor ${quoted(name)} has ${data.length} numbers for the shape [${dims.join(', ')}].`);
    if (header.has(name)) throw new RangeError(`There are two tensors called ${quoted(name)}.`);
    const end = position + data.length * ELEMENT_BYTES[dtype];
    header.set(name, { dtype, shape: dims, data_offsets: [position, end] });
    position = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + position);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.fill(0x20, 8, 8 + headerBytes); // The format pads with spaces.
  file.set(json, 8);
  let start = 8 + headerBytes;
  for (const tensor of sorted) {
    const bytes = encode(tensor, dtype);
    file.set(bytes, start);
    start += bytes.length;
  }
  return file;
}

/** A name from a file, short enough to show. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
