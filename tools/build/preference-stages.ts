/**
 * @file Stages 4 to 6: comparisons from gold-scored samples, a reward model, and RL against it.
 */
import { trainGrpo } from '../../src/core/algorithms/grpo';
import type { PolicyPrompt } from '../../src/core/algorithms/step';
import {
  rewardModelConfig,
  rewardModelTheta,
  RewardScorer,
  trainRewardModel,
  type TokenComparison,
} from '../../src/core/algorithms/reward-model';
import { TrainingState } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { mean, standardDeviation } from '../../src/core/rl/advantages';
import { RolloutSampler, type Rollout } from '../../src/core/rl/rollout';
import { answerText } from '../../src/core/text/chat-answer';
import { goldReward } from '../../src/core/world/judges';
import type { Request } from '../../src/core/world/requests';
import { comparePairs } from '../annotator';
import { chatPrompt, sampleTrainRequest, SAVE_EVERY_MS, type BuildContext, type LossCurve } from './language-stages';
import { Progress } from './progress';

/** Shape of chat models: a message's end ends a text too. */
export function chatConfig({ recipe, tokenizers }: BuildContext) {
  return { ...recipe.model, eosTokenIds: tokenizers.chat.eosTokenIds };
}

interface WorldPrompt extends PolicyPrompt {
  readonly request: Request;
}

function samplePrompt(context: BuildContext, random: Random): WorldPrompt {
  for (;;) {
    const request = sampleTrainRequest(context, random);
    const promptTokens = chatPrompt(context, request);
    if (promptTokens.length <= context.recipe.maxPromptTokens) return { request, promptTokens };
  }
}

function gold({ world, tokenizers }: BuildContext, { request }: WorldPrompt, { completionTokens, finished }: Rollout): number {
  return goldReward(world, request, answerText(tokenizers.chat, completionTokens), finished);
}

/** Comparisons to learn from. */
const COMPARISONS = 'comparisons.json';

/** Samples answers of the SFT model to training prompts and compares them; kept in the store. */
export async function preferenceStage(context: BuildContext, sft: Float32Array): Promise<TokenComparison[]> {
  const { recipe, engine, store } = context;
  const kept = store.readJson<TokenComparison[]>(COMPARISONS);
  if (kept) return kept;
  const { numPrompts, numAnswers, temperature } = recipe.preferences;
  const promptsPerBatch = 8;
  const maxCompletionTokens = recipe.rlhf.maxCompletionTokens;
  const sampler = await RolloutSampler.create(engine, chatConfig(context), {
    batch: promptsPerBatch * numAnswers,
    numPrompts: promptsPerBatch,
    maxPromptTokens: recipe.maxPromptTokens,
    maxCompletionTokens,
  });
  const theta = engine.upload({ dims: [sft.length], data: sft });
  const random = new Random(recipe.seed).split('preferences');
  const progress = new Progress('preferences', numPrompts, 0, store.logFile);
  const comparisons: TokenComparison[] = [];
  for (let numDone = 0; numDone < numPrompts; numDone += promptsPerBatch) {
    const prompts = Array.from({ length: promptsPerBatch }, () => samplePrompt(context, random)).flatMap((prompt) =>
      Array<WorldPrompt>(numAnswers).fill(prompt),
    );
    const randoms = prompts.map((_, row) => random.split(`${numDone} ${row}`));
    const rollouts = await sampler.sample({
      theta,
      prompts: prompts.map((prompt) => prompt.promptTokens),
      randoms,
      temperature,
      maxCompletionTokens,
    });
    const scores = rollouts.map((rollout, i) => gold(context, prompts[i]!, rollout));
    for (let start = 0; start < rollouts.length; start += numAnswers) {
      const group = rollouts
        .slice(start, start + numAnswers)
        .map(({ promptTokens, completionTokens }) => ({ promptTokens, completionTokens }));
      const pairs = comparePairs(scores.slice(start, start + numAnswers), random);
      for (const { chosen, rejected } of pairs) comparisons.push({ chosen: group[chosen]!, rejected: group[rejected]!, margin: 0 });
    }
    progress.update(Math.min(numPrompts, numDone + promptsPerBatch), `${comparisons.length} comparisons`);
  }
  await sampler.release();
  theta.dispose();
  store.writeJson(COMPARISONS, comparisons);
  return comparisons;
}

