/**
 * @file Serves the built page on this machine, as `npm start` and the e2e tests do.
 *
 * Sends what a static host may not: the headers for cross-origin isolation, which give the wasm engine threads. The page
 * works without them too, and tests turn them off with `isolated: false`. sirv lists the folder's files once, at the
 * start, and serves only those, so no path leads outside the folder.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';

export interface ServeOptions {
  /** The folder to serve. */
  folder: string;
  /** TCP port; 0, the default, takes any free one. */
  port?: number;
  /** Path under which the page appears, with slashes at both ends. */
  basePath?: string;
  /** Send the headers that make the page cross-origin isolated (default true). */
  isolated?: boolean;
}

export interface RunningServer {
  /** The page's address. */
  url: string;
  close(): Promise<void>;
}

/** Vite names these by a hash of their content, so a browser may keep them for good. */
const hashedAsset = /\/assets\/[^/]+-[\w-]{8}\.\w+$/;

const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

function setHeaders(response: ServerResponse, path: string): void {
  response.setHeader('Cache-Control', hashedAsset.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
  // sirv knows neither of these two, and would send an empty type.
  if (path.endsWith('.safetensors')) response.setHeader('Content-Type', 'application/octet-stream');
  if (path.endsWith('.jsonl')) response.setHeader('Content-Type', 'application/jsonl');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Loopback only: this is a private server, and browsers give WebGPU to no other plain-http origin.
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Starts serving. Rejects with Node's error (`code: 'EADDRINUSE'`) if the port is taken. */
export async function serve({ folder, port = 0, basePath = '/', isolated = true }: ServeOptions): Promise<RunningServer> {
  const serveFile = sirv(folder, { etag: true, setHeaders });

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const headers = {
      ...(isolated ? isolationHeaders : {}),
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);

    const end = (status: number, text: string) => {
      response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
    };
    const path = request.url ?? '/';
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, 'Only GET and HEAD');
    if (`${path}/` === basePath) return response.writeHead(308, { Location: basePath }).end();
    if (!path.startsWith(basePath)) return end(404, 'Not found');
    request.url = path.slice(basePath.length - 1);
    serveFile(request, response, () => end(404, 'Not found'));
  });

  await listen(server, port);
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${basePath}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections(); // a browser's idle connections would hold the server open
      }),
  };
}
