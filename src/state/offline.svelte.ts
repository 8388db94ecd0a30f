/**
 * @file Working offline, as the page sees it: what is kept on this device and how large it is, fetching the rest, deleting it,
 * a new version that waits, and the one reload that gives the wasm engine its threads on hosts without the headers for it.
 *
 * Does the page ever reload itself? Once, for the threads, on a first visit on which nothing has been touched or started yet.
 * A new version is told of, and taken when the reader says so.
 */
import { Workbox } from 'workbox-window';
import { LARGE_FILES_LIST } from '../protocol/large-files-list';
import {
  cacheName,
  keepLargeFile,
  largeKey,
  parseLargeFiles,
  WrongFileError,
  type LargeFile,
  type LargePart,
  type ServiceWorkerMessage,
} from '../protocol/offline';

/** What the browser gives; tests give their own. */
export interface OfflineHost {
  /** Address of the folder that the page lies in, which is also what the service worker looks after. */
  readonly scope: string;
  readonly caches: CacheStorage;
  readonly fetch: typeof fetch;
  /** Registers the service worker and says how it fares. Rejects where there can be none. */
  startServiceWorker(heard: (event: 'controls' | 'waits' | 'replaced') => void): Promise<{ post(message: ServiceWorkerMessage): void }>;
  /** True once the reader has clicked or typed in the page. */
  isTouched(): boolean;
  readonly isolated: boolean;
  readonly numThreads: number;
  /** Remembers for as long as the tab lives; false when that was remembered before, or cannot be. */
  rememberOnce(what: string): boolean;
  reload(): void;
  /** Asks the browser not to clear what is kept. */
  persist(): Promise<unknown>;
}

/** Why a page cannot be kept: it lies on this device already, comes from an insecure address, or the browser refuses. */
export type OfflineReason = 'from-file' | 'insecure' | 'refused';

/** What went wrong with keeping. */
export type OfflineProblem = 'unreadable' | 'wrong-file' | 'no-room' | 'broken-off';

/** One part of what there is to keep. */
export interface OfflinePart {
  readonly part: LargePart;
  readonly bytes: number;
  readonly keptBytes: number;
}

/** The event with which Chromium offers installation; not in TypeScript's library, for only Chromium has it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

const sumBytes = (files: readonly LargeFile[]) => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** A new version is looked for when the page is looked at again, once in this time. */
const CHECK_MS = 3_600_000;

/** The browser itself. */
function browserHost(): OfflineHost {
  const scope = new URL('./', document.baseURI).href;
  return {
    scope,
    caches: globalThis.caches,
    fetch: (input, init) => fetch(input, init),
    async startServiceWorker(heard) {
      if (!('serviceWorker' in navigator)) throw new Error('no service workers');
      const workbox = new Workbox(new URL('service.worker.js', scope).href, { scope, updateViaCache: 'none' });
      workbox.addEventListener('waiting', () => heard('waits'));
      workbox.addEventListener('controlling', ({ isUpdate }) => {
        if (isUpdate) heard('replaced');
      });
      void workbox.controlling.then(() => heard('controls'));
      if (!(await workbox.register({ immediate: true }))) throw new Error('refused');
      let checkedMs = performance.now();
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState !== 'visible' || performance.now() - checkedMs < CHECK_MS) return;
        checkedMs = performance.now();
        workbox.update().catch(() => undefined); // offline
      });
      return {
        post: (message) => {
          if (message.type === 'SKIP_WAITING') workbox.messageSkipWaiting();
          else void workbox.messageSW(message);
        },
      };
    },
    isTouched: () => navigator.userActivation?.hasBeenActive ?? true,
    isolated: crossOriginIsolated,
    numThreads: navigator.hardwareConcurrency,
    rememberOnce(what) {
      try {
        if (sessionStorage.getItem(what) !== null) return false;
        sessionStorage.setItem(what, 'yes');
        return true;
      } catch {
        return false;
      }
    },
    reload: () => location.reload(),
    persist: () => navigator.storage.persist(),
  };
}

