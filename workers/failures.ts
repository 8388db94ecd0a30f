/** @file Errors as data: what the page is told when something goes wrong in the worker. */
import { CheckpointError } from '../src/core/model/checkpoint-error';
import { NonFiniteLossError } from '../src/core/model/training-state';
import type { Failure } from '../src/protocol/load';
import { FileFailure } from './model-files';

/** The failure that an error amounts to. `lost` is why the GPU device went away, if it did. */
export function failureOf(error: unknown, lost: string | null): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof FileFailure) return error.failure;
  if (lost !== null) return { type: 'failed', code: 'device-lost', detail: `The graphics device was lost (${lost}).` };
  if (error instanceof NonFiniteLossError) return { type: 'failed', code: 'non-finite-loss', detail };
  if (error instanceof CheckpointError) return { type: 'failed', code: 'bad-checkpoint', detail };
  if (error instanceof BadRequest || error instanceof RangeError) return { type: 'failed', code: 'bad-request', detail };
  if (/out of memory|OOM|bad_alloc|allocat/i.test(detail)) return { type: 'failed', code: 'out-of-memory', detail };
  return { type: 'failed', code: 'internal', detail };
}

/** The page asked for something that cannot be done; the message says what. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}
