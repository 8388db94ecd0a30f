/** @file Rotary tables for the peers: cosines and sines of positions 0 … T − 1, each `[T, K]`, both halves filled. */
export function fullRotaryTables(length: number, headSize: number, base: number): { cos: Float32Array; sin: Float32Array } {
  const angles = Float64Array.from(
    { length: length * headSize },
    (_, at) => Math.floor(at / headSize) * base ** ((-2 * (at % (headSize / 2))) / headSize),
  );
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}
