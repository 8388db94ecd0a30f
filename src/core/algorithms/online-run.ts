/**
 * @file What all algorithms that draw their own answers share: drawing, rewarding, measuring.
 *
 * The loops themselves are in the algorithms' files; here is what they would otherwise each write out.
 */
import { NonFiniteLossError } from '../model/training-state';
import { Random } from '../random';
import { groupsOf, mean, standardDeviation } from '../rl/advantages';
import { addCosts, forwardFlops, NO_COST, type Cost } from '../rl/cost';
import { k1, k3 } from '../rl/kl';
import type { ScoredRewards } from '../rl/reward-function';
import { RolloutSampler, type Rollout } from '../rl/rollout';
import { countTokens, PackedPolicy, sequenceFlops, type Pass, type PolicyLoss } from './packed-policy';
import type { OnlineOptions, PolicyPrompt } from './step';

/** Uniforms of the watched prompts: the same at every update. */
export const watchedRandoms = (seed: number, count: number): Random[] =>
  Array.from({ length: count }, (_, row) => new Random(seed).split(`fixed ${row}`));

/** Sizes of a run, and its loss. */
export interface OnlineShape extends PolicyLoss {
  /** Names the run's random numbers. */
  readonly name: string;
  readonly promptsPerUpdate: number;
  readonly groupSize: number;
  readonly maxCompletionTokens: number;
}

/** Answers drawn for one update, and what they earned. */
export interface Draw<Prompt> extends ScoredRewards {
  /** For whatever else the update draws. */
  readonly random: Random;
  readonly prompts: readonly Prompt[];
  readonly rollouts: readonly Rollout[];
  readonly watched: readonly Rollout[];
  readonly cost: Cost;
}

/** A run's programs, and how to use them. */
export class OnlineRun<Prompt extends PolicyPrompt> extends PackedPolicy {
  private constructor(
    readonly options: OnlineOptions<unknown, Prompt>,
    readonly shape: OnlineShape,
    readonly sampler: RolloutSampler,
  ) {
    super(options, { ...shape, longest: options.maxPromptTokens + shape.maxCompletionTokens });
  }

  /** Compiles the sampler; the other programs come with their first batch. */
  static async open<Prompt extends PolicyPrompt>(options: OnlineOptions<unknown, Prompt>, shape: OnlineShape): Promise<OnlineRun<Prompt>> {
    const { engine, model, maxPromptTokens, watched = [] } = options;
    const { promptsPerUpdate, groupSize, maxCompletionTokens } = shape;
    const sampler = await RolloutSampler.create(engine, model, {
      batch: promptsPerUpdate * groupSize + watched.length,
      numPrompts: promptsPerUpdate + watched.length,
      maxPromptTokens: Math.max(maxPromptTokens, ...watched.map((prompt) => prompt.length)),
      maxCompletionTokens,
    });
    return new OnlineRun(options, shape, sampler);
  }

  /** Draws `groupSize` answers to each of the update's prompts, and has them judged. */
  async draw(update: number, temperature: number): Promise<Draw<Prompt>> {
    const { seed, watched = [], state, model } = this.options;
    const { name, promptsPerUpdate, groupSize, maxCompletionTokens } = this.shape;
    const random = new Random(seed).split(name).split(update);
    const promptRandom = random.split('prompts');
    const prompts = Array.from({ length: promptsPerUpdate }, (_, index) => this.options.samplePrompt(promptRandom, index)).flatMap(
      (prompt) => Array<Prompt>(groupSize).fill(prompt),
    );
    const drawn = await this.sampler.sample({
      theta: state.theta,
      prompts: [...prompts.map((prompt) => prompt.promptTokens), ...watched],
      randoms: [...prompts.map((_, row) => random.split(`row ${row}`)), ...watchedRandoms(seed, watched.length)],
      temperature,
      maxCompletionTokens,
    });
    const rollouts = drawn.slice(0, prompts.length);
    const scored = await this.options.reward(prompts, rollouts);
    const { rewards, parts } = 'rewards' in scored ? scored : { rewards: scored, parts: {} };
    const bad = rewards.find((reward) => !Number.isFinite(reward));
    if (bad !== undefined) throw new NonFiniteLossError(`update ${update}: the reward of an answer is ${bad}`);
    const sampledTokens = drawn.reduce((sum, { completionTokens }) => sum + completionTokens.length, 0);
    const flops = drawn.reduce((sum, sequence) => sum + sequenceFlops(forwardFlops, model, sequence), 0);
    const cost = { sampledTokens, trainedTokens: 0, flops };
    return { random, prompts, rollouts, watched: drawn.slice(prompts.length), rewards, parts, cost };
  }

