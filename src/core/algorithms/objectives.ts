/**
 * @file Losses as graph, each a function from the model's log-probabilities or scores to a scalar to minimise.
 *
 * Log-probabilities are in nats. What a loss averages over is said at each.
 */
import type { Objective, ObjectiveContext } from '../model/programs';
import {
  add,
  allAxes,
  cast,
  div,
  equal,
  exp,
  greater,
  identity,
  matmul,
  max,
  min,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  scale,
  slice,
  softplus,
  sub,
} from '../graph/ops';
import type { Value } from '../graph/graph';
import { stopGradient } from '../graph/gradients';

/** −Σ w · log p. Input `weights`, one a predicted token, which say what is averaged over (they should add up to 1). */
export function crossEntropy(context: ObjectiveContext): Objective {
  const weights = context.input('weights', context.dims);
  const weighted = mul(weights, context.logprobs());
  return { loss: neg(reduceSum(weighted, allAxes(weighted))), metrics: {} };
}

/** A token whose log-probability is this near the likeliest one's is that one: the two are computed in different ways. */
const SAME_LOGPROB = 1e-5;

/**
 * {@link crossEntropy}, and how often the token that came was the likeliest one (TRL's mean_token_accuracy). Input
 * `accuracy_weights`, one a predicted token, adding up to 1 over those that are looked at.
 */
export function measuredCrossEntropy(context: ObjectiveContext): Objective {
  const { loss } = crossEntropy(context);
  const weights = context.input('accuracy_weights', context.dims);
  const isLikeliest = greater(add(context.logprobs(), context.graph.scalar(SAME_LOGPROB)), context.largestLogprobs());
  const accuracy = reduceSum(mul(weights, cast(isLikeliest, 'float32')), allAxes(weights));
  return { loss, metrics: { accuracy } };
}

/** How a clipped policy gradient is put together. */
export interface PolicyGradientOptions {
  /** Whether batches are learned from more than once, so that the policy moves away from the one that drew them. */
  readonly reusesBatch: boolean;
  /** Whether the loss has weights of its own; else it has those of the metrics, a mean over tokens. */
  readonly ownWeights?: boolean;
  /** Whether documents are rehearsed beside (InstructGPT's PPO-ptx, arXiv 2203.02155). */
  readonly rehearses?: boolean;
}

/**
 * PPO's clipped policy gradient (arXiv 1707.06347), with GRPO's k3 penalty towards the reference (DeepSeekMath eq. 3, arXiv
 * 2402.03300): loss = −Σ w min(ρ·A, clip(ρ, 1 ± ε)·A) + β Σ w k3, with ρ = exp(logprob − oldLogprob).
 *
 * Inputs, one number a predicted token: `advantages`, `weights` (completion mask divided by its sum: metrics are means over
 * tokens), `ref_logprobs`, and `old_logprobs` when batches are used more than once; and `kl_coef []`, `clip_range []`. On a
 * batch's only pass old is now: the ratio is exactly 1, and its gradient is REINFORCE's. With weights of its own the loss
 * takes w from `loss_weights`. Rehearsal adds −Σ `rehearsal_weights` · logprob.
 */
export function clippedPolicyGradient({ reusesBatch, ownWeights = false, rehearses = false }: PolicyGradientOptions) {
  return (context: ObjectiveContext): Objective => {
    const { graph, dims } = context;
    const advantages = context.input('advantages', dims);
    const weights = context.input('weights', dims);
    const lossWeights = ownWeights ? context.input('loss_weights', dims) : weights;
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
    const total = (each: Value, x: Value) => reduceSum(mul(each, x), allAxes(x));
    const average = (x: Value) => total(weights, x);
    const penalised = sub(mul(klCoef, total(lossWeights, k3)), total(lossWeights, surrogate));
    const rehearsal = rehearses ? neg(total(context.input('rehearsal_weights', dims), logprobs)) : null;
    const wasClipped = sub(surrogate, mul(ratio, advantages)); // below 0 exactly where the clipped branch was taken
    return {
      loss: rehearsal ? add(penalised, rehearsal) : penalised,
      metrics: {
        kl: average(k3),
        entropy: average(context.entropies()),
        ratio: average(ratio),
        clipped: average(min(one, scale(neg(wasClipped), 1e9))),
        approx_kl: scale(average(mul(logRatioOld, logRatioOld)), 0.5),
        ...(rehearsal ? { rehearsal: identity(rehearsal) } : {}),
        logprobs: identity(logprobs),
      },
    };
  };
}

