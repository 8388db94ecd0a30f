/**
 * @file Half-precision numbers, exactly as IEEE 754 has them: float16 (5 exponent bits) and bfloat16 (float32's top half).
 *
 * Widening is exact; narrowing rounds to the nearest, ties to even, through subnormals, and overflows to infinity. NaNs
 * stay NaNs and keep their sign and leading payload bits. All work is on bit patterns, so nothing is lost on the way.
 */

/** The float32 values of float16 bit patterns. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = (half & 0x8000) << 16;
    let exponent = (half >>> 10) & 0x1f;
    let fraction = half & 0x3ff;
    if (exponent === 0x1f) {
      bits[i] = sign | 0x7f800000 | (fraction << 13);
      continue;
    }
    if (exponent === 0) {
      if (fraction === 0) {
        bits[i] = sign;
        continue;
      }
      // Subnormal: shift the leading one into the implicit place.
      const shift = Math.clz32(fraction) - 21;
      fraction = (fraction << shift) & 0x3ff;
      exponent = 1 - shift;
    }
    bits[i] = sign | ((exponent + 112) << 23) | (fraction << 13);
  }
  return new Float32Array(bits.buffer);
}

/** `value >>> shift`, rounded to nearest, ties to even. */
function shiftRounded(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The float16 bit patterns nearest to float32 values. */
export function float32ToFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      // A payload that only lived in the lost bits must not turn the NaN into infinity.
      halves[i] = sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200);
    } else if (magnitude >= 0x477ff000) {
      halves[i] = sign | 0x7c00; // 65520 and above: nearer to 2^16 than to the largest float16.
    } else if (magnitude >= 0x38800000) {
      // A fraction that rounds up to one carries into the exponent, which is what it should do.
      halves[i] = sign | shiftRounded(magnitude - (112 << 23), 13);
    } else if (magnitude > 0x33000000) {
      // Below 2^-14 the result is subnormal, in steps of 2^-24; 2^-25 itself is a tie and goes to zero.
      const shift = 126 - (magnitude >>> 23);
      halves[i] = sign | shiftRounded((magnitude & 0x7fffff) | 0x800000, shift);
    } else {
      halves[i] = sign;
    }
  }
  return halves;
}

/** The float32 values of bfloat16 bit patterns. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** The bfloat16 bit patterns nearest to float32 values. */
export function float32ToBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    const nan = (word & 0x7fffffff) > 0x7f800000;
    halves[i] = nan ? (word >>> 16) | ((word >>> 16) & 0x7f ? 0 : 0x40) : shiftRounded(word, 16);
  }
  return halves;
}
