/**
 * @file Stages 4 to 6: comparisons from gold-scored samples, a reward model, and RL against it.
 *
 * The annotator is the world's gold judge with noise: of a prompt's answers every pair that is not a tie is compared, and
 * the better one is chosen with Bradley–Terry probability σ((gold_a − gold_b) / 0.03).
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
import type { Sequence } from '../../src/core/rl/batch';
import { RolloutSampler, type Rollout } from '../../src/core/rl/rollout';
import { goldReward } from '../../src/core/world/judges';
import type { Request } from '../../src/core/world/requests';
import { chatPrompt, sampleTrainRequest, type BuildContext } from './language-stages';
import { Progress } from './progress';

/** Shape of chat models: a message's end ends a text too. */
export function chatConfig({ recipe, tokenizers }: BuildContext) {
  return { ...recipe.model, eosTokenIds: tokenizers.chat.eosTokenIds };
}

const MAX_PROMPT_TOKENS = 40;
const NOISE = 0.03;
/** Answers closer in gold than this are a tie, and ties are not labelled. */
const TIE = 0.02;

interface WorldPrompt extends PolicyPrompt {
  readonly request: Request;
}

function samplePrompt(context: BuildContext, random: Random): WorldPrompt {
  for (;;) {
    const request = sampleTrainRequest(context.world, random);
    const promptTokens = chatPrompt(context, request);
    if (promptTokens.length <= MAX_PROMPT_TOKENS) return { request, promptTokens };
  }
}

function gold({ world, tokenizers }: BuildContext, { request }: WorldPrompt, { completionTokens, finished }: Rollout): number {
  return goldReward(world, request, tokenizers.chat.decode(completionTokens, { skipSpecial: true }), finished);
}

/** Samples answers of the SFT model and compares them. The last tenth of the prompts is kept apart to measure with. */
export async function preferenceStage(
  context: BuildContext,
  sft: Float32Array,
): Promise<{ train: TokenComparison[]; heldOut: TokenComparison[] }> {
  const { recipe, engine, store } = context;
  const kept = store.readJson<{ train: TokenComparison[]; heldOut: TokenComparison[] }>('comparisons.json');
  if (kept) return kept;
  const { numPrompts, numAnswers, temperature } = recipe.preferences;
  const promptsPerBatch = 8;
  const maxCompletionTokens = recipe.rlhf.maxCompletionTokens;
  const sampler = await RolloutSampler.create(engine, chatConfig(context), {
    batch: promptsPerBatch * numAnswers,
    numPrompts: promptsPerBatch,
    maxPromptTokens: MAX_PROMPT_TOKENS,
    maxCompletionTokens,
  });
  const theta = engine.upload({ dims: [sft.length], data: sft });
  const random = new Random(recipe.seed).split('preferences');
  const progress = new Progress('preferences', numPrompts);
  const groups: TokenComparison[][] = [];
  while (groups.length < numPrompts) {
    const prompts = Array.from({ length: promptsPerBatch }, () => samplePrompt(context, random)).flatMap((prompt) =>
      Array<WorldPrompt>(numAnswers).fill(prompt),
    );
    const randoms = prompts.map((_, row) => random.split(`${groups.length} ${row}`));
    const rollouts = await sampler.sample({
      theta,
      prompts: prompts.map((prompt) => prompt.promptTokens),
      randoms,
      temperature,
      maxCompletionTokens,
    });
    const scores = rollouts.map((rollout, i) => gold(context, prompts[i]!, rollout));
    for (let start = 0; start < rollouts.length; start += numAnswers)
      groups.push(comparePairs(rollouts, scores, start, numAnswers, random));
    progress.update(groups.length, `${groups.reduce((sum, group) => sum + group.length, 0)} comparisons`);
  }
  await sampler.release();
  theta.dispose();
  const cut = Math.floor(groups.length * 0.9);
  const comparisons = { train: groups.slice(0, cut).flat(), heldOut: groups.slice(cut).flat() };
  store.writeJson('comparisons.json', comparisons);
  return comparisons;
}

/** Every pair of one prompt's answers that gold tells apart, as a noisy annotator would label it. */
function comparePairs(
  rollouts: readonly Rollout[],
  scores: readonly number[],
  start: number,
  numAnswers: number,
  random: Random,
): TokenComparison[] {
  const pairs: TokenComparison[] = [];
  const plain = ({ promptTokens, completionTokens }: Rollout): Sequence => ({ promptTokens, completionTokens });
  for (let i = start; i < start + numAnswers; i++)
    for (let j = i + 1; j < start + numAnswers; j++) {
      const difference = scores[i]! - scores[j]!;
      if (Math.abs(difference) < TIE) continue;
      const prefersFirst = random.chance(1 / (1 + Math.exp(-difference / NOISE)));
      const [chosen, rejected] = prefersFirst ? [i, j] : [j, i];
      pairs.push({ chosen: plain(rollouts[chosen]!), rejected: plain(rollouts[rejected]!), margin: 0 });
    }
  return pairs;
}

/** A fitted reward model and how it did. */
export interface FittedRewardModel {
  readonly theta: Float32Array;
  readonly heldOutAccuracy: number;
  readonly numComparisons: number;
}

/** Fits the reward model to the comparisons. */
export async function rewardModelStage(
  context: BuildContext,
  sft: Float32Array,
  comparisons: { train: TokenComparison[]; heldOut: TokenComparison[] },
): Promise<FittedRewardModel> {
  const { recipe, engine, store } = context;
  const model = rewardModelConfig(chatConfig(context));
  const saved = store.readSnapshot('reward-model');
  const state = new TrainingState(
    engine,
    saved ?? { theta: rewardModelTheta(recipe.model, sft, new Random(recipe.seed).split('score head')) },
  );
  if (!saved) {
    let progress: Progress | null = null;
    let smooth = 0.5;
    for await (const { step, numSteps, loss, accuracy } of trainRewardModel({
      engine,
      model,
      state,
      config: recipe.rewardModel,
      seed: recipe.seed,
      comparisons: comparisons.train,
    })) {
      progress ??= new Progress('reward model', numSteps);
      smooth = 0.95 * smooth + 0.05 * accuracy;
      progress.update(step, `loss ${loss.toFixed(3)}, accuracy ${(100 * smooth).toFixed(0)} %`);
    }
    store.writeSnapshot('reward-model', await state.snapshot());
  }
  const scorer = await RewardScorer.create(engine, model, 32, recipe.rewardModel.length);
  const chosen = await scorer.score(
    state.theta,
    comparisons.heldOut.map((pair) => pair.chosen),
  );
  const rejected = await scorer.score(
    state.theta,
    comparisons.heldOut.map((pair) => pair.rejected),
  );
  await scorer.release();
  const { theta } = await state.snapshot();
  state.dispose();
  return { theta, heldOutAccuracy: mean(chosen.map((score, i) => Number(score > rejected[i]!))), numComparisons: comparisons.train.length };
}

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
  const progress = new Progress('rlhf', config.numUpdates, firstUpdate);
  let scale = store.readJson<{ mean: number; sd: number }>('reward-scale.json');
  let goldMean = 0;
  const steps = trainGrpo<WorldPrompt>({
    engine,
    model,
    state,
    reference,
    firstUpdate,
    seed: recipe.seed,
    maxPromptTokens: MAX_PROMPT_TOKENS,
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
    if (update % 20 === 0 || update === config.numUpdates) store.writeSnapshot('rlhf', await state.snapshot());
  }
  await scorer.release();
  const { theta } = await state.snapshot();
  state.dispose();
  return theta;
}
