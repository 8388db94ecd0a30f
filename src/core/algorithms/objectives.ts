/**
 * @file Losses as graph, each a function from the model's log-probabilities or scores to a scalar to minimise.
 *
 * Log-probabilities are in nats. What a loss averages over is said at each.
 */
import type { Objective, ObjectiveContext } from '../model/programs';
import { add, allAxes, div, exp, identity, max, min, mul, neg, reduceMean, reduceSum, scale, slice, softplus, sub } from '../graph/ops';
import { stopGradient } from '../graph/gradients';

/** −Σ w · log p. Input `weights`, one a predicted token, which say what is averaged over (they should add up to 1). */
export function crossEntropy(context: ObjectiveContext): Objective {
  const weights = context.input('weights', context.dims);
  const weighted = mul(weights, context.logprobs());
  return { loss: neg(reduceSum(weighted, allAxes(weighted))), metrics: {} };
}

/**
 * GRPO's clipped policy gradient with a k3 penalty towards the reference (DeepSeekMath eq. 3, arXiv 2402.03300), averaged
 * over all completion tokens of the batch (TRL's `bnpo` normalisation):
 * loss = −mean min(ρ·A, clip(ρ, 1 ± ε)·A) + β · mean k3, with ρ = exp(logprob − oldLogprob).
 *
 * Inputs, one number a predicted token: `advantages`, `weights` (completion mask divided by its sum), `ref_logprobs`, and
 * `old_logprobs` when batches are used more than once; and `kl_coef []`, `clip_range []`. On a batch's only pass old is now:
 * the ratio is exactly 1, and its gradient is REINFORCE's.
 */
export function clippedPolicyGradient({ reusesBatch }: { reusesBatch: boolean }) {
  return (context: ObjectiveContext): Objective => {
    const { graph, dims } = context;
    const advantages = context.input('advantages', dims);
    const weights = context.input('weights', dims);
    const refLogprobs = context.input('ref_logprobs', dims);
    const klCoef = context.input('kl_coef', []);
    const clipRange = context.input('clip_range', []);
    const one = graph.scalar(1);
    const logprobs = context.logprobs();
    // Padding is multiplied away before exp, which could overflow there.
    const mask = min(one, scale(weights, 1e9));
    const old = reusesBatch ? context.input('old_logprobs', dims) : stopGradient(logprobs);
    const logRatioOld = mul(mask, sub(logprobs, old));
    const ratio = exp(logRatioOld);
    const clipped = min(max(ratio, sub(one, clipRange)), add(one, clipRange));
    const surrogate = min(mul(ratio, advantages), mul(clipped, advantages));
    const logRatioRef = mul(mask, sub(refLogprobs, logprobs));
    const k3 = sub(sub(exp(logRatioRef), one), logRatioRef);
    const average = (x: typeof ratio) => reduceSum(mul(weights, x), allAxes(x));
    const kl = average(k3);
    const loss = sub(mul(klCoef, kl), average(surrogate));
    const wasClipped = sub(surrogate, mul(ratio, advantages)); // below 0 exactly where the clipped branch was taken
    return {
      loss,
      metrics: {
        kl,
        entropy: average(context.entropies()),
        ratio: average(ratio),
        clipped: average(min(one, scale(neg(wasClipped), 1e9))),
        approx_kl: scale(average(mul(logRatioOld, logRatioOld)), 0.5),
        logprobs: identity(logprobs),
      },
    };
  };
}

/**
 * Bradley–Terry loss of a reward model: mean over pairs of −log σ(r_chosen − r_rejected − margin), plus
 * `centring` · (r_chosen + r_rejected)² (Llama 2, arXiv 2307.09288; Eisenstein et al., arXiv 2312.09244).
 *
 * The batch's first half are the chosen, its second half the rejected, pair by pair. Input `margins [B/2]`.
 */
export function bradleyTerry({ centring }: { centring: number }) {
  return (context: ObjectiveContext): Objective => {
    const scores = context.scores(); // [B]
    const numPairs = scores.size / 2;
    const margins = context.input('margins', [numPairs]);
    const chosen = slice(scores, 0, 0, numPairs);
    const rejected = slice(scores, 0, numPairs, 2 * numPairs);
    const difference = sub(chosen, rejected);
    const total = add(chosen, rejected);
    const loss = reduceMean(add(softplus(neg(sub(difference, margins))), scale(mul(total, total), centring)), [0]);
    return { loss, metrics: { scores: identity(scores), margin: div(reduceSum(difference, [0]), context.graph.scalar(numPairs)) } };
  };
}
