/**
 * @file Lesson 2's experiment, pure: the base model fine-tuned on so many demonstrations, so carefully written, with the same
 * amount of training each time; and how held-out prompts are answered then.
 */
import type { Completion } from '../protocol/generate';
import type { WrittenDemonstration } from '../protocol/lesson-data';
import type { RunSpec } from '../protocol/run';
import type { RunDataOf } from '../core/data/run-data';
import { DATA_DEFAULTS } from '../core/data/fields';
import { sftSpec } from './specs';

/** Numbers of demonstrations that may be tried. */
export const COUNTS = [10, 50, 200, 1000] as const;
/** Shares of them with typos, and with wrong facts. */
export const SHARES = [0, 0.25, 0.5, 1] as const;
/** Held-out prompts that a model is measured with, and the seed they and the answers are drawn with. */
export const NUM_HELD_OUT = 64;
export const HELD_OUT_SEED = 2;
/** Longest answer, in tokens. */
export const ANSWER_TOKENS = 96;
/** Demonstrations whose typos are counted: enough to tell shares apart. */
export const NUM_COUNTED = 32;

/** What is demonstrated and asked: few kinds, so that a form can be learned in the time there is. */
export const TAUGHT_KINDS = { recipe: 2, list: 1, 'how-to': 1, person: 1 } as const;

/** Which demonstrations. */
export interface DemonstrationChoice {
  readonly count: number;
  readonly typoShare: number;
  readonly wrongFactShare: number;
}

/** Description of the demonstrations. */
export const demonstrationsOf = (choice: DemonstrationChoice): RunDataOf['demonstrations'] => ({
  ...DATA_DEFAULTS.demonstrations,
  ...choice,
  kinds: TAUGHT_KINDS,
  conversations: false,
});

/** As many updates for ten demonstrations, met over and over, as for a thousand, met a few times. */
export const taughtBy = (seed: number, data: RunDataOf['demonstrations']): RunSpec => sftSpec(seed, data, { numUpdates: 220 });

/** How held-out prompts are answered: shares of answers, and typos a word. */
export interface TaughtOutcome {
  readonly inForm: number;
  readonly right: number;
  readonly typos: number;
}

/** A model that was taught. */
export interface TaughtRun extends DemonstrationChoice {
  /** Written by the student. */
  readonly own: boolean;
  /** Typos a word in the demonstrations. */
  readonly shownTypos: number;
  readonly outcome: TaughtOutcome;
}

/** What the figure is drawn from. */
export interface TaughtData {
  readonly base: TaughtOutcome;
  readonly runs: readonly TaughtRun[];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
/** The feature is five times the share of mistyped words, 1 at most. */
const TYPO_SCALE = 5;
/** Most of the shape, and most of the facts: as the world's judges count them. */
const [IN_FORM, RIGHT] = [0.6, 0.75];

/** Typos a word, over texts. */
const typosOf = (texts: readonly Pick<Completion, 'features'>[]): number => mean(texts.map(({ features }) => features.typos / TYPO_SCALE));

/** Reads answers. */
export const taughtOutcome = (answers: readonly Completion[]): TaughtOutcome => ({
  inForm: mean(answers.map(({ features, finished }) => (finished && features.list_format >= IN_FORM ? 1 : 0))),
  right: mean(answers.map(({ features }) => (features.correctness >= RIGHT ? 1 : 0))),
  typos: typosOf(answers),
});

/** The latest run of each number of demonstrations without a fault, fewest first. */
export function runsByCount({ runs }: TaughtData): readonly TaughtRun[] {
  const clean = runs.filter(({ own, typoShare, wrongFactShare }) => !own && typoShare === 0 && wrongFactShare === 0);
  return [...new Map(clean.map((run) => [run.count, run])).values()].sort((a, b) => a.count - b.count);
}

/** Runs on the world's demonstrations, fewest typos first. */
export const runsByTypos = ({ runs }: TaughtData): readonly TaughtRun[] =>
  runs.filter(({ own }) => !own).sort((a, b) => a.shownTypos - b.shownTypos);

/** Shares closer than this are called the same. */
const SAME = 0.1;

/** What more demonstrations did to the form, from the fewest to the most; null before two numbers were tried. */
export function countVerdict(data: TaughtData): 'rises' | 'same' | 'falls' | null {
  const runs = runsByCount(data);
  if (runs.length < 2) return null;
  const gained = runs.at(-1)!.outcome.inForm - runs[0]!.outcome.inForm;
  return gained > SAME ? 'rises' : gained < -SAME ? 'falls' : 'same';
}

/** What is asked of whoever measures texts. */
export type JudgeText = (prompt: string, completion: string, finished: boolean) => Promise<Completion>;

/** Typos a word in demonstrations. */
export async function shownTypos(written: readonly WrittenDemonstration[], judge: JudgeText): Promise<number> {
  const judged: Completion[] = [];
  for (const { prompt, completion } of written.slice(0, NUM_COUNTED)) judged.push(await judge(prompt, completion, true));
  return typosOf(judged);
}
