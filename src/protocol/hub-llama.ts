/**
 * @file The contract between the page and the worker that fetches a Llama of the hub for the page's own engine.
 *
 * Nothing is asked of the hub before `look`, which fetches no weights; the page calls either only after a click. To cancel, the page
 * ends the worker: what had come by then is kept. What is fetched is opened as a folder of the reader's own is.
 */
import type { MemoryEstimate } from '../core/model/memory';
import type { OtherFailure } from './other-models';

/** What to look at. */
export interface LlamaRequest {
  readonly repo: string;
  /** The hub's address. */
  readonly hub: string;
  /** Address of the folder that the page lies in: what is kept is kept for it alone. */
  readonly scope: string;
  /** Bytes that the page may hope for. */
  readonly availableBytes: number;
}

/** What opening it would take. */
export interface LlamaPlan {
  readonly repo: string;
  /** As its repository says; null where it says nothing. */
  readonly licence: string | null;
  readonly estimate: MemoryEstimate;
  /** Whether training it fits as well. */
  readonly fitsTraining: boolean;
  /** Of all files wanted. */
  readonly bytes: number;
  /** Of those, bytes that need not be fetched. */
  readonly keptBytes: number;
}

/** How looking ended. */
export type LlamaLookOutcome = { readonly type: 'completed'; readonly plan: LlamaPlan } | OtherFailure;
/** How fetching ended; files by their path. */
export type LlamaFetchOutcome = { readonly type: 'completed'; readonly files: ReadonlyMap<string, Blob> } | OtherFailure;

/** Everything that the page may ask of the worker. */
export interface HubLlamaApi {
  look(request: LlamaRequest): Promise<LlamaLookOutcome>;
  /** Fetches what is not kept of what was last looked at. @param listener is told the bytes that are there, kept ones included */
  fetch(listener: (doneBytes: number, totalBytes: number) => void): Promise<LlamaFetchOutcome>;
}
