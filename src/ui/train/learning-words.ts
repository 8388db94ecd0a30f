/** @file How each algorithm turns rewards into a direction, in a sentence or two beside the answers it learned from. */
import type { Stage } from '../../core/algorithms/catalogue';
import { m } from '../../messages/messages';

/** What ▲ and ▼ mean. */
export const LEARNING_WORDS: Readonly<Record<Stage, () => string>> = {
  sft: m.train_learning_sft,
  dpo: m.train_learning_dpo,
  reinforce: m.train_learning_reinforce,
  rloo: m.train_learning_rloo,
  ppo: m.train_learning_ppo,
  grpo: m.train_learning_grpo,
  'rejection-sampling': m.train_learning_rejection_sampling,
  'online-dpo': m.train_learning_online_dpo,
};
