/**
 * @file Builds the page of the benchmark: ours and all peers, each in a worker of its own.
 *
 * Every package keeps its own dependencies: transformers.js runs on the ONNX Runtime that it asks for, not on ours.
 */
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const quiet = { checks: { pluginTimings: false } };

export default defineConfig({
  root: fileURLToPath(new URL('browser', import.meta.url)),
  base: './',
  logLevel: 'warn',
  resolve: { conditions: [...defaultClientConditions, 'onnxruntime-web-use-extern-wasm'] },
  worker: { format: 'es', rolldownOptions: quiet },
  build: {
    outDir: fileURLToPath(new URL('../../build/bench/page', import.meta.url)),
    emptyOutDir: true,
    target: 'esnext',
    minify: false, // tfjs starts its threads from the text of its own functions
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: Infinity,
    rolldownOptions: quiet,
  },
});
