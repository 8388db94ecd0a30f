/**
 * @file The Engine over ONNX Runtime, for any of its builds: the part that onnxruntime-web and -node share.
 *
 * A graph is encoded, compiled into a session, and run with named tensors. Resident outputs stay on the GPU where there
 * is one. All calls go through one queue (`queue.ts`).
 */
import type { InferenceSession, Tensor as OrtTensorType, TensorConstructor, InferenceSessionFactory } from 'onnxruntime-common';
import type { Engine, EngineTensor, HostTensor, Program, Tensor } from '../core/graph/engine';
import { UNKNOWN, type Graph, type Value } from '../core/graph/graph';
import { encodeOnnx, onnxOutputName } from '../core/graph/onnx';
import type { JobQueue } from './queue';

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
  /** The device that owns GPU buffers; null on CPU. */
  readonly device: GPUDevice | null;
}

/** A tensor held by ONNX Runtime, on the CPU or on the GPU. */
class OrtTensor implements EngineTensor {
  disposed = false;

  constructor(
    readonly tensor: OrtTensorType,
    readonly queue: JobQueue,
    /** A GPU buffer we made ourselves, which ONNX Runtime does not free. */
    readonly ownBuffer: GPUBuffer | null = null,
  ) {}

  get dims() {
    return this.tensor.dims;
  }

  async read() {
    if (this.disposed) throw new Error('this tensor was disposed');
    // Reading a GPU buffer goes through ONNX Runtime's own queue of commands, so it must not overlap a run.
    const data = this.tensor.location === 'gpu-buffer' ? await this.queue.run(() => this.tensor.getData()) : this.tensor.data;
    if (data instanceof BigInt64Array) return Int32Array.from(data, Number);
    if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data.slice();
    throw new Error(`cannot read a tensor of type ${this.tensor.type}`);
  }

  dispose() {
    if (this.disposed) return;
    this.disposed = true;
    this.ownBuffer?.destroy();
    if (!this.ownBuffer) this.tensor.dispose();
  }
}

/** Compiles and runs graphs on ONNX Runtime. */
export class OrtEngine implements Engine {
  readonly name: string;
  readonly isGpu: boolean;

  constructor(readonly options: OrtEngineOptions) {
    this.name = options.name;
    this.isGpu = options.device !== null;
  }

  async compile(graph: Graph): Promise<Program> {
    const { ort, queue, sessionOptions } = this.options;
    const model = encodeOnnx(graph);
    const preferredOutputLocation = Object.fromEntries(
      graph.outputs.map(({ name, resident }) => [
        onnxOutputName(graph, name),
        resident && this.isGpu ? ('gpu-buffer' as const) : ('cpu' as const),
      ]),
    );
    const session = await queue.run(() =>
      ort.InferenceSession.create(model, { ...sessionOptions, ...(this.isGpu ? { preferredOutputLocation } : {}) }),
    );
    return {
      run: async (feeds) => {
        const inputs = Object.fromEntries(graph.inputs.map((input) => [input.name, this.#toOrt(input, feeds[input.name])]));
        const results = await queue.run(() => session.run(inputs));
        return Object.fromEntries(graph.outputs.map(({ name }) => [name, new OrtTensor(results[onnxOutputName(graph, name)]!, queue)]));
      },
      release: () => queue.run(() => session.release()),
    };
  }

  upload(tensor: HostTensor): EngineTensor {
    const { ort, queue, device } = this.options;
    // Copied: the caller may change or transfer its array.
    if (!device || !(tensor.data instanceof Float32Array))
      return new OrtTensor(this.#host({ ...tensor, data: tensor.data.slice() }), queue);
    const buffer = device.createBuffer({
      size: Math.ceil(tensor.data.byteLength / 16) * 16,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      mappedAtCreation: true,
    });
    new Float32Array(buffer.getMappedRange(), 0, tensor.data.length).set(tensor.data);
    buffer.unmap();
    return new OrtTensor(ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...tensor.dims] }), queue, buffer);
  }

  #host({ dims, data }: HostTensor): OrtTensorType {
    const { Tensor } = this.options.ort;
    if (data instanceof Float32Array) return new Tensor('float32', data, dims);
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
