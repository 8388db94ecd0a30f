/**
 * @file Best of n: draw n answers and keep the one with the highest reward. What does that do to the reward, and to the truth?
 *
 * From a pool of N scored answers the mean over all choices of n is known exactly: sorted by reward, the answer of rank i
 * (from the lowest, 1-based) is the best of C(i − 1, n − 1) of the C(N, n) subsets (Nakano et al., arXiv 2112.09332, appendix I; Gao et
 * al., arXiv 2210.10760). Its KL from the policy is ln n − (n − 1)/n, exact for continuous rewards, an upper bound with ties.
 */

/** KL(best of n ‖ policy) in nats. */
export const bestOfNKl = (n: number): number => Math.log(n) - (n - 1) / n;

/** One answer: what the reward model says, and what is true. */
export interface ScoredAnswer {
  readonly proxy: number;
  readonly gold: number;
}

/**
 * Probability that each of N answers, sorted from the lowest reward, is the best of n drawn without replacement; `[N]`, sums to 1.
 * @throws RangeError when n is not between 1 and N
 */
export function bestOfNWeights(poolSize: number, n: number): readonly number[] {
  if (!Number.isInteger(n) || n < 1 || n > poolSize) throw new RangeError(`best of ${n} from a pool of ${poolSize}`);
  const weights = new Array<number>(poolSize).fill(0);
  // C(i − 1, n − 1) / C(N, n) by its ratio from rank to rank, downwards from n / N at the top.
  weights[poolSize - 1] = n / poolSize;
  for (let rank = poolSize - 1; rank >= n; rank--) weights[rank - 1] = (weights[rank]! * (rank - n + 1)) / rank;
  return weights;
}

/** Mean reward and mean gold of the best of n from a pool; answers with equal rewards share their chances. */
export function bestOfN(pool: readonly ScoredAnswer[], n: number): ScoredAnswer {
  const sorted = [...pool].sort((a, b) => a.proxy - b.proxy);
  const weights = bestOfNWeights(sorted.length, n);
  let [proxy, gold] = [0, 0];
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end]!.proxy === sorted[start]!.proxy) end++;
    const chance = weights.slice(start, end).reduce((sum, weight) => sum + weight, 0);
    proxy += chance * sorted[start]!.proxy;
    gold += (chance * sorted.slice(start, end).reduce((sum, answer) => sum + answer.gold, 0)) / (end - start);
    start = end;
  }
  return { proxy, gold };
}

/** What best of n gives, averaged over prompts. */
export interface BestOfNPoint {
  readonly n: number;
  /** √KL(best of n ‖ policy), in √nats: the distance of Gao et al. */
  readonly distance: number;
  /** In standard deviations of the pools' rewards above their means. */
  readonly proxy: number;
  readonly gold: number;
  /** Standard error of `gold` over prompts. */
  readonly goldError: number;
}

/** Points for n = 1, 2, 4 … as far as the smallest pool goes. Rewards are standardised within each prompt's pool. */
export function bestOfNCurve(pools: readonly (readonly ScoredAnswer[])[], largest = 128): readonly BestOfNPoint[] {
  const size = Math.min(largest, ...pools.map((pool) => pool.length));
  const standard = pools.map(standardised);
  const points: BestOfNPoint[] = [];
  for (let n = 1; n <= size && pools.length > 0; n *= 2) {
    const best = standard.map((pool) => bestOfN(pool, n));
    const mean = (of: (answer: ScoredAnswer) => number) => best.reduce((sum, answer) => sum + of(answer), 0) / best.length;
    const gold = mean((answer) => answer.gold);
    const variance = best.reduce((sum, answer) => sum + (answer.gold - gold) ** 2, 0) / Math.max(1, best.length - 1);
    points.push({
      n,
      distance: Math.sqrt(bestOfNKl(n)),
      proxy: mean((answer) => answer.proxy),
      gold,
      goldError: Math.sqrt(variance / best.length),
    });
  }
  return points;
}

function standardised(pool: readonly ScoredAnswer[]): readonly ScoredAnswer[] {
  const mean = pool.reduce((sum, { proxy }) => sum + proxy, 0) / pool.length;
  const deviation = Math.sqrt(pool.reduce((sum, { proxy }) => sum + (proxy - mean) ** 2, 0) / pool.length) || 1;
  return pool.map(({ proxy, gold }) => ({ proxy: (proxy - mean) / deviation, gold }));
}
