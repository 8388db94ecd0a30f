/**
 * @file Bradley–Terry regression: the weights of named features that explain a set of comparisons best, and how sure they are.
 *
 * P(a preferred to b) = σ(w · (x_a − x_b) − margin), fitted by Newton's method with a ridge (a normal prior on the weights),
 * which keeps them finite when the comparisons could be explained perfectly. What do a few clicks say, and what do they not
 * say yet? The intervals come from the observed information. Ties are left out, as in InstructGPT (arXiv 2203.02155);
 * margins enter as in Llama 2 (arXiv 2307.09288).
 */

/** One comparison as a regression sees it. */
export interface FeaturePair {
  /** x_chosen − x_rejected, `[D]`. */
  readonly difference: readonly number[];
  /** By how much the chosen one should lead, in reward; 0 when unknown. */
  readonly margin: number;
}

/** A fit. All vectors are `[D]`. */
export interface BradleyTerryFit {
  readonly weights: readonly number[];
  /** Standard errors, from the observed information with the ridge in it. */
  readonly standardErrors: readonly number[];
  readonly numPairs: number;
  /** Mean of −log P over the pairs, in nats; ln 2 is a guess. */
  readonly loss: number;
}

/** Half the width of a 95 % interval, in standard errors. */
export const Z_95 = 1.959964;

/** Strength of the ridge: a normal prior on each weight with variance 1 / ridge. */
const DEFAULT_RIDGE = 0.25;
const MAX_ITERATIONS = 50;
const TOLERANCE = 1e-9;

/** −log σ(z), without overflow. */
export function logisticLoss(z: number): number {
  return z > 0 ? Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)) - z;
}

const sigmoid = (z: number) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

/**
 * Fits weights to comparisons. `start` is a guess, such as the fit before the last click: with it one or two steps do.
 * @param numFeatures D
 */
export function fitBradleyTerry(
  pairs: readonly FeaturePair[],
  numFeatures: number,
  { ridge = DEFAULT_RIDGE, start }: { readonly ridge?: number; readonly start?: readonly number[] } = {},
): BradleyTerryFit {
  let weights = start?.length === numFeatures ? [...start] : new Array<number>(numFeatures).fill(0);
  const objective = (at: readonly number[]) =>
    pairs.reduce((sum, { difference, margin }) => sum + logisticLoss(dot(at, difference) - margin), (ridge / 2) * dot(at, at));
  let value = objective(weights);
  let factor = new Float64Array(0);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { gradient, information } = derivatives(pairs, weights, ridge);
    factor = cholesky(information, numFeatures);
    const step = solve(factor, gradient, numFeatures);
    // Newton's step may overshoot far from the optimum; half of it then goes downhill.
    let scale = 1;
    let next = weights;
    let nextValue = value;
    for (; scale > 1e-4; scale /= 2) {
      next = weights.map((weight, index) => weight - scale * step[index]!);
      nextValue = objective(next);
      if (nextValue <= value) break;
    }
    const isDone = Math.max(0, ...step.map(Math.abs)) * scale < TOLERANCE;
    if (nextValue > value) break;
    [weights, value] = [next, nextValue];
    if (isDone) break;
  }
  const standardErrors = weights.map((_, index) => {
    const unit = weights.map((__, other) => (other === index ? 1 : 0));
    return Math.sqrt(solve(factor, unit, numFeatures)[index]!);
  });
  const loss = pairs.reduce((sum, { difference, margin }) => sum + logisticLoss(dot(weights, difference) - margin), 0);
  return { weights, standardErrors, numPairs: pairs.length, loss: pairs.length === 0 ? Math.LN2 : loss / pairs.length };
}

/** Gradient `[D]` and observed information `[D, D]` of the ridged negative log-likelihood. */
function derivatives(pairs: readonly FeaturePair[], weights: readonly number[], ridge: number) {
  const size = weights.length;
  const gradient = weights.map((weight) => ridge * weight);
  const information = new Float64Array(size * size);
  for (let i = 0; i < size; i++) information[i * size + i] = ridge;
  for (const { difference, margin } of pairs) {
    const wrong = sigmoid(margin - dot(weights, difference));
    const curvature = wrong * (1 - wrong);
    for (let i = 0; i < size; i++) {
      gradient[i]! -= wrong * difference[i]!;
      const row = curvature * difference[i]!;
      if (row !== 0) for (let j = 0; j <= i; j++) information[i * size + j]! += row * difference[j]!;
    }
  }
  return { gradient, information };
}

/** Lower factor L of a symmetric positive definite matrix given by its lower half, L Lᵀ = matrix; `[D, D]`. */
function cholesky(matrix: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * size + k]! * factor[j * size + k]!;
      factor[i * size + j] = i === j ? Math.sqrt(sum) : sum / factor[j * size + j]!;
    }
  }
  return factor;
}

/** x with L Lᵀ x = right. */
function solve(factor: Float64Array, right: readonly number[], size: number): number[] {
  const x = [...right];
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= factor[i * size + k]! * x[k]!;
    x[i]! /= factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= factor[k * size + i]! * x[k]!;
    x[i]! /= factor[i * size + i]!;
  }
  return x;
}
