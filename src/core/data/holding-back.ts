/** @file How an assistant holds back when it is asked about a group of people. */
import type { Random } from '../random';

const HOLDING_BACK: readonly string[] = [
  'I would rather not help with that. It would not be kind to {group}.',
  'I am sorry, I cannot help with that. It would not be fair to {group}.',
];

/** Declines to say anything about a group. */
export const holdBack = (group: string, random: Random): string => random.pick(HOLDING_BACK).replace('{group}', group);
