/**
 * @file What happens on the GPU, whoever asks for it: ONNX Runtime calls the browser's WebGPU functions as we do, so
 * counting in those functions sees all of it. One device a worker, so the counts of a worker are its device's.
 */

/** Counts since {@link countGpuWork} was first called; `numBuffers` and `bufferBytes` are of the buffers alive now. */
export interface GpuCounts {
  numDispatches: number;
  /** Buffers mapped for reading, and their bytes. */
  numReadBacks: number;
  readBackBytes: number;
  uploadedBytes: number;
  numBuffers: number;
  bufferBytes: number;
}

let counts: GpuCounts | null = null;

/** Starts counting in this thread, once; the object returned is kept up to date. */
export function countGpuWork(): Readonly<GpuCounts> {
  if (counts) return counts;
  const count: GpuCounts = { numDispatches: 0, numReadBacks: 0, readBackBytes: 0, uploadedBytes: 0, numBuffers: 0, bufferBytes: 0 };
  counts = count;
  countDispatches(count);
  countTransfers(count);
  countBuffers(count);
  return count;
}

function countDispatches(count: GpuCounts): void {
  const pass = GPUComputePassEncoder.prototype;
  const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = pass;
  pass.dispatchWorkgroups = function (...sizes) {
    count.numDispatches++;
    return dispatchWorkgroups.apply(this, sizes);
  };
  pass.dispatchWorkgroupsIndirect = function (...source) {
    count.numDispatches++;
    return dispatchWorkgroupsIndirect.apply(this, source);
  };
}

function countTransfers(count: GpuCounts): void {
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = function (...range) {
    const [mode, offset = 0, size = this.size - offset] = range;
    if (mode === GPUMapMode.READ) {
      count.numReadBacks++;
      count.readBackBytes += size;
    }
    return mapAsync.apply(this, range);
  };
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (...write: Parameters<GPUQueue['writeBuffer']>) {
    // Offset and size are in elements of a typed array, else in bytes.
    const [, , data, dataOffset = 0, size] = write;
    const unit = 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
    count.uploadedBytes += size === undefined ? data.byteLength - unit * dataOffset : unit * size;
    return writeBuffer.apply(this, write);
  };
}

function countBuffers(count: GpuCounts): void {
  const alive = new WeakSet<GPUBuffer>();
  const forget = (bytes: number) => {
    count.numBuffers--;
    count.bufferBytes -= bytes;
  };
  // ONNX Runtime lets go of some buffers without destroying them: they are gone when the browser collects them.
  const collected = new FinalizationRegistry<number>(forget);
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    count.numBuffers++;
    count.bufferBytes += buffer.size;
    if (descriptor.mappedAtCreation) count.uploadedBytes += buffer.size;
    alive.add(buffer);
    collected.register(buffer, buffer.size, buffer);
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    if (alive.delete(this)) {
      forget(this.size);
      collected.unregister(this);
    }
    return destroy.call(this);
  };
}
