/**
 * @file The report card of any reward model: what it tells apart and what not, whether it goes by length, whether its
 * confidence can be trusted, and the pairs it gets most wrong. Accuracy by category as in RewardBench (arXiv 2403.13787).
 */
import { evaluatePairs, rankCorrelation, type PairEvaluation, type Share } from './evaluation';

/** An answer as the reward model and the world see it. */
export interface GradedAnswer {
  readonly score: number;
  readonly numTokens: number;
  /** Null where the world does not cover the prompt. */
  readonly goldReward: number | null;
}

/** A pair of known winner, scored. */
export interface GradedPair<Category extends string = string> {
  readonly category: Category;
  readonly chosen: GradedAnswer;
  readonly rejected: GradedAnswer;
}

/** A report card. */
export interface ReportCard<Pair extends GradedPair> {
  /** Over all pairs. */
  readonly overall: PairEvaluation;
  /** Accuracy of each category, in the order of the pairs. */
  readonly categories: readonly { readonly category: Pair['category']; readonly accuracy: Share }[];
  /** Accuracy on pairs of about the same length, whatever their category: what is left to a model when length says nothing. */
  readonly lengthControlled: Share;
  /** Rank correlation of the score with the answer's length: 0 for a model that does not go by length. */
  readonly lengthCorrelation: number;
  /** Rank correlation of the score with gold; null when the world judged none. */
  readonly goldCorrelation: number | null;
  /** Pairs whose loser scored higher, by most first. */
  readonly mostWrong: readonly Pair[];
}

const MAX_WRONG = 10;
/** Lengths that differ by less than this share of the longer one are about the same. */
const SAME_LENGTH = 0.1;

/** True for a pair that nobody could choose between by length. */
function isOfOneLength({ chosen, rejected }: GradedPair): boolean {
  return Math.abs(chosen.numTokens - rejected.numTokens) <= SAME_LENGTH * Math.max(chosen.numTokens, rejected.numTokens);
}

/** Grades a reward model on pairs it has scored. */
export function reportCard<Pair extends GradedPair>(pairs: readonly Pair[]): ReportCard<Pair> {
  const lead = ({ chosen, rejected }: Pair) => chosen.score - rejected.score;
  const answers = pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]);
  const judged = answers.filter(({ goldReward }) => goldReward !== null);
  const names = [...new Set(pairs.map(({ category }) => category))];
  return {
    overall: evaluatePairs(pairs.map(lead)),
    categories: names.map((category) => ({
      category,
      accuracy: evaluatePairs(pairs.filter((pair) => pair.category === category).map(lead)).accuracy,
    })),
    lengthControlled: evaluatePairs(pairs.filter(isOfOneLength).map(lead)).accuracy,
    lengthCorrelation: rankCorrelation(
      answers.map(({ score }) => score),
      answers.map(({ numTokens }) => numTokens),
    ),
    goldCorrelation:
      judged.length === 0
        ? null
        : rankCorrelation(
            judged.map(({ score }) => score),
            judged.map(({ goldReward }) => goldReward!),
          ),
    mostWrong: pairs
      .filter((pair) => lead(pair) < 0)
      .sort((a, b) => lead(a) - lead(b))
      .slice(0, MAX_WRONG),
  };
}