/**
 * PPO's clipped value loss: ½ Σ w max((V − R)², (clip(V, V_old ± ε) − R)²), so that a value moves no further than ε on one
 * batch. Inputs, one number a predicted token: `weights` (adding up to 1), `old_values`, `returns`; and `clip_range []`.
 */
export function clippedValueLoss(context: ObjectiveContext): Objective {
  const { graph, dims } = context;
  const values = context.values();
  const weights = context.input('weights', dims);
  const old = context.input('old_values', dims);
  const returns = context.input('returns', dims);
  const clipRange = context.input('clip_range', []);
  const bounded = min(max(values, sub(old, clipRange)), add(old, clipRange));
  const square = (x: Value) => mul(x, x);
  const [plain, clipped] = [square(sub(values, returns)), square(sub(bounded, returns))];
  const average = (x: Value) => reduceSum(mul(weights, x), allAxes(x));
  const wasClipped = min(graph.scalar(1), scale(max(sub(clipped, plain), graph.scalar(0)), 1e9));
  return { loss: scale(average(max(plain, clipped)), 0.5), metrics: { clipped: average(wasClipped) } };
}

/** What a preference loss makes of h, by TRL's loss_type; cDPO is `sigmoid` with label smoothing. */
export type PreferenceLoss = 'sigmoid' | 'robust' | 'ipo' | 'hinge';

/**
 * Losses of pairs, with h = (log π − log π_ref)(chosen) − (log π − log π_ref)(rejected), summed over tokens, and ε the share
 * of labels thought to be the wrong way round:
 * `sigmoid` −(1 − ε) log σ(βh) − ε log σ(−βh) (DPO, arXiv 2305.18290; with ε > 0 cDPO, ericmitchell.ai/cdpo.pdf);
 * `robust` (−(1 − ε) log σ(βh) + ε log σ(−βh)) / (1 − 2ε) (arXiv 2403.00409); `ipo` (h − 1/2β)² (arXiv 2310.12036);
 * `hinge` max(0, 1 − βh) (SLiC, arXiv 2305.10425).
 *
 * Inputs: `sequence_of int32 [M]` says which sequence a predicted token belongs to, the n chosen first, then the n rejected
 * (−1: none); `ref_sums [2n]`, the reference's log-probability of each sequence; `pair_weights [n]`; `beta []`,
 * `label_smoothing []`.
 */
export function preferenceLoss({ lossType, numPairs }: { lossType: PreferenceLoss; numPairs: number }) {
  return (context: ObjectiveContext): Objective => {
    const { graph, dims } = context;
    const n = numPairs;
    const size = dims.reduce((product, dim) => product * dim, 1);
    const sequenceOf = context.input('sequence_of', [size], 'int32');
    const refSums = context.input('ref_sums', [2 * n]);
    const weights = context.input('pair_weights', [n]);
    const beta = context.input('beta', []);
    const smoothing = context.input('label_smoothing', []);
    const one = graph.scalar(1);
    const logprobs = context.logprobs();
    // Sums over each sequence are one small product with a matrix of noughts and ones, which runs everywhere.
    const rows = graph.constant(
      Int32Array.from({ length: 2 * n }, (_, i) => i),
      [2 * n, 1],
    );
    const membership = cast(equal(rows, reshape(sequenceOf, [1, size])), 'float32'); // [2n, M]
    const sums = reshape(matmul(membership, reshape(logprobs, [size, 1])), [2 * n]);
    const logRatios = sub(sums, refSums);
    const h = sub(slice(logRatios, 0, 0, n), slice(logRatios, 0, n, 2 * n)); // [n]
    const right = softplus(neg(mul(beta, h))); // −log σ(βh)
    const wrong = softplus(mul(beta, h)); // −log σ(−βh)
    const kept = sub(one, smoothing);
    const target = sub(h, div(graph.scalar(0.5), beta));
    const losses = {
      sigmoid: () => add(mul(kept, right), mul(smoothing, wrong)),
      robust: () => div(sub(mul(kept, right), mul(smoothing, wrong)), sub(one, scale(smoothing, 2))),
      ipo: () => mul(target, target),
      hinge: () => max(graph.scalar(0), sub(one, mul(beta, h))),
    };
    return { loss: reduceSum(mul(weights, losses[lossType]()), [0]), metrics: { logprobs: identity(logprobs) } };
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
