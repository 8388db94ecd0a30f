/** @file What answers earn: measured by the world, weighed by the reward in force, and put into a run's words. */
import { swapGroups } from '../src/core/data/requests';
import { mean } from '../src/core/rl/advantages';
import type { FeatureName } from '../src/core/reward/features';
import { composeRewards, type RewardPart } from '../src/core/rl/reward-function';
import type { Rollout } from '../src/core/rl/rollout';
import type { TextTokenizer } from '../src/core/text/tokenizer';
import type { Completion } from '../src/protocol/generate';
import type { MetricName } from '../src/protocol/metrics';
import type { RewardWeights, RunSpec } from '../src/protocol/run';
import type { ScoreAnswers } from './reward-lab';
import type { RunPrompt } from './run-sources';
import { measure, typoRateOf } from './world-judge';

/** Numbers by metric. */
export type Measured = Readonly<Partial<Record<MetricName, number>>>;

/** Names of a reward's parts: features that have a weight, and the reward model. */
type PartName = FeatureName | 'reward_model';

/** Points that each part of the reward gave, weight and all, one an answer. */
export type PartPoints = Readonly<Partial<Record<`contribution/${PartName}`, readonly number[]>>>;

/** Answers, what they earned, and how much of it each part of the reward gave. */
export interface Judged {
  readonly completions: readonly Completion[];
  readonly rewards: readonly number[];
  /** What each part said of each answer, before its weight. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
  readonly points: PartPoints;
  /** Mean points of each part; together they are the mean reward. */
  readonly contributions: Measured;
  /** What any answers are measured by. */
  readonly metrics: Measured;
}

/** By what answers are judged. */
export interface Judges {
  readonly tokenizer: TextTokenizer;
  readonly weights: RewardWeights;
  readonly rewardModel: RunSpec['rewardModel'];
  /** Scores of that reward model; null when there is none. */
  readonly score: ScoreAnswers | null;
}

/** Judges answers; `prompts[i]` is what `rollouts[i]` answers. */
export async function judgeAnswers(
  { tokenizer, weights, rewardModel, score }: Judges,
  prompts: readonly RunPrompt[],
  rollouts: readonly Rollout[],
): Promise<Judged> {
  const completions = rollouts.map(({ completionTokens, finished }, i) => {
    const text = tokenizer.decode(completionTokens, { skipSpecial: true });
    return measure(prompts[i]!.prompt, text, completionTokens.length, finished, prompts[i]!.request);
  });
  const asked = completions.map(({ text, finished }, i) => ({ prompt: prompts[i]!.prompt, text, finished }));
  const scorer = score && (rewardModel?.symmetric ? symmetric(score) : score);
  const composed: (RewardPart<RunPrompt> & { readonly name: PartName })[] = [
    ...(Object.entries(weights) as [FeatureName, number][])
      .filter(([, weight]) => weight !== 0)
      .map(([name, weight]) => ({ name, weight, score: () => completions.map(({ features }) => features[name]) })),
    ...(scorer ? [{ name: 'reward_model', weight: rewardModel?.weight ?? 0, score: () => scorer(asked) } as const] : []),
  ];
  const { rewards, parts } = await composeRewards(() => composed)(prompts, rollouts);
  const named = <Value>(of: (values: readonly number[], weight: number) => Value) =>
    Object.fromEntries(composed.map(({ name, weight }) => [`contribution/${name}`, of(parts[name]!, weight)]));
  const gold = completions.flatMap(({ goldReward }) => (goldReward === null ? [] : [goldReward]));
  return {
    completions,
    rewards,
    parts,
    points: named((values, weight) => values.map((value) => weight * value)),
    contributions: named((values, weight) => weight * mean(values)),
    metrics: {
      // Of answers to prompts that the world does not cover, it knows nothing.
      ...(gold.length > 0 ? { gold_reward: mean(gold) } : {}),
      'completions/distinct_ratio': new Set(completions.map(({ text }) => text)).size / completions.length,
      'completions/typo_rate': mean(completions.map(({ text }, i) => typoRateOf(text, prompts[i]!.request))),
      'completions/refusal_rate': mean(completions.map(({ features }) => features.refusal)),
    },
  };
}

/** Scores each answer as it is and as if it had been said of the other group, and takes the mean; most answers name none. */
const symmetric =
  (score: ScoreAnswers): ScoreAnswers =>
  async (answers) => {
    const turned = answers.map(({ prompt, text, finished }) => ({ prompt: swapGroups(prompt), text: swapGroups(text), finished }));
    const [as, other] = [await score(answers), await score(turned)];
    return as.map((one, i) => (one + other[i]!) / 2);
  };

/** Σ weight · value over the features that have a weight. */
export function weigh(weights: RewardWeights, features: Readonly<Record<FeatureName, number>>): number {
  return Object.entries(weights).reduce((sum, [name, weight]) => sum + weight * features[name as FeatureName], 0);
}
