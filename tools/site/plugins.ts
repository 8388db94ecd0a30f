/**
 * @file Vite plugins for the site around the page: what lies in the built folder besides the page itself, and which of it is
 * kept for offline use.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Plugin } from 'vite';
import { LARGE_FILES_LIST } from '../../src/protocol/large-files-list.ts';
import type { LargeFile, LargeFilesList, LargePart } from '../../src/protocol/offline.ts';
import { root } from '../ensure-dependencies.mjs';

/** What a lecturer finds in the built folder. */
const HANDED_OVER = ['serve.mjs', 'HOW-TO-SERVE.txt'];

/** Small files, kept as soon as the service worker is installed: globs of the built folder. */
export const SMALL_FILES = ['index.html', 'assets/**/*.{js,css,woff2}', '*.svg', 'icons/*.png', 'models/manifest.json', LARGE_FILES_LIST];

/** Not among them: what few readers use is kept when they use it. */
export const NOT_SMALL = ['assets/hub.worker-*.js'];

/** What a file belongs to, if it is one that is kept when it is used. `path` has slashes. */
function largePartOf(path: string): LargePart | null {
  if (/^assets\/ort-wasm-.*asyncify.*\.(wasm|mjs)$/.test(path)) return 'webgpu';
  if (/^assets\/ort-wasm-.*\.(wasm|mjs)$/.test(path)) return 'wasm';
  if (/^assets\/hub\.worker-.*\.js$/.test(path)) return 'others';
  const family = /^models\/([^/]+)\/.+/.exec(path)?.[1];
  return family === undefined || path.endsWith('.md') ? null : `models/${family}`;
}

/** The large files of a built folder, with what tells each from another build's. */
function largeFilesOf(folder: string): LargeFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.flatMap((name) => {
    const path = name.split(sep).join('/');
    const part = largePartOf(path);
    if (part === null || !statSync(join(folder, name)).isFile()) return [];
    const bytes = readFileSync(join(folder, name));
    return [{ path: encodeURI(path), bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), part }];
  });
}

/** Writes the list of large files and puts the little server in; before the service worker is built, which lists what is there. */
export function siteFiles(): Plugin {
  return {
    name: 'aftertrain:site-files',
    apply: 'build',
    writeBundle({ dir }) {
      const folder = dir!;
      for (const name of HANDED_OVER) copyFileSync(join(root, 'tools', 'site', name), join(folder, name));
      const list: LargeFilesList = { version: 1, files: largeFilesOf(folder) };
      writeFileSync(join(folder, LARGE_FILES_LIST), JSON.stringify(list));
    },
  };
}

/** Ends itself, and shows the pages that it held what the server has now. */
const SELF_DESTROYING = `
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.endsWith(self.registration.scope)) await caches.delete(name);
  await self.registration.unregister();
  for (const client of await self.clients.matchAll({ type: 'window' })) client.navigate(client.url);
})()));
`;

/** Development has no service worker; one that a build served on this port has left behind is ended. */
export function noServiceWorkerInDevelopment(): Plugin {
  return {
    name: 'aftertrain:no-service-worker-in-development',
    apply: 'serve',
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        if (request.url?.split('?')[0] !== '/service.worker.js') return next();
        response.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'no-store' }).end(SELF_DESTROYING);
      });
    },
  };
}
