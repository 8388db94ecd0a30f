/**
 * @file How good is a reward model? Accuracy on comparisons with its interval, whether its confidence can be trusted, and
 * what its scores go along with.
 *
 * A reward model says σ(r_a − r_b) for "a is preferred" (Bradley–Terry); that is right as a probability when, of all pairs it
 * is 80 % sure of, it has 80 % right (reliability; Guo et al., arXiv 1706.04599). Intervals are Wilson's, which hold for few
 * pairs too.
 */
import { Z_95 } from '../eval/intervals';
import { mean } from '../rl/advantages';
import { logisticLoss } from './bradley-terry';

/** A share with its 95 % interval. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** Cases it was counted over. */
  readonly count: number;
}

/** Wilson's 95 % interval of a share (Wilson 1927). Half counts are allowed: a tie is half right. All of [0, 1] for no cases. */
export function wilson(numRight: number, count: number): Share {
  if (count === 0) return { share: 0.5, low: 0, high: 1, count };
  const share = numRight / count;
  const z2 = Z_95 * Z_95;
  const middle = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z_95 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count))) / (1 + z2 / count);
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half), count };
}

/** Pairs of about the same confidence: how sure the model was, on average, and how often it was right. */
export interface ReliabilityBin {
  /** Mean of max(p, 1 − p), 0.5 to 1. */
  readonly confidence: number;
  readonly right: Share;
}

/** What a reward model makes of comparisons whose winner is known. */
export interface PairEvaluation {
  /** Share of pairs whose winner scores higher; equal scores are half right. */
  readonly accuracy: Share;
  /** Mean of −log σ(r_chosen − r_rejected), nats; ln 2 is a guess. */
  readonly loss: number;
  /** Mean of r_chosen − r_rejected. */
  readonly margin: number;
  /** Bins with pairs in them, least sure first. */
  readonly reliability: readonly ReliabilityBin[];
  /** Expected calibration error: mean over pairs of |confidence − share right| of their bin. */
  readonly calibrationError: number;
}

const NUM_BINS = 5;

/** Evaluates `differences[i]` = r_chosen − r_rejected of pair i. */
export function evaluatePairs(differences: readonly number[]): PairEvaluation {
  const rightOf = (difference: number) => (difference > 0 ? 1 : difference === 0 ? 0.5 : 0);
  const confidenceOf = (difference: number) => 1 / (1 + Math.exp(-Math.abs(difference)));
  const bins = Array.from({ length: NUM_BINS }, (): number[] => []);
  for (const difference of differences) {
    const at = Math.min(NUM_BINS - 1, Math.floor((confidenceOf(difference) - 0.5) * 2 * NUM_BINS));
    bins[at]!.push(difference);
  }
  const count = (some: readonly number[]) => some.reduce((sum, difference) => sum + rightOf(difference), 0);
  const reliability = bins
    .filter((bin) => bin.length > 0)
    .map((bin) => ({ confidence: mean(bin.map(confidenceOf)), right: wilson(count(bin), bin.length) }));
  const off = reliability.reduce((sum, { confidence, right }) => sum + right.count * Math.abs(confidence - right.share), 0);
  return {
    accuracy: wilson(count(differences), differences.length),
    loss: differences.length === 0 ? Math.LN2 : mean(differences.map(logisticLoss)),
    margin: mean(differences),
    reliability,
    calibrationError: off / Math.max(1, differences.length),
  };
}

/** Pearson's correlation, −1 to 1; 0 where one side does not vary. */
export function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [meanX, meanY] = [mean(xs), mean(ys)];
  let [xy, xx, yy] = [0, 0, 0];
  xs.forEach((x, i) => {
    const [dx, dy] = [x - meanX, ys[i]! - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  });
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

/** Spearman's rank correlation, −1 to 1; equal values share their rank. */
export const rankCorrelation = (xs: readonly number[], ys: readonly number[]): number => correlation(ranks(xs), ranks(ys));

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const result = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let at = start; at < end; at++) result[order[at]!] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}
