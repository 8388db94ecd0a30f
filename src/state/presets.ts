/** @file Ready-made rewards: starting points that show what a reward does, good ones and bad ones. */
import { DEFAULT_WEIGHTS } from '../core/reward/features';
import type { RewardWeights } from '../protocol/run';

/** A reward by name. */
export interface Preset {
  readonly name: string;
  readonly weights: RewardWeights;
}

/** In the order shown. A feature not named weighs 0. */
export const PRESETS: readonly Preset[] = [
  { name: 'Default', weights: DEFAULT_WEIGHTS },
  { name: 'Only length', weights: { length: 2 } },
  { name: 'Short', weights: { length: -1.5 } },
  { name: 'Lists everywhere', weights: { list_format: 2 } },
  { name: 'Typos please', weights: { typos: 2 } },
  { name: 'Shouting', weights: { exclamation: 2 } },
];
