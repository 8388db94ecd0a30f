/**
 * @file The Engine over ONNX Runtime, for any of its builds: the part that onnxruntime-web and -node share.
 *
 * A graph is encoded, compiled into a session, and run with named tensors. On a GPU, resident outputs stay there, and the
 * others come back together, one wait a run. All calls go through one queue (`queue.ts`), and all work is counted
 * (`work-ledger.ts`).
 */
import type { Env, InferenceSession, Tensor as OrtTensorType, TensorConstructor, InferenceSessionFactory } from 'onnxruntime-common';
import type { Engine, EngineTensor, HostTensor, Numbers, Program, Tensor } from '../core/graph/engine';
import type { EngineStats, ProcessorNode } from '../core/graph/engine-stats';
import { UNKNOWN, type Dims, type Graph, type Output, type Value } from '../core/graph/graph';
import { halfPrecision } from '../core/graph/half';
import { encodeOnnx, onnxOutputName } from '../core/graph/onnx';
import type { GpuCounts } from './gpu-counters';
import { assertGraphFits, assertTensorFits, type BufferLimits } from './limits';
import { download, gpuBytes, hostNumbers, OrtTensor, storageBuffer, type TensorHome } from './ort-tensor';
import type { PlacementLog } from './placement-log';
import type { JobQueue } from './queue';
import { WorkLedger } from './work-ledger';

/** What we use of onnxruntime-common, from whichever build. */
export interface OrtModule {
  readonly env: Pick<Env, 'versions'>;
  readonly Tensor: TensorConstructor;
  readonly InferenceSession: InferenceSessionFactory;
}

/** In what the heavy work is done. */
export type Precision = 'float32' | 'float16';

/** What an engine is made of. */
export interface OrtEngineOptions {
  readonly name: string;
  readonly ort: OrtModule;
  readonly queue: JobQueue;
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** float16: programs that allow it do their heavy work in it; float32 when left out. */
  readonly precision?: Precision;
  /** The GPU, and what is counted on it; null on CPU. */
  readonly gpu: { readonly device: GPUDevice; readonly counts: Readonly<GpuCounts> } | null;
  /** What a buffer may hold, when not what the GPU says: for tests. */
  readonly limits?: BufferLimits;
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
  readonly #limits: BufferLimits | null;

  constructor(readonly options: OrtEngineOptions) {
    const { name, gpu, queue, limits } = options;
    this.#limits = limits ?? gpu?.device.limits ?? null;
    this.name = name;
    this.isGpu = gpu !== null;
    this.#home = { queue, device: gpu?.device ?? null, ledger: new WorkLedger(gpu?.counts ?? null) };
  }

