/**
 * @file Does a probability mean what it says? Of the pairs a reward model is 80 % sure of, it should be right in 80 %.
 *
 * The expected calibration error (Naeini et al. 2015) is the gap between confidence and accuracy, averaged over bins of
 * confidence weighted by how many fall in each. Paper: https://arxiv.org/abs/1706.04599 (reliability diagrams).
 */

/** A judgement with its probability: was it right? */
export interface Prediction {
  /** Probability given to the side that was picked, 0 to 1. */
  readonly confidence: number;
  readonly isRight: boolean;
}

/** One bin of a reliability diagram. */
export interface ReliabilityBin {
  /** Mean confidence of the bin. */
  readonly confidence: number;
  /** Share of the bin that was right. */
  readonly accuracy: number;
  readonly n: number;
}

/**
 * The bins that hold anything, by rising confidence.
 * @param from lowest confidence there can be: a half when one of two is picked
 */
export function reliabilityBins(predictions: readonly Prediction[], numBins = 10, from = 0.5): ReliabilityBin[] {
  const bins = Array.from({ length: numBins }, () => ({ confidence: 0, right: 0, n: 0 }));
  for (const { confidence, isRight } of predictions) {
    const place = Math.floor(((confidence - from) / (1 - from)) * numBins);
    const bin = bins[Math.min(numBins - 1, Math.max(0, place))]!;
    bin.confidence += confidence;
    bin.right += Number(isRight);
    bin.n++;
  }
  return bins.filter(({ n }) => n > 0).map(({ confidence, right, n }) => ({ confidence: confidence / n, accuracy: right / n, n }));
}

/** Expected calibration error of bins, 0 to 1; 0 for none. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { n }) => sum + n, 0);
  return total === 0 ? 0 : bins.reduce((sum, { confidence, accuracy, n }) => sum + (n / total) * Math.abs(confidence - accuracy), 0);
}
