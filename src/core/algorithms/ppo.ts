/**
 * @file PPO as RLHF uses it (Schulman et al., arXiv 1707.06347; InstructGPT, arXiv 2203.02155), TRL's option names.
 *
 * One update: answer prompts; score each answer at its last token; take a KL penalty off at *every* token; let a value model
 * say which tokens earned the score (GAE); then go several times over the batch in minibatches with the ratio clipped, while
 * the value model learns to predict better. Of "The N implementation details of RLHF with PPO" (Huang et al., 2023): reward at
 * the last token only, KL in the reward, whitening of advantages, clipped value loss, penalty for answers that do not end.
 */
import { mean } from '../rl/advantages';
import { adaptKlCoef } from '../rl/adaptive-kl';
import type { Sequence } from '../rl/batch';
import type { TrainingState } from '../model/training-state';
import type { Random } from '../random';
import { NO_COST } from '../rl/cost';
import { generalisedAdvantages } from '../rl/gae';
import { KL_ESTIMATORS } from '../rl/kl';
import { whiten } from '../rl/whitening';
import { clippedPolicyGradient } from './objectives';
import { drawMetrics, miniBatches, OnlineRun, passMetrics, totalCost } from './online-run';
import { countTokens, cutTo, fill, type Pass } from './packed-policy';
import type { PpoConfig } from './ppo-config';
import type { AlgorithmStep, OnlineOptions, PolicyMetric, PolicyPrompt } from './step';
import { checkPolicyStart } from './step-zero';
import { ValueModel } from './value-model';

/** What PPO needs beside other algorithms. */
export interface PpoOptions<Prompt extends PolicyPrompt> extends OnlineOptions<PpoConfig, Prompt> {
  /** The value model, advanced in place: `valueTheta` of the policy, or a reward model's theta. */
  readonly critic: TrainingState;
  /** One random document to rehearse; only asked for when the settings want any. */
  readonly document?: (random: Random) => Sequence;
}

/** What PPO measures. */
export type PpoMetric =
  | PolicyMetric
  | 'kl_coef'
  | 'objective/scores'
  | 'objective/non_score_reward'
  | 'objective/rlhf_reward'
  | 'policy/clipfrac_avg'
  | 'loss/policy_avg'
  | 'loss/value_avg'
  | 'loss/rehearsal_avg'
  | 'val/ratio_var'
  | 'val/clipfrac_avg'
  | 'val/num_eos_tokens'
  | 'val/explained_variance';

/** What one update did. */
export type PpoStep<Prompt> = AlgorithmStep<Prompt, PpoMetric>;

/**
 * Trains until `settings().numUpdates`, one update a `next()`.
 * @throws NonFiniteLossError with the state as before the failing step
 * @throws StepZeroError when what must hold before the first step does not
 */
