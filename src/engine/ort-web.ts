/**
 * @file onnxruntime-web: the engine of the page, in a worker. WebGPU where an adapter answers, else wasm.
 *
 * Each has its own build of ONNX Runtime, fetched only when it is used, from our own origin, never a CDN: the CPU-only
 * one is half as large and faster on small batches. Threads need cross-origin isolation; without it wasm runs on one.
 * The queue is one for the worker, whatever engines are made in it.
 */
import type { Env } from 'onnxruntime-common';
import type { Engine } from '../core/graph/engine';
import { requestOwnDevice, type DeviceEnd } from './device';
import { countGpuWork } from './gpu-counters';
import { OrtEngine, type Precision } from './ort-engine';
import { PlacementLog } from './placement-log';
import { JobQueue } from './queue';
import { watchWasmHeap } from './wasm-heap';
import { numWasmThreads, wasmPaths } from './wasm-paths';

const queue = new JobQueue();
let log: PlacementLog | null = null;

/** Severity 3, errors: warnings tell of every loop that its control runs on the processor, as it must. */
const SESSION_OPTIONS = { graphOptimizationLevel: 'all', logSeverityLevel: 3 } as const;

const NO_FLOAT16 = 'This graphics adapter cannot compute in float16 (it has no shader-f16), so the model runs in float32.';

/** An engine and what to say of it. */
export interface WebEngine {
  readonly engine: Engine;
  readonly backend: 'webgpu' | 'wasm';
  readonly label: string;
  /** A GPU that a processor plays. */
  readonly isSoftware: boolean;
  readonly numThreads: number;
  /** In what programs that allow it do their heavy work. */
  readonly precision: Precision;
  /** The adapter could do it in float16. */
  readonly offersFloat16: boolean;
  /** Why what was wanted was not had; null when it was. */
  readonly fallbackReason: string | null;
  /** Resolves when the GPU device can no longer be used; never on wasm. */
  readonly lost: Promise<DeviceEnd>;
}

/** Says where a build finds its parts, and how many threads it may start. Must be said before its first session. */
function configure(env: Env, build: 'webgpu' | 'wasm', numThreads: number): void {
  env.wasm.wasmPaths = wasmPaths(build);
  env.wasm.numThreads = numThreads;
  env.logLevel = 'error';
}

/**
 * Starts ONNX Runtime.
 * @param choice `auto` and `webgpu` fall back to wasm, `webgpu-float16` to WebGPU in float32, with the reason
 * @param options `debug`: hear from ONNX Runtime which nodes it puts on the processor; must be asked for before its
 *   module is first loaded in a worker
 */
export async function createWebEngine(choice: 'auto' | 'webgpu' | 'webgpu-float16' | 'wasm', { debug = false } = {}): Promise<WebEngine> {
  const heapBytes = watchWasmHeap();
  const placements = debug ? (log ??= new PlacementLog()) : null;
  const float16 = choice === 'webgpu-float16';
  const found = choice === 'wasm' ? null : await requestOwnDevice({ float16 });
  if (found?.device) {
    const { device, label, isSoftware, offersFloat16, ended } = found;
    const precision = float16 && offersFloat16 ? 'float16' : 'float32';
    const fallbackReason = precision === 'float32' && float16 ? NO_FLOAT16 : null;
    const ort = await import('onnxruntime-web/webgpu');
    configure(ort.env, 'webgpu', 1);
    const sessionOptions = { ...SESSION_OPTIONS, executionProviders: [{ name: 'webgpu', device }] };
    const gpu = { device, counts: countGpuWork() };
    const engine = new OrtEngine({ name: 'webgpu', ort, queue, sessionOptions, precision, gpu, heapBytes, placements });
    return { engine, backend: 'webgpu', label, isSoftware, numThreads: 1, precision, offersFloat16, fallbackReason, lost: ended };
  }
  const numThreads = numWasmThreads();
  const ort = await import('onnxruntime-web/wasm');
  configure(ort.env, 'wasm', numThreads);
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
    precision: 'float32',
    offersFloat16: false,
    fallbackReason: found?.device === null ? found.reason : null,
    lost: new Promise(() => undefined),
  };
}
