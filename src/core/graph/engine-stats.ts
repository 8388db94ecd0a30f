/**
 * @file What an engine says of itself: the work each program has caused, and the memory held.
 *
 * Counting is always on and costs an addition a call. Programs that do the same, compiled anew for another run, share a
 * name and add up. On a CPU there is nothing to dispatch and nothing to bring back, so those numbers stay 0.
 */

/** Work done since the engine started. */
export interface Work {
  readonly numRuns: number;
  /** Compute shaders started on the GPU. */
  readonly numDispatches: number;
  /** Times the GPU was waited for to get numbers back. */
  readonly numReadBacks: number;
  /** Bytes brought from the GPU to ordinary memory. */
  readonly readBackBytes: number;
  /** Bytes brought from ordinary memory to the GPU: feeds, weights, and the few numbers every shader is told. */
  readonly uploadedBytes: number;
}

/** A node that ONNX Runtime computes on the processor although the engine has a GPU. */
export interface ProcessorNode {
  /** ONNX operator. */
  readonly op: string;
  /** Name in the ONNX file. */
  readonly name: string;
}

/** The work of the programs of one name. */
export interface ProgramStats extends Work {
  readonly name: string;
  /** Where nodes ran, as ONNX Runtime told when the program was last compiled; null when it was not asked (see `debug`). */
  readonly processorNodes: readonly ProcessorNode[] | null;
}

/** Memory held now. Numbers are null where an engine cannot know. */
export interface EngineMemory {
  /** GPU buffers made and not yet destroyed, by us or by ONNX Runtime. */
  readonly numBuffers: number | null;
  readonly bufferBytes: number | null;
  /** Size of the wasm heap, which never shrinks. */
  readonly heapBytes: number | null;
}

/** Everything an engine counts. */
export interface EngineStats {
  /** In the order the names were first compiled. */
  readonly programs: readonly ProgramStats[];
  /** Uploads, copies and reads outside programs. */
  readonly transfers: Work;
  readonly memory: EngineMemory;
}

/** Nothing done. */
export const NO_WORK: Work = { numRuns: 0, numDispatches: 0, numReadBacks: 0, readBackBytes: 0, uploadedBytes: 0 };

function combine(a: Work, b: Work, sign: 1 | -1): Work {
  return {
    numRuns: a.numRuns + sign * b.numRuns,
    numDispatches: a.numDispatches + sign * b.numDispatches,
    numReadBacks: a.numReadBacks + sign * b.numReadBacks,
    readBackBytes: a.readBackBytes + sign * b.readBackBytes,
    uploadedBytes: a.uploadedBytes + sign * b.uploadedBytes,
  };
}

/** a + b, number by number. */
export const addWork = (a: Work, b: Work): Work => combine(a, b, 1);

/** a − b, number by number: what was done between two readings. */
export const subtractWork = (a: Work, b: Work): Work => combine(a, b, -1);

/** All the work an engine has done. */
export const totalWork = ({ programs, transfers }: EngineStats): Work => programs.reduce(addWork, transfers);
