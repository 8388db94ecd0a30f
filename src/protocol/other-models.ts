/**
 * @file The contract between the page and the worker that runs other people's models: a base model and what was made of it by
 * post-training, from the Hugging Face hub or from folders on this device.
 *
 * Nothing is asked of the hub before `look`, and no weights before `load`; the page calls either only after a click. To cancel, the
 * page ends the worker: what had come by then is kept. Failures are data, as in the trainer's contract.
 */

/** Which of a pair. */
export type Role = 'base' | 'instruct';
export const ROLES: readonly Role[] = ['base', 'instruct'];

/** Where a model comes from: a repository of the hub, or files by their path within a folder. */
export type ModelSource =
  | { readonly type: 'hub'; readonly repo: string }
  | { readonly type: 'folder'; readonly name: string; readonly files: ReadonlyMap<string, Blob> };

/** What to look at. At least one role. */
export interface LookRequest {
  readonly sources: Readonly<Partial<Record<Role, ModelSource>>>;
  /** The hub's address. */
  readonly hub: string;
  /** Address of the folder that the page lies in: what is kept is kept for it alone. */
  readonly scope: string;
  /** Do without the graphics adapter. */
  readonly wasmOnly: boolean;
  /** Bytes that the page may hope for. */
  readonly availableBytes: number;
}

/** Kinds of weights that there are files of; the suffixes are transformers.js's. */
export type Dtype = 'q4f16' | 'q4' | 'q8' | 'fp16' | 'fp32';

/** A model that could be loaded. */
export interface PlannedModel {
  readonly role: Role;
  readonly from: 'hub' | 'folder';
  /** Repository or folder. */
  readonly name: string;
  /** As its repository says; null where it says nothing. */
  readonly licence: string | null;
  readonly dtype: Dtype;
  /** Of all files wanted. */
  readonly bytes: number;
  /** Of those, bytes that need not be fetched. */
  readonly keptBytes: number;
}

/** What loading would take. */
export interface LoadPlan {
  readonly models: readonly PlannedModel[];
  readonly backend: 'webgpu' | 'wasm';
  /** Why there is no WebGPU; null where there is, or where none was wanted. */
  readonly noWebgpu: string | null;
  /** Memory while the last of them is read, and what there is. */
  readonly memoryBytes: number;
  readonly availableBytes: number;
}

/** Why something failed; the page has a sentence for each. */
export type OtherFailureCode =
  | 'offline'
  | 'gated'
  | 'missing'
  | 'hub-error'
  | 'broken-off'
  | 'no-room'
  | 'no-onnx'
  | 'not-llama'
  | 'too-large'
  | 'damaged'
  | 'unsupported'
  | 'out-of-memory'
  | 'worker-crashed'
  | 'bad-request';

/** A failure. `name` is the repository or folder; `detail` is in the words of whoever failed. */
export interface OtherFailure {
  readonly type: 'failed';
  readonly code: OtherFailureCode;
  readonly name: string;
  readonly detail: string;
}

/** How looking ended. */
export type LookOutcome = { readonly type: 'completed'; readonly plan: LoadPlan } | OtherFailure;
/** Progress: bytes of all models together while they are fetched; then each is made ready. */
export type OtherLoadEvent =
  | { readonly type: 'fetching'; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly type: 'starting'; readonly role: Role };
/** How loading ended. */
export type OtherLoadOutcome = { readonly type: 'completed'; readonly loadMs: number } | OtherFailure;

/** One answer to stream. Instruct models get their chat template, base models plain text. */
export interface OtherAnswerRequest {
  readonly role: Role;
  readonly prompt: string;
  readonly seed: number;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly maxTokens: number;
}

/** How an answer ended. `finished`: by the model itself. */
export type OtherAnswerOutcome =
  | { readonly type: 'completed'; readonly numTokens: number; readonly finished: boolean; readonly tokensPerSecond: number }
  | { readonly type: 'stopped' }
  | OtherFailure;

/** Everything that the page may ask of the worker. */
export interface OtherModelsApi {
  /** Finds out what there is to load and what it would take. Asks the hub for lists of files only. */
  look(request: LookRequest): Promise<LookOutcome>;
  /** Fetches what is not kept and loads what was last looked at; what was loaded before is let go. */
  load(listener: (event: OtherLoadEvent) => void): Promise<OtherLoadOutcome>;
  answer(request: OtherAnswerRequest, listener: (text: string) => void): Promise<OtherAnswerOutcome>;
  /** Ends the answer under way after its next token. */
  stop(): Promise<void>;
}
