/**
 * @file Rewards made of parts: what does an answer earn, and for what?
 *
 * A part is any function of prompts and completions with a name and a weight: a reward model's score, a named feature, a
 * check that a program can do, a term for length or form. The reward is Σ weight · value; values are kept by part, so that
 * charts can show which part a policy went for. TRL: reward_funcs, reward_weights.
 */
import { mean, standardDeviation } from './advantages';
import type { Rollout } from './rollout';

/** What completions earned. */
export interface ScoredRewards {
  /** One a completion. */
  readonly rewards: readonly number[];
  /** What each part gave, before its weight, one a completion. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
}

/** Judges completions; `prompts[i]` is what `rollouts[i]` answers. A plain list is a reward without parts. */
export type RewardFunction<Prompt> = (
  prompts: readonly Prompt[],
  rollouts: readonly Rollout[],
) => Promise<ScoredRewards | readonly number[]>;

/** One part of a reward. */
export interface RewardPart<Prompt> {
  /** Short, in TRL's way: `rewards/{name}/mean` is logged. */
  readonly name: string;
  readonly weight: number;
  /** One value a completion. */
  score(prompts: readonly Prompt[], rollouts: readonly Rollout[]): Promise<readonly number[]> | readonly number[];
}

/** A reward function that adds up parts. They are asked for at every update, so weights may change while a run goes on. */
export function composeRewards<Prompt>(parts: () => readonly RewardPart<Prompt>[]) {
  return async (prompts: readonly Prompt[], rollouts: readonly Rollout[]): Promise<ScoredRewards> => {
    const values: Record<string, readonly number[]> = {};
    const rewards = new Array<number>(rollouts.length).fill(0);
    for (const part of parts()) {
      const scores = await part.score(prompts, rollouts);
      if (scores.length !== rollouts.length)
        throw new RangeError(`${part.name} gave ${scores.length} values for ${rollouts.length} answers`);
      values[part.name] = scores;
      scores.forEach((score, i) => (rewards[i]! += part.weight * score));
    }
    return { rewards, parts: values };
  };
}

/** A part that looks at each answer alone. */
export function answerPart<Prompt>(name: string, weight: number, value: (rollout: Rollout, prompt: Prompt) => number): RewardPart<Prompt> {
  return { name, weight, score: (prompts, rollouts) => rollouts.map((rollout, i) => value(rollout, prompts[i]!)) };
}

/** Tokens over a budget, as a share of it: 0 up to `numTokens`, 1 at twice as many. Give it a negative weight. */
export const overlongPart = <Prompt>(weight: number, numTokens: number): RewardPart<Prompt> =>
  answerPart('overlong', weight, ({ completionTokens }) => Math.max(0, completionTokens.length / numTokens - 1));

/** 1 when the policy ended its answer itself. */
export const endingPart = <Prompt>(weight: number): RewardPart<Prompt> => answerPart('ending', weight, ({ finished }) => Number(finished));

/** TRL's `rewards/{name}/{mean,std}` of every part. */
export function partMetrics(parts: ScoredRewards['parts']): Record<`rewards/${string}/${'mean' | 'std'}`, number> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, values]) => [
      [`rewards/${name}/mean`, mean(values)],
      [`rewards/${name}/std`, standardDeviation(values)],
    ]),
  );
}