export async function* trainPpo<Prompt extends PolicyPrompt>(options: PpoOptions<Prompt>): AsyncGenerator<PpoStep<Prompt>> {
  const { engine, model, state, critic, reference, firstUpdate, startsAtReference = firstUpdate === 0 } = options;
  const { promptsPerUpdate, maxCompletionTokens, numPpoEpochs, numMiniBatches, ptxCoef, numDocuments } = options.settings();
  const rehearses = ptxCoef > 0 && options.document !== undefined;
  const objective = clippedPolicyGradient({ reusesBatch: true, rehearses });
  const run = await OnlineRun.open(options, {
    name: 'ppo',
    promptsPerUpdate,
    groupSize: 1,
    maxCompletionTokens,
    objective,
    mixesTemperatures: rehearses,
  });
  const valueModel = new ValueModel(engine, model, critic);
  let adaptedKlCoef = options.memory?.klCoef ?? options.settings().klCoef;
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const config = options.settings();
      const { temperature, learningRate } = config;
      const klCoef = config.adaptiveKl ? adaptedKlCoef : config.klCoef;

      // 1. Answer each prompt; an answer that was cut off loses something.
      const draw = await run.draw(update, temperature);
      const { prompts, rollouts, rewards, parts, random } = draw;
      const scores = rewards.map((reward, i) => reward - (rollouts[i]!.finished ? 0 : config.missingEosPenalty));

      // 2. What do reference, policy and value model say to each token?
      const refLogprobs = await run.logprobs(reference, rollouts, temperature);
      const oldLogprobs = await run.logprobs(state.theta, rollouts, temperature);
      const oldValues = await valueModel.values(run.pack(rollouts), rollouts);

      // 3. Rewards by token: KL everywhere, the score at the end. Then advantages and returns.
      const estimate = KL_ESTIMATORS[config.klEstimator];
      const penalties = oldLogprobs.map((row, i) => row.map((logprob, t) => -klCoef * estimate(logprob, refLogprobs[i]![t]!)));
      const tokenRewards = penalties.map((row, i) => row.map((penalty, t) => penalty + (t === row.length - 1 ? scores[i]! : 0)));
      const usedRewards = config.whitenRewards ? whiten(tokenRewards, { keepMean: true }) : tokenRewards;
      const estimates = usedRewards.map((row, i) => generalisedAdvantages({ rewards: row, values: oldValues[i]! }, config));
      const returns = estimates.map((each) => each.returns);
      const advantages = whiten(estimates.map((each) => each.advantages));

      // 4. Go over the batch several times.
      const passes: Pass[] = [];
      const valuePasses: { loss: number; clipped: number }[] = [];
      const newLogprobs: Float32Array[] = [];
      for (let epoch = 0; epoch < numPpoEpochs; epoch++)
        for (const [at, rows] of miniBatches(rollouts.length, numMiniBatches, random.split(`epoch ${epoch}`)).entries()) {
          const part = numMiniBatches === 1 ? rollouts : rows.map((row) => rollouts[row]!);
          const of = <Item>(all: readonly Item[]) => rows.map((row) => all[row]!);
          const weights = fill(part, () => 1 / countTokens(part));
          const documentRandom = random.split(`documents ${epoch} ${at}`);
          const documents = rehearses
            ? Array.from({ length: numDocuments }, () => cutTo(options.document!(documentRandom), run.rowLength))
            : [];
          const learned = rehearses ? [...part, ...documents] : part;
          const rehearsed = fill(documents, () => ptxCoef / countTokens(documents));
          const pass = await run.step(learned, {
            perToken: {
              advantages: of(advantages),
              weights,
              ref_logprobs: of(refLogprobs),
              old_logprobs: of(oldLogprobs),
              ...(rehearses ? { rehearsal_weights: [...fill(part, () => 0), ...rehearsed] } : {}),
            },
            scalars: { kl_coef: 0, clip_range: config.clipRange },
            temperature,
            learningRate,
            firstRehearsed: part.length,
          });
          rows.forEach((row, i) => (newLogprobs[row] = pass.logprobs[i]!));
          passes.push(pass);
          const feeds = { weights, oldValues: of(oldValues), returns: of(returns) };
          const rates = { clipRange: config.clipRangeValue, learningRate: config.valueLearningRate };
          valuePasses.push(await valueModel.step(run.pack(part), { ...feeds, ...rates }));
        }

      const drawn = drawMetrics(draw, 1, oldLogprobs, refLogprobs);
      const { frac_reward_zero_std: _, ...measured } = drawn;
      const { 'clip_ratio/region_mean': clipped, ...passed } = passMetrics(passes, numMiniBatches, learningRate);
      checkPolicyStart(passes[0]!, startsAtReference && update === 1 ? drawn.kl : undefined);
      if (config.adaptiveKl) {
        const { klTarget: target, klHorizon: horizon } = config;
        adaptedKlCoef = adaptKlCoef(klCoef, drawn['objective/kl'], { target, horizon }, rollouts.length);
      }
      const nonScore = mean(penalties.map((row) => row.reduce((sum, penalty) => sum + penalty, 0)));
      const ratios = passes.map((pass) => pass.scalars.ratio!);
      const rehearsal = rehearses ? mean(passes.map((pass) => pass.scalars.rehearsal!)) : 0;
      yield {
        update,
        metrics: {
          ...measured,
          ...passed,
          kl_coef: klCoef,
          'objective/scores': mean(scores),
          'objective/non_score_reward': nonScore,
          'objective/rlhf_reward': mean(scores) + nonScore,
          'policy/clipfrac_avg': clipped,
          'loss/policy_avg': passed.loss - rehearsal,
          'loss/value_avg': mean(valuePasses.map((pass) => pass.loss)),
          'loss/rehearsal_avg': rehearsal,
          'val/ratio_var': mean(ratios.map((ratio) => (ratio - mean(ratios)) ** 2)),
          'val/clipfrac_avg': mean(valuePasses.map((pass) => pass.clipped)),
          'val/num_eos_tokens': rollouts.filter(({ finished }) => finished).length,
          'val/explained_variance': explainedVariance(oldValues, returns),
        },
        groupSize: 1,
        prompts,
        rollouts,
        rewards,
        rewardParts: parts,
        advantages: advantages.map((row) => mean([...row])),
        tokens: { logprobs: oldLogprobs, refLogprobs, newLogprobs, advantages, values: oldValues },
        watched: draw.watched,
        cost: totalCost([
          draw.cost,
          ...Array<typeof NO_COST>(3).fill(run.scoreCost(rollouts)),
          ...passes.flatMap(({ cost }) => [cost, valueCost(cost)]),
        ]),
        memory: config.adaptiveKl ? { klCoef: adaptedKlCoef } : {},
      };
    }
  } finally {
    await valueModel.release();
    await run.release();
  }
}

/** The value model's step costs what the policy's does, but for the output head: the body is counted once more. */
const valueCost = ({ flops }: { flops: number }): typeof NO_COST => ({ ...NO_COST, flops });

/** 1 − Var(return − value) / Var(return), over tokens: 1 when values foresee everything, 0 when they are of no use. */
function explainedVariance(values: readonly ArrayLike<number>[], returns: readonly ArrayLike<number>[]): number {
  const all = returns.flatMap((row) => Array.from(row));
  const errors = returns.flatMap((row, i) => Array.from(row, (one, t) => one - values[i]![t]!));
  const variance = (numbers: readonly number[]) => {
    const middle = mean(numbers);
    return mean(numbers.map((number) => (number - middle) ** 2));
  };
  return 1 - variance(errors) / (variance(all) + 1e-8);
}
