/**
 * @file A small static server: Node and nothing else. `npm start` and the e2e tests use it, and every build carries a copy,
 * so that whoever has the folder alone can say `node serve.mjs`.
 *
 * Sends what a static host may not: right types, and the headers for cross-origin isolation, which give the wasm engine
 * threads. The page works without them too (tests turn them off with `isolated: false`). Serves regular files of its folder;
 * no path, link or hidden file leads outside or to anything else.
 */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} ServeOptions
 * @property {string} folder the folder to serve
 * @property {number} [port] TCP port; 0, the default, takes any free one
 * @property {string} [host] address to listen at; this machine alone (127.0.0.1) unless said otherwise
 * @property {string} [basePath] path under which the page appears, with slashes at both ends
 * @property {boolean} [isolated] send the headers that make the page cross-origin isolated (default true)
 */

/**
 * @typedef {object} RunningServer
 * @property {string} url the page's address on this machine
 * @property {() => Promise<void>} close ends it, and every connection
 */

/** Browsers refuse scripts and wasm of a wrong type. */
const types = /** @type {Record<string, string>} */ ({
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.jsonl': 'application/jsonl',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain;charset=utf-8',
  '.md': 'text/markdown;charset=utf-8',
});

/** Vite names these by a hash of their content, so a browser may keep them for good. */
const hashedAsset = /\/assets\/[^/]+-[\w-]{8}\.\w+$/;

const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * The file that a path of the site names, or null.
 * @param {string} folder
 * @param {string} path still percent-encoded
 */
function fileAt(folder, path) {
  let name;
  try {
    name = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (name.endsWith('/')) name += 'index.html';
  const parts = name.split('/').slice(1);
  if (parts.some((part) => part === '' || part.startsWith('.') || /[\\\0:]/.test(part))) return null;
  try {
    const file = realpathSync(join(folder, ...parts));
    const stats = statSync(file);
    return file.startsWith(realpathSync(folder) + sep) && stats.isFile() ? { file, stats } : null;
  } catch {
    return null;
  }
}

/**
 * Starts serving. Rejects with Node's error (`code: 'EADDRINUSE'`) if the port is taken.
 * @param {ServeOptions} options
 * @returns {Promise<RunningServer>}
 */
export async function serve({ folder, port = 0, host = '127.0.0.1', basePath = '/', isolated = true }) {
  const headers = {
    ...(isolated ? isolationHeaders : {}),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  };

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const end = (/** @type {number} */ status, /** @type {string} */ text) => {
      response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
    };
    const [path = '/'] = (request.url ?? '/').split('?');
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, 'Only GET and HEAD');
    if (`${path}/` === basePath) return void response.writeHead(308, { Location: basePath }).end();
    const found = path.startsWith(basePath) ? fileAt(folder, path.slice(basePath.length - 1)) : null;
    if (!found) return end(404, 'Not found');

    const { file, stats } = found;
    const etag = `W/"${stats.size}-${Math.round(stats.mtimeMs)}"`;
    response.setHeader('ETag', etag);
    response.setHeader('Cache-Control', hashedAsset.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    response.setHeader('Content-Length', stats.size);
    if (request.method === 'HEAD') return void response.end();
    // A file that goes away while it is sent ends the connection; there is nothing else to say by then.
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
  });

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(undefined);
    });
  });
  const { port: taken } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${taken}${basePath}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections(); // a browser's idle connections would hold the server open
      }),
  };
}

const USAGE = `Usage: node serve.mjs [--port N] [--host ADDRESS]
  --port   8080 unless said otherwise
  --host   127.0.0.1, this machine alone, unless said otherwise; 0.0.0.0 lets other machines in. HOW-TO-SERVE.txt says
           what a browser withholds from a page that comes from another machine without https.`;

/** The command line: serves the folder that this file lies in. */
async function main() {
  let values;
  try {
    ({ values } = parseArgs({
      options: { port: { type: 'string', default: '8080' }, host: { type: 'string' }, help: { type: 'boolean' } },
    }));
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n${USAGE}`);
    process.exitCode = 1;
    return;
  }
  if (values.help) return void console.log(USAGE);
  try {
    const { url } = await serve({ folder: dirname(fileURLToPath(import.meta.url)), port: Number(values.port), host: values.host });
    console.log(`Aftertrain is at ${url} (Ctrl+C stops it)`);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    console.error(code === 'EADDRINUSE' ? `Port ${values.port} is taken. Choose another with --port N.` : `Cannot serve: ${message}`);
    process.exitCode = 1;
  }
}

// Through realpath: a link to this file, or a drive letter in other case, is this file too.
if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) await main();