/** What is kept for use without a network, and what can be done about it. */
export class Offline {
  /** `none`: this page cannot be kept here, for `reason`. */
  status = $state<'starting' | 'ready' | 'none'>('starting');
  /** Why there is no offline use; null otherwise. */
  reason = $state<OfflineReason | null>(null);
  /** A new version waits to be taken, or another tab has taken it and this one still runs the old. */
  update = $state<'none' | 'waits' | 'replaced'>('none');
  /** Bytes of the page itself that are kept. */
  pageBytes = $state(0);
  /** Fetching what is not kept yet; null when nothing is fetched. */
  progress = $state.raw<{ readonly doneBytes: number; readonly totalBytes: number } | null>(null);
  /** What went wrong last. */
  problem = $state<OfflineProblem | null>(null);
  /** The reader wants the new version as soon as the run has ended. */
  takesUpdateLater = $state(false);
  /** The service worker answers for this page. */
  controlled = $state(false);
  /** Set while the browser offers to install the page. */
  installPrompt = $state.raw<InstallPrompt | null>(null);
  #files = $state.raw<readonly LargeFile[]>([]);
  #kept = $state.raw<ReadonlySet<string>>(new Set());
  #host: OfflineHost;
  #post: ((message: ServiceWorkerMessage) => void) | null = null;
  #cancel: AbortController | null = null;
  /** The reader deleted what was kept: on this visit it is not fetched again unasked. */
  #deleted = false;
  #reloads = false;

