/**
 * @file GRPO: group relative policy optimisation (DeepSeekMath, arXiv 2402.03300), TRL's option names.
 *
 * One update: draw `groupSize` answers to each of a few prompts; reward them; the advantage of an answer is how much
 * better it did than its group; move the policy towards the better ones, held near the reference by a KL penalty.
 * No value model. Settings marked live, and the reward itself, may change between updates.
 */
import { groupAdvantages, type ScaleRewards } from '../rl/advantages';
import type { Sequence } from '../rl/batch';
import {
  CLIP_RANGE,
  GROUP_SIZE,
  KL_COEF,
  LEARNING_RATE,
  MAX_COMPLETION_TOKENS,
  NUM_ITERATIONS,
  NUM_MINI_BATCHES,
  NUM_UPDATES,
  PROMPTS_PER_UPDATE,
  TEMPERATURE,
} from './common-fields';
import { defaultsOf, type Field } from './fields';
import { clippedPolicyGradient } from './objectives';
import { drawMetrics, miniBatches, OnlineRun, passMetrics, totalCost } from './online-run';
import { countTokens, fill, type Pass } from './packed-policy';
import type { AlgorithmStep, OnlineOptions, PolicyMetric, PolicyPrompt } from './step';
import { checkPolicyStart } from './step-zero';

/** Settings of a GRPO run; keys follow TRL's GRPOConfig in camel case. */
export interface GrpoConfig {
  /** Updates (rollout, then `numIterations` optimiser steps each). */
  readonly numUpdates: number;
  /** Different prompts in one update. */
  readonly promptsPerUpdate: number;
  /** Completions of each prompt (TRL num_generations). */
  readonly groupSize: number;
  /** AdamW step size. */
  readonly learningRate: number;
  /** Weight of the k3 KL penalty in the loss (TRL beta). */
  readonly klCoef: number;
  /** Sampling temperature; policy and reference log-probabilities use it too. */
  readonly temperature: number;
  /** Longest completion, in tokens. */
  readonly maxCompletionTokens: number;
  /** PPO clip range ε. */
  readonly clipRange: number;
  /** Passes over one batch of rollouts (TRL num_iterations, μ). */
  readonly numIterations: number;
  /** Optimiser steps in a pass. */
  readonly numMiniBatches: number;
  /** What the loss averages over (TRL loss_type). */
  readonly lossType: GrpoLossType;
  /** What advantages are divided by (TRL scale_rewards). */
  readonly scaleRewards: ScaleRewards;
}

/** TRL's loss_type. */
export type GrpoLossType = 'grpo' | 'bnpo' | 'dapo' | 'dr_grpo';

/** What each setting is; the page's controls and the command line come from here. */
export const GRPO_FIELDS = [
  GROUP_SIZE,
  PROMPTS_PER_UPDATE,
  LEARNING_RATE,
  KL_COEF,
  TEMPERATURE,
  MAX_COMPLETION_TOKENS,
  NUM_UPDATES,
  CLIP_RANGE,
  NUM_ITERATIONS,
  { ...NUM_MINI_BATCHES, trl: 'steps_per_generation' }, // TRL draws once for so many steps
  {
    kind: 'choice',
    key: 'lossType',
    trl: 'loss_type',
    label: 'Loss averaged over',
    choices: [
      { value: 'bnpo', label: 'tokens of a minibatch' },
      { value: 'dapo', label: 'tokens of the whole batch' },
      { value: 'grpo', label: 'tokens of an answer, then answers' },
      { value: 'dr_grpo', label: 'the longest length possible' },
    ],
    default: 'bnpo',
    hint: 'Whether long answers weigh more than short ones, and by how much.',
    citation: 'TRL GRPOConfig; DAPO, arXiv 2503.14476; Dr. GRPO, arXiv 2503.20783',
    live: false,
  },
  {
    kind: 'choice',
    key: 'scaleRewards',
    trl: 'scale_rewards',
    label: 'Advantages divided by',
    choices: [
      { value: 'group', label: 'spread of the group' },
      { value: 'batch', label: 'spread of the batch' },
      { value: 'none', label: 'nothing' },
    ],
    default: 'group',
    hint: 'What a point of reward is measured against.',
    citation: 'TRL GRPOConfig; Dr. GRPO, arXiv 2503.20783',
    live: false,
  },
] as const satisfies readonly (Field & { key: keyof GrpoConfig })[];

/** The settings a first click uses. */
export const GRPO_DEFAULTS = defaultsOf<GrpoConfig>(GRPO_FIELDS);

/** What GRPO measures. */
export type GrpoMetric = 'frac_reward_zero_std' | 'clip_ratio/region_mean' | PolicyMetric;

/** What one update did. */
export type GrpoStep<Prompt> = AlgorithmStep<Prompt, GrpoMetric>;

