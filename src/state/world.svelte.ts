/**
 * @file The world as the page shows it: what is looked for and found, which entry is open, what is being read.
 *
 * The world is made in a worker of its own; a newer wish makes the answer to an older one void.
 */
import { wrap } from 'comlink';
import type { CatalogueEntry, EntryKind } from '../core/world/catalogue';
import type { DataWish } from '../core/trl/data-sets';
import type { DocumentKind } from '../core/world/documents';
import type { RequestKind } from '../core/world/subjects';
import type { ReadDialogue, ReadDocument, ReadingWish, WorldApi } from '../protocol/world';
import type { WorkerLike } from './trainer-client.svelte';
import { findEntries } from './world-search';

/** Seeds are shown and typed, so they stay short. */
export const MAX_READING_SEED = 999_999;

function startWorldWorker(): WorkerLike {
  return new Worker(new URL('../../workers/world.worker.ts', import.meta.url), { type: 'module' });
}

/** One reader: a wish, and the text that was drawn for it. */
export class Reading<Kind, Text> {
  wish = $state.raw<ReadingWish<Kind>>({ kind: null, split: 'train', seed: 1 });
  text = $state.raw<Text | null>(null);
  #fetch: (wish: ReadingWish<Kind>) => Promise<Text>;

  constructor(fetch: (wish: ReadingWish<Kind>) => Promise<Text>) {
    this.#fetch = fetch;
  }

  /** Draws for a changed wish; seeds beyond the last begin again. Resolves when it is on screen, or could not be had. */
  async change(wish: Partial<ReadingWish<Kind>>): Promise<void> {
    const next = { ...this.wish, ...wish };
    const count = MAX_READING_SEED + 1;
    this.wish = { ...next, seed: (((Number.isFinite(next.seed) ? Math.round(next.seed) : 0) % count) + count) % count };
    const wished = this.wish;
    const text = await this.#fetch(wished).catch(() => null); // the whole view says so
    if (wished === this.wish && text !== null) this.text = text;
  }
}

/** Everything the view of the world holds; lives as long as the page, so that coming back finds it as it was. */
export class WorldState {
  status = $state<'loading' | 'ready' | 'failed'>('loading');
  entries = $state.raw<readonly CatalogueEntry[]>([]);
  documentKinds = $state.raw<readonly DocumentKind[]>([]);
  words = $state('');
  kind = $state<EntryKind | null>(null);
  openId = $state<string | null>(null);
  found = $derived(findEntries(this.entries, this));
  /** The entry on screen: the one opened, or else the first of all. */
  open = $derived(this.entryOf(this.openId) ?? this.entries[0] ?? null);
  readonly documents: Reading<DocumentKind, ReadDocument>;
  readonly dialogues: Reading<RequestKind, ReadDialogue>;

  #startWorker: () => WorkerLike;
  #worker: WorkerLike | null = null;
  #api: WorldApi | null = null;

  constructor(startWorker: () => WorkerLike = startWorldWorker) {
    this.#startWorker = startWorker;
    this.documents = new Reading((wish) => this.#ask((api) => api.readDocument(wish)));
    this.dialogues = new Reading((wish) => this.#ask((api) => api.readDialogue(wish)));
  }

  /** Starts the worker and fetches the catalogue and something to read; again after a failure. Never throws. */
  async load(): Promise<void> {
    if (this.status === 'ready' || (this.#worker && this.status === 'loading')) return;
    this.status = 'loading';
    const worker = (this.#worker = this.#startWorker());
    this.#api = wrap<WorldApi>(worker);
    worker.addEventListener('error', this.#failed);
    worker.addEventListener('messageerror', this.#failed);
    try {
      const { entries, documentKinds } = await this.#api.catalogue();
      await Promise.all([this.documents.change({}), this.dialogues.change({})]);
      if (this.#worker !== worker) return;
      this.entries = entries;
      this.documentKinds = documentKinds;
      this.status = 'ready';
    } catch {
      if (this.#worker === worker) this.#fail();
    }
  }

  /** The entry of an id; null for none. */
  entryOf(id: string | null): CatalogueEntry | null {
    return this.entries.find((entry) => entry.id === id) ?? null;
  }

  /** How many entries there are of a kind. */
  countOf(kind: EntryKind): number {
    return this.entries.filter((entry) => entry.kind === kind).length;
  }

  /** Data sets that the world writes in TRL's formats; starts the worker if need be. @throws when it cannot be started */
  async trlRows(wish: DataWish): Promise<Readonly<Record<string, string>>> {
    await this.load();
    return this.#ask((api) => api.trlRows(wish));
  }

  async #ask<T>(ask: (api: WorldApi) => Promise<T>): Promise<T> {
    if (!this.#api) throw new Error('The world is not there yet.');
    try {
      return await ask(this.#api);
    } catch (error) {
      this.#fail();
      throw error;
    }
  }

  readonly #failed = (event: Event) => {
    event.preventDefault();
    this.#fail();
  };

  #fail(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#api = null;
    this.status = 'failed';
  }
}
