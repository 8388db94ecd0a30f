/**
 * @file How often a reward agrees with people, and with the world's own verdict.
 *
 * Agreement is accuracy on pairs: the share in which the answer that was preferred gets more points (RewardBench, arXiv
 * 2403.13787). Pairs that nobody could tell apart say nothing and are left out; equal points are half right.
 */
import type { Comparison } from '../core/preferences/comparison';
import type { Completion } from '../protocol/generate';
import type { Measurements } from './measurements.svelte';

/** `numRight` of `numPairs`; halves are equal points. */
export interface Agreement {
  readonly numRight: number;
  readonly numPairs: number;
}

/** Gold verdicts closer than this are no verdict. */
const GOLD_STEP = 0.02;

const half = (better: number, worse: number) => (better > worse ? 1 : better === worse ? 0.5 : 0);

/** Agreement with labels whose texts have been measured. */
export function agreementWithLabels(
  labels: readonly Comparison[],
  measurements: Pick<Measurements, 'of'>,
  score: (completion: Completion) => number,
): Agreement {
  let [numRight, numPairs] = [0, 0];
  for (const { prompt, a, b, verdict } of labels) {
    if (verdict !== 'a' && verdict !== 'b') continue;
    const [first, second] = [measurements.of({ prompt, text: a }), measurements.of({ prompt, text: b })];
    if (!first || !second) continue;
    numPairs += 1;
    numRight += verdict === 'a' ? half(score(first), score(second)) : half(score(second), score(first));
  }
  return { numRight, numPairs };
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
