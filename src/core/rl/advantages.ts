/**
 * @file Group advantages: how much better an answer was than the other answers to the same prompt.
 *
 * GRPO (arXiv 2402.03300) subtracts the group's mean and divides by its standard deviation (Bessel) + 1e-4, as TRL does;
 * Dr. GRPO (arXiv 2503.20783) only subtracts.
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

/**
 * Advantages of completions, `groupSize` consecutive ones to a prompt.
 *
 * @param scale `group` divides by the group's standard deviation + 1e-4; `none` does not
 * @throws RangeError when the rewards do not fill whole groups
 */
export function groupAdvantages(rewards: readonly number[], groupSize: number, scale: 'group' | 'none' = 'group'): GroupAdvantages {
  if (groupSize < 1 || rewards.length % groupSize !== 0) throw new RangeError(`${rewards.length} rewards are not groups of ${groupSize}`);
  const advantages: number[] = [];
  const deviations: number[] = [];
  for (let start = 0; start < rewards.length; start += groupSize) {
    const group = rewards.slice(start, start + groupSize);
    const deviation = standardDeviation(group);
    const middle = mean(group);
    deviations.push(deviation);
    for (const reward of group) advantages.push((reward - middle) / (scale === 'group' ? deviation + 1e-4 : 1));
  }
  return { advantages, rewardStd: mean(deviations), fracZeroStd: mean(deviations.map((deviation) => Number(deviation < 1e-8))) };
}
