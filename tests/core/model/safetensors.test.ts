/**
 * @file Half precision by its definition, and a reader that no file can fool or crash.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../../../src/core/float16';
import { readSafetensors, tensorData, writeSafetensors } from '../../../src/core/model/safetensors';

const ALL_HALVES = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** The number a float16 pattern stands for, by the definition. */
function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest of all patterns up to `infinity`, which counts as the next power of two; the even one of two. */
function nearest(value: number, widen: (half: number) => number, infinity: number, limit: number): number {
  const magnitude = Math.abs(value);
  let [low, high] = [0, infinity];
  const at = (half: number): number => (half === infinity ? limit : widen(half));
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(middle) <= magnitude) low = middle;
    else high = middle;
  }
  const [below, above] = [magnitude - at(low), at(high) - magnitude];
  const chosen = below < above || (below === above && low % 2 === 0) ? low : high;
  return Object.is(Math.sign(value), -0) || value < 0 ? chosen | 0x8000 : chosen;
}

const bits = (values: Float32Array): number[] => [...new Uint32Array(values.buffer)];

describe('float16', () => {
  it('widens all 65536 patterns to the numbers they stand for', () => {
    expect([...float16ToFloat32(ALL_HALVES)]).toEqual(Array.from(ALL_HALVES, float16Value));
  });

  it('narrows them back to the same bits, NaNs included', () => {
    expect(float32ToFloat16(float16ToFloat32(ALL_HALVES))).toEqual(ALL_HALVES);
  });

  it('rounds any float32 to the nearest, ties to even', () => {
    const between = fc.tuple(fc.integer({ min: 0, max: 0x7bff }), fc.constantFrom(-1, 0, 1)).map(([half, step]) => {
      const next = half === 0x7bff ? 65536 : float16Value(half + 1);
      const word = bits(Float32Array.of((float16Value(half) + next) / 2))[0]! + step; // Around a midpoint.
      return new Float32Array(Uint32Array.of(word).buffer)[0]!;
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.float({ noNaN: true }), fc.float({ noNaN: true, min: -1, max: 1 }), between),
        fc.boolean(),
        (magnitude, minus) => {
          const value = minus ? -magnitude : magnitude;
          expect(float32ToFloat16(Float32Array.of(value))[0]).toBe(nearest(value, float16Value, 0x7c00, 65536));
        },
      ),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('keeps a NaN a NaN when its payload is lost', () => {
    const quietest = new Float32Array(Uint32Array.of(0x7f800001, 0xff800001).buffer);
    expect(float16ToFloat32(float32ToFloat16(quietest)).every(Number.isNaN)).toBe(true);
    expect(bfloat16ToFloat32(float32ToBfloat16(quietest)).every(Number.isNaN)).toBe(true);
  });
});

describe('bfloat16', () => {
  const value = (half: number): number => new Float32Array(Uint32Array.of(half << 16).buffer)[0]!;

  it('widens by appending zeros and narrows back to the same bits', () => {
    expect(bits(bfloat16ToFloat32(ALL_HALVES))).toEqual(Array.from(ALL_HALVES, (half) => (half << 16) >>> 0));
    expect(float32ToBfloat16(bfloat16ToFloat32(ALL_HALVES))).toEqual(ALL_HALVES);
  });

  it('rounds any float32 to the nearest, ties to even', () => {
    const tie = fc.integer({ min: 0, max: 0x7f7f }).map((half) => new Float32Array(Uint32Array.of((half << 16) | 0x8000).buffer)[0]!);
    fc.assert(
      fc.property(fc.oneof(fc.float({ noNaN: true }), tie), (x) => {
        expect(float32ToBfloat16(Float32Array.of(x))[0]).toBe(nearest(x, value, 0x7f80, 2 ** 128));
      }),
      { numRuns: 3000, seed: 2 },
    );
  });
});

/** A file from a header of any kind and a number of data bytes. */
function fileOf(header: unknown, numBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + numBytes);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(json, 8);
  return file;
}

const tensor = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('readSafetensors', () => {
  it('reads a file written out byte by byte', () => {
    const file = fileOf(
      { __metadata__: { format: 'pt' }, b: tensor(4, 8, [2], 'F16'), c: tensor(8, 10, [], 'BF16'), a: tensor(0, 4, [1, 1]) },
      10,
    );
    file.set([0, 0, 0xc0, 0x3f, 0x00, 0x3c, 0x01, 0x00, 0x40, 0xc0], file.length - 10);
    const tensors = readSafetensors(file);
    expect([...tensors.keys()]).toEqual(['a', 'b', 'c']);
    expect([...tensorData(tensors.get('a')!)]).toEqual([1.5]);
    expect([...tensorData(tensors.get('b')!)]).toEqual([1, 2 ** -24]);
    expect([...tensorData(tensors.get('c')!)]).toEqual([-3]);
    expect(tensors.get('a')!.dims).toEqual([1, 1]);
  });

  it('reads from the middle of a larger buffer, at any alignment', () => {
    const file = writeSafetensors([{ name: 'x', dims: [2], data: Float32Array.of(1, -2) }], 'F32');
    const larger = new Uint8Array(file.length + 7);
    larger.set(file, 3);
    const found = readSafetensors(larger.subarray(3, 3 + file.length)).get('x')!;
    expect([...tensorData(found)]).toEqual([1, -2]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /only 0 bytes/],
    ['a web page', new TextEncoder().encode('<!doctype html><title>Not found</title>'), /not safetensors/],
    ['a huge header length', new Uint8Array(16).fill(255, 0, 8), /not safetensors/],
    ['a header that is not JSON', fileOf('{'), /not JSON\./],
    ['a header that is a list', fileOf([]), /not a JSON object/],
    ['a header that is not UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), /not JSON\./],
    ['an unknown element type', fileOf({ x: tensor(0, 8, [1], 'I64') }, 8), /"x" has the element type "\\"I64\\""/],
    ['a negative dimension', fileOf({ x: tensor(0, 4, [-1]) }, 4), /"x" has no proper shape/],
    ['a fractional dimension', fileOf({ x: tensor(0, 4, [0.5, 2]) }, 4), /"x" has no proper shape/],
    ['dimensions that overflow', fileOf({ x: tensor(0, 0, [2 ** 50, 2 ** 50, 2 ** 50]) }), /"x" has 0 bytes, but/],
    ['offsets that are not a pair', fileOf({ x: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4), /"x" has no proper offsets/],
    ['a shape that does not fit', fileOf({ x: tensor(0, 8, [3]) }, 8), /"x" has 8 bytes, but its shape \[3\] in F32 needs 12/],
    ['reversed offsets', fileOf({ x: tensor(8, 4, [1]) }, 8), /"x" has -4 bytes/],
    ['an entry that is no object', fileOf({ x: 1 }), /"x" is not described/],
    ['overlapping tensors', fileOf({ x: tensor(0, 8), y: tensor(4, 12) }, 12), /"y" overlaps another/],
    ['a gap', fileOf({ x: tensor(0, 4), y: tensor(8, 12) }, 12), /"y" leaves a gap/],
    ['a file cut short', fileOf({ x: tensor(0, 8) }, 4), /"x" reaches past the end/],
    ['bytes left over', fileOf({ x: tensor(0, 4) }, 6), /2 bytes that belong to no tensor/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readSafetensors(file)).toThrow(CheckpointError);
    expect(() => readSafetensors(file)).toThrow(message);
  });

  it('throws nothing but CheckpointError, whatever bytes it is given', () => {
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I8', 3),
      shape: fc.array(fc.nat(3)),
      data_offsets: fc.array(fc.nat(16)),
    });
    const headers = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue()), { maxKeys: 3 }));
    const good = writeSafetensors([{ name: 'x', dims: [3], data: Float32Array.of(1, 2, 3) }], 'F16');
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([i, byte]) => Uint8Array.from(good, (x, j) => (i === j ? byte : x)));
    const files = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(headers, fc.nat(16)).map(([header, size]) => fileOf(header, size)),
      damaged,
    );
    let numRead = 0;
    fc.assert(
      fc.property(files, (file) => {
        try {
          for (const found of readSafetensors(file).values()) tensorData(found);
          numRead++;
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 3000, seed: 3 },
    );
    expect(numRead).toBeGreaterThan(10); // Damage to the numbers themselves goes unseen here; the manifest's hash is for that.
  });
});

