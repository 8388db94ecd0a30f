/**
 * @file Comparisons to learn preferences from: answers of a policy to training prompts, scored by gold and compared with noise.
 *
 * Kept in the store a prompt at a time, each answer once, so that a build that is killed goes on with the next prompts.
 */
import type { TokenComparison } from '../../src/core/algorithms/reward-model';
import type { PolicyPrompt } from '../../src/core/algorithms/step';
import { Random } from '../../src/core/random';
import { RolloutSampler, type Rollout } from '../../src/core/rl/rollout';
import { answerText } from '../../src/core/text/chat-answer';
import { goldReward } from '../../src/core/world/judges';
import type { Request } from '../../src/core/world/requests';
import { comparePairs } from '../annotator';
import { chatConfig, chatPrompt, sampleTrainRequest, SAVE_EVERY_MS, type BuildContext } from './language-stages';
import { Progress } from './progress';

/** A prompt, and what it asks. */
export interface WorldPrompt extends PolicyPrompt {
  readonly request: Request;
}

/** A training prompt that is short enough. */
export function samplePrompt(context: BuildContext, random: Random): WorldPrompt {
  for (;;) {
    const request = sampleTrainRequest(context, random);
    const promptTokens = chatPrompt(context, request);
    if (promptTokens.length <= context.recipe.maxPromptTokens) return { request, promptTokens };
  }
}

/** The world's verdict on an answer. */
export function gold({ world, tokenizers }: BuildContext, { request }: WorldPrompt, { completionTokens, finished }: Rollout): number {
  return goldReward(world, request, answerText(tokenizers.chat, completionTokens), finished);
}

/** A prompt's answers, and which of two was chosen, by their places. */
interface ComparedAnswers {
  readonly promptTokens: readonly number[];
  readonly answers: readonly (readonly number[])[];
  readonly pairs: readonly (readonly [chosen: number, rejected: number])[];
}

const PROMPTS_PER_BATCH = 8;

const listed = (groups: readonly ComparedAnswers[]): TokenComparison[] =>
  groups.flatMap(({ promptTokens, answers, pairs }) => {
    const sequences = answers.map((completionTokens) => ({ promptTokens, completionTokens }));
    return pairs.map(([chosen, rejected]) => ({ chosen: sequences[chosen]!, rejected: sequences[rejected]!, margin: 0 }));
  });

/**
 * Samples answers of a policy to training prompts and compares them, or goes on with it, or reads what was kept.
 * @param name of the round, in the store; it names the random numbers too
 */
export async function comparisonsOf(
  context: BuildContext,
  name: string,
  policy: Float32Array,
  numPrompts: number,
): Promise<TokenComparison[]> {
  const { recipe, engine, store } = context;
  const { numAnswers, temperature } = recipe.preferences;
  const { maxPromptTokens, rlhf } = recipe;
  const groups = store.readJson<ComparedAnswers[]>(`${name}.json`) ?? [];
  if (groups.length >= numPrompts) return listed(groups.slice(0, numPrompts));
  const sampler = await RolloutSampler.create(engine, chatConfig(context), {
    batch: PROMPTS_PER_BATCH * numAnswers,
    numPrompts: PROMPTS_PER_BATCH,
    maxPromptTokens,
    maxCompletionTokens: rlhf.maxCompletionTokens,
  });
  const theta = engine.upload({ dims: [policy.length], data: policy });
  const progress = new Progress(name, numPrompts, groups.length, store.logFile);
  let numPairs = groups.reduce((sum, { pairs }) => sum + pairs.length, 0);
  let savedMs = performance.now();
  while (groups.length < numPrompts) {
    const random = new Random(recipe.seed).split(name).split(groups.length);
    const prompts = Array.from({ length: PROMPTS_PER_BATCH }, () => samplePrompt(context, random));
    const rows = prompts.flatMap((prompt) => Array<WorldPrompt>(numAnswers).fill(prompt));
    const rollouts = await sampler.sample({
      theta,
      prompts: rows.map((prompt) => prompt.promptTokens),
      randoms: rows.map((_, row) => random.split(row)),
      temperature,
      maxCompletionTokens: rlhf.maxCompletionTokens,
    });
    prompts.forEach((prompt, i) => {
      const drawn = rollouts.slice(i * numAnswers, (i + 1) * numAnswers);
      const pairs = comparePairs(
        drawn.map((rollout) => gold(context, prompt, rollout)),
        random,
      );
      numPairs += pairs.length;
      groups.push({
        promptTokens: prompt.promptTokens,
        answers: drawn.map(({ completionTokens }) => [...completionTokens]),
        pairs: pairs.map(({ chosen, rejected }) => [chosen, rejected]),
      });
    });
    progress.update(Math.min(numPrompts, groups.length), `${numPairs} comparisons`);
    if (performance.now() - savedMs < SAVE_EVERY_MS && groups.length < numPrompts) continue;
    store.writeJson(`${name}.json`, groups);
    savedMs = performance.now();
  }
  await sampler.release();
  theta.dispose();
  return listed(groups);
}
