/** @file Asking whether a prompt is on the map: whether the small world, which is all the models know, covers it. */
import type { Failure } from './load';

/**
 * What was found. `unrecognised`: the world has nothing that the prompt asks about; `surprising`: it seems to, but the base
 * model has hardly read anything like it. `near` are prompts of the world like it, none where it is on the map.
 */
export interface Survey {
  readonly type: 'completed';
  readonly verdict: 'on-map' | 'unrecognised' | 'surprising';
  readonly near: readonly string[];
}

/** How a survey ended; `stopped` when generating was stopped before its turn came. */
export type SurveyOutcome = Survey | { readonly type: 'stopped' } | Failure;
