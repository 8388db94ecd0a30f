/** @file Loading: which engine runs, which models are there, and how loading ends. */

/** The models on screen. `yours` is the policy trained in this page. */
export type ModelId = 'base' | 'sft' | 'rlhf' | 'dpo' | 'yours';

/** Every choice of engine. */
export const ENGINE_CHOICES = ['auto', 'webgpu', 'webgpu-float16', 'wasm'] as const;

/**
 * What the user asked for: `auto` takes WebGPU where an adapter answers, else wasm. Nothing but `webgpu-float16` computes in
 * float16: answers are then a little different, training stays in float32.
 */
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** The engine that answered. */
export interface EngineInfo {
  readonly backend: 'webgpu' | 'wasm';
  /** "Intel Xe", "wasm, 2 threads": for the status line. */
  readonly label: string;
  readonly numThreads: number;
  readonly precision: 'float32' | 'float16';
  /** The adapter could compute in float16. */
  readonly offersFloat16: boolean;
  readonly crossOriginIsolated: boolean;
  /** One sentence when the choice fell back, e.g. no WebGPU adapter; null when nothing is to be said. */
  readonly fallbackReason: string | null;
}

/** One shipped model, from the manifest. */
export interface ModelInfo {
  readonly id: Exclude<ModelId, 'yours'>;
  readonly folder: string;
  readonly bytes: number;
  readonly numParameters: number;
}

/** A family of models that the site carries. */
export interface FamilyInfo {
  readonly id: string;
  readonly title: string;
  /** Of one model. */
  readonly numParameters: number;
  /** What choosing it downloads. */
  readonly bytes: number;
}

/** Progress while loading. Bytes are of the file named by `what`. */
export type LoadEvent =
  | { readonly type: 'engine'; readonly engine: EngineInfo }
  | { readonly type: 'progress'; readonly what: string; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly type: 'model'; readonly model: ModelInfo }
  | { readonly type: 'warming'; readonly what: string };

/** Why something failed; the page has one sentence and one remedy for each. */
export type FailureCode =
  | 'no-webgpu'
  | 'device-lost'
  | 'out-of-memory'
  | 'too-large'
  | 'non-finite-loss'
  | 'bad-checkpoint'
  | 'missing-file'
  | 'corrupt-file'
  | 'bad-request'
  | 'no-reward-model'
  | 'worker-crashed'
  | 'internal';

/** A failure as data. `detail` is a plain sentence; `file` names the file for missing or corrupt ones. */
export interface Failure {
  readonly type: 'failed';
  readonly code: FailureCode;
  readonly detail: string;
  readonly file?: string;
}

/** True for failures after which the worker is of no more use: only a fresh one can go on. */
export function isEngineLoss({ code }: Pick<Failure, 'code'>): boolean {
  return code === 'device-lost' || code === 'out-of-memory' || code === 'worker-crashed';
}

/** How loading ended. */
export type LoadOutcome =
  | {
      readonly type: 'completed';
      readonly engine: EngineInfo;
      readonly models: readonly ModelInfo[];
      /** Models that are fetched when they are first asked something. */
      readonly later: readonly ModelInfo[];
      /** The family loaded: the site's first where the one asked for is not there. */
      readonly family: string;
      /** All of the site's, its first first. */
      readonly families: readonly FamilyInfo[];
      readonly loadMs: number;
    }
  | Failure;
