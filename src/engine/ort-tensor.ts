/**
 * @file Tensors that ONNX Runtime holds, in ordinary memory or in a GPU buffer, and moving their numbers.
 */
import type { Tensor as OrtTensorType } from 'onnxruntime-common';
import type { EngineTensor, Numbers } from '../core/graph/engine';
import type { JobQueue } from './queue';
import type { WorkLedger } from './work-ledger';

/** What the tensors of one engine share. */
export interface TensorHome {
  readonly queue: JobQueue;
  readonly ledger: WorkLedger;
  /** The device that owns GPU buffers; null on CPU. */
  readonly device: GPUDevice | null;
}

/** A tensor held by ONNX Runtime. */
export class OrtTensor implements EngineTensor {
  disposed = false;

  constructor(
    readonly tensor: OrtTensorType,
    readonly home: TensorHome,
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
    const { queue, ledger, device } = this.home;
    if (!device || !this.onGpu) return hostNumbers(this.tensor).slice();
    // Behind the runs that were asked for before: never beside one.
    return (await queue.run(() => ledger.transfer(() => download(device, [this.tensor]))))[0]!;
  }

  dispose() {
    if (this.disposed) return;
    this.disposed = true;
    // In the queue, so that a run asked for before still has it. After a lost device there is nothing left to free.
    this.home.queue.run(this.free).catch(() => undefined);
  }
}

/** Bytes of a tensor on the GPU, whose elements are four bytes each. @throws for other types */
export function gpuBytes({ type, size }: OrtTensorType): number {
  if (type !== 'float32' && type !== 'int32') throw new Error(`cannot move a tensor of type ${type} on the GPU`);
  return 4 * size;
}

/**
 * Copies tensors from the GPU into ordinary memory: one staging buffer, one wait. ONNX Runtime's own `getData` would wait
 * for each by itself, and leave the tensor on the CPU ever after.
 */
export async function download(device: GPUDevice, tensors: readonly OrtTensorType[]): Promise<(Float32Array | Int32Array)[]> {
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

/** A GPU buffer that programs can read, and that can be copied from and to. Its owner destroys it. */
export function storageBuffer(device: GPUDevice, bytes: number, mappedAtCreation: boolean): GPUBuffer {
  return device.createBuffer({
    size: Math.max(16, Math.ceil(bytes / 16) * 16),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    mappedAtCreation,
  });
}

/** The numbers of a tensor in ordinary memory: not a copy, except of int64. */
export function hostNumbers(tensor: OrtTensorType): Numbers {
  const { data } = tensor;
  if (data instanceof BigInt64Array) return Int32Array.from(data, Number);
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data;
  throw new Error(`cannot read a tensor of type ${tensor.type}`);
}
