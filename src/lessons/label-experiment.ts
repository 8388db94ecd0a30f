/**
 * @file Lesson 3's experiment, pure: simulated annotators label pairs, a Bradley–Terry model is fitted to the labels' features,
 * and is asked about pairs that it has not seen.
 *
 * What does theory predict? An annotator with logistic noise s prefers the better of two answers with chance σ(lead / s), so no
 * model can agree with more held-out labels than the mean of that: the ceiling drawn beside the measured curve.
 */
import { chanceOfA, type AnnotatorPool } from '../core/preferences/annotators';
import type { Random } from '../core/random';
import { fitBradleyTerry } from '../core/reward/bradley-terry';
import { FEATURES, type FeatureName } from '../core/reward/features';

/** A pair of answers with the world's verdict on each. */
export interface GradedPair {
  readonly chosen: GradedAnswer;
  readonly rejected: GradedAnswer;
}

/** What is known of an answer. */
export interface GradedAnswer {
  readonly text: string;
  readonly features: Readonly<Record<FeatureName, number>>;
  readonly goldReward: number | null;
}

/** Numbers of comparisons at which the fit is looked at. */
export const SIZES = [8, 16, 32, 64, 128, 256] as const;
/** Noises that are compared, in gold points. */
const NOISES = [0.05, 0.2, 0.5, 1, 2] as const;
/** Pairs kept apart. */
export const NUM_HELD_OUT = 120;
const SHUFFLES = 4;

/** What came of some comparisons: shares of held-out pairs. */
export interface LabelOutcome {
  /** Where the reward model agrees with the world. */
  readonly gold: number;
  /** Where it agrees with the annotators' own noisy labels. */
  readonly labels: number;
  /** The most that anything could agree with those labels. */
  readonly ceiling: number;
}

/** What the figure is drawn from. */
export interface LabelData {
  readonly noise: number;
  readonly bySize: readonly ({ readonly size: number } & LabelOutcome)[];
  readonly byNoise: readonly ({ readonly noise: number } & LabelOutcome)[];
}

const differenceOf = ({ chosen, rejected }: GradedPair): number[] =>
  FEATURES.map(({ name }) => chosen.features[name] - rejected.features[name]);

/** The chance that a pool with this noise takes the better answer. */
function chanceOf(pool: AnnotatorPool, { chosen, rejected }: GradedPair): number {
  const seen = (answer: GradedAnswer) => ({ text: answer.text, model: '', features: answer.features, goldReward: answer.goldReward });
  return chanceOfA(pool, { prompt: '', kind: null, a: seen(chosen), b: seen(rejected) });
}

/** Fits `size` labelled pairs and asks about the ones kept apart. */
export function labelAndFit(pairs: readonly GradedPair[], pool: AnnotatorPool, size: number, random: Random): LabelOutcome {
  const shuffled = random.shuffle(pairs);
  const heldOut = shuffled.slice(0, NUM_HELD_OUT);
  const labelled = shuffled.slice(NUM_HELD_OUT, NUM_HELD_OUT + size).map((pair) => {
    const isRight = random.chance(chanceOf(pool, pair));
    return { difference: differenceOf(pair).map((value) => (isRight ? value : -value)), margin: 0 };
  });
  const { weights } = fitBradleyTerry(labelled, FEATURES.length);
  let [gold, labels, ceiling] = [0, 0, 0];
  for (const pair of heldOut) {
    const lead = differenceOf(pair).reduce((sum, value, i) => sum + value * weights[i]!, 0);
    const right = lead > 0 ? 1 : lead === 0 ? 0.5 : 0;
    const chance = chanceOf(pool, pair);
    gold += right;
    labels += right * chance + (1 - right) * (1 - chance); // in the mean over labels, which is less noisy than one draw of them
    ceiling += Math.max(chance, 1 - chance);
  }
  const count = Math.max(1, heldOut.length);
  return { gold: gold / count, labels: labels / count, ceiling: ceiling / count };
}

/** The mean of several shuffles. */
function outcomeOf(pairs: readonly GradedPair[], pool: AnnotatorPool, size: number, random: Random): LabelOutcome {
  const outcomes = Array.from({ length: SHUFFLES }, (_, i) => labelAndFit(pairs, pool, size, random.split(i)));
  const mean = (of: (outcome: LabelOutcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / SHUFFLES;
  return { gold: mean(({ gold }) => gold), labels: mean(({ labels }) => labels), ceiling: mean(({ ceiling }) => ceiling) };
}

/** The whole experiment: more comparisons at one noise, and more noise at the most comparisons. */
export function labelExperiment(pairs: readonly GradedPair[], pool: AnnotatorPool, random: Random): LabelData {
  const sizes = SIZES.filter((size) => size + NUM_HELD_OUT <= pairs.length);
  const most = sizes.at(-1) ?? 0;
  return {
    noise: pool.noise,
    bySize: sizes.map((size) => ({ size, ...outcomeOf(pairs, pool, size, random.split(`size ${size}`)) })),
    byNoise: NOISES.map((noise) => ({ noise, ...outcomeOf(pairs, { ...pool, noise }, most, random.split(`noise ${noise}`)) })),
  };
}
