/**
 * @file The learning curve of a fitted reward: how many comparisons does it take to predict those it has not seen?
 *
 * Comparisons are shuffled and a quarter is set aside; a Bradley–Terry fit on the first n of the others is asked about that quarter.
 * Done several times over, with other shuffles; what noise in the labels costs shows as a ceiling below 100 %. What more noise would
 * cost is tried: a share of the labels learned from is turned round, and those asked about are left as they are.
 */
import type { Random } from '../random';
import { fitBradleyTerry, type FeaturePair } from './bradley-terry';

/** Accuracy on held-out comparisons after fitting `numPairs`: mean over shuffles, and its standard deviation between them. */
export interface LearningPoint {
  readonly numPairs: number;
  readonly accuracy: number;
  readonly deviation: number;
}

/** Share of comparisons whose chosen answer gets more points; equal points are half right. */
function accuracyOf(weights: readonly number[], pairs: readonly FeaturePair[]): number {
  const right = pairs.reduce((sum, { difference }) => {
    const lead = difference.reduce((inner, value, index) => inner + value * weights[index]!, 0);
    return sum + (lead > 0 ? 1 : lead === 0 ? 0.5 : 0);
  }, 0);
  return right / pairs.length;
}

/** How a curve is drawn. */
export interface LearningOptions {
  readonly numShuffles?: number;
  /** Share of the comparisons learned from that are turned round, 0 to 1. */
  readonly flipShare?: number;
}

/** Points at 4, 8, 16 … comparisons as far as they go; none with fewer than 8 comparisons. */
export function learningCurve(...args: Parameters<typeof learningSteps>): readonly LearningPoint[] {
  const steps = learningSteps(...args);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same, fit by fit, for a page that has other things to do between them. */
export function* learningSteps(
  pairs: readonly FeaturePair[],
  numFeatures: number,
  random: Random,
  { numShuffles = 8, flipShare = 0 }: LearningOptions = {},
): Generator<undefined, readonly LearningPoint[]> {
  const numHeldOut = Math.floor(pairs.length / 4);
  const numTrain = pairs.length - numHeldOut;
  if (numHeldOut < 2) return [];
  const sizes: number[] = [];
  for (let size = 4; size < numTrain; size *= 2) sizes.push(size);
  sizes.push(numTrain);
  const turned = ({ difference, margin }: FeaturePair): FeaturePair => ({ difference: difference.map((value) => -value), margin });
  const shuffles = Array.from({ length: numShuffles }, () => {
    const shuffled = random.shuffle(pairs);
    const heldOut = shuffled.slice(0, numHeldOut);
    return { heldOut, train: shuffled.slice(numHeldOut).map((pair) => (flipShare > 0 && random.chance(flipShare) ? turned(pair) : pair)) };
  });
  const points: LearningPoint[] = [];
  for (const numPairs of sizes) {
    const accuracies: number[] = [];
    for (const { train, heldOut } of shuffles) {
      accuracies.push(accuracyOf(fitBradleyTerry(train.slice(0, numPairs), numFeatures).weights, heldOut));
      yield;
    }
    const accuracy = accuracies.reduce((sum, value) => sum + value, 0) / numShuffles;
    const variance = accuracies.reduce((sum, value) => sum + (value - accuracy) ** 2, 0) / Math.max(1, numShuffles - 1);
    points.push({ numPairs, accuracy, deviation: Math.sqrt(variance) });
  }
  return points;
}
