/** @file Models leaving the page: which, and what comes. */
import type { Failure, ModelId } from './load';
import type { RunCheckpoint } from './run';

/** Which model is to leave: one on screen, a kept moment of a run, or a neural reward model by its id. */
export type ExportWish =
  | { readonly type: 'model'; readonly id: ModelId }
  | { readonly type: 'checkpoint'; readonly checkpoint: RunCheckpoint }
  | { readonly type: 'rewardModel'; readonly id: string };

/** A model as the files of a Hugging Face folder, or why there is none. */
export type ExportOutcome =
  | {
      readonly type: 'completed';
      /** By path within the folder. */
      readonly files: ReadonlyMap<string, Uint8Array>;
      /** The chat format of the family's chat models, as Jinja. */
      readonly chatTemplate: string;
      readonly maxTokens: number;
      readonly endTokenIds: readonly number[];
      /** Spread of a reward model's scores: what a standardised point is in raw ones. 1 for policies. */
      readonly sd: number;
    }
  | Failure;
