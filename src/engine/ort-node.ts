/** @file onnxruntime-node: the engine of the command line and of tests in Node, on the CPU. */
import * as ort from 'onnxruntime-node';
import type { Engine } from '../core/graph/engine';
import { OrtEngine } from './ort-engine';
import { JobQueue } from './queue';

/** An engine on `numThreads` CPU threads. */
export function createNodeEngine({ numThreads = 2 } = {}): Engine {
  const sessionOptions = {
    intraOpNumThreads: numThreads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  } as const;
  return new OrtEngine({ name: 'node', ort, queue: new JobQueue(), sessionOptions, gpu: null, heapBytes: null, placements: null });
}
