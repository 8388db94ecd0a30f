/** @file How each algorithm turns rewards into a direction, in a sentence or two beside the answers it learned from. */
import type { RewardStage } from '../../core/algorithms/catalogue';

/** What ▲ and ▼ mean. */
export const LEARNING_WORDS: Readonly<Record<RewardStage, string>> = {
  reinforce:
    'One answer to each prompt. Those that earned more than the others of the batch (▲) are made likelier, the rest (▼) less likely.',
  rloo: 'One group of answers to this prompt. Each is compared with the average of the others: those above it (▲) are made likelier, those below (▼) less likely.',
  ppo: 'One answer to each prompt. What earned more than the value model foresaw (▲) is made likelier, what earned less (▼) less likely; here is the mean over an answer’s tokens.',
  grpo: 'One group of answers to this prompt. Each is compared with the average of the group: those above it (▲) are made likelier, those below (▼) less likely.',
  'rejection-sampling': 'One group of answers to this prompt. The best (▲) is imitated; the others are thrown away.',
  'online-dpo': 'One group of answers to this prompt. The best (▲) is made likelier than the worst (▼); the others are thrown away.',
};
