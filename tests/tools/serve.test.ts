/** @file The local server: what it sends, and that it never leaves its folder. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from '../../tools/ensure-dependencies.mjs';
import { serve } from '../../tools/site/serve.mjs';

let parent: string;
let folder: string;
let server: Awaited<ReturnType<typeof serve>> | undefined;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'aftertrain-serve-'));
  folder = join(parent, 'site');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<!doctype html>page');
  writeFileSync(join(folder, 'assets', 'ort-D5D0fo7z.wasm'), 'wasm');
  writeFileSync(join(folder, 'assets', 'ort-CGX8rfbW.mjs'), 'export {};');
  writeFileSync(join(folder, 'model.safetensors'), 'tensors');
  writeFileSync(join(folder, '.hidden'), 'hidden');
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(parent, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof serve>[0]> = {}): Promise<string> {
  server = await serve({ folder, ...options });
  return server.url;
}

/** The status of a request whose path is sent exactly as written; `fetch` would tidy it first. */
function statusOfRawPath(url: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('serve', () => {
  test('sends the page with the headers of cross-origin isolation', async () => {
    const response = await fetch(await start());
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('page');
    expect(response.headers.get('content-type')).toBe('text/html;charset=utf-8');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  test('leaves those headers out when asked to', async () => {
    const response = await fetch(await start({ isolated: false }));
    expect(response.status).toBe(200);
    expect(response.headers.get('cross-origin-opener-policy')).toBeNull();
    expect(response.headers.get('cross-origin-embedder-policy')).toBeNull();
  });

  test.each([
    ['assets/ort-D5D0fo7z.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
    ['assets/ort-CGX8rfbW.mjs', 'text/javascript', 'public, max-age=31536000, immutable'],
    ['model.safetensors', 'application/octet-stream', 'no-cache'],
  ])('sends %s as %s, cached as %s', async (path, type, caching) => {
    const response = await fetch((await start()) + path);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('cache-control')).toBe(caching);
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/..\\secret.txt',
    '/.hidden',
    '/assets',
    '/%00index.html',
    '/%',
    '/index.html/',
  ])('does not find %s', async (path) => {
    expect(await statusOfRawPath(await start(), path)).toBe(404);
  });

  test('follows no link out of its folder', async () => {
    symlinkSync(join(parent, 'secret.txt'), join(folder, 'link.txt'));
    expect(await statusOfRawPath(await start(), '/link.txt')).toBe(404);
  });

  test('answers 304 to a browser that has the file, and the file when it has changed', async () => {
    const url = await start();
    const first = await fetch(url);
    const etag = first.headers.get('etag')!;
    // Node's fetch, like a browser's, would hide the 304 of a cache of its own; it has none.
    expect((await fetch(url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    writeFileSync(join(folder, 'index.html'), '<!doctype html>another page');
    expect((await fetch(url, { headers: { 'If-None-Match': etag } })).status).toBe(200);
  });

  test('serves under a path, and nothing beside it', async () => {
    const url = await start({ basePath: '/a/b/' });
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.slice(0, -1))).url).toBe(url);
    expect((await fetch(new URL('/', url))).status).toBe(404);
  });

  test('refuses to change anything', async () => {
    expect((await fetch(await start(), { method: 'POST', body: 'x' })).status).toBe(405);
  });

  test('rejects when the port is taken', async () => {
    const { port } = new URL(await start());
    await expect(serve({ folder, port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('node serve.mjs', () => {
  /** Runs a copy that lies in the folder, as in a built site; resolves at its first line, or at its end. */
  function run(...args: string[]): Promise<string> {
    copyFileSync(join(root, 'tools', 'site', 'serve.mjs'), join(folder, 'serve.mjs'));
    const child = spawn(process.execPath, [join(folder, 'serve.mjs'), ...args], { cwd: tmpdir() });
    running = child;
    let said = '';
    child.stderr.on('data', (data) => (said += data));
    return new Promise((resolve) => {
      child.stdout.once('data', (data) => resolve(String(data)));
      child.on('close', () => resolve(said));
    });
  }
  let running: ReturnType<typeof spawn> | undefined;
  afterEach(() => running?.kill());

  test('serves the folder it lies in, from wherever it is started, with nothing installed', async () => {
    const line = await run('--port', '0');
    expect(line).toMatch(/^Aftertrain is at http:\/\/localhost:\d+\/ \(Ctrl\+C stops it\)\n$/);
    expect(await (await fetch(/http\S+/.exec(line)![0])).text()).toContain('page');
  });

  test('says how it is used when it is told something else', async () => {
    expect(await run('--prot', '1')).toMatch(/Unknown option '--prot'[^]*Usage: node serve\.mjs/);
  });
});
