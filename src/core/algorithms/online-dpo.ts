/**
 * @file Online DPO (Guo et al., arXiv 2402.04792): DPO on the policy's own answers, labelled by the reward as it goes.
 *
 * One update: draw a group of answers to each prompt; the best of each is chosen, the worst rejected; one DPO step. Pairs are
 * always about what the policy says now, which labelled pairs soon are not. Groups whose answers earn the same teach nothing.
 */
import { groupsOf, mean } from '../rl/advantages';
import {
  GROUP_SIZE,
  LEARNING_RATE,
  MAX_COMPLETION_TOKENS,
  MISSING_EOS_PENALTY,
  NUM_UPDATES,
  PROMPTS_PER_UPDATE,
  TEMPERATURE,
} from './common-fields';
import { defaultsOf, type Field } from './fields';
import { preferenceLoss, type PreferenceLoss } from './objectives';
import { drawMetrics, OnlineRun, totalCost } from './online-run';
import { fill } from './packed-policy';
import { checkPairStart, pairFeeds, pairMetrics } from './pairs';
import { BETA, LABEL_SMOOTHING, PREFERENCE_LOSS } from './preference-fields';
import type { AlgorithmStep, OnlineOptions, PolicyMetric, PolicyPrompt } from './step';
import { checkFirstPass } from './step-zero';

/** Settings of an online DPO run; keys follow TRL's OnlineDPOConfig in camel case. */
export interface OnlineDpoConfig {
  readonly numUpdates: number;
  readonly promptsPerUpdate: number;
  /** Answers of which the best and the worst make a pair; TRL has 2. */
  readonly groupSize: number;
  readonly learningRate: number;
  readonly beta: number;
  readonly lossType: PreferenceLoss;
  readonly labelSmoothing: number;
  readonly temperature: number;
  readonly maxCompletionTokens: number;
  readonly missingEosPenalty: number;
}

const TRL = 'TRL OnlineDPOConfig; Guo et al., arXiv 2402.04792';

/** What each setting is. */
export const ONLINE_DPO_FIELDS = [
  { ...GROUP_SIZE, hint: 'Of how many answers to each prompt the best and the worst make a pair.', citation: TRL },
  { ...PROMPTS_PER_UPDATE, max: 32, default: 24, citation: TRL }, // two answers in eight are learned from: the step is noisier
  { ...LEARNING_RATE, citation: TRL },
  BETA,
  { ...TEMPERATURE, citation: TRL },
  { ...MAX_COMPLETION_TOKENS, trl: 'max_new_tokens', citation: TRL },
  { ...NUM_UPDATES, citation: TRL },
  PREFERENCE_LOSS,
  LABEL_SMOOTHING,
  { ...MISSING_EOS_PENALTY, citation: TRL },
] as const satisfies readonly (Field & { key: keyof OnlineDpoConfig })[];

/** The settings a first click uses. */
export const ONLINE_DPO_DEFAULTS = defaultsOf<OnlineDpoConfig>(ONLINE_DPO_FIELDS);

/** What one update did. */
export type OnlineDpoStep<Prompt> = AlgorithmStep<
  Prompt,
  | Exclude<PolicyMetric, 'entropy' | 'policy/approxkl_avg' | 'val/ratio'>
  | 'frac_reward_zero_std'
  | 'objective/scores'
  | keyof ReturnType<typeof pairMetrics>
>;

/**
 * Trains until `settings().numUpdates`, one update a `next()`.
 * @throws NonFiniteLossError with the state as before the failing step
 * @throws StepZeroError when what must hold before the first step does not
 */
export async function* trainOnlineDpo<Prompt extends PolicyPrompt>(
  options: OnlineOptions<OnlineDpoConfig, Prompt>,
): AsyncGenerator<OnlineDpoStep<Prompt>> {
  const { reference, firstUpdate, startsAtReference = firstUpdate === 0 } = options;
  const { promptsPerUpdate, groupSize, maxCompletionTokens, lossType } = options.settings();
  const objective = preferenceLoss({ lossType, numPairs: promptsPerUpdate });
  const run = await OnlineRun.open(options, { name: 'online-dpo', promptsPerUpdate, groupSize, maxCompletionTokens, objective });
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const { temperature, learningRate, beta, labelSmoothing, missingEosPenalty } = options.settings();

      // 1. Draw answers, and reward them.
      const draw = await run.draw(update, temperature);
      const { prompts, rollouts, rewards, parts } = draw;
      const scores = rewards.map((reward, i) => reward - (rollouts[i]!.finished ? 0 : missingEosPenalty));

      // 2. The best of each group against the worst; of equals the first and the last.
      const groups = groupsOf(scores, groupSize);
      const best = groups.map((group, i) => i * groupSize + group.indexOf(Math.max(...group)));
      const worst = groups.map((group, i) => i * groupSize + group.lastIndexOf(Math.min(...group)));
      const rows = [...best, ...worst];
      const pairWeights = best.map((row, i) => Number(scores[row]! > scores[worst[i]!]!) / promptsPerUpdate);

      // 3. Step.
      const refLogprobs = await run.logprobs(reference, rollouts, temperature);
      const sequences = rows.map((row) => rollouts[row]!);
      const refOfPairs = rows.map((row) => refLogprobs[row]!);
      const pass = await run.step(sequences, {
        others: pairFeeds(sequences, refOfPairs, pairWeights),
        scalars: { beta, label_smoothing: labelSmoothing },
        temperature,
        learningRate,
      });
      const sampled = rollouts.map(({ samplingLogprobs }) => samplingLogprobs);
      const logprobs = sampled.map((row, i) => (rows.includes(i) ? pass.logprobs[rows.indexOf(i)]! : row));
      const metrics = drawMetrics(draw, groupSize, logprobs, refLogprobs);
      if (startsAtReference && update === 1) {
        checkFirstPass({ klReference: metrics.kl });
        checkPairStart(pass.loss, lossType, beta, pairWeights);
      }
      const advantages = rollouts.map((_, row) =>
        best.reduce((sum, one, i) => sum + pairWeights[i]! * (Number(one === row) - Number(worst[i] === row)), 0),
      );
      yield {
        update,
        metrics: {
          ...metrics,
          ...pairMetrics(pass.logprobs, refOfPairs, beta),
          'objective/scores': mean(scores),
          loss: pass.loss,
          grad_norm: pass.gradNorm,
          learning_rate: learningRate,
        },
        groupSize,
        prompts,
        rollouts,
        rewards,
        rewardParts: parts,
        advantages,
        tokens: { logprobs, refLogprobs, newLogprobs: logprobs, advantages: fill(rollouts, (row) => advantages[row]!) },
        watched: draw.watched,
        cost: totalCost([draw.cost, run.scoreCost(rollouts), pass.cost]),
        memory: {},
      };
    }
  } finally {
    await run.release();
  }
}
