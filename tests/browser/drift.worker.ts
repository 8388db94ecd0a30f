/**
 * @file One GRPO run on one backend, in a worker of its own: every run starts ONNX Runtime afresh.
 */
import { createWebEngine } from '../../src/engine/ort-web';
import { driftRun, type DriftRun } from '../helpers/drift';

/** What to run, and on what. */
export interface DriftRequest {
  readonly backend: 'wasm' | 'webgpu';
  /** As many processors as the worker is to believe in; wasm starts a thread for each, up to four. */
  readonly numProcessors: number;
  readonly numUpdates: number;
  readonly seed: number;
}

/** A run, and what it ran on. */
export interface DriftResponse {
  readonly run: DriftRun;
  readonly backend: string;
  readonly numThreads: number;
}

async function answer(request: DriftRequest): Promise<void> {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: request.numProcessors });
  const { engine, backend, numThreads } = await createWebEngine(request.backend);
  const response: DriftResponse = { run: await driftRun(engine, request), backend, numThreads };
  self.postMessage(response);
}

self.addEventListener('message', ({ data }: MessageEvent<DriftRequest>) => void answer(data).catch(reportError));
