/**
 * @file The start of the page that is one file: unpacks the files that its HTML carries, says where they are, and starts the page.
 *
 * Everything then works as in the site. To a browser a page from disk and its workers are of different origins, so a worker is
 * a plain script, not a module, and cannot read the page's blobs by address: it is sent them first of all (see `tools/site/single/plugins.ts`).
 */
declare global {
  /** Starts a worker by its path. Calls of it are written in by the build, in place of `new Worker`. */
  var aftertrainWorker: (path: string, options?: { readonly name?: string }) => Worker;
}

const PACKED = 'script[type="application/gzip+base64"]';
const TYPES: Readonly<Record<string, string>> = { wasm: 'application/wasm', js: 'text/javascript', json: 'application/json' };

async function unpack(base64: string, type: string): Promise<Blob> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Blob([await new Response(stream).arrayBuffer()], { type });
}

const files = new Map<string, Blob>();
for (const element of document.querySelectorAll<HTMLScriptElement>(PACKED)) {
  const paths = element.dataset.paths!.split(' ');
  const blob = await unpack(element.textContent, TYPES[paths[0]!.replace(/^.*\./, '')] ?? 'application/octet-stream');
  element.remove(); // its text would stay in memory
  for (const path of paths) files.set(path, blob);
}
globalThis.aftertrainFiles = Object.fromEntries([...files].map(([path, blob]) => [path, URL.createObjectURL(blob)]));
globalThis.aftertrainWorker = (path, options) => {
  const worker = new Worker(globalThis.aftertrainFiles![path]!, options);
  worker.postMessage(files);
  return worker;
};

await import('./main');

export {};
