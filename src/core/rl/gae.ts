/**
 * @file Generalised advantage estimation (Schulman et al., arXiv 1506.02438): which tokens earned the reward?
 *
 * δ_t = r_t + γ V_{t+1} − V_t and A_t = δ_t + γλ A_{t+1}; after the last token there is nothing, V = 0. λ = 1 takes the
 * whole rest of the rewards as evidence (unbiased, noisy), λ = 0 only the next value (biased, quiet).
 */

/** One completion, one number a token. */
export interface TokenRewards {
  readonly rewards: ArrayLike<number>;
  /** V of the state before each token. */
  readonly values: ArrayLike<number>;
}

/** How far the future counts. */
export interface GaeOptions {
  /** γ, TRL gamma. */
  readonly gamma: number;
  /** λ, TRL lam. */
  readonly gaeLambda: number;
}

/** Advantages of each token, and the returns A + V that the values are fitted to. */
export function generalisedAdvantages({ rewards, values }: TokenRewards, { gamma, gaeLambda }: GaeOptions) {
  const advantages = new Float32Array(rewards.length);
  const returns = new Float32Array(rewards.length);
  let [advantage, nextValue] = [0, 0];
  for (let t = rewards.length - 1; t >= 0; t--) {
    const delta = rewards[t]! + gamma * nextValue - values[t]!;
    advantage = delta + gamma * gaeLambda * advantage;
    nextValue = values[t]!;
    advantages[t] = advantage;
    returns[t] = advantage + nextValue;
  }
  return { advantages, returns };
}
