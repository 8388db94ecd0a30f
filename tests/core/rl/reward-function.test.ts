/** @file Rewards made of parts: sums, what is kept by part, changes of weight, faults. */
import { expect, it } from 'vitest';
import { answerPart, composeRewards, endingPart, overlongPart, partMetrics, type RewardPart } from '../../../src/core/rl/reward-function';
import type { Rollout } from '../../../src/core/rl/rollout';

const rollout = (completionTokens: number[], finished: boolean): Rollout => ({
  promptTokens: [0],
  completionTokens,
  samplingLogprobs: completionTokens.map(() => -1),
  finished,
});
const ROLLOUTS = [rollout([1, 2], true), rollout([3, 4, 5], false)];
const PROMPTS = [{ wanted: 2 }, { wanted: 3 }];
type Prompt = (typeof PROMPTS)[number];

it('adds up weight times value, and keeps every part as it was before its weight', async () => {
  const wanted = answerPart<Prompt>('wanted', 2, ({ completionTokens }, prompt) => Number(completionTokens.includes(prompt.wanted)));
  const later: RewardPart<Prompt> = { name: 'later', weight: -1, score: () => Promise.resolve([0.5, 0.25]) };
  const scored = await composeRewards<Prompt>(() => [wanted, later, endingPart(0.5), overlongPart(-4, 2)])(PROMPTS, ROLLOUTS);
  expect(scored.parts).toEqual({ wanted: [1, 1], later: [0.5, 0.25], ending: [1, 0], overlong: [0, 0.5] });
  expect(scored.rewards).toEqual([2 - 0.5 + 0.5, 2 - 0.25 - 2]);
});

it('asks for its parts each time, so that a weight may change while a run goes on', async () => {
  let weight = 1;
  const reward = composeRewards<Prompt>(() => [endingPart(weight)]);
  expect((await reward(PROMPTS, ROLLOUTS)).rewards).toEqual([1, 0]);
  weight = 3;
  expect((await reward(PROMPTS, ROLLOUTS)).rewards).toEqual([3, 0]);
});

it('refuses a part that forgets an answer', async () => {
  const short: RewardPart<Prompt> = { name: 'short', weight: 1, score: () => [1] };
  await expect(composeRewards<Prompt>(() => [short])(PROMPTS, ROLLOUTS)).rejects.toThrow('short gave 1 values for 2 answers');
});

it('reports parts under TRL’s names', () => {
  expect(partMetrics({ correct: [0, 1, 2] })).toEqual({ 'rewards/correct/mean': 1, 'rewards/correct/std': 1 });
});
