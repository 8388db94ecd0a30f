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
  readonly numTies: number;
  /** η: leads below it are more often ties than not, about; null where no tie was fitted. */
  readonly tieThreshold: number | null;
  /** Mean of −log P over the pairs with a winner, in nats; ln 2 is a guess. */
  readonly loss: number;
}

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

/** A win as the likelihood sees it: σ(w · direction − margin). With ties the last weight is η, and its direction −1. */
interface Win {
  readonly direction: readonly number[];
  readonly margin: number;
}

/** What is minimised: −Σ log σ over wins, with a ridge on all weights but η, less `numTies` · log(e^2η − 1). */
interface Likelihood {
  readonly wins: readonly Win[];
  readonly ridge: number;
  readonly numFeatures: number;
  readonly numTies: number;
}

/**
 * Fits weights to comparisons. `start` is a guess, such as the fit before the last click: with it one or two steps do.
 * @param numFeatures D
 */
export function fitBradleyTerry(
  pairs: readonly FeaturePair[],
  numFeatures: number,
  {
    ridge = DEFAULT_RIDGE,
    start,
    ties = [],
  }: {
    readonly ridge?: number;
    readonly start?: Pick<BradleyTerryFit, 'weights' | 'tieThreshold'>;
    /** x_a − x_b of the pairs that were called ties; none leaves them out of account. */
    readonly ties?: readonly (readonly number[])[];
  } = {},
): BradleyTerryFit {
  const withTies = ties.length > 0;
  const win = (difference: readonly number[], margin = 0): Win => ({ direction: withTies ? [...difference, -1] : difference, margin });
  const wins = [
    ...pairs.map(({ difference, margin }) => win(difference, margin)),
    ...ties.flatMap((difference) => [win(difference), win(difference.map((value) => -value))]),
  ];
  const guess = start?.weights.length === numFeatures ? start.weights : new Array<number>(numFeatures).fill(0);
  const likelihood = { wins, ridge, numFeatures, numTies: ties.length };
  const { at, factor } = minimise(likelihood, withTies ? [...guess, start?.tieThreshold ?? 0.5] : guess);
  const weights = at.slice(0, numFeatures);
  const standardErrors = weights.map((_, index) => {
    const unit = at.map((__, other) => (other === index ? 1 : 0));
    return Math.sqrt(solve(factor, unit, at.length)[index]!);
  });
  const loss = pairs.reduce((sum, { difference, margin }) => sum + logisticLoss(dot(weights, difference) - margin), 0);
  return {
    weights,
    standardErrors,
    numPairs: pairs.length,
    numTies: ties.length,
    tieThreshold: withTies ? at[numFeatures]! : null,
    loss: pairs.length === 0 ? Math.LN2 : loss / pairs.length,
  };
}

/** Infinite where η is not above 0. */
function objective({ wins, ridge, numFeatures, numTies }: Likelihood, at: readonly number[]): number {
  const fit = wins.reduce((sum, { direction, margin }) => sum + logisticLoss(dot(at, direction) - margin), 0);
  const prior = (ridge / 2) * at.slice(0, numFeatures).reduce((sum, weight) => sum + weight * weight, 0);
  if (numTies === 0) return fit + prior;
  return at[numFeatures]! > 0 ? fit + prior - numTies * Math.log(Math.expm1(2 * at[numFeatures]!)) : Infinity;
}

/** Newton's method from `start`; `factor` is that of the observed information at the optimum. */
function minimise(likelihood: Likelihood, start: readonly number[]): { at: readonly number[]; factor: Float64Array } {
  let at = start;
  let value = objective(likelihood, at);
  let factor = new Float64Array(0);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { gradient, information } = derivatives(likelihood, at);
    factor = cholesky(information, at.length);
    const step = solve(factor, gradient, at.length);
    // Newton's step may overshoot far from the optimum; half of it then goes downhill.
    let scale = 1;
    let next = at;
    let nextValue = value;
    for (; scale > 1e-4; scale /= 2) {
      next = at.map((weight, index) => weight - scale * step[index]!);
      nextValue = objective(likelihood, next);
      if (nextValue <= value) break;
    }
    const isDone = Math.max(0, ...step.map(Math.abs)) * scale < TOLERANCE;
    if (!(nextValue <= value)) break;
    [at, value] = [next, nextValue];
    if (isDone) break;
  }
  return { at, factor };
}

/** Gradient and observed information of the objective. */
function derivatives({ wins, ridge, numFeatures, numTies }: Likelihood, at: readonly number[]) {
  const size = at.length;
  const gradient = at.map((weight, index) => (index < numFeatures ? ridge * weight : 0));
  const information = new Float64Array(size * size);
  for (let i = 0; i < numFeatures; i++) information[i * size + i] = ridge;
  if (numTies > 0) {
    // d log(e^2η − 1) / dη = 2 / (1 − e^−2η), and once more −4 e^−2η / (1 − e^−2η)²
    const decay = Math.exp(-2 * at[numFeatures]!);
    gradient[numFeatures]! -= (2 * numTies) / (1 - decay);
    information[numFeatures * size + numFeatures]! += (4 * numTies * decay) / (1 - decay) ** 2;
  }
  for (const { direction, margin } of wins) {
    const wrong = sigmoid(margin - dot(at, direction));
    const curvature = wrong * (1 - wrong);
    for (let i = 0; i < size; i++) {
      gradient[i]! -= wrong * direction[i]!;
      const row = curvature * direction[i]!;
      if (row !== 0) for (let j = 0; j <= i; j++) information[i * size + j]! += row * direction[j]!;
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
