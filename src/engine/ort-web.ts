/**
 * @file onnxruntime-web: the engine of the page, in a worker. WebGPU where an adapter answers, else wasm.
 *
 * One build serves both (the asyncify one), from our own origin, never a CDN. Threads need cross-origin isolation;
 * without it wasm runs on one. The queue is one for the worker, whatever engines are made in it.
 */
import * as ort from 'onnxruntime-web/webgpu';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import type { Engine } from '../core/graph/engine';
import { requestOwnDevice } from './device';
import { OrtEngine } from './ort-engine';
import { JobQueue } from './queue';

const queue = new JobQueue();

/** An engine and what to say of it. */
export interface WebEngine {
  readonly engine: Engine;
  readonly backend: 'webgpu' | 'wasm';
  readonly label: string;
  readonly numThreads: number;
  /** Why WebGPU was wanted and not had; null when it was not wanted or is there. */
  readonly fallbackReason: string | null;
  /** Resolves when the GPU device is lost; never on wasm. */
  readonly lost: Promise<string>;
}

/** Threads worth starting: all cores but one, four at most (more do not help small matrices). */
function numWasmThreads(): number {
  return globalThis.crossOriginIsolated ? Math.max(1, Math.min(4, navigator.hardwareConcurrency || 1)) : 1;
}

/**
 * Starts ONNX Runtime.
 * @param choice `auto` and `webgpu` fall back to wasm, with the reason
 */
export async function createWebEngine(choice: 'auto' | 'webgpu' | 'wasm'): Promise<WebEngine> {
  const numThreads = numWasmThreads();
  ort.env.wasm.wasmPaths = { wasm: new URL(wasmUrl, self.location.href).href, mjs: new URL(glueUrl, self.location.href).href };
  ort.env.wasm.numThreads = numThreads;
  ort.env.logLevel = 'error';
  const found = choice === 'wasm' ? null : await requestOwnDevice();
  if (found?.device) {
    const { device, label } = found;
    const sessionOptions = { executionProviders: [{ name: 'webgpu', device }], graphOptimizationLevel: 'all' } as const;
    const engine = new OrtEngine({ name: 'webgpu', ort, queue, sessionOptions, device });
    const lost = device.lost.then((info) => info.message || info.reason);
    return { engine, backend: 'webgpu', label, numThreads: 1, fallbackReason: null, lost };
  }
  const engine = new OrtEngine({
    name: 'wasm',
    ort,
    queue,
    sessionOptions: { executionProviders: ['wasm'], graphOptimizationLevel: 'all' },
    device: null,
  });
  const label = numThreads === 1 ? '1 thread' : `${numThreads} threads`;
  return {
    engine,
    backend: 'wasm',
    label,
    numThreads,
    fallbackReason: found?.device === null ? found.reason : null,
    lost: new Promise(() => undefined),
  };
}
