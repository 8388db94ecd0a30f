/**
 * @file Stages 4 to 6: comparisons from gold-scored samples, a reward model, and RL against it; once more with fresh comparisons.
 *
 * A reward model is fitted to answers of the policy it was made for, and knows less of those that RL leads to. So after a first
 * round the new policy's own answers are compared, the reward model is fitted further, to them and to as many of the old, and RL
 * goes on with it (as in "Training a helpful and harmless assistant", arXiv 2204.05862, §4.5, and Llama 2, arXiv 2307.09288, §3.2).
 */
import { trainGrpo } from '../../src/core/algorithms/grpo';
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
import { comparisonsOf, gold, samplePrompt, type WorldPrompt } from './comparisons';
import { chatConfig, SAVE_EVERY_MS, type BuildContext, type LossCurve } from './language-stages';
import { Progress } from './progress';

/** Comparisons of the SFT model's answers; kept in the store. */
export function preferenceStage(context: BuildContext, sft: Float32Array): Promise<TokenComparison[]> {
  return comparisonsOf(context, 'preferences', sft, context.recipe.preferences.numPrompts);
}

/** Fits the reward model to the comparisons of the SFT model's answers. Returns theta. */
export function rewardModelStage(context: BuildContext, sft: Float32Array, comparisons: readonly TokenComparison[]): Promise<Float32Array> {
  const { recipe } = context;
  const start = rewardModelTheta(recipe.model, sft, new Random(recipe.seed).split('score head'));
  return fitRewardModel(context, 'reward-model', start, comparisons, recipe.rewardModel.learningRate);
}

/** The second round's: fresh comparisons of the policy's answers and as many of the old, learned from together. */
export async function secondRewardModelStage(
  context: BuildContext,
  { sft, rlhf, rewardModel }: { sft: Float32Array; rlhf: Float32Array; rewardModel: Float32Array },
): Promise<Float32Array> {
  const { secondRound, seed } = context.recipe;
  if (!secondRound) return rewardModel;
  const fresh = await comparisonsOf(context, 'preferences-2', rlhf, secondRound.numPrompts);
  const old = new Random(seed).split('old comparisons').shuffle(await preferenceStage(context, sft));
  return fitRewardModel(context, 'reward-model-2', rewardModel, [...fresh, ...old.slice(0, fresh.length)], secondRound.rewardModelRate);
}

/** Fits a reward model from these weights on, or from where the stage was left. */
async function fitRewardModel(
  context: BuildContext,
  stage: string,
  start: Float32Array,
  comparisons: readonly TokenComparison[],
  learningRate: number,
): Promise<Float32Array> {
  const { recipe, engine, store } = context;
  const state = new TrainingState(engine, store.readSnapshot(stage) ?? { theta: start });
  const options = {
    engine,
    model: rewardModelConfig(chatConfig(context)),
    state,
    config: { ...recipe.rewardModel, learningRate },
    seed: recipe.seed,
    comparisons,
  };
  const accuracies = (store.readJson<LossCurve>(`${stage}-accuracy.json`) ?? []).filter(([step]) => step <= state.step);
  let progress: Progress | null = null;
  let smooth = accuracies.at(-1)?.[1] ?? 0.5;
  let savedMs = performance.now();
  for await (const { step, numSteps, loss, accuracy } of trainRewardModel(options)) {
    progress ??= new Progress(stage, numSteps, step - 1, store.logFile);
    smooth = 0.95 * smooth + 0.05 * accuracy;
    progress.update(step, `loss ${loss.toFixed(3)}, accuracy ${(100 * smooth).toFixed(0)} %`);
    if (step % 10 === 0) accuracies.push([step, Number(smooth.toFixed(4))]);
    if (performance.now() - savedMs < SAVE_EVERY_MS && step < numSteps) continue;
    store.writeSnapshot(stage, await state.snapshot());
    store.writeJson(`${stage}-accuracy.json`, accuracies);
    savedMs = performance.now();
  }
  const { theta } = await state.snapshot();
  state.dispose();
  return theta;
}

/** How RL went: update, mean reward of the reward model (sd), mean gold, KL from the SFT model in nats. */
type RlhfCurve = [update: number, reward: number, gold: number, kl: number][];

/** What sets the second round's random numbers apart from the first's. */
const SECOND_SEED = 1000;

/** Where a round of RL begins: on which weights, against which reward model, for how many updates. */
interface RlhfRound {
  readonly stage: 'rlhf' | 'rlhf-2';
  readonly start: Float32Array;
  readonly rewardModel: Float32Array;
  readonly numUpdates: number;
}

/** Optimises the SFT model against the reward model. */
export function rlhfStage(context: BuildContext, sft: Float32Array, rewardModel: Float32Array): Promise<Float32Array> {
  return optimise(context, sft, { stage: 'rlhf', start: sft, rewardModel, numUpdates: context.recipe.rlhf.numUpdates });
}

/** Goes on with it against the second reward model. */
export async function secondRlhfStage(
  context: BuildContext,
  { sft, rlhf, rewardModel }: { sft: Float32Array; rlhf: Float32Array; rewardModel: Float32Array },
): Promise<Float32Array> {
  const { secondRound } = context.recipe;
  if (!secondRound) return rlhf;
  return optimise(context, sft, { stage: 'rlhf-2', start: rlhf, rewardModel, numUpdates: secondRound.numUpdates });
}

/** A round of RL; the reward model's scores are scaled to mean 0, sd 1 on its first batch. */
async function optimise(
  context: BuildContext,
  sft: Float32Array,
  { stage, start, rewardModel, numUpdates }: RlhfRound,
): Promise<Float32Array> {
  const { recipe, engine, store } = context;
  const model = chatConfig(context);
  const config = { ...recipe.rlhf, numUpdates };
  const saved = store.readSnapshot(stage);
  const state = new TrainingState(engine, saved ?? { theta: start });
  const scorer = await RewardScorer.create(engine, rewardModelConfig(model), 32, recipe.rewardModel.length);
  const rewardTheta = engine.upload({ dims: [rewardModel.length], data: rewardModel });
  const reference = engine.upload({ dims: [sft.length], data: sft });
  const firstUpdate = Math.round(state.step / config.numIterations);
  const progress = new Progress(stage, config.numUpdates, firstUpdate, store.logFile);
  const curve = (store.readJson<RlhfCurve>(`${stage}-curve.json`) ?? []).filter(([update]) => update <= firstUpdate);
  let scale = store.readJson<{ mean: number; sd: number }>(`${stage}-scale.json`);
  let goldMean = 0;
  const steps = trainGrpo<WorldPrompt>({
    engine,
    model,
    state,
    reference,
    startsAtReference: stage === 'rlhf' && firstUpdate === 0,
    firstUpdate,
    // Not the prompts and uniforms of the first round over again.
    seed: stage === 'rlhf' ? recipe.seed : recipe.seed + SECOND_SEED,
    maxPromptTokens: recipe.maxPromptTokens,
    settings: () => config,
    samplePrompt: (random) => samplePrompt(context, random),
    reward: async (prompts, rollouts) => {
      const scores = await scorer.score(rewardTheta, rollouts);
      if (!scale) store.writeJson(`${stage}-scale.json`, (scale = { mean: mean(scores), sd: standardDeviation(scores) + 1e-6 }));
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
      store.writeSnapshot(stage, await state.snapshot());
      store.writeJson(`${stage}-curve.json`, curve);
    }
  }
  await scorer.release();
  const { theta } = await state.snapshot();
  state.dispose();
  return theta;
}