/**
 * Weights of the tokens of a minibatch in its loss, one list a completion.
 *
 * `grpo` averages over an answer's tokens, then over answers: a token of a short answer weighs more. `bnpo` averages over all
 * tokens of the minibatch, `dapo` over those of the whole batch (a minibatch's share of it), and `dr_grpo` divides by answers
 * times the longest length possible, so that a token weighs the same however long answers are.
 */
export function tokenWeights(
  lossType: GrpoLossType,
  part: readonly Sequence[],
  { batchTokens, numMiniBatches, maxCompletionTokens }: { batchTokens: number; numMiniBatches: number; maxCompletionTokens: number },
): Float32Array[] {
  const numTokens = countTokens(part);
  const weight = {
    grpo: (row: number) => 1 / (part.length * part[row]!.completionTokens.length),
    bnpo: () => 1 / numTokens,
    dapo: () => numMiniBatches / batchTokens,
    dr_grpo: () => 1 / (part.length * maxCompletionTokens),
  }[lossType];
  return fill(part, weight);
}

/**
 * Trains until `settings().numUpdates`, one update a `next()`. Leaving the loop ends the run; `state` holds the policy.
 * @throws NonFiniteLossError with the state as before the failing step
 * @throws StepZeroError when what must hold before the first step does not
 */
export async function* trainGrpo<Prompt extends PolicyPrompt>(
  options: OnlineOptions<GrpoConfig, Prompt>,
): AsyncGenerator<GrpoStep<Prompt>> {
  const { state, reference, firstUpdate, startsAtReference = firstUpdate === 0 } = options;
  const { promptsPerUpdate, groupSize, maxCompletionTokens, numIterations, numMiniBatches } = options.settings();
  const reusesBatch = numIterations * numMiniBatches > 1;
  const objective = clippedPolicyGradient({ reusesBatch, ownWeights: true });
  const run = await OnlineRun.open(options, { name: 'grpo', promptsPerUpdate, groupSize, maxCompletionTokens, objective });
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const { temperature, learningRate, klCoef, clipRange, lossType, scaleRewards } = options.settings();

      // 1. Draw groupSize answers to each prompt, and reward them.
      const draw = await run.draw(update, temperature);
      const { prompts, rollouts, rewards, parts, random } = draw;

      // 2. Compare within groups.
      const { advantages } = groupAdvantages(rewards, groupSize, scaleRewards);

      // 3. What would the reference have said to these tokens, and, when the batch is used again, the policy before it moves?
      const refLogprobs = await run.logprobs(reference, rollouts, temperature);
      const oldLogprobs = reusesBatch ? await run.logprobs(state.theta, rollouts, temperature) : null;

      // 4. Step.
      const passes: Pass[] = [];
      const newLogprobs: Float32Array[] = [];
      const sizes = { batchTokens: countTokens(rollouts), numMiniBatches, maxCompletionTokens };
      for (let iteration = 0; iteration < numIterations; iteration++)
        for (const rows of miniBatches(rollouts.length, numMiniBatches, random.split(`pass ${iteration}`))) {
          const part = numMiniBatches === 1 ? rollouts : rows.map((row) => rollouts[row]!);
          const numTokens = countTokens(part);
          const of = <Item>(all: readonly Item[]) => rows.map((row) => all[row]!);
          const pass = await run.step(part, {
            perToken: {
              advantages: fill(part, (i) => advantages[rows[i]!]!),
              weights: fill(part, () => 1 / numTokens),
              loss_weights: tokenWeights(lossType, part, sizes),
              ref_logprobs: of(refLogprobs),
              ...(oldLogprobs ? { old_logprobs: of(oldLogprobs) } : {}),
            },
            scalars: { kl_coef: klCoef, clip_range: clipRange },
            temperature,
            learningRate,
          });
          rows.forEach((row, i) => (newLogprobs[row] = pass.logprobs[i]!));
          passes.push(pass);
        }
      const logprobs = oldLogprobs ?? newLogprobs;
      const metrics = {
        ...drawMetrics(draw, groupSize, logprobs, refLogprobs),
        ...passMetrics(passes, numMiniBatches, learningRate),
      };
      checkPolicyStart(passes[0]!, startsAtReference && update === 1 ? metrics.kl : undefined);
      yield {
        update,
        metrics,
        groupSize,
        prompts,
        rollouts,
        rewards,
        rewardParts: parts,
        advantages,
        tokens: { logprobs, refLogprobs, newLogprobs, advantages: fill(rollouts, (row) => advantages[row]!) },
        watched: draw.watched,
        cost: totalCost([
          draw.cost,
          ...(oldLogprobs ? [run.scoreCost(rollouts)] : []),
          run.scoreCost(rollouts),
          ...passes.map(({ cost }) => cost),
        ]),
        memory: {},
      };
    }
  } finally {
    await run.release();
  }
}
