/** @file How answers are drawn for the comparison and for the reward panel: the settings and their ranges. */
import type { NumberField } from '../core/algorithms/fields';

/** Settings of one draw; the same seed gives every model the same random numbers. */
export interface Sampling {
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** What each setting is; the controls and the link are made from here. */
export const SAMPLING_FIELDS = [
  {
    key: 'seed',
    label: 'Seed',
    unit: '',
    min: 0,
    max: 999_999,
    step: 1,
    scale: 'linear',
    default: 7,
    hint: 'The same seed gives the same answers.',
    citation: '',
    live: true,
  },
  {
    key: 'temperature',
    label: 'Temperature',
    unit: '',
    min: 0,
    max: 2,
    step: 0.05,
    scale: 'linear',
    default: 0.8,
    hint: '0 always takes the likeliest token; higher is more adventurous.',
    citation: '',
    live: true,
  },
  {
    key: 'maxTokens',
    label: 'Length limit',
    unit: 'tokens',
    min: 8,
    max: 128,
    step: 8,
    scale: 'linear',
    default: 112,
    hint: 'Answers are cut here.',
    citation: '',
    live: true,
  },
] as const satisfies readonly (NumberField & { key: keyof Sampling })[];

/** What the page starts with. */
export const SAMPLING_DEFAULTS: Sampling = { seed: 7, temperature: 0.8, maxTokens: 112 };

/** Longest prompt the page sends, in characters; the model reads a few dozen words at most. */
export const MAX_PROMPT_LENGTH = 300;
