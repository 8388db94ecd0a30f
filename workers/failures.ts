/** @file Errors as data: what the page is told when something goes wrong in the worker. */
import { CheckpointError } from '../src/core/model/checkpoint-error';
import { NonFiniteLossError } from '../src/core/model/training-state';
import type { DeviceEnd } from '../src/engine/device';
import { TooLargeError } from '../src/engine/limits';
import type { Failure } from '../src/protocol/load';
import { FileFailure } from './model-files';

/** How runtimes say that memory ran out: V8 and its wasm, C++, ONNX Runtime, WebGPU. */
export const OUT_OF_MEMORY = /out of memory|\bOOM\b|bad_alloc|allocation failed|failed to allocate|maximum memory size exceeded/i;

/** The failure that an error amounts to. `lost` is why the GPU device can no longer be used, if so. */
export function failureOf(error: unknown, lost: DeviceEnd | null): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof FileFailure) return error.failure;
  if (lost !== null) return lostFailure(lost);
  if (error instanceof TooLargeError) return { type: 'failed', code: 'too-large', detail };
  if (error instanceof NonFiniteLossError) return { type: 'failed', code: 'non-finite-loss', detail };
  if (error instanceof CheckpointError) return { type: 'failed', code: 'bad-checkpoint', detail };
  if (OUT_OF_MEMORY.test(detail)) return { type: 'failed', code: 'out-of-memory', detail };
  if (error instanceof BadRequest || error instanceof RangeError) return { type: 'failed', code: 'bad-request', detail };
  // Emscripten aborts with it, and wasm traps are it: the module cannot be used again.
  if (error instanceof WebAssembly.RuntimeError) return { type: 'failed', code: 'worker-crashed', detail };
  return { type: 'failed', code: 'internal', detail };
}

/** The failure that the end of a device amounts to. */
export function lostFailure({ code, reason }: DeviceEnd): Failure {
  const detail =
    code === 'device-lost' ? `The graphics device was lost (${reason}).` : `The graphics device ran out of memory (${reason}).`;
  return { type: 'failed', code, detail };
}

/** The page asked for something that cannot be done; the message says what. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}
