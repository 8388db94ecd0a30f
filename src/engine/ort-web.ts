/**
 * @file onnxruntime-web: the engine of the page, in a worker. WebGPU where an adapter answers, else wasm.
 *
 * Each has its own build of ONNX Runtime, fetched only when it is used, from our own origin, never a CDN: the CPU-only
 * one is half as large and faster on small batches. Threads need cross-origin isolation; without it wasm runs on one.
 * The queue is one for the worker, whatever engines are made in it.
 */
import type { Env } from 'onnxruntime-common';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import webgpuWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import webgpuGlueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import type { Engine } from '../core/graph/engine';
import { requestOwnDevice, type DeviceEnd } from './device';
import { countGpuWork } from './gpu-counters';
import { OrtEngine } from './ort-engine';
import { PlacementLog } from './placement-log';
import { JobQueue } from './queue';
import { watchWasmHeap } from './wasm-heap';

const queue = new JobQueue();
let log: PlacementLog | null = null;

/** Severity 3, errors: warnings tell of every loop that its control runs on the processor, as it must. */
const SESSION_OPTIONS = { graphOptimizationLevel: 'all', logSeverityLevel: 3 } as const;

/** An engine and what to say of it. */
export interface WebEngine {
  readonly engine: Engine;
  readonly backend: 'webgpu' | 'wasm';
  readonly label: string;
  /** A GPU that a processor plays. */
  readonly isSoftware: boolean;
  readonly numThreads: number;
  /** Why WebGPU was wanted and not had; null when it was not wanted or is there. */
  readonly fallbackReason: string | null;
  /** Resolves when the GPU device can no longer be used; never on wasm. */
  readonly lost: Promise<DeviceEnd>;
}

/** Where a build finds its parts, and how many threads it may start. Must be said before its first session. */
function configure(env: Env, wasm: string, glue: string, numThreads: number): void {
  env.wasm.wasmPaths = { wasm: new URL(wasm, self.location.href).href, mjs: new URL(glue, self.location.href).href };
  env.wasm.numThreads = numThreads;
  env.logLevel = 'error';
}

/** Threads worth starting: four at most, more do not help small matrices. */
function numWasmThreads(): number {
  return globalThis.crossOriginIsolated ? Math.max(1, Math.min(4, navigator.hardwareConcurrency || 1)) : 1;
}

/**
 * Starts ONNX Runtime.
 * @param choice `auto` and `webgpu` fall back to wasm, with the reason
 * @param options `debug`: hear from ONNX Runtime which nodes it puts on the processor; must be asked for before its
 *   module is first loaded in a worker
 */
export async function createWebEngine(choice: 'auto' | 'webgpu' | 'wasm', { debug = false } = {}): Promise<WebEngine> {
  const heapBytes = watchWasmHeap();
  const placements = debug ? (log ??= new PlacementLog()) : null;
  const found = choice === 'wasm' ? null : await requestOwnDevice();
  if (found?.device) {
    const { device, label, isSoftware, ended } = found;
    const ort = await import('onnxruntime-web/webgpu');
    configure(ort.env, webgpuWasmUrl, webgpuGlueUrl, 1);
    const sessionOptions = { ...SESSION_OPTIONS, executionProviders: [{ name: 'webgpu', device }] };
    const gpu = { device, counts: countGpuWork() };
    const engine = new OrtEngine({ name: 'webgpu', ort, queue, sessionOptions, gpu, heapBytes, placements });
    return { engine, backend: 'webgpu', label, isSoftware, numThreads: 1, fallbackReason: null, lost: ended };
  }
  const numThreads = numWasmThreads();
  const ort = await import('onnxruntime-web/wasm');
  configure(ort.env, wasmUrl, glueUrl, numThreads);
  const engine = new OrtEngine({
    name: 'wasm',
    ort,
    queue,
    sessionOptions: { ...SESSION_OPTIONS, executionProviders: ['wasm'] },
    gpu: null,
    heapBytes,
    placements,
  });
  const label = numThreads === 1 ? '1 thread' : `${numThreads} threads`;
  return {
    engine,
    backend: 'wasm',
    label,
    isSoftware: false,
    numThreads,
    fallbackReason: found?.device === null ? found.reason : null,
    lost: new Promise(() => undefined),
  };
}
