/** @file How tokens are shaded, in four levels that shading and underline tell apart: by surprise, or by disagreement. */
import { m } from '../../messages/messages';

/** Lower ends of levels 1 to 3, in nats, and what the legend calls each level. */
export const SURPRISE_LEVELS = [
  { from: 0, label: m.compare_expected },
  { from: 0.7, label: () => m.compare_under_percent({ percent: 50 }) },
  { from: 2, label: () => m.compare_under_percent({ percent: 14 }) },
  { from: 4, label: () => m.compare_under_percent({ percent: 2 }) },
] as const;

/** Disagreement: KL of one model's next token from another's, nats. */
export const DISAGREEMENT_LEVELS = [
  { from: 0, label: m.compare_agree },
  { from: 0.5, label: () => m.compare_over_nats({ nats: 0.5 }) },
  { from: 2, label: () => m.compare_over_nats({ nats: 2 }) },
  { from: 5, label: () => m.compare_over_nats({ nats: 5 }) },
] as const;

/** The level of a token before which two models disagree by so many nats, 0 to 3. */
export function disagreementLevel(kl: number): number {
  return DISAGREEMENT_LEVELS.findLastIndex(({ from }) => kl >= from);
}

/** The level of a token with this log-probability (nats), 0 to 3. */
export function surpriseLevel(logprob: number): number {
  return SURPRISE_LEVELS.findLastIndex(({ from }) => -logprob >= from);
}
