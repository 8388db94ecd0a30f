/**
 * @file The size of ONNX Runtime's wasm heap, which it does not tell: its glue makes the memory with
 * `new WebAssembly.Memory(…)`, and this listens. Must run before ONNX Runtime starts.
 */

const memories: WebAssembly.Memory[] = [];
let listening = false;

/** Starts listening, once. @returns bytes of all wasm memories made in this thread since */
export function watchWasmHeap(): () => number {
  if (!listening) {
    listening = true;
    const Usual = WebAssembly.Memory;
    WebAssembly.Memory = class extends Usual {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        memories.push(this);
      }
    };
  }
  return () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
