/** @file Ready-made rewards: starting points that show what a reward does, good ones and bad ones. */
import { DEFAULT_WEIGHTS } from '../core/reward/features';
import { m } from '../messages/messages';
import type { RewardWeights } from '../protocol/run';

/** A reward by name. */
export interface Preset {
  readonly id: string;
  /** In the page's language. */
  readonly name: () => string;
  readonly weights: RewardWeights;
}

/** In the order shown. A feature not named weighs 0. */
export const PRESETS: readonly Preset[] = [
  { id: 'default', name: m.rewardlab_preset_default, weights: DEFAULT_WEIGHTS },
  { id: 'length', name: m.rewardlab_preset_length, weights: { length: 2 } },
  { id: 'short', name: m.rewardlab_preset_short, weights: { length: -1.5 } },
  { id: 'lists', name: m.rewardlab_preset_lists, weights: { list_format: 2 } },
  { id: 'typos', name: m.rewardlab_preset_typos, weights: { typos: 2 } },
  { id: 'shouting', name: m.rewardlab_preset_shouting, weights: { exclamation: 2 } },
];
