/**
 * @file The Engine over ONNX Runtime, for any of its builds: the part that onnxruntime-web and -node share.
 *
 * A graph is encoded, compiled into a session, and run with named tensors. Resident outputs stay on the GPU where there
 * is one. All calls go through one queue (`queue.ts`).
 */
import type { InferenceSession, Tensor as OrtTensorType, TensorConstructor, InferenceSessionFactory } from 'onnxruntime-common';
import type { Engine, EngineTensor, HostTensor, Numbers, Program, Tensor } from '../core/graph/engine';
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

/** Bytes of a tensor on the GPU, whose elements are four bytes each. @throws for other types */
function gpuBytes({ type, size }: OrtTensorType): number {
  if (type !== 'float32' && type !== 'int32') throw new Error(`cannot move a tensor of type ${type} on the GPU`);
  return 4 * size;
}

/**
 * Copies tensors from the GPU into ordinary memory: one staging buffer, one wait. ONNX Runtime's own `getData` would wait
 * for each by itself, and leave the tensor on the CPU ever after.
 */
async function download(device: GPUDevice, tensors: readonly OrtTensorType[]): Promise<(Float32Array | Int32Array)[]> {
  const size = tensors.reduce((sum, tensor) => sum + gpuBytes(tensor), 0);
  if (size === 0) return tensors.map(({ type }) => (type === 'float32' ? new Float32Array() : new Int32Array()));
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  try {
    const encoder = device.createCommandEncoder();
    let end = 0;
    const starts = tensors.map((tensor) => {
      const start = end;
      end += gpuBytes(tensor);
      if (end > start) encoder.copyBufferToBuffer(tensor.gpuBuffer as GPUBuffer, 0, staging, start, end - start);
      return start;
    });
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const mapped = staging.getMappedRange();
    return tensors.map((tensor, i) => {
      const bytes = mapped.slice(starts[i]!, starts[i]! + gpuBytes(tensor));
      return tensor.type === 'float32' ? new Float32Array(bytes) : new Int32Array(bytes);
    });
  } finally {
    staging.destroy();
  }
}

/** A GPU buffer that programs can read, and that can be copied from and to. */
function storageBuffer(device: GPUDevice, bytes: number, mappedAtCreation: boolean): GPUBuffer {
  return device.createBuffer({
    size: Math.max(16, Math.ceil(bytes / 16) * 16),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    mappedAtCreation,
  });
}

/** The numbers of a tensor in ordinary memory, not copied. */
function hostData(tensor: OrtTensorType): Numbers {
  const { data } = tensor;
  if (data instanceof BigInt64Array) return Int32Array.from(data, Number);
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data;
  throw new Error(`cannot read a tensor of type ${tensor.type}`);
}

/** A tensor held by ONNX Runtime, on the CPU or on the GPU. */
class OrtTensor implements EngineTensor {
  disposed = false;

  constructor(
    readonly tensor: OrtTensorType,
    readonly options: OrtEngineOptions,
    /** Gives the memory back; runs in the queue. */
    readonly free: () => Promise<void>,
  ) {}

  get dims() {
    return this.tensor.dims;
  }

  get onGpu(): boolean {
    return this.tensor.location === 'gpu-buffer';
  }

  async read(): Promise<Numbers> {
    if (this.disposed) throw new Error('this tensor was disposed');
    const { queue, device } = this.options;
    // Behind the runs that were asked for before: never beside one.
    if (device && this.onGpu) return (await queue.run(() => download(device, [this.tensor])))[0]!;
    return hostData(this.tensor).slice();
  }

  dispose() {
    if (this.disposed) return;
    this.disposed = true;
    // In the queue, so that a run asked for before still has it. After a lost device there is nothing left to free.
    this.options.queue.run(this.free).catch(() => undefined);
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
    const model = encodeOnnx(graph, { target: this.isGpu ? 'webgpu' : 'cpu' });
    const preferredOutputLocation = Object.fromEntries(
      graph.outputs.map(({ name, resident }) => [
        onnxOutputName(graph, name),
        resident && this.isGpu ? ('gpu-buffer' as const) : ('cpu' as const),
      ]),
    );
    const session = await queue.run(() =>
      ort.InferenceSession.create(model, { ...sessionOptions, ...(this.isGpu ? { preferredOutputLocation } : {}) }),
    );
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
        const results = await queue.run(() => session.run(inputs));
        return Object.fromEntries(
          graph.outputs.map(({ name }) => {
            const tensor = results[onnxOutputName(graph, name)]!;
            const onGpu = tensor.location === 'gpu-buffer';
            if (onGpu) numHolders++;
            const free = async () => {
              tensor.dispose();
              if (onGpu) await letGo();
            };
            return [name, new OrtTensor(tensor, this.options, free)];
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

  upload(tensor: HostTensor): EngineTensor {
    const { ort, device } = this.options;
    if (!device || !(tensor.data instanceof Float32Array)) {
      const copy = this.#host({ ...tensor, data: tensor.data.slice() }); // the caller may change or transfer its array
      return new OrtTensor(copy, this.options, async () => copy.dispose());
    }
    const buffer = storageBuffer(device, tensor.data.byteLength, true);
    new Float32Array(buffer.getMappedRange(), 0, tensor.data.length).set(tensor.data);
    buffer.unmap();
    const held = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...tensor.dims] });
    return new OrtTensor(held, this.options, async () => buffer.destroy());
  }

  async copy(tensor: EngineTensor): Promise<EngineTensor> {
    const { ort, device, queue } = this.options;
    const { tensor: from, onGpu } = this.#own(tensor);
    if (!device || !onGpu) return this.upload({ dims: from.dims, data: hostData(from) });
    const bytes = gpuBytes(from);
    // Behind the runs and before the disposals that were asked for earlier and later.
    const buffer = await queue.run(async () => {
      const made = storageBuffer(device, bytes, false);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(from.gpuBuffer as GPUBuffer, 0, made, 0, bytes);
      device.queue.submit([encoder.finish()]);
      return made;
    });
    const held = ort.Tensor.fromGpuBuffer(buffer, { dataType: from.type as 'float32' | 'int32', dims: from.dims });
    return new OrtTensor(held, this.options, async () => buffer.destroy());
  }

  async readAll(tensors: readonly EngineTensor[]): Promise<Numbers[]> {
    const { device, queue } = this.options;
    const own = tensors.map((tensor) => this.#own(tensor));
    const onGpu = own.filter((tensor) => tensor.onGpu);
    const read =
      device && onGpu.length > 0
        ? await queue.run(() =>
            download(
              device,
              onGpu.map(({ tensor }) => tensor),
            ),
          )
        : [];
    return own.map((tensor) => (tensor.onGpu ? read[onGpu.indexOf(tensor)]! : hostData(tensor.tensor).slice()));
  }

  /** @throws when the tensor was disposed, or is of another engine */
  #own(tensor: EngineTensor): OrtTensor {
    if (!(tensor instanceof OrtTensor) || tensor.options.queue !== this.options.queue || tensor.options.device !== this.options.device)
      throw new Error('this tensor is of another engine');
    if (tensor.disposed) throw new Error('this tensor was disposed');
    return tensor;
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
