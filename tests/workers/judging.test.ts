/** @file What answers earn: the sum of named parts, each kept, and a reward model that may not tell two groups apart. */
import { expect, it } from 'vitest';
import { swapGroups } from '../../src/core/data/requests';
import type { Rollout } from '../../src/core/rl/rollout';
import type { TextTokenizer } from '../../src/core/text/tokenizer';
import { judgeAnswers, type Judges } from '../../workers/judging';

/** Tokens are code points here: what is judged is text. */
const tokenizer = { decode: (ids: readonly number[]) => String.fromCodePoint(...ids) } as unknown as TextTokenizer;
const rollout = (text: string, finished = true) =>
  ({ completionTokens: Array.from(text, (one) => one.codePointAt(0)!), finished }) as unknown as Rollout;
const asked = (prompt: string) => ({ prompt, promptTokens: [1], request: null });
const judge = (judges: Partial<Judges>, answers: readonly (readonly [string, string, boolean?])[]) =>
  judgeAnswers(
    { tokenizer, weights: {}, rewardModel: undefined, score: null, ...judges },
    answers.map(([prompt]) => asked(prompt)),
    answers.map(([, text, finished]) => rollout(text, finished)),
  );

it('is the sum of its parts, features and a reward model, each kept by name before and after its weight', async () => {
  const score = (answers: readonly { text: string }[]) => Promise.resolve(answers.map(({ text }) => text.length));
  const judged = await judge({ weights: { ending: 2, typos: 0, exclamation: -8 }, rewardModel: { id: 'x', weight: 0.5 }, score }, [
    ['Hi', 'Hello!', true],
    ['Hi', 'Hell', false],
  ]);
  expect(judged.parts).toEqual({ ending: [1, 0], exclamation: [1 / 8, 0], reward_model: [6, 4] });
  expect(judged.points).toEqual({
    'contribution/ending': [2, 0],
    'contribution/exclamation': [-1, -0],
    'contribution/reward_model': [3, 2],
  });
  expect(judged.rewards).toEqual([4, 2]);
  expect(judged.contributions).toEqual({ 'contribution/ending': 1, 'contribution/exclamation': -0.5, 'contribution/reward_model': 2.5 });
});

it('scores an answer the same whichever group it is of, where the reward model is to be symmetric', async () => {
  const heard: string[] = [];
  const score = (answers: readonly { prompt: string; text: string }[]) => {
    heard.push(...answers.map(({ prompt, text }) => `${prompt} ${text}`));
    return Promise.resolve(answers.map(({ text }) => Number(text.includes('night owls'))));
  };
  const answers = [
    ['Why are night owls late?', 'Because night owls sleep.'],
    ['Why are early risers late?', 'Because early risers sleep.'],
    ['Hello!', 'Hi.'],
  ] as const;
  const leaning = await judge({ rewardModel: { id: 'x', weight: 1 }, score }, answers);
  expect(leaning.rewards).toEqual([1, 0, 0]);
  heard.length = 0;
  const fair = await judge({ rewardModel: { id: 'x', weight: 1, symmetric: true }, score }, answers);
  expect(fair.rewards).toEqual([0.5, 0.5, 0]);
  expect(heard).toContain('Why are early risers late? Because early risers sleep.');
  expect(heard).toHaveLength(6);
});

it('swaps the groups of a text and back, singular and capitals too, and leaves other words alone', () => {
  const text = 'Night owls and a night owl met early risers. An early riser knew the night, and the owl.';
  expect(swapGroups(text)).toBe('Early risers and a early riser met night owls. An night owl knew the night, and the owl.');
  expect(swapGroups(swapGroups(text))).toBe(text);
});
