/**
 * @file What runs graphs: the interface that the interpreter and ONNX Runtime implement.
 *
 * Algorithms take an `Engine`, so the same loop runs in a plain Node test, in wasm and on a GPU. Tensors are either
 * host tensors (plain typed arrays) or handles to memory the engine owns; outputs marked `resident` come back as
 * handles, to be fed to the next run without a copy, and must be disposed by whoever replaces them.
 */
import type { EngineStats } from './engine-stats';
import type { Dims, Graph } from './graph';

/** Numbers read back from an engine. bool is 0 or 1 in a Uint8Array. */
export type Numbers = Float32Array | Int32Array | Uint8Array;

/** A tensor in ordinary memory. int64 (positions) can be fed, and is never read back. */
export interface HostTensor {
  readonly dims: Dims;
  readonly data: Numbers | BigInt64Array;
}

/** A tensor an engine made: read it, feed it to another run, or dispose of it. */
export interface EngineTensor {
  readonly dims: Dims;
  /** The numbers, copied to ordinary memory. int64 results (top-k indices) come as int32. */
  read(): Promise<Numbers>;
  /** Gives the memory back. Reading or feeding it afterwards is an error. */
  dispose(): void;
}

/** Something that can be fed to a run. */
export type Tensor = HostTensor | EngineTensor;

/** A compiled graph. */
export interface Program {
  /**
   * Runs once.
   * @param feeds one tensor for each input of the graph, by name
   * @throws when an input is missing or has other dims
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, EngineTensor>>;
  /** Frees the compiled program. */
  release(): Promise<void>;
}

/** Compiles graphs for one device. */
export interface Engine {
  /** `interpreter`, `node`, `wasm` or `webgpu`. */
  readonly name: string;
  /** True when results live on a GPU, where reading back and control flow are dear. */
  readonly isGpu: boolean;
  compile(graph: Graph): Promise<Program>;
  /** Puts numbers where the engine's programs read them fastest. */
  upload(tensor: HostTensor): EngineTensor;
  /**
   * A tensor of its own with the same numbers, made where they are: nothing is read back. It outlives the original.
   * @throws when the tensor was disposed, or is of another engine
   */
  copy(tensor: EngineTensor): Promise<EngineTensor>;
  /**
   * The numbers of several tensors, in their order; like `read` of each, but however many lie on a GPU, they come back
   * in one transfer that is waited for once.
   * @throws when one was disposed, or is of another engine
   */
  readAll(tensors: readonly EngineTensor[]): Promise<Numbers[]>;
  /** What has been done so far, by program, and the memory held now. Cheap. */
  stats(): EngineStats;
}

/** A float32 scalar to feed. */
export const scalarTensor = (value: number): HostTensor => ({ dims: [], data: Float32Array.of(value) });

/** The first number of a tensor. */
export async function readNumber(tensor: EngineTensor): Promise<number> {
  return (await tensor.read())[0]!;
}