  override async release(): Promise<void> {
    await this.sampler.release();
    await super.release();
  }
}

/** Σ_t k1 of each completion: what it contributes to KL(policy ‖ reference), nats. */
export const sequenceKl = (logprobs: readonly ArrayLike<number>[], refLogprobs: readonly ArrayLike<number>[]): number[] =>
  logprobs.map((row, i) => Array.from(row).reduce((sum, logprob, t) => sum + k1(logprob, refLogprobs[i]![t]!), 0));

/** Σ of an estimator over all tokens. */
const sumOver = (logprobs: readonly ArrayLike<number>[], refLogprobs: readonly ArrayLike<number>[], estimator: typeof k1): number =>
  logprobs.reduce((sum, row, i) => Array.from(row).reduce((total, logprob, t) => total + estimator(logprob, refLogprobs[i]![t]!), sum), 0);

/** Largest |log-probability in training − log-probability when drawn|: both are of the same policy, so this is rounding. */
function samplingGap(rollouts: readonly Rollout[], logprobs: readonly ArrayLike<number>[]): number {
  const gaps = rollouts.flatMap(({ samplingLogprobs }, row) => samplingLogprobs.map((drawn, t) => Math.abs(drawn - logprobs[row]![t]!)));
  return gaps.reduce((most, gap) => Math.max(most, gap), 0);
}

/** What is measured of every draw, whatever is learned from it. */
export function drawMetrics(
  { rewards, rollouts }: Draw<unknown>,
  groupSize: number,
  logprobs: readonly ArrayLike<number>[],
  refLogprobs: readonly ArrayLike<number>[],
) {
  const deviations = groupsOf(rewards, groupSize).map(standardDeviation);
  return {
    reward: mean(rewards),
    reward_std: groupSize > 1 ? mean(deviations) : standardDeviation(rewards),
    frac_reward_zero_std:
      groupSize > 1 ? mean(deviations.map((deviation) => Number(deviation < 1e-8))) : Number(standardDeviation(rewards) < 1e-8),
    kl: sumOver(logprobs, refLogprobs, k3) / countTokens(rollouts),
    'objective/kl': sumOver(logprobs, refLogprobs, k1) / rollouts.length,
    'completions/mean_length': countTokens(rollouts) / rollouts.length,
    'completions/clipped_ratio': mean(rollouts.map((rollout) => Number(!rollout.finished))),
    'sampling/sampling_logp_difference/max': samplingGap(rollouts, logprobs),
  };
}

/** What is averaged over the passes of a policy gradient; entropy over the first time through the batch, of `numFirst` passes. */
export function passMetrics(passes: readonly Pass[], numFirst: number, learningRate: number) {
  const average = (name: string) => mean(passes.map((pass) => pass.scalars[name]!));
  return {
    entropy: mean(passes.slice(0, numFirst).map((pass) => pass.scalars.entropy!)),
    'clip_ratio/region_mean': average('clipped'),
    'policy/approxkl_avg': average('approx_kl'),
    'val/ratio': average('ratio'),
    loss: mean(passes.map(({ loss }) => loss)),
    grad_norm: mean(passes.map(({ gradNorm }) => gradNorm)),
    learning_rate: learningRate,
  };
}

/** All costs of an update together. */
export const totalCost = (costs: readonly Cost[]): Cost => costs.reduce(addCosts, NO_COST);

/**
 * Rows of a batch in parts of nearly equal size, shuffled; one part is the batch as it is.
 * @throws RangeError when there are more parts than rows
 */
export function miniBatches(numRows: number, numParts: number, random: Random): number[][] {
  const rows = Array.from({ length: numRows }, (_, row) => row);
  if (numParts === 1) return [rows];
  if (numParts > numRows) throw new RangeError(`${numParts} minibatches of ${numRows} answers`);
  const shuffled = random.shuffle(rows);
  return Array.from({ length: numParts }, (_, part) =>
    shuffled.slice(Math.round((part * numRows) / numParts), Math.round(((part + 1) * numRows) / numParts)),
  );
}
