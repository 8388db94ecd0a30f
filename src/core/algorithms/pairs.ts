/**
 * @file Pairs of a better and a worse answer, as the preference losses take them: feeds, and what TRL measures of them.
 */
import type { HostTensor } from '../graph/engine';
import { mean } from '../rl/advantages';
import type { Sequence } from '../rl/batch';
import type { Packing } from '../rl/packing';
import type { PreferenceLoss } from './objectives';
import { checkFirstPass } from './step-zero';

/** Σ of each list. */
const sums = (rows: readonly ArrayLike<number>[]): number[] =>
  rows.map((row) => Array.from(row).reduce((total, number) => total + number, 0));

/** Which sequence each predicted token belongs to; −1 for padding. int32 `[M]` */
function sequenceOf({ shape, starts, places }: Packing): HostTensor {
  const data = new Int32Array(shape.numPredictions).fill(-1);
  places.forEach((own, i) => data.fill(i, starts[i], starts[i]! + own.length));
  return { dims: [shape.numPredictions], data };
}

/** Feeds of a preference loss over sequences, the chosen first, then the rejected. */
export function pairFeeds(sequences: readonly Sequence[], refLogprobs: readonly ArrayLike<number>[], pairWeights: readonly number[]) {
  return (packing: Packing): Record<'sequence_of' | 'ref_sums' | 'pair_weights', HostTensor> => ({
    sequence_of: sequenceOf(packing),
    ref_sums: { dims: [sequences.length], data: Float32Array.from(sums(refLogprobs)) },
    pair_weights: { dims: [pairWeights.length], data: Float32Array.from(pairWeights) },
  });
}

/** TRL's measurements of pairs: implied rewards β (log π − log π_ref), their margin, and how often the chosen has more. */
export function pairMetrics(logprobs: readonly ArrayLike<number>[], refLogprobs: readonly ArrayLike<number>[], beta: number) {
  const [now, reference] = [sums(logprobs), sums(refLogprobs)];
  const numPairs = now.length / 2;
  const implied = now.map((logprob, i) => beta * (logprob - reference[i]!));
  const [chosen, rejected] = [implied.slice(0, numPairs), implied.slice(numPairs)];
  return {
    'rewards/chosen': mean(chosen),
    'rewards/rejected': mean(rejected),
    'rewards/margins': mean(chosen) - mean(rejected),
    'rewards/accuracies': mean(chosen.map((reward, i) => Number(reward > rejected[i]!))),
    'logps/chosen': mean(now.slice(0, numPairs)),
    'logps/rejected': mean(now.slice(numPairs)),
  };
}

/** What a pair's loss is at policy = reference, h = 0: ln 2 for DPO. */
export function lossAtReference(lossType: PreferenceLoss, beta: number): number {
  return { sigmoid: Math.LN2, robust: Math.LN2, ipo: (0.5 / beta) ** 2, hinge: 1 }[lossType];
}

/** Checks that a policy which is its reference has the loss of h = 0. @throws StepZeroError */
export function checkPairStart(loss: number, lossType: PreferenceLoss, beta: number, pairWeights: readonly number[]): void {
  const weight = pairWeights.reduce((sum, one) => sum + one, 0);
  if (weight > 0) checkFirstPass({ pairLoss: { found: loss / weight, expected: lossAtReference(lossType, beta) } });
}
