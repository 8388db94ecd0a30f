/**
 * @file Lesson 9's experiment, pure: a model taught to answer whatever name it is asked about, then rewarded with +1 for what is
 * true, 0 for "I do not know" and −c for what is not; and what it says of the famous, the rare and of names nobody has.
 */
import type { NameGroup, NamePrompt } from '../core/data/name-prompts';
import type { Completion } from '../protocol/generate';
import type { RunSpec } from '../protocol/run';
import { grpoSpec, sftSpec } from './specs';

/** Costs of a wrong claim that may be tried. */
export const COSTS = [0, 0.5, 1, 2, 4] as const;
/** Questions of each group that a model is measured with, and the seed they and the answers are drawn with. */
export const NAMES_PER_GROUP = 40;
export const NAMES_SEED = 9;
/** Longest answer, in tokens. */
export const NAME_TOKENS = 48;

const KINDS = { person: 1, 'unknown-person': 1 } as const;

/** SFT on demonstrators who answer whatever they are asked; one in twenty, asked about a name nobody has, says so. */
export const alwaysAnswer = (seed: number): RunSpec =>
  sftSpec(seed, { kinds: KINDS, invention: 0.95, conversations: false }, { numUpdates: 100, maxTokens: 80 });

/** The reward: what is true counts 1, what is not −c, and saying nothing 0. */
export const rewarded = (seed: number, cost: number, paired: boolean): RunSpec =>
  grpoSpec(
    seed,
    { reward: { true_claims: 1, invented_claims: -cost } },
    { kinds: { person: 3, 'unknown-person': 1 }, paired },
    { numUpdates: 150, promptsPerUpdate: 6, maxCompletionTokens: NAME_TOKENS }, // it falls silent first, and only then learns for whom
  );

/** What a model says of one group: shares of its answers. */
export interface GroupOutcome {
  /** Claim anything. */
  readonly answered: number;
  /** Of an answer's claims, true and not; an answer without any counts as 0. */
  readonly right: number;
  readonly wrong: number;
}

/** What a model says of names. */
export interface NamesOutcome {
  readonly groups: Readonly<Record<NameGroup, GroupOutcome>>;
  /** Of what it is asked about people there are, how much it tells that is true. */
  readonly informativeness: number;
  /** Of what it claims, about anybody, how much is true; 1 where it claims nothing. */
  readonly correctness: number;
  /** Share of all answers' claims that are wrong. */
  readonly wrong: number;
}

/** A model rewarded with a cost. */
export interface NamesRun {
  readonly cost: number;
  readonly paired: boolean;
  readonly outcome: NamesOutcome;
}

/** What the figure is drawn from. */
export interface NamesData {
  readonly start: NamesOutcome;
  readonly runs: readonly NamesRun[];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Reads answers; `answers[i]` is to `prompts[i]`. */
export function namesOutcome(prompts: readonly NamePrompt[], answers: readonly Completion[]): NamesOutcome {
  const told = prompts.map(({ group }, i) => {
    const { true_claims: right, invented_claims: wrong } = answers[i]!.features;
    return { group, right, wrong, answered: right + wrong > 0 ? 1 : 0 };
  });
  const of = (group: NameGroup): GroupOutcome => {
    const own = told.filter((one) => one.group === group);
    return {
      answered: mean(own.map(({ answered }) => answered)),
      right: mean(own.map(({ right }) => right)),
      wrong: mean(own.map(({ wrong }) => wrong)),
    };
  };
  const groups = { famous: of('famous'), rare: of('rare'), nobody: of('nobody') };
  const answered = told.filter((one) => one.answered === 1);
  return {
    groups,
    informativeness: mean(told.filter(({ group }) => group !== 'nobody').map(({ right }) => right)),
    correctness: answered.length === 0 ? 1 : mean(answered.map(({ right }) => right)),
    wrong: mean(told.map(({ wrong }) => wrong)),
  };
}

/** What counts as telling famous names from names nobody has: most of the ones answered, and half of the inventions gone. */
const MOST = 0.8;

/** What became of the dearest cost tried: it tells them apart, says nothing of anybody, or goes on guessing. */
export function namesVerdict({ start, runs }: NamesData): 'apart' | 'silent' | 'guesses' | null {
  const dear = runs.filter(({ cost }) => cost >= 1).at(-1);
  if (!dear) return null;
  const { groups, wrong } = dear.outcome;
  if (groups.famous.answered < MOST) return 'silent';
  return wrong < start.wrong / 2 ? 'apart' : 'guesses';
}