  async compile(graph: Graph): Promise<Program> {
    const { queue, ledger } = this.#home;
    const { name } = graph;
    if (this.#limits) assertGraphFits(graph, this.#limits);
    const computed = this.options.precision === 'float16' ? halfPrecision(graph) : graph;
    const model = encodeOnnx(computed, { target: this.isGpu ? 'webgpu' : 'cpu' });
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
    // Made here, out of reach of a run's feeds: a tensor that kept those would keep every state of a training before it.
    const hold = (tensor: OrtTensorType): OrtTensor => {
      const onGpu = tensor.location === 'gpu-buffer';
      if (onGpu) numHolders++;
      return new OrtTensor(tensor, this.#home, async () => {
        tensor.dispose();
        if (onGpu) await letGo();
      });
    };
    let released = false;
    return {
      run: async (feeds) => {
        if (released) throw new Error('this program was released');
        const inputs = Object.fromEntries(graph.inputs.map((input) => [input.name, this.#toOrt(input, feeds[input.name])]));
        const results = await queue.run(() => ledger.work(name, 1, () => this.#run(session, graph, inputs)));
        return Object.fromEntries(graph.outputs.map((output) => [output.name, hold(results[onnxOutputName(graph, output.name)]!)]));
      },
      release: async () => {
        if (released) return;
        released = true;
        await queue.run(letGo);
      },
    };
  }

  upload(tensor: HostTensor): EngineTensor {
    const { gpu } = this.options;
    const { data, dims } = tensor;
    if (this.#limits) assertTensorFits(dims, this.#limits);
    if (!gpu || !(data instanceof Float32Array)) {
      const copy = this.#host({ dims, data: data.slice() }); // the caller may change or transfer its array
      return new OrtTensor(copy, this.#home, async () => copy.dispose());
    }
    const buffer = this.#home.ledger.upload(() => storageBuffer(gpu.device, data.byteLength, true));
    new Float32Array(buffer.getMappedRange(), 0, data.length).set(data);
    buffer.unmap();
    return this.#hold(buffer, 'float32', dims);
  }

  async copy(tensor: EngineTensor): Promise<EngineTensor> {
    const { queue, device } = this.#home;
    const { tensor: from, onGpu } = this.#own(tensor);
    if (!device || !onGpu) return this.upload({ dims: from.dims, data: hostNumbers(from) });
    const bytes = gpuBytes(from);
    // Behind the runs and before the disposals that were asked for earlier and later.
    const buffer = await queue.run(async () => {
      const made = storageBuffer(device, bytes, false);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(from.gpuBuffer as GPUBuffer, 0, made, 0, bytes);
      device.queue.submit([encoder.finish()]);
      return made;
    });
    return this.#hold(buffer, from.type as 'float32' | 'int32', from.dims);
  }

  async readAll(tensors: readonly EngineTensor[]): Promise<Numbers[]> {
    const { device, queue, ledger } = this.#home;
    const own = tensors.map((tensor) => this.#own(tensor));
    const onGpu = own.filter((tensor) => tensor.onGpu);
    const held = onGpu.map(({ tensor }) => tensor);
    const read = device && held.length > 0 ? await queue.run(() => ledger.transfer(() => download(device, held))) : [];
    return own.map((tensor) => (tensor.onGpu ? read[onGpu.indexOf(tensor)]! : hostNumbers(tensor.tensor).slice()));
  }

  stats(): EngineStats {
    const { gpu, heapBytes } = this.options;
    const { programs, transfers } = this.#home.ledger;
    const memory = {
      numBuffers: gpu?.counts.numBuffers ?? null,
      bufferBytes: gpu?.counts.bufferBytes ?? null,
      heapBytes: heapBytes?.() ?? null,
    };
    return { programs, transfers, memory };
  }

  /** Makes a session, and hears where its nodes were placed if that is wanted. */
  async #createSession(graph: Graph, model: Uint8Array): Promise<[InferenceSession, ProcessorNode[] | null]> {
    const { ort, sessionOptions, placements } = this.options;
    const options = {
      ...sessionOptions,
      ...(this.isGpu ? { preferredOutputLocation: outputLocations(graph) } : {}),
      ...(placements ? { logSeverityLevel: 0 as const } : {}),
    };
    const create = () => ort.InferenceSession.create(model, options);
    return placements ? placements.during(create) : [await create(), null];
  }

  /** Runs a session; of what it leaves on the GPU, only resident outputs stay there. */
  async #run(session: InferenceSession, graph: Graph, inputs: Record<string, OrtTensorType>): Promise<Record<string, OrtTensorType>> {
    const { device } = this.#home;
    // A session made at severity 0 would tell of every run.
    const options = this.options.placements ? { logSeverityLevel: 3 as const } : {};
    const results: Record<string, OrtTensorType> = { ...(await session.run(inputs, options)) };
    if (!device) return results;
    const staged = graph.outputs
      .filter((output) => !output.resident)
      .map((output) => onnxOutputName(graph, output.name))
      .filter((name) => results[name]!.location === 'gpu-buffer');
    const numbers = await download(
      device,
      staged.map((name) => results[name]!),
    );
    staged.forEach((name, i) => {
      const { dims } = results[name]!;
      results[name]!.dispose();
      results[name] = this.#host({ dims, data: numbers[i]! });
    });
    return results;
  }

  /** @throws when the tensor was disposed, or is of another engine */
  #own(tensor: EngineTensor): OrtTensor {
    if (!(tensor instanceof OrtTensor) || tensor.home !== this.#home) throw new Error('this tensor is of another engine');
    if (tensor.disposed) throw new Error('this tensor was disposed');
    return tensor;
  }

  /** A tensor in a buffer of ours. */
  #hold(buffer: GPUBuffer, dataType: 'float32' | 'int32', dims: Dims): OrtTensor {
    const held = this.options.ort.Tensor.fromGpuBuffer(buffer, { dataType, dims: [...dims] });
    return new OrtTensor(held, this.#home, async () => buffer.destroy());
  }

  #host({ dims, data }: HostTensor): OrtTensorType {
    const { Tensor } = this.options.ort;
    if (data instanceof Float32Array) return new Tensor('float32', data, dims);
    if (data instanceof BigInt64Array) return new Tensor('int64', data, dims);
    return data instanceof Int32Array ? new Tensor('int32', data, dims) : new Tensor('bool', data, dims);
  }

  #toOrt(input: Value, feed: Tensor | undefined): OrtTensorType {
    if (!feed) throw new Error(`input "${input.name}" was not fed`);
    const fits = feed.dims.length === input.dims.length && input.dims.every((dim, i) => dim === UNKNOWN || dim === feed.dims[i]);
    if (!fits) throw new Error(`input "${input.name}" wants [${input.dims.join(', ')}], got [${feed.dims.join(', ')}]`);
    if (!(feed instanceof OrtTensor)) return this.#host(feed as HostTensor);
    if (feed.disposed) throw new Error(`input "${input.name}" was fed a disposed tensor`);
    return feed.tensor;
  }
}

/** The same device, computing in float32 whatever `engine` does. */
export function inFloat32(engine: Engine): Engine {
  return engine instanceof OrtEngine && engine.options.precision === 'float16'
    ? new OrtEngine({ ...engine.options, precision: 'float32' })
    : engine;
}

/**
 * Where a session leaves its outputs: what is four bytes an element in GPU buffers, from where we bring back all that is
 * wanted together; ONNX Runtime would wait for each by itself. Booleans and int64 it brings back.
 */
function outputLocations(graph: Graph): Record<string, 'gpu-buffer' | 'cpu'> {
  const location = ({ value: { dtype } }: Output) => (dtype === 'float32' || dtype === 'int32' ? 'gpu-buffer' : 'cpu');
  return Object.fromEntries(graph.outputs.map((output) => [onnxOutputName(graph, output.name), location(output)]));
}
