/**
 * @file A server with the hub's own addresses: what a repository holds, files with sizes and ranges behind a redirect to another
 * host, repositories that are gated or not there, and downloads that are slow or break off. It speaks to pages of any origin, as the hub does.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';

/** What a repository holds and how it behaves. */
export interface Repo {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Every file is refused; the list is not, as on the hub. */
  gated?: boolean;
  /** Each connection ends after so many bytes of a file. */
  breaksAfter?: number;
  /** Bytes a second; as fast as may be where undefined. */
  bytesPerSecond?: number;
  /** A file that comes with its last byte changed. */
  spoils?: string;
}

export interface ImitationHub {
  readonly url: string;
  readonly repos: Map<string, Repo>;
  /** Paths asked for, with the range if there was one. */
  readonly asked: string[];
  close(): Promise<void>;
}

const CORS = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'X-Error-Code,ETag,Content-Range,Accept-Ranges' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** The name that git gives to a file. */
const gitHash = (bytes: Uint8Array) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

function refuse(response: ServerResponse, status: number, code?: string): void {
  response.writeHead(status, { ...CORS, ...(code && { 'X-Error-Code': code }) }).end('Invalid username or password.');
}

async function send(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array, repo: Repo): Promise<void> {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  const headers = { ...CORS, 'Accept-Ranges': 'bytes', 'Content-Length': bytes.length - start };
  response.writeHead(from === undefined ? 200 : 206, {
    ...headers,
    ...(from !== undefined && { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  const step = 100_000;
  for (let at = start; at < bytes.length && !response.destroyed; at += step) {
    if (repo.breaksAfter !== undefined && at - start >= repo.breaksAfter) return void response.destroy();
    response.write(bytes.subarray(at, at + step));
    await new Promise((resolve) => setTimeout(resolve, repo.bytesPerSecond ? (1000 * step) / repo.bytesPerSecond : 0));
  }
  response.end();
}

/** Starts it on a free port; the files' own host is another. */
export async function imitationHub(): Promise<ImitationHub> {
  const repos = new Map<string, Repo>();
  const asked: string[] = [];
  let storage = '';
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = decodeURIComponent(new URL(request.url!, 'http://hub').pathname);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { ...CORS, 'Access-Control-Allow-Headers': '*' }).end();
      return;
    }
    asked.push(request.headers.range ? `${path} ${request.headers.range}` : path);
    const [, listed] = /^\/api\/models\/(.+)\/revision\/main$/.exec(path) ?? [];
    const [, kind, name = '', commit, file = ''] = /^(\/stored)?\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const repo = repos.get(listed ?? name);
    if (!repo) return refuse(response, 401);
    if (listed !== undefined) {
      const siblings = [...repo.files].map(([rfilename, bytes]) => ({
        rfilename,
        size: bytes.length,
        blobId: gitHash(bytes),
        ...(bytes.length > 1e6 && { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 132 } }),
      }));
      const body = { id: listed, sha: COMMIT, gated: repo.gated ?? false, tags: ['onnx', 'license:mit'], siblings };
      response.writeHead(200, { ...CORS, 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    const sound = repo.files.get(file);
    const bytes = sound && repo.spoils === file ? Uint8Array.from(sound, (byte, at) => (at === sound.length - 1 ? byte ^ 1 : byte)) : sound;
    if (repo.gated) return refuse(response, 401, 'GatedRepo');
    if (!bytes || commit !== COMMIT) return refuse(response, 404, 'EntryNotFound');
    if (kind === undefined) response.writeHead(302, { ...CORS, Location: `${storage}/stored${request.url}` }).end();
    else void send(request, response, bytes, repo);
  };
  const servers = [createServer(answer), createServer(answer)];
  const addresses = await Promise.all(
    servers.map(
      (server) =>
        new Promise<string>((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
        ),
    ),
  );
  storage = addresses[1]!;
  return {
    url: `${addresses[0]!}/`,
    repos,
    asked,
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

/** The built page, with the imitation in place of the hub's address. */
export const askingImitation =
  (hub: ImitationHub) =>
  (page: Page): Promise<unknown> =>
    page.route(
      (url) => url.pathname === '/',
      async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replace('https://huggingface.co/" />', `${hub.url}" />`) });
      },
    );