  /** Everything there is to keep, part by part. */
  parts = $derived.by((): readonly OfflinePart[] =>
    [...new Set(this.#files.map(({ part }) => part))].map((part) => {
      const files = this.#files.filter((file) => file.part === part);
      return { part, bytes: sumBytes(files), keptBytes: sumBytes(files.filter(({ path }) => this.#kept.has(path))) };
    }),
  );
  keptBytes = $derived(this.pageBytes + this.parts.reduce((sum, { keptBytes }) => sum + keptBytes, 0));
  missingBytes = $derived(this.parts.reduce((sum, { bytes, keptBytes }) => sum + bytes - keptBytes, 0));

  /** True when one more load of the page would give the wasm engine more threads. */
  get wouldGainThreads(): boolean {
    return this.controlled && !this.#host.isolated && this.#host.numThreads > 1;
  }

  constructor(host: OfflineHost = browserHost()) {
    this.#host = host;
  }

  /** Starts the service worker. Never throws. */
  async start(): Promise<void> {
    if (!/^https?:/.test(this.#host.scope)) return this.#none('from-file');
    if (!(globalThis.isSecureContext ?? true)) return this.#none('insecure');
    globalThis.addEventListener?.('beforeinstallprompt', (event) => (this.installPrompt = event as InstallPrompt));
    try {
      const { post } = await this.#host.startServiceWorker((event) => this.#heard(event));
      this.#post = post;
      this.status = 'ready';
    } catch {
      this.#none('refused');
    }
  }

  /** Looks at what is kept. Never throws. */
  async look(): Promise<void> {
    if (this.status === 'none') return;
    const { caches, scope } = this.#host;
    try {
      if (this.#files.length === 0) {
        this.#files = parseLargeFiles(await (await this.#host.fetch(new URL(LARGE_FILES_LIST, scope))).json());
      }
      const [small, large] = await Promise.all([caches.open(cacheName('small', scope)), caches.open(cacheName('large', scope))]);
      const keys = new Set((await large.keys()).map(({ url }) => url));
      this.#kept = new Set(this.#files.filter((file) => keys.has(largeKey(file, scope))).map(({ path }) => path));
      const blobs = await Promise.all((await small.matchAll()).map((response) => response.blob()));
      this.pageBytes = blobs.reduce((sum, { size }) => sum + size, 0);
    } catch {
      this.problem = 'unreadable';
    }
  }

  /** The engine that runs is known: on a page that nobody has touched yet, reloads once if that gives it threads. */
  reloadForThreads(backend: 'webgpu' | 'wasm', running: boolean): void {
    if (backend !== 'wasm' || running || !this.wouldGainThreads || this.#host.isTouched()) return;
    if (this.#host.rememberOnce('aftertrain.reloaded-for-threads')) this.#reload();
  }

  /** Keeps what this visit has used, which was fetched before the service worker was there to see it. */
  async keepUsed(parts: readonly LargePart[]): Promise<void> {
    if (this.#deleted || this.#cancel !== null) return;
    await this.look();
    await this.#keep(this.#missing(parts));
  }

  /** Fetches all that is not kept yet. */
  async keepAll(): Promise<void> {
    this.#deleted = false;
    void this.#host.persist().catch(() => undefined); // it may be refused; then the browser may clear it when short of room
    await this.look();
    await this.#keep(this.#missing(this.parts.map(({ part }) => part)));
  }

  /** Ends the fetching; files that came whole are kept. */
  cancel(): void {
    this.#cancel?.abort();
  }

  /** Deletes the large files. The page itself stays, and so does everything the reader has made. */
  async delete(): Promise<void> {
    this.cancel();
    this.#deleted = true;
    await this.#host.caches.delete(cacheName('large', this.#host.scope)).catch(() => false);
    await this.look();
  }

  /** Takes the new version: the page loads again. */
  takeUpdate(): void {
    this.#reloads = true;
    if (this.update === 'waits') this.#post?.({ type: 'SKIP_WAITING' });
    else this.#reload();
  }

  /** Shows the browser's own question. */
  async install(): Promise<void> {
    await this.installPrompt?.prompt();
    this.installPrompt = null;
  }

  #missing(parts: readonly LargePart[]): readonly LargeFile[] {
    return this.#files.filter(({ part, path }) => parts.includes(part) && !this.#kept.has(path));
  }

  async #keep(files: readonly LargeFile[]): Promise<void> {
    if (files.length === 0 || this.#cancel !== null) return;
    const cancel = new AbortController();
    this.#cancel = cancel;
    this.problem = null;
    const totalBytes = sumBytes(files);
    let before = 0;
    try {
      for (const file of files) {
        await this.#keepOne(file, cancel.signal, (doneBytes) => (this.progress = { doneBytes: before + doneBytes, totalBytes }));
        before += file.bytes;
        this.#kept = new Set([...this.#kept, file.path]);
      }
    } catch (error) {
      if (!cancel.signal.aborted) this.problem = problemOf(error);
    } finally {
      this.progress = null;
      this.#cancel = null;
    }
  }

  async #keepOne(file: LargeFile, signal: AbortSignal, heard: (doneBytes: number) => void): Promise<void> {
    const { caches, fetch, scope } = this.#host;
    const cache = await caches.open(cacheName('large', scope));
    /** The browser has just fetched most of them; if what it holds is another build's, the server is asked. */
    const from = async (mode: RequestCache) => {
      const response = await fetch(new URL(file.path, scope), { cache: mode, signal });
      await keepLargeFile(cache, file, scope, counted(response, heard));
    };
    await from('force-cache').catch((error: unknown) => {
      if (!(error instanceof WrongFileError)) throw error;
      return from('reload');
    });
  }

  #heard(event: 'controls' | 'waits' | 'replaced'): void {
    if (event === 'controls') {
      this.controlled = true;
      this.#post?.({ type: 'TIDY' });
    } else if (event === 'waits') {
      this.update = 'waits';
    } else if (this.#reloads) {
      this.#reload();
    } else {
      this.update = 'replaced';
    }
  }

  #reload(): void {
    this.#host.reload();
  }

  #none(reason: OfflineReason): void {
    this.status = 'none';
    this.reason = reason;
  }
}

/** The same response, telling of bytes as they come. */
function counted(response: Response, heard: (doneBytes: number) => void): Response {
  let doneBytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      doneBytes += chunk.length;
      heard(doneBytes);
      controller.enqueue(chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body?.pipeThrough(count) ?? null, { status, headers });
}

function problemOf(error: unknown): OfflineProblem {
  if (error instanceof WrongFileError) return 'wrong-file';
  return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'no-room' : 'broken-off';
}
