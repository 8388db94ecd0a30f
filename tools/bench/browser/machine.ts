/**
 * @file What a worker's library may see of the machine, and what it takes: import this before any library.
 *
 * Libraries size their thread pools by `navigator.hardwareConcurrency`, so that is what sets the threads, for ours and
 * for peers alike. Memory is that of all WebAssembly memories and GPU buffers that the worker's thread has made.
 */
import type { Memory } from '../contender';

const memories = new Set<WebAssembly.Memory>();
const nativeMemory = WebAssembly.Memory;
WebAssembly.Memory = new Proxy(nativeMemory, {
  construct(target, args: [WebAssembly.MemoryDescriptor]) {
    const memory = new target(...args);
    memories.add(memory);
    return memory;
  },
});

function keepExported(instance: WebAssembly.Instance): void {
  for (const exported of Object.values(instance.exports)) if (exported instanceof nativeMemory) memories.add(exported);
}

const { instantiate, instantiateStreaming } = WebAssembly;
WebAssembly.instantiate = (async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
  const made = (await instantiate(source as BufferSource, imports)) as WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource;
  keepExported('instance' in made ? made.instance : made);
  return made;
}) as typeof WebAssembly.instantiate;
WebAssembly.instantiateStreaming = async (source, imports) => {
  const made = await instantiateStreaming(source, imports);
  keepExported(made.instance);
  return made;
};

let gpuBytes = 0;
let peakGpuBytes = 0;
if ('GPUDevice' in globalThis) {
  const { createBuffer } = GPUDevice.prototype;
  const sizes = new WeakMap<GPUBuffer, number>();
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    sizes.set(buffer, descriptor.size);
    gpuBytes += descriptor.size;
    peakGpuBytes = Math.max(peakGpuBytes, gpuBytes);
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    gpuBytes -= sizes.get(this) ?? 0;
    sizes.delete(this);
    return destroy.call(this);
  };
}

/** The most memory held so far. Wasm memory never shrinks. */
export function memoryHeld(): Memory {
  return { wasmBytes: [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0), gpuBytes: peakGpuBytes };
}

/** Makes the machine look as if it had so many processors. */
export function pretendProcessors(count: number): void {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
}