describe('writeSafetensors', () => {
  const anyTensors = fc.uniqueArray(
    fc
      .tuple(fc.string(), fc.array(fc.float(), { maxLength: 6 }))
      .map(([name, values]) => ({ name: `t${name}`, dims: [values.length], data: Float32Array.from(values) })),
    { selector: (item) => item.name, maxLength: 4 },
  );

  it('is undone by the reader, bit for bit in F32', () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const read = readSafetensors(writeSafetensors(tensors, 'F32'));
        expect([...read.keys()].sort()).toEqual(tensors.map((item) => item.name).sort());
        for (const { name, dims, data } of tensors) {
          expect(read.get(name)!.dims).toEqual(dims);
          expect(bits(tensorData(read.get(name)!))).toEqual(bits(data));
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it('aligns the numbers to eight bytes and names PyTorch as the format', () => {
    const file = writeSafetensors([{ name: 'odd', dims: [1], data: Float32Array.of(1) }], 'F32');
    const headerBytes = new DataView(file.buffer).getUint32(0, true);
    expect(headerBytes % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes))) as unknown;
    expect(header).toMatchObject({ __metadata__: { format: 'pt' }, odd: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } });
  });

  it('gives the same bytes whatever the order of the tensors', () => {
    const [a, b] = ['a', 'b'].map((name) => ({ name, dims: [1], data: Float32Array.of(name.length) })) as [never, never];
    expect(writeSafetensors([a, b], 'F16')).toEqual(writeSafetensors([b, a], 'F16'));
  });

  it('refuses wrong dims, equal names, and numbers that float16 would turn into infinity', () => {
    const x = { name: 'x', dims: [1], data: Float32Array.of(70000) };
    expect(() => writeSafetensors([{ ...x, dims: [2] }], 'F32')).toThrow(RangeError);
    expect(() => writeSafetensors([x, x], 'F32')).toThrow(RangeError);
    expect(() => writeSafetensors([x], 'F16')).toThrow(/"x" holds 70000, which is too large for float16/);
  });
});
