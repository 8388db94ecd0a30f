/** @file Surprise: −log p of a token in nats, in four levels that shading and underline tell apart. */

/** Lower ends of levels 1 to 3, in nats, and what the legend calls each level. */
export const SURPRISE_LEVELS = [
  { from: 0, label: 'expected' },
  { from: 0.7, label: 'under 50 %' },
  { from: 2, label: 'under 14 %' },
  { from: 4, label: 'under 2 %' },
] as const;

/** The level of a token with this log-probability (nats), 0 to 3. */
export function surpriseLevel(logprob: number): number {
  return SURPRISE_LEVELS.findLastIndex(({ from }) => -logprob >= from);
}
