/**
 * @file Rejection-sampling fine-tuning: learn the best of n (RAFT, Dong et al., arXiv 2304.06767; Llama 2, arXiv 2307.09288).
 *
 * One update: draw `groupSize` answers to each prompt, keep the best, and imitate it as SFT imitates demonstrations. One round
 * makes the policy the best-of-n policy, ln n − (n − 1)/n nats away at most; every further round moves on from there. What
 * holds it back is the KL weight: the best is chosen by reward − β ln(π/π_ref), RAFT's regularised reward; β = 0 is Llama 2's.
 */
import type { Objective, ObjectiveContext } from '../model/programs';
import { allAxes, identity, mul, reduceSum } from '../graph/ops';
import { bestOfGroups, mean } from '../rl/advantages';
import {
  GROUP_SIZE,
  KL_COEF,
  LEARNING_RATE,
  MAX_COMPLETION_TOKENS,
  NUM_ITERATIONS,
  NUM_UPDATES,
  PROMPTS_PER_UPDATE,
  TEMPERATURE,
} from './common-fields';
import { defaultsOf, type Field } from './fields';
import { crossEntropy } from './objectives';
import { drawMetrics, OnlineRun, sequenceKl, totalCost } from './online-run';
import { countTokens, fill, type Pass } from './packed-policy';
import type { AlgorithmStep, OnlineOptions, PolicyMetric, PolicyPrompt } from './step';
import { checkFirstPass } from './step-zero';

/** Settings of a run. */
export interface RejectionSamplingConfig {
  readonly numUpdates: number;
  readonly promptsPerUpdate: number;
  /** n: answers of which the best is kept. */
  readonly groupSize: number;
  readonly learningRate: number;
  /** Weight of KL (k1) in the score that the best is chosen by; zero is Llama 2's. */
  readonly klCoef: number;
  readonly temperature: number;
  readonly maxCompletionTokens: number;
  /** How often the kept answers of an update are learned from. */
  readonly numIterations: number;
}

const RAFT = 'RAFT, arXiv 2304.06767; Llama 2, arXiv 2307.09288';

/** What each setting is. */
export const REJECTION_SAMPLING_FIELDS = [
  { ...GROUP_SIZE, label: 'Best of', hint: 'Of how many answers to each prompt the best is learned.', citation: RAFT },
  { ...PROMPTS_PER_UPDATE, max: 32, default: 24, citation: RAFT }, // one answer in eight is learned from: the step is noisier
  { ...LEARNING_RATE, default: 2e-4, citation: RAFT },
  {
    ...KL_COEF,
    default: 0.03,
    hint: 'How much better an answer must be to be kept where the reference finds it unlikely.',
    citation: RAFT,
  },
  { ...TEMPERATURE, citation: RAFT },
  { ...MAX_COMPLETION_TOKENS, citation: RAFT },
  { ...NUM_UPDATES, citation: RAFT },
  { ...NUM_ITERATIONS, citation: RAFT },
] as const satisfies readonly (Field & { key: keyof RejectionSamplingConfig })[];

/** The settings a first click uses. */
export const REJECTION_SAMPLING_DEFAULTS = defaultsOf<RejectionSamplingConfig>(REJECTION_SAMPLING_FIELDS);

/** What one update did. */
export type RejectionSamplingStep<Prompt> = AlgorithmStep<
  Prompt,
  Exclude<PolicyMetric, 'policy/approxkl_avg' | 'val/ratio'> | 'frac_reward_zero_std' | 'best_reward'
>;

/** Cross-entropy of the kept answers' tokens, and what is measured beside. */
function imitation(context: ObjectiveContext): Objective {
  const weights = context.input('weights', context.dims);
  const { loss } = crossEntropy({ ...context, input: () => weights }); // declared once, used twice
  const weighted = mul(weights, context.entropies());
  return { loss, metrics: { entropy: reduceSum(weighted, allAxes(weighted)), logprobs: identity(context.logprobs()) } };
}

/**
 * Trains until `settings().numUpdates`, one update a `next()`.
 * @throws NonFiniteLossError with the state as before the failing step
 * @throws StepZeroError when what must hold before the first step does not
 */
export async function* trainRejectionSampling<Prompt extends PolicyPrompt>(
  options: OnlineOptions<RejectionSamplingConfig, Prompt>,
): AsyncGenerator<RejectionSamplingStep<Prompt>> {
  const { reference, firstUpdate, startsAtReference = firstUpdate === 0 } = options;
  const { promptsPerUpdate, groupSize, maxCompletionTokens, numIterations } = options.settings();
  const sizes = { promptsPerUpdate, groupSize, maxCompletionTokens };
  const run = await OnlineRun.open(options, { name: 'rejection-sampling', ...sizes, objective: imitation });
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const { temperature, learningRate, klCoef } = options.settings();

      // 1. Draw groupSize answers to each prompt; keep the best by reward less KL.
      const draw = await run.draw(update, temperature);
      const { prompts, rollouts, rewards, parts } = draw;
      const refLogprobs = await run.logprobs(reference, rollouts, temperature);
      const kls = sequenceKl(
        rollouts.map(({ samplingLogprobs }) => samplingLogprobs),
        refLogprobs,
      );
      const scores = rewards.map((reward, row) => reward - klCoef * kls[row]!);
      const best = bestOfGroups(scores, groupSize);
      const kept = best.map((row) => rollouts[row]!);

      // 2. Imitate it.
      const weights = fill(kept, () => 1 / countTokens(kept));
      const passes: Pass[] = [];
      for (let iteration = 0; iteration < numIterations; iteration++)
        passes.push(await run.step(kept, { perToken: { weights }, temperature, learningRate }));

      const logprobs = rollouts.map(({ samplingLogprobs }, row) =>
        best.includes(row) ? passes[0]!.logprobs[best.indexOf(row)]! : samplingLogprobs,
      );
      const metrics = drawMetrics(draw, groupSize, logprobs, refLogprobs);
      if (startsAtReference && update === 1) checkFirstPass({ klReference: metrics.kl });
      const advantages = rollouts.map((_, row) => Number(best.includes(row)));
      yield {
        update,
        metrics: {
          ...metrics,
          entropy: passes[0]!.scalars.entropy!,
          best_reward: mean(best.map((row) => rewards[row]!)),
          loss: mean(passes.map(({ loss }) => loss)),
          grad_norm: mean(passes.map(({ gradNorm }) => gradNorm)),
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
        cost: totalCost([draw.cost, run.scoreCost(rollouts), ...passes.map(({ cost }) => cost)]),
        memory: {},
      };
    }
  } finally {
    await run.release();
  }
}
