/**
 * @file A seed decides a run: 50 updates of GRPO give the same bytes on wasm, each time. Across backends rounding differs,
 * and the weights drift apart by some hundred-thousandths of the way they went.
 */
import { describe, expect, it } from 'vitest';
import { bytesOf, drift, type DriftRun } from '../helpers/drift';
import type { DriftRequest, DriftResponse } from './drift.worker';

/** Of the distance the weights moved. Measured: 0 between one thread and two, 2e-5 between wasm and software WebGPU. */
const DRIFT_BOUND = 2e-4;

/** Runs in a fresh worker. */
async function runInWorker(request: Partial<DriftRequest> = {}): Promise<DriftResponse> {
  const worker = new Worker(new URL('./drift.worker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise<DriftResponse>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<DriftResponse>) => resolve(data));
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
      const defaults: DriftRequest = { backend: 'wasm', numProcessors: 1, numUpdates: 50, seed: 1 };
      worker.postMessage({ ...defaults, ...request });
    });
  } finally {
    worker.terminate();
  }
}

/** Both drew the same tokens at every update, and ended within the bound. */
function expectSameRun(found: DriftRun, expected: DriftRun): void {
  expect(found.drawn).toEqual(expected.drawn);
  expect(drift(found, expected)).toBeLessThan(DRIFT_BOUND);
}

describe('on wasm', () => {
  it('the same seed gives the same bytes of theta after 50 updates, and another seed other tokens', async () => {
    const [first, second, other] = [await runInWorker(), await runInWorker(), await runInWorker({ seed: 2, numUpdates: 1 })];
    expect(first.backend).toBe('wasm');
    expect(first.run.drawn).toHaveLength(50);
    expect(bytesOf(second.run) === bytesOf(first.run)).toBe(true);
    expect(other.run.drawn[0]).not.toBe(first.run.drawn[0]);
    expect(bytesOf({ ...first.run, theta: first.run.start }) === bytesOf(first.run)).toBe(false);
  }, 120_000);

  it('with two threads a run stays with that of one', async () => {
    const [one, two] = [await runInWorker({ numUpdates: 10 }), await runInWorker({ numUpdates: 10, numProcessors: 2 })];
    expect([one.numThreads, two.numThreads]).toEqual([1, 2]);
    expectSameRun(two.run, one.run);
  }, 120_000);
});

describe('on WebGPU', () => {
  it('a run stays with that on wasm', async () => {
    const numUpdates = 3;
    const [gpu, wasm] = [await runInWorker({ backend: 'webgpu', numUpdates }), await runInWorker({ numUpdates })];
    expect([gpu.backend, wasm.backend]).toEqual(['webgpu', 'wasm']);
    expectSameRun(gpu.run, wasm.run);
  }, 180_000); // a software GPU takes its time
});
