/**
 * @file A Llama of the hub in the page's own engine: its repository is looked at, what it takes is told, and only then is it fetched
 * and opened as a folder of the reader's own is. Its worker is started when it is first wanted, and ended to cancel.
 */
import { proxy, wrap } from 'comlink';
import { memoryFor } from '../core/model/memory';
import type { BroughtFolder } from '../protocol/brought';
import type { HubLlamaApi, LlamaPlan } from '../protocol/hub-llama';
import type { Failure } from '../protocol/load';
import type { OtherFailure } from '../protocol/other-models';
import { End } from './end';
import { noRoomFor } from './hub-room';
import { hubAddress } from './other-pairs';
import type { WorkerLike } from './trainer-client.svelte';

/** Before so much time has gone by, nobody can say how much is left. */
const MIN_PACE_MS = 1000;

/** One worker from birth to death. */
interface Life {
  readonly worker: WorkerLike;
  readonly api: HubLlamaApi;
  readonly end: End<OtherFailure>;
}

/** How far a download is. */
interface Fetching {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Null while nobody can say. */
  readonly secondsLeft: number | null;
}

const failed = (code: OtherFailure['code'], detail: string): OtherFailure => ({ type: 'failed', code, name: '', detail });

function startWorker(): WorkerLike {
  return new Worker(new URL('../../workers/hub-llama.worker.ts', import.meta.url), { type: 'module' });
}

/** What the panel shows. */
export class HubLlamas {
  /** `looked`: there is a plan. */
  phase = $state<'none' | 'looking' | 'looked' | 'fetching' | 'opening'>('none');
  plan = $state.raw<LlamaPlan | null>(null);
  failure = $state.raw<OtherFailure | null>(null);
  /** Why the engine did not take what was fetched; null while all is well. */
  problem = $state<string | null>(null);
  progress = $state.raw<Fetching | null>(null);
  /** The hub's address; null where nothing can be asked of it. */
  readonly hub = hubAddress();

  readonly #open: (folder: BroughtFolder) => Promise<Failure | null>;
  readonly #scope = new URL('./', document.baseURI).href;
  #life: Life | null = null;

  /** @param open loads a folder's model; null, or why that was impossible */
  constructor(open: (folder: BroughtFolder) => Promise<Failure | null>) {
    this.#open = open;
  }

  /** Asks the hub what a repository takes. */
  async look(repo: string): Promise<void> {
    this.cancel();
    this.phase = 'looking';
    const { deviceMemory } = navigator as { deviceMemory?: number };
    const request = { repo: repo.trim(), hub: this.hub ?? '', scope: this.#scope, availableBytes: memoryFor(deviceMemory) };
    const outcome = await this.#call((api) => api.look(request));
    if (this.phase !== 'looking') return;
    this.phase = outcome.type === 'completed' ? 'looked' : 'none';
    if (outcome.type === 'completed') this.plan = outcome.plan;
    else this.failure = outcome;
  }

  /** Fetches what is missing, and opens it. */
  async fetch(): Promise<void> {
    const { plan } = this;
    if (!plan || this.phase !== 'looked') return;
    this.failure = this.problem = null;
    this.phase = 'fetching';
    let begun: { readonly ms: number; readonly bytes: number } | null = null;
    const heard = (doneBytes: number, totalBytes: number) => {
      const ms = performance.now();
      begun ??= { ms, bytes: doneBytes };
      const pace = (doneBytes - begun.bytes) / (ms - begun.ms);
      const secondsLeft = ms - begun.ms < MIN_PACE_MS || pace === 0 ? null : (totalBytes - doneBytes) / pace / 1000;
      if (this.phase === 'fetching') this.progress = { doneBytes, totalBytes, secondsLeft };
    };
    const outcome = (await noRoomFor(plan.bytes - plan.keptBytes)) ?? (await this.#call((api) => api.fetch(proxy(heard))));
    if (this.phase !== 'fetching') return; // cancelled
    this.progress = null;
    if (outcome.type === 'failed') {
      this.failure = outcome;
      this.phase = 'looked';
      return;
    }
    this.phase = 'opening';
    this.problem = (await this.#open({ name: plan.repo, files: outcome.files }))?.detail ?? null;
    this.phase = this.problem === null ? 'none' : 'looked';
    if (this.problem === null) this.plan = null;
  }

  /** Ends looking or fetching; what came is kept. */
  cancel(): void {
    this.#end(failed('worker-crashed', ''));
    this.phase = 'none';
    this.plan = this.progress = this.failure = this.problem = null;
  }

  /** Calls the worker; its death comes back as a failure. */
  async #call<T>(ask: (api: HubLlamaApi) => Promise<T>): Promise<T | OtherFailure> {
    const life = (this.#life ??= this.#begin());
    const answer = ask(life.api).catch((error: unknown) =>
      failed('worker-crashed', error instanceof Error ? error.message : String(error)),
    );
    return life.end.race(answer);
  }

  #begin(): Life {
    const worker = startWorker();
    const life: Life = { worker, api: wrap<HubLlamaApi>(worker), end: new End() };
    worker.addEventListener('error', ((event: Event) => {
      event.preventDefault();
      if (this.#life === life) this.#end(failed('worker-crashed', (event as Partial<ErrorEvent>).message ?? ''));
    }) as EventListener);
    return life;
  }

  #end(why: OtherFailure): void {
    const life = this.#life;
    this.#life = null;
    life?.worker.terminate();
    life?.end.come(why);
  }
}
