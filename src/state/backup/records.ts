/**
 * @file A value that the browser keeps as bytes, and back: JSON, with numbers that are none and typed arrays beside it.
 *
 * IndexedDB keeps more than JSON has words for. What is met there today is what this knows; anything else is refused when it is
 * written, so that nothing is lost in silence. Reading makes plain data only: names like `__proto__` are dropped.
 */

/** The kinds of typed array, by their name in a file. */
const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array } as const;
type ArrayKind = keyof typeof ARRAYS;
type Typed = InstanceType<(typeof ARRAYS)[ArrayKind]>;

/** A value in two parts. */
export interface PackedValue {
  readonly json: string;
  readonly arrays: readonly { readonly kind: ArrayKind; readonly data: Typed }[];
}

/** Deepest nesting; what the page keeps is nowhere near it. */
const MAX_DEPTH = 40;
/** Marks what JSON cannot say; a key that begins with it is written with one more. */
const MARK = '$';
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const kindOf = (value: object) => (Object.keys(ARRAYS) as ArrayKind[]).find((kind) => value instanceof ARRAYS[kind]);

/** @throws TypeError for a value that the file has no word for */
export function packValue(value: unknown): PackedValue {
  const arrays: { kind: ArrayKind; data: Typed }[] = [];
  const pack = (part: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new TypeError('It is nested too deeply.');
    if (part === null || typeof part === 'string' || typeof part === 'boolean') return part;
    if (typeof part === 'number') return Number.isFinite(part) ? part : { [MARK]: String(part) };
    if (Array.isArray(part)) return part.map((item) => pack(item, depth + 1) ?? null);
    if (part === undefined) return undefined;
    if (typeof part !== 'object') throw new TypeError(`There is no way to write a ${typeof part}.`);
    const kind = kindOf(part);
    if (kind) return { [MARK]: arrays.push({ kind, data: part as Typed }) - 1 };
    const prototype: unknown = Object.getPrototypeOf(part);
    if (prototype !== Object.prototype && prototype !== null) throw new TypeError('There is no way to write one of its parts.');
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key.startsWith(MARK) ? MARK + key : key, pack(item, depth + 1)]));
  };
  return { json: JSON.stringify(pack(value, 0) ?? null), arrays };
}

/** @throws TypeError when it is no value as `packValue` writes them */
export function unpackValue(json: unknown, arrays: readonly Typed[]): unknown {
  const unpack = (part: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new TypeError('It is nested too deeply.');
    if (part === null || typeof part !== 'object') return part;
    if (Array.isArray(part)) return part.map((item) => unpack(item, depth + 1));
    if (MARK in part) return marked(part[MARK]);
    const entries = Object.entries(part).filter(([key]) => !FORBIDDEN.has(key));
    return Object.fromEntries(entries.map(([key, item]) => [key.startsWith(MARK) ? key.slice(1) : key, unpack(item, depth + 1)]));
  };
  const marked = (mark: unknown): unknown => {
    if (mark === 'NaN' || mark === 'Infinity' || mark === '-Infinity') return Number(mark);
    const array = typeof mark === 'number' ? arrays[mark] : undefined;
    if (array === undefined) throw new TypeError('A part is missing.');
    return array;
  };
  return unpack(json, 0);
}

/** Bytes of each number of a kind; undefined for a name that is none. */
export const bytesEach = (kind: string): number | undefined =>
  Object.hasOwn(ARRAYS, kind) ? ARRAYS[kind as ArrayKind].BYTES_PER_ELEMENT : undefined;

/** An array of a kind, over bytes of its own. @param bytes as many as the kind divides */
export function arrayOf(kind: ArrayKind, bytes: Uint8Array<ArrayBuffer>): Typed {
  const own = bytes.byteOffset % 8 === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  return new ARRAYS[kind](own.buffer);
}

export type { ArrayKind };
