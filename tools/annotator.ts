/**
 * @file Who compares answers when the shipped models are built and measured: the world's gold judge with noise.
 *
 * Of a prompt's answers every pair that is not a tie is compared, and the better one is chosen with Bradley–Terry
 * probability σ((gold_a − gold_b) / 0.03), as a person would who is sure of large differences and not of small ones.
 */
import type { Random } from '../src/core/random';

const NOISE = 0.03;
/** Answers closer in gold than this are a tie, and ties are not labelled. */
const TIE = 0.02;

/** A labelled pair of answers, by their places; `isBest`: the label agrees with gold. */
export interface LabelledPair {
  readonly chosen: number;
  readonly rejected: number;
  readonly isBest: boolean;
}

/** Every pair of one prompt's answers that gold tells apart, labelled. @param golds gold of each answer */
export function comparePairs(golds: readonly number[], random: Random): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  for (let i = 0; i < golds.length; i++)
    for (let j = i + 1; j < golds.length; j++) {
      const difference = golds[i]! - golds[j]!;
      if (Math.abs(difference) < TIE) continue;
      const prefersFirst = random.chance(1 / (1 + Math.exp(-difference / NOISE)));
      const [chosen, rejected] = prefersFirst ? [i, j] : [j, i];
      pairs.push({ chosen, rejected, isBest: golds[chosen]! > golds[rejected]! });
    }
  return pairs;
}
