/**
 * @file REINFORCE (Williams, 1992, doi.org/10.1007/BF00992696): the plainest policy gradient.
 *
 * One answer to each of many prompts; every token of an answer is made likelier in proportion to how much better the answer
 * did than the others of the batch. KL to the reference is taken off the reward (estimator k1), as RLOO and PPO do. The
 * baseline is the mean of the batch's other answers, so it depends on nothing this answer did and biases nothing.
 */
import { leaveOneOut, mean } from '../rl/advantages';
import {
  CLIP_RANGE,
  KL_COEF,
  LEARNING_RATE,
  MAX_COMPLETION_TOKENS,
  NUM_UPDATES,
  SINGLE_PROMPTS_PER_UPDATE,
  TEMPERATURE,
} from './common-fields';
import { defaultsOf, type Field } from './fields';
import { clippedPolicyGradient } from './objectives';
import { drawMetrics, OnlineRun, passMetrics, sequenceKl, totalCost } from './online-run';
import { countTokens, fill } from './packed-policy';
import type { AlgorithmStep, OnlineOptions, PolicyMetric, PolicyPrompt } from './step';
import { checkPolicyStart } from './step-zero';

/** Settings of a REINFORCE run. */
export interface ReinforceConfig {
  readonly numUpdates: number;
  /** Prompts in one update, each answered once. */
  readonly promptsPerUpdate: number;
  readonly learningRate: number;
  /** Weight of KL (k1) in the reward. */
  readonly klCoef: number;
  readonly temperature: number;
  /** Longest completion, in tokens. */
  readonly maxCompletionTokens: number;
  /** What is taken off the reward. */
  readonly baseline: 'batch' | 'none';
}

const WILLIAMS = 'Williams, 1992; Ahmadian et al., arXiv 2402.14740';

/** What each setting is. */
export const REINFORCE_FIELDS = [
  SINGLE_PROMPTS_PER_UPDATE,
  LEARNING_RATE,
  { ...KL_COEF, default: 0.02, citation: WILLIAMS },
  TEMPERATURE,
  MAX_COMPLETION_TOKENS,
  NUM_UPDATES,
  {
    kind: 'choice',
    key: 'baseline',
    label: 'Compared with',
    choices: [
      { value: 'batch', label: 'the other answers' },
      { value: 'none', label: 'nothing' },
    ],
    default: 'batch',
    hint: 'What an answer’s reward is measured against; with nothing, learning is noisy.',
    citation: WILLIAMS,
    live: false,
  },
] as const satisfies readonly (Field & { key: keyof ReinforceConfig })[];

/** The settings a first click uses. */
export const REINFORCE_DEFAULTS = defaultsOf<ReinforceConfig>(REINFORCE_FIELDS);

/** What one update did. */
export type ReinforceStep<Prompt> = AlgorithmStep<Prompt, PolicyMetric | 'objective/non_score_reward' | 'objective/rlhf_reward'>;

/**
 * Trains until `settings().numUpdates`, one update a `next()`.
 * @throws NonFiniteLossError with the state as before the failing step
 * @throws StepZeroError when what must hold before the first step does not
 */
export async function* trainReinforce<Prompt extends PolicyPrompt>(
  options: OnlineOptions<ReinforceConfig, Prompt>,
): AsyncGenerator<ReinforceStep<Prompt>> {
  const { reference, firstUpdate, startsAtReference = firstUpdate === 0 } = options;
  const { promptsPerUpdate, maxCompletionTokens } = options.settings();
  // −(1/B) Σ_answers A Σ_t log p: on a batch's only pass the ratio is 1, and the clipped loss is just that.
  const objective = clippedPolicyGradient({ reusesBatch: false, ownWeights: true });
  const run = await OnlineRun.open(options, {
    name: 'reinforce',
    promptsPerUpdate,
    groupSize: 1,
    maxCompletionTokens,
    objective,
  });
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const { temperature, learningRate, klCoef, baseline } = options.settings();

      // 1. Answer each prompt once.
      const draw = await run.draw(update, temperature);
      const { prompts, rollouts, rewards, parts } = draw;

      // 2. Take the KL off the reward, then the baseline.
      const refLogprobs = await run.logprobs(reference, rollouts, temperature);
      const nonScore = sequenceKl(
        rollouts.map(({ samplingLogprobs }) => samplingLogprobs),
        refLogprobs,
      ).map((kl) => -klCoef * kl);
      const total = rewards.map((reward, i) => reward + nonScore[i]!);
      const advantages = baseline === 'batch' ? leaveOneOut(total, total.length) : total;

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
      const { frac_reward_zero_std: _, ...drawn } = drawMetrics(draw, 1, logprobs, refLogprobs);
      const { 'clip_ratio/region_mean': _clipped, ...passed } = passMetrics([pass], 1, learningRate);
      checkPolicyStart(pass, startsAtReference && update === 1 ? drawn.kl : undefined);
      yield {
        update,
        metrics: { ...drawn, ...passed, 'objective/non_score_reward': mean(nonScore), 'objective/rlhf_reward': mean(total) },
        groupSize: 1,
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
