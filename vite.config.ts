/**
 * @file How the page is built and served in development.
 *
 * The build is a folder of static files that runs from any path of any host (`base: './'`) and asks no other origin for
 * anything. ONNX Runtime's wasm is reached by `?url` imports in the worker; the resolve condition below picks the build
 * of ORT that does not carry a second copy of its wasm.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { messages } from './tools/ensure-messages.mjs';
import { reportFirstLoad } from './tools/report-first-load.ts';
import { noServiceWorkerInDevelopment, NOT_SMALL, siteFiles, SMALL_FILES } from './tools/site/plugins.ts';
import { webManifest } from './tools/site/web-manifest.ts';

/** Wasm threads need SharedArrayBuffer, which browsers give only to cross-origin isolated pages. */
const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The page's content security policy is for the built page; Vite's dev client injects styles and opens a socket. */
function loosenPolicyInDevelopment(): Plugin {
  return {
    name: 'aftertrain:loosen-policy-in-development',
    apply: 'serve',
    transformIndexHtml: (html) =>
      html.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace("connect-src 'self'", "connect-src 'self' ws: data:"),
  };
}

/** The service worker of `workers/service.worker.ts`, with the list of what it keeps, and the manifest that makes the page installable. */
const offline = VitePWA({
  strategies: 'injectManifest',
  srcDir: 'workers',
  filename: 'service.worker.ts',
  injectRegister: false, // the page registers it, when it has time
  manifest: webManifest,
  includeManifestIcons: false,
  injectManifest: {
    globPatterns: SMALL_FILES,
    globIgnores: NOT_SMALL,
    rollupFormat: 'iife', // a classic script: module service workers are young
    dontCacheBustURLsMatching: /^assets\//, // their names carry a hash
    maximumFileSizeToCacheInBytes: 4_000_000,
  },
});

/** On a busy machine Rolldown would say which plugins took long, which is no news to whoever starts the page. */
const quiet = { checks: { pluginTimings: false } };

export default defineConfig({
  base: './',
  plugins: [messages(), svelte(), loosenPolicyInDevelopment(), reportFirstLoad(), noServiceWorkerInDevelopment(), siteFiles(), offline],
  resolve: {
    conditions: [...defaultClientConditions, 'onnxruntime-web-use-extern-wasm'],
    dedupe: ['onnxruntime-web', 'onnxruntime-common'],
  },
  optimizeDeps: {
    // Pre-bundling would move ORT's module away from the wasm files that lie beside it.
    exclude: ['onnxruntime-web'],
    // Vite does not look into workers by itself; a dependency found late reloads the page, or fails a browser test.
    entries: ['index.html', 'workers/*.worker.ts'],
  },
  worker: { format: 'es', rolldownOptions: quiet },
  server: { headers: isolationHeaders },
  build: {
    // The polyfill is for browsers without module preload, which have no module workers with top-level await either.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // `data:` URLs would need a looser policy
    chunkSizeWarningLimit: 700, // ORT's own code, loaded by the worker
    sourcemap: true,
    rolldownOptions: quiet,
  },
});
