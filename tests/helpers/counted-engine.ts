/** @file An engine that counts what is alive on it: uploads, copies and resident results that nobody has disposed of, and programs. */
import type { Engine, EngineTensor } from '../../src/core/graph/engine';

/** What is alive. */
export interface Alive {
  readonly tensors: number;
  readonly programs: number;
}

/** Counts on `engine`, which is changed in place. @returns what is alive now */
export function countAlive(engine: Engine): () => Alive {
  const tensors = new Set<EngineTensor>();
  let programs = 0;
  const count = (tensor: EngineTensor): EngineTensor => {
    if (tensors.has(tensor)) return tensor; // made by another counted method
    tensors.add(tensor);
    const dispose = tensor.dispose.bind(tensor);
    tensor.dispose = () => {
      tensors.delete(tensor);
      dispose();
    };
    return tensor;
  };
  const { compile, upload, copy } = engine;
  engine.upload = (tensor) => count(upload.call(engine, tensor));
  engine.copy = async (tensor) => count(await copy.call(engine, tensor));
  engine.compile = async (graph) => {
    const program = await compile.call(engine, graph);
    const resident = graph.outputs.filter((output) => output.resident).map(({ name }) => name);
    let released = false;
    programs++;
    return {
      run: async (feeds) => {
        const results = await program.run(feeds);
        for (const name of resident) count(results[name]!);
        return results;
      },
      release: async () => {
        if (!released) programs--;
        released = true;
        await program.release();
      },
    };
  };
  return () => ({ tensors: tensors.size, programs });
}
