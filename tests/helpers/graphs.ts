/**
 * @file Small graphs for tests: random feeds in float32 and float64, and reading results.
 *
 * The interpreter takes float64 host data (types say float32), which is what central differences need.
 */
import type { Engine, EngineTensor, HostTensor, Tensor } from '../../src/core/graph/engine';
import type { Dims, Graph } from '../../src/core/graph/graph';
import type { Random } from '../../src/core/random';

/** A float64 tensor for the interpreter. */
export function float64(dims: Dims, data: Iterable<number>): HostTensor {
  return { dims, data: Float64Array.from(data) as unknown as Float32Array };
}

/** Standard normal float32 numbers. */
export function normals(random: Random, length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, () => scale * random.normal());
}

/** Shorthands for feeds. */
export const floats = (dims: Dims, data: Iterable<number>): HostTensor => ({ dims, data: Float32Array.from(data) });
export const ints = (dims: Dims, data: Iterable<number>): HostTensor => ({ dims, data: Int32Array.from(data) });

/** What a run returned, in ordinary memory. */
export interface Result {
  readonly dims: Dims;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Reads all outputs of a run. */
export async function readAll(outputs: Readonly<Record<string, EngineTensor>>): Promise<Record<string, Result>> {
  const results: Record<string, Result> = {};
  for (const [name, tensor] of Object.entries(outputs)) results[name] = { dims: [...tensor.dims], data: await tensor.read() };
  return results;
}

/** Compiles, runs once, reads everything, and releases. */
export async function runOnce(engine: Engine, graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Result>> {
  const program = await engine.compile(graph);
  try {
    const outputs = await program.run(feeds);
    const results = await readAll(outputs);
    Object.values(outputs).forEach((output) => output.dispose());
    return results;
  } finally {
    await program.release();
  }
}
