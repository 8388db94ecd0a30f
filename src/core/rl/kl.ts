/**
 * @file Estimators of KL(policy ‖ reference) from tokens the policy drew (Schulman, joschu.net/blog/kl-approx.html).
 *
 * With log r = refLogprob − logprob: k1 = −log r, k2 = ½ (log r)², k3 = (r − 1) − log r. k1 and k3 average to the KL, k3
 * is never negative. The sign matters: with r turned round, k3 no longer averages to the KL. Nats.
 */

/** −log r: unbiased, may be negative. */
export const k1 = (logprob: number, refLogprob: number): number => logprob - refLogprob;

/** ½ (log r)²: biased, small variance. */
export const k2 = (logprob: number, refLogprob: number): number => 0.5 * (refLogprob - logprob) ** 2;

/** (r − 1) − log r: unbiased and never negative. */
export function k3(logprob: number, refLogprob: number): number {
  const logRatio = refLogprob - logprob;
  return Math.expm1(logRatio) - logRatio;
}

/** The estimators by TRL's names (kl_estimator). */
export const KL_ESTIMATORS = { k1, k2, k3 } as const;

/**
 * KL(best of n ‖ one) in nats: ln n − (n − 1)/n (Stiennon et al., arXiv 2009.01325). Exact when no two rewards are equal,
 * an upper bound when some are.
 */
export const bestOfNKl = (n: number): number => Math.log(n) - (n - 1) / n;

/**
 * KL(p ‖ q) of each pair of rows, nats, exact: no sample is needed where whole distributions are at hand.
 * @param p, q log-probabilities, `[M, V]` row by row
 */
export function klOfRows(p: Float32Array, q: Float32Array, vocabularySize: number): number[] {
  return Array.from({ length: p.length / vocabularySize }, (_, row) => {
    let kl = 0;
    for (let at = row * vocabularySize; at < (row + 1) * vocabularySize; at++) kl += Math.exp(p[at]!) * (p[at]! - q[at]!);
    return Math.max(0, kl); // rounding may leave a hair below zero
  });
}
