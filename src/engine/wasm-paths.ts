/**
 * @file Where the parts of ONNX Runtime's builds lie: on our own origin, never a CDN, and how many threads they may start.
 */
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import webgpuWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import webgpuGlueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';

/** The parts of a build; `mjs` is absent where the module carries its own, as it does in the page that is one file. */
export function wasmPaths(build: 'webgpu' | 'wasm'): { wasm: string; mjs?: string } {
  const addressOf = (part: string) => new URL(part, self.location.href).href;
  const [wasm, glue] = build === 'webgpu' ? [webgpuWasmUrl, webgpuGlueUrl] : [wasmUrl, glueUrl];
  return { wasm: addressOf(wasm), ...(glue !== '' && { mjs: addressOf(glue) }) };
}

/** Threads worth starting: four at most, more do not help small matrices. They need cross-origin isolation. */
export function numWasmThreads(): number {
  return globalThis.crossOriginIsolated ? Math.max(1, Math.min(4, navigator.hardwareConcurrency || 1)) : 1;
}
