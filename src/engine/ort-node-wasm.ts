/**
 * @file onnxruntime-web's CPU build in Node: the same wasm that a page without a GPU runs, without a browser around it. For
 * studies whose figures must be the page's; everything else in Node is faster on `ort-node.ts`.
 */
import * as ort from 'onnxruntime-web';
import type { Engine } from '../core/graph/engine';
import { OrtEngine } from './ort-engine';
import { JobQueue } from './queue';

/** An engine on `numThreads` wasm threads; the first one made decides how many for the process. */
export function createNodeWasmEngine({ numThreads = 2 } = {}): Engine {
  ort.env.wasm.numThreads = numThreads;
  ort.env.logLevel = 'error';
  const sessionOptions = { graphOptimizationLevel: 'all', executionProviders: ['wasm'] } as const;
  return new OrtEngine({ name: 'wasm', ort, queue: new JobQueue(), sessionOptions, gpu: null, heapBytes: null, placements: null });
}
