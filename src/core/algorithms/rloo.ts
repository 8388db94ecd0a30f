/**
 * @file RLOO: REINFORCE leave-one-out (Ahmadian et al., arXiv 2402.14740; Kool et al., 2019), TRL's option names.
 *
 * Several answers to each prompt; the advantage of one is its reward less the mean of the *others'*, an unbiased baseline that
 * costs nothing. A whole answer is one action: no value model, no clipping. KL to the reference (k1) is taken off the reward.
 */
import { leaveOneOut, mean } from '../rl/advantages';
import {
  CLIP_RANGE,
  GROUP_SIZE,
  KL_COEF,
  LEARNING_RATE,
  MAX_COMPLETION_TOKENS,
  NUM_UPDATES,
  PROMPTS_PER_UPDATE,
  TEMPERATURE,
} from './common-fields';
import { defaultsOf, type Field } from './fields';
import { clippedPolicyGradient } from './objectives';
import { drawMetrics, OnlineRun, passMetrics, sequenceKl, totalCost } from './online-run';
import { countTokens, fill } from './packed-policy';
import type { AlgorithmStep, OnlineOptions, PolicyMetric, PolicyPrompt } from './step';
import { checkPolicyStart } from './step-zero';

/** Settings of an RLOO run. */
export interface RlooConfig {
  readonly numUpdates: number;
  readonly promptsPerUpdate: number;
  /** Completions of each prompt (TRL num_generations). */
  readonly groupSize: number;
  readonly learningRate: number;
  /** Weight of KL (k1) in the reward (TRL beta). */
  readonly klCoef: number;
  readonly temperature: number;
  /** Longest completion, in tokens. */
  readonly maxCompletionTokens: number;
}

const TRL = 'TRL RLOOConfig; Ahmadian et al., arXiv 2402.14740';

/** What each setting is. */
export const RLOO_FIELDS = [
  { ...GROUP_SIZE, citation: TRL },
  { ...PROMPTS_PER_UPDATE, citation: TRL },
  { ...LEARNING_RATE, default: 3.5e-4, citation: TRL },
  { ...KL_COEF, default: 0.02, citation: TRL },
  { ...TEMPERATURE, citation: TRL },
  { ...MAX_COMPLETION_TOKENS, citation: TRL },
  { ...NUM_UPDATES, citation: TRL },
] as const satisfies readonly (Field & { key: keyof RlooConfig })[];

/** The settings a first click uses. */
export const RLOO_DEFAULTS = defaultsOf<RlooConfig>(RLOO_FIELDS);

/** What one update did. */
export type RlooStep<Prompt> = AlgorithmStep<
  Prompt,
  PolicyMetric | 'frac_reward_zero_std' | 'objective/non_score_reward' | 'objective/rlhf_reward'
>;

/**
 * Trains until `settings().numUpdates`, one update a `next()`.
 * @throws NonFiniteLossError with the state as before the failing step
 * @throws StepZeroError when what must hold before the first step does not
 */
export async function* trainRloo<Prompt extends PolicyPrompt>(
  options: OnlineOptions<RlooConfig, Prompt>,
): AsyncGenerator<RlooStep<Prompt>> {
  const { reference, firstUpdate, startsAtReference = firstUpdate === 0 } = options;
  const { promptsPerUpdate, groupSize, maxCompletionTokens } = options.settings();
  // −(1/B) Σ_answers A Σ_t log p: on a batch's only pass the ratio is 1, and the clipped loss is just that.
  const objective = clippedPolicyGradient({ reusesBatch: false, ownWeights: true });
  const run = await OnlineRun.open(options, { name: 'rloo', promptsPerUpdate, groupSize, maxCompletionTokens, objective });
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const { temperature, learningRate, klCoef } = options.settings();

      // 1. Draw groupSize answers to each prompt.
      const draw = await run.draw(update, temperature);
      const { prompts, rollouts, rewards, parts } = draw;

      // 2. Take the KL off the reward; compare each answer with the others of its group.
      const refLogprobs = await run.logprobs(reference, rollouts, temperature);
      const nonScore = sequenceKl(
        rollouts.map(({ samplingLogprobs }) => samplingLogprobs),
        refLogprobs,
      ).map((kl) => -klCoef * kl);
      const total = rewards.map((reward, i) => reward + nonScore[i]!);
      const advantages = leaveOneOut(total, groupSize);

      // 3. Step.
      const pass = await run.step(rollouts, {
        perToken: {
          advantages: fill(rollouts, (i) => advantages[i]!),
          weights: fill(rollouts, () => 1 / countTokens(rollouts)),
          loss_weights: fill(rollouts, () => 1 / rollouts.length),
          ref_logprobs: refLogprobs,
        },
        scalars: { kl_coef: 0, clip_range: CLIP_RANGE.default },
        temperature,
        learningRate,
      });
      const { logprobs } = pass;
      const drawn = drawMetrics(draw, groupSize, logprobs, refLogprobs);
      const { 'clip_ratio/region_mean': _, ...passed } = passMetrics([pass], 1, learningRate);
      checkPolicyStart(pass, startsAtReference && update === 1 ? drawn.kl : undefined);
      yield {
        update,
        metrics: { ...drawn, ...passed, 'objective/non_score_reward': mean(nonScore), 'objective/rlhf_reward': mean(total) },
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
