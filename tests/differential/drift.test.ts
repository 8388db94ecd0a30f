/**
 * @file The same GRPO run natively and in WebAssembly, both in Node: the same tokens, and weights that part by a
 * hundred-thousandth of the way they went. (tests/browser/determinism.test.ts has wasm threads and WebGPU.)
 */
import { describe, expect, it } from 'vitest';
import * as ort from 'onnxruntime-web/wasm';
import { OrtEngine } from '../../src/engine/ort-engine';
import { createNodeEngine } from '../../src/engine/ort-node';
import { JobQueue } from '../../src/engine/queue';
import { bytesOf, drift, driftRun, type DriftRun } from '../helpers/drift';

/** Of the distance the weights moved. Measured over three seeds: 0.9e-5 to 1.7e-5 here, 1.2e-5 to 2.0e-5 after 50 updates. */
const DRIFT_BOUND = 2e-4;

const runNatively = (numThreads: number, numUpdates: number, seed = 1): Promise<DriftRun> =>
  driftRun(createNodeEngine({ numThreads }), { numUpdates, seed });

describe('GRPO', () => {
  it('natively gives the same bytes of theta after 50 updates for the same seed, on one thread or two', async () => {
    const first = await runNatively(1, 50);
    for (const numThreads of [1, 2])
      expect(bytesOf(await runNatively(numThreads, 50)) === bytesOf(first), `${numThreads} threads`).toBe(true);
    expect(bytesOf(await runNatively(1, 50, 2)) === bytesOf(first)).toBe(false);
  });

  it('in WebAssembly draws the same tokens in ten updates, and ends near the weights of the native run', async () => {
    const native = await runNatively(1, 10);
    ort.env.wasm.numThreads = 1;
    const sessionOptions = { executionProviders: ['wasm'], graphOptimizationLevel: 'all' } as const;
    const engine = new OrtEngine({
      name: 'wasm',
      ort,
      queue: new JobQueue(),
      sessionOptions,
      gpu: null,
      heapBytes: null,
      placements: null,
    });
    const wasm = await driftRun(engine, { numUpdates: 10 });
    expect(wasm.drawn).toEqual(native.drawn);
    expect(drift(wasm, native)).toBeLessThan(DRIFT_BOUND);
    expect(drift(wasm, native)).toBeGreaterThan(0); // other kernels did run
  });
});
