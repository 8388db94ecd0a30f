/**
 * @file How often a reward agrees with people, and with the world's own verdict.
 *
 * Agreement is accuracy on pairs: the share in which the answer that was preferred gets more points (RewardBench, arXiv
 * 2403.13787). Pairs that nobody could tell apart say nothing and are left out; equal points are half right.
 */
import type { PairTable } from '../core/reward/pair-table';
import type { Completion } from '../protocol/generate';

/** `numRight` of `numPairs`; halves are equal points. */
export interface Agreement {
  readonly numRight: number;
  readonly numPairs: number;
}

/** Gold verdicts closer than this are no verdict. */
const GOLD_STEP = 0.02;
/** Points closer than this are equal but for rounding. */
const ROUNDING = 1e-12;

const half = (better: number, worse: number) => (better > worse ? 1 : better === worse ? 0.5 : 0);

/** Agreement of a weighted sum of features, one weight a feature, with labels. */
export function agreementWithLabels({ differences, margins, numFeatures }: PairTable, weights: readonly number[]): Agreement {
  let numRight = 0;
  for (let row = 0; row < margins.length; row++) {
    let lead = 0;
    for (let i = 0; i < numFeatures; i++) lead += weights[i]! * differences[row * numFeatures + i]!;
    numRight += Math.abs(lead) < ROUNDING ? 0.5 : lead > 0 ? 1 : 0;
  }
  return { numRight, numPairs: margins.length };
}

/** Agreement with the world's verdict, over all pairs of answers to the same prompt that it tells apart. */
export function agreementWithGold(groups: readonly (readonly Completion[])[], score: (completion: Completion) => number): Agreement {
  let [numRight, numPairs] = [0, 0];
  for (const group of groups) {
    const scored = group.flatMap((completion) =>
      completion.goldReward === null ? [] : [{ gold: completion.goldReward, points: score(completion) }],
    );
    for (const [index, one] of scored.entries()) {
      for (const other of scored.slice(index + 1)) {
        if (Math.abs(one.gold - other.gold) < GOLD_STEP) continue;
        numPairs += 1;
        numRight += one.gold > other.gold ? half(one.points, other.points) : half(other.points, one.points);
      }
    }
  }
  return { numRight, numPairs };
}
