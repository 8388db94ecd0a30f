/**
 * @file What the service worker answers with: files of the page from the cache that was filled when it was installed, large
 * files from the cache they are put into when they are first used, and everything else from the network as it is.
 *
 * Every answer gets the headers of cross-origin isolation, so that wasm has its threads on hosts that cannot send them:
 * https://web.dev/articles/coop-coep. They ask for nothing that the page does not do anyway, for it never leaves its origin.
 */
import { PrecacheController, type PrecacheEntry } from 'workbox-precaching';
import { LARGE_FILES_LIST } from '../src/protocol/large-files-list';
import { cacheName, keepLargeFile, largeKey, parseLargeFiles, type LargeFile } from '../src/protocol/offline';

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The same response with those headers; an error of the network stays what it is. */
function isolated(response: Response): Response {
  if (response.type === 'error' || response.type === 'opaque' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  const { status, statusText } = response;
  // A response of one of these statuses may not have a body, not even an empty one.
  const body = status === 204 || status === 205 || status === 304 ? null : response.body;
  return new Response(body, { status, statusText, headers });
}

/** The files of one build of the page. */
export class SiteCache {
  readonly #precache: PrecacheController;
  #large: Promise<readonly LargeFile[]> | null = null;

  /**
   * @param scope address of the folder that the page lies in
   * @param entries the small files of this build
   */
  constructor(
    readonly scope: string,
    entries: readonly (PrecacheEntry | string)[],
  ) {
    this.#precache = new PrecacheController({ cacheName: cacheName('small', scope) });
    this.#precache.addToCacheList([...entries]);
  }

  /** Keeps all small files; rejects if one cannot be had. */
  install(event: ExtendableEvent): Promise<unknown> {
    return this.#precache.install(event);
  }

  /** Forgets small files of earlier builds, and large ones that this build does not use. */
  async tidy(event: ExtendableEvent): Promise<void> {
    await this.#precache.activate(event);
    const wanted = new Set((await this.#largeFiles()).map((file) => largeKey(file, this.scope)));
    const cache = await this.#largeCache();
    for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
  }

  /** True if `answer` has something to say about a request. */
  concerns(request: Request): boolean {
    return request.method === 'GET' && request.url.startsWith(this.scope);
  }

  /** Answers a request of a page or a worker. `later` is what to keep alive for. */
  async answer(request: Request, later: (job: Promise<unknown>) => void): Promise<Response> {
    const url = request.url.replace(/[?#].*$/, '');
    const small = await this.#small(request.mode === 'navigate' && url === this.scope ? `${url}index.html` : url);
    if (small) return isolated(small);
    // The page itself asks in another mode when it fills the cache.
    const large =
      request.cache === 'default' ? (await this.#largeFiles()).find(({ path }) => new URL(path, this.scope).href === url) : undefined;
    return isolated(large ? await this.#largeFile(large, request, later) : await fetch(request));
  }

  /** Hashed names are looked for whether or not this build lists them: a tab may still run the build before. */
  async #small(url: string): Promise<Response | undefined> {
    const cache = await caches.open(this.#precache.strategy.cacheName);
    return cache.match(this.#precache.getCacheKeyForURL(url) ?? url);
  }

  async #largeFile(file: LargeFile, request: Request, later: (job: Promise<unknown>) => void): Promise<Response> {
    const cache = await this.#largeCache();
    const kept = await cache.match(largeKey(file, this.scope));
    if (kept) return kept;
    const response = await fetch(request);
    const copy = response.clone();
    // Not kept when it is another file, or when there is no room: the page is served all the same.
    later(keepLargeFile(cache, file, this.scope, copy).catch(() => undefined));
    return response;
  }

  #largeFiles(): Promise<readonly LargeFile[]> {
    this.#large ??= this.#readLargeFiles();
    this.#large.catch(() => (this.#large = null));
    return this.#large.catch(() => []);
  }

  async #readLargeFiles(): Promise<readonly LargeFile[]> {
    const url = new URL(LARGE_FILES_LIST, this.scope).href;
    const response = (await this.#small(url)) ?? (await fetch(url));
    return parseLargeFiles(await response.json());
  }

  #largeCache(): Promise<Cache> {
    return caches.open(cacheName('large', this.scope));
  }
}
