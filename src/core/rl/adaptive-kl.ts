/**
 * @file The adaptive KL coefficient (Ziegler et al., arXiv 1909.08593, section 2.2): a controller that keeps KL near a target.
 */

/** What to aim at, and how patiently. */
export interface AdaptiveKl {
  /** KL(policy ‖ reference) of whole completions to aim at, nats. */
  readonly target: number;
  /** Completions after which a KL 20 % off has changed the coefficient by 20 %. */
  readonly horizon: number;
}

/** The coefficient after a batch of `numCompletions` whose KL was `kl` nats: up when too far away, down when too near. */
export function adaptKlCoef(klCoef: number, kl: number, { target, horizon }: AdaptiveKl, numCompletions: number): number {
  const error = Math.min(0.2, Math.max(-0.2, kl / target - 1));
  return klCoef * (1 + (error * numCompletions) / horizon);
}