/** Fits the reward model to the comparisons. Returns theta. */
export async function rewardModelStage(
  context: BuildContext,
  sft: Float32Array,
  comparisons: readonly TokenComparison[],
): Promise<Float32Array> {
  const { recipe, engine, store } = context;
  const start = rewardModelTheta(recipe.model, sft, new Random(recipe.seed).split('score head'));
  const state = new TrainingState(engine, store.readSnapshot('reward-model') ?? { theta: start });
  const options = {
    engine,
    model: rewardModelConfig(chatConfig(context)),
    state,
    config: recipe.rewardModel,
    seed: recipe.seed,
    comparisons,
  };
  const accuracies = (store.readJson<LossCurve>('reward-model-accuracy.json') ?? []).filter(([step]) => step <= state.step);
  let progress: Progress | null = null;
  let smooth = accuracies.at(-1)?.[1] ?? 0.5;
  let savedMs = performance.now();
  for await (const { step, numSteps, loss, accuracy } of trainRewardModel(options)) {
    progress ??= new Progress('reward model', numSteps, step - 1, store.logFile);
    smooth = 0.95 * smooth + 0.05 * accuracy;
    progress.update(step, `loss ${loss.toFixed(3)}, accuracy ${(100 * smooth).toFixed(0)} %`);
    if (step % 10 === 0) accuracies.push([step, Number(smooth.toFixed(4))]);
    if (performance.now() - savedMs < SAVE_EVERY_MS && step < numSteps) continue;
    store.writeSnapshot('reward-model', await state.snapshot());
    store.writeJson('reward-model-accuracy.json', accuracies);
    savedMs = performance.now();
  }
  const { theta } = await state.snapshot();
  state.dispose();
  return theta;
}

/** How RL went: update, mean reward of the reward model (sd), mean gold, KL from the SFT model in nats. */
type RlhfCurve = [update: number, reward: number, gold: number, kl: number][];

/** Optimises the SFT model against the reward model, whose scores are scaled to mean 0, sd 1 on the first batch. */
export async function rlhfStage(context: BuildContext, sft: Float32Array, rewardModel: Float32Array): Promise<Float32Array> {
  const { recipe, engine, store } = context;
  const model = chatConfig(context);
  const config = recipe.rlhf;
  const saved = store.readSnapshot('rlhf');
  const state = new TrainingState(engine, saved ?? { theta: sft });
  const scorer = await RewardScorer.create(engine, rewardModelConfig(model), 32, recipe.rewardModel.length);
  const rewardTheta = engine.upload({ dims: [rewardModel.length], data: rewardModel });
  const reference = engine.upload({ dims: [sft.length], data: sft });
  const firstUpdate = Math.round(state.step / config.numIterations);
  const progress = new Progress('rlhf', config.numUpdates, firstUpdate, store.logFile);
  const curve = (store.readJson<RlhfCurve>('rlhf-curve.json') ?? []).filter(([update]) => update <= firstUpdate);
  let scale = store.readJson<{ mean: number; sd: number }>('reward-scale.json');
  let goldMean = 0;
  const steps = trainGrpo<WorldPrompt>({
    engine,
    model,
    state,
    reference,
    firstUpdate,
    seed: recipe.seed,
    maxPromptTokens: recipe.maxPromptTokens,
    settings: () => config,
    samplePrompt: (random) => samplePrompt(context, random),
    reward: async (prompts, rollouts) => {
      const scores = await scorer.score(rewardTheta, rollouts);
      if (!scale) store.writeJson('reward-scale.json', (scale = { mean: mean(scores), sd: standardDeviation(scores) + 1e-6 }));
      goldMean = mean(rollouts.map((rollout, i) => gold(context, prompts[i]!, rollout)));
      const { mean: middle, sd } = scale;
      return scores.map((score) => (score - middle) / sd);
    },
  });
  for await (const { update, metrics } of steps) {
    progress.update(
      update,
      `reward ${metrics.reward.toFixed(2)}, gold ${goldMean.toFixed(2)}, KL ${metrics['objective/kl'].toFixed(2)}, ${metrics['completions/mean_length'].toFixed(0)} tokens`,
    );
    curve.push([
      update,
      ...[metrics.reward, goldMean, metrics['objective/kl']].map((value) => Number(value.toFixed(4))),
    ] as RlhfCurve[number]);
    if (update % 20 === 0 || update === config.numUpdates) {
      store.writeSnapshot('rlhf', await state.snapshot());
      store.writeJson('rlhf-curve.json', curve);
    }
  }
  await scorer.release();
  const { theta } = await state.snapshot();
  state.dispose();
  return theta;
}
