/**
 * @file Advantages from rewards alone: how much better was an answer than others?
 *
 * GRPO (arXiv 2402.03300) subtracts the mean of the group, the answers to the same prompt, and divides by its standard
 * deviation (Bessel) + 1e-4, as TRL does; Dr. GRPO (arXiv 2503.20783) only subtracts. RLOO (arXiv 2402.14740) subtracts
 * the mean of the *other* answers, which leaves the policy gradient unbiased.
 */

/** Mean of numbers; 0 for none. */
export function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Standard deviation with Bessel's correction; 0 for fewer than two numbers. */
export function standardDeviation(numbers: readonly number[]): number {
  if (numbers.length < 2) return 0;
  const middle = mean(numbers);
  return Math.sqrt(numbers.reduce((sum, number) => sum + (number - middle) ** 2, 0) / (numbers.length - 1));
}

/** What one update's groups of rewards say. */
export interface GroupAdvantages {
  /** One per completion, in the order of the rewards. */
  readonly advantages: number[];
  /** Mean over groups of the standard deviation within the group. */
  readonly rewardStd: number;
  /** Share of groups whose rewards are all equal. */
  readonly fracZeroStd: number;
}

/** What GRPO's advantages are divided by (TRL scale_rewards): the group's standard deviation, the batch's, or nothing. */
export type ScaleRewards = 'group' | 'batch' | 'none';

/** Keeps equal rewards from being divided by nothing; TRL's. */
const EPSILON = 1e-4;

/** Rewards of consecutive completions to the same prompt. @throws RangeError when the rewards do not fill whole groups */
export function groupsOf<Item>(items: readonly Item[], groupSize: number): Item[][] {
  if (groupSize < 1 || items.length % groupSize !== 0) throw new RangeError(`${items.length} rewards are not groups of ${groupSize}`);
  return Array.from({ length: items.length / groupSize }, (_, group) => items.slice(group * groupSize, (group + 1) * groupSize));
}

/**
 * Advantages of completions, `groupSize` consecutive ones to a prompt: reward less the group's mean, scaled.
 *
 * @throws RangeError when the rewards do not fill whole groups
 */
export function groupAdvantages(rewards: readonly number[], groupSize: number, scale: ScaleRewards = 'group'): GroupAdvantages {
  const groups = groupsOf(rewards, groupSize);
  const deviations = groups.map(standardDeviation);
  const batchDeviation = standardDeviation(rewards);
  const advantages = groups.flatMap((group, i) => {
    const middle = mean(group);
    const divisor = { group: deviations[i]! + EPSILON, batch: batchDeviation + EPSILON, none: 1 }[scale];
    return group.map((reward) => (reward - middle) / divisor);
  });
  return { advantages, rewardStd: mean(deviations), fracZeroStd: mean(deviations.map((deviation) => Number(deviation < 1e-8))) };
}

/**
 * Reward less the mean of the group's other rewards (REINFORCE leave-one-out); 0 in a group of one.
 *
 * @throws RangeError when the rewards do not fill whole groups
 */
export function leaveOneOut(rewards: readonly number[], groupSize: number): number[] {
  return groupsOf(rewards, groupSize).flatMap((group) => {
    const total = group.reduce((sum, reward) => sum + reward, 0);
    return group.map((reward) => (groupSize > 1 ? reward - (total - reward) / (groupSize - 1) : 0));
  });
}

/** Position in the batch of the best completion of each group; of equals the first. */
export function bestOfGroups(rewards: readonly number[], groupSize: number): number[] {
  return groupsOf(rewards, groupSize).map((group, i) => i * groupSize + group.indexOf(Math.max(...group)));
}
