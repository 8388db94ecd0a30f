/** @file An engine that says it is a GPU, so that what is built for one can be run on any. */
import type { Engine } from '../../src/core/graph/engine';

/** `engine`, but `isGpu` as said. */
export function engineWith(engine: Engine, isGpu: boolean): Engine {
  return {
    name: engine.name,
    isGpu,
    compile: (graph) => engine.compile(graph),
    upload: (tensor) => engine.upload(tensor),
    copy: (tensor) => engine.copy(tensor),
    readAll: (tensors) => engine.readAll(tensors),
    stats: () => engine.stats(),
  };
}
