/**
 * @file The Engine over ONNX Runtime, for any of its builds: the part that onnxruntime-web and -node share.
 *
 * A graph is encoded, compiled into a session, and run with named tensors. On a GPU, resident outputs stay there, and the
 * others come back together, one wait a run. All calls go through one queue (`queue.ts`), and all work is counted
 * (`work-ledger.ts`).
 */
import type { InferenceSession, Tensor as OrtTensorType, TensorConstructor, InferenceSessionFactory } from 'onnxruntime-common';
import type { Engine, EngineTensor, HostTensor, Numbers, Program, Tensor } from '../core/graph/engine';
import type { EngineStats, ProcessorNode } from '../core/graph/engine-stats';
import { UNKNOWN, type Graph, type Output, type Value } from '../core/graph/graph';
import { encodeOnnx, onnxOutputName } from '../core/graph/onnx';
import type { GpuCounts } from './gpu-counters';
import { download, gpuBytes, hostNumbers, OrtTensor, storageBuffer, type TensorHome } from './ort-tensor';
import type { PlacementLog } from './placement-log';
import type { JobQueue } from './queue';
import { WorkLedger } from './work-ledger';

/** The two classes of onnxruntime-common that we use, from whichever build. */
export interface OrtModule {
  readonly Tensor: TensorConstructor;
  readonly InferenceSession: InferenceSessionFactory;
}

/** What an engine is made of. */
export interface OrtEngineOptions {
  readonly name: string;
  readonly ort: OrtModule;
  readonly queue: JobQueue;
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** The GPU, and what is counted on it; null on CPU. */
  readonly gpu: { readonly device: GPUDevice; readonly counts: Readonly<GpuCounts> } | null;
  /** Bytes of the wasm heap; null where there is none. */
  readonly heapBytes: (() => number) | null;
  /** Asked where nodes were placed, in debug mode. */
  readonly placements: PlacementLog | null;
}

/** Compiles and runs graphs on ONNX Runtime. */
export class OrtEngine implements Engine {
  readonly name: string;
  readonly isGpu: boolean;
  readonly #home: TensorHome;

  constructor(readonly options: OrtEngineOptions) {
    const { name, gpu, queue } = options;
    this.name = name;
    this.isGpu = gpu !== null;
    this.#home = { queue, device: gpu?.device ?? null, ledger: new WorkLedger(gpu?.counts ?? null) };
  }

  async compile(graph: Graph): Promise<Program> {
    const { queue, ledger } = this.#home;
    const { name } = graph;
    const model = encodeOnnx(graph, { target: this.isGpu ? 'webgpu' : 'cpu' });
    const session = await queue.run(async () => {
      ledger.enter(name, null);
      const [made, processorNodes] = await ledger.work(name, 0, () => this.#createSession(graph, model));
      ledger.enter(name, processorNodes);
      return made;
    });
    // GPU results belong to their session, which must live until the program and the last result are given back.
    let numHolders = 1;
    const letGo = async () => {
      if (--numHolders === 0) await session.release();
    };
    let released = false;
    return {
      run: async (feeds) => {
        if (released) throw new Error('this program was released');
        const inputs = Object.fromEntries(graph.inputs.map((input) => [input.name, this.#toOrt(input, feeds[input.name])]));
        const results = await queue.run(() => ledger.work(name, 1, () => this.#run(session, inputs)));
        return Object.fromEntries(
          graph.outputs.map((output) => {
            const tensor = results[onnxOutputName(graph, output.name)]!;
            const onGpu = tensor.location === 'gpu-buffer';
            if (onGpu) numHolders++;
            const free = async () => {
              tensor.dispose();
              if (onGpu) await letGo();
            };
            return [output.name, new OrtTensor(tensor, this.#home, free)];
          }),
        );
      },
      release: async () => {
        if (released) return;
        released = true;
        await queue.run(letGo);
      },
    };
  }
