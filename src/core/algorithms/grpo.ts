/**
 * @file GRPO: group relative policy optimisation (DeepSeekMath, arXiv 2402.03300), TRL's option names.
 *
 * One update: draw `groupSize` answers to each of a few prompts; reward them; the advantage of an answer is how much
 * better it did than its group; move the policy towards the better ones, held near the reference by a KL penalty.
 * No value model. Settings marked live, and the reward itself, may change between updates.
 */
import type { Engine, EngineTensor, Program, Tensor } from '../graph/engine';
import { scalarTensor } from '../graph/engine';
import { adamWFeeds } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import type { TrainingState } from '../model/training-state';
import { Random } from '../random';
import { groupAdvantages, mean } from '../rl/advantages';
import { k1 } from '../rl/kl';
import { packCompletions } from '../rl/packing';
import { inverseTemperature, RolloutSampler, type Rollout } from '../rl/rollout';
import type { NumberField } from './fields';
import { ProgramsBySize, RL_ADAMW } from './packed-programs';

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
  /** Optimiser steps on one batch of rollouts (TRL num_iterations, μ). */
  readonly numIterations: number;
}

const TRL = 'TRL GRPOConfig; DeepSeekMath, arXiv 2402.03300';

/** What each setting is; the page's controls and the command line come from here. */
export const GRPO_FIELDS = [
  {
    key: 'groupSize',
    label: 'Group size',
    unit: 'answers per prompt',
    min: 2,
    max: 16,
    step: 1,
    scale: 'linear',
    default: 8,
    hint: 'How many answers to each prompt are compared with one another.',
    citation: TRL,
    live: false,
  },
  {
    key: 'promptsPerUpdate',
    label: 'Prompts per update',
    unit: 'prompts',
    min: 1,
    max: 16,
    step: 1,
    scale: 'linear',
    default: 4,
    hint: 'How many different prompts one update looks at.',
    citation: TRL,
    live: false,
  },
  {
    key: 'learningRate',
    label: 'Learning rate',
    unit: '',
    min: 1e-5,
    max: 1e-2,
    step: 1e-5,
    scale: 'log',
    default: 2e-4,
    hint: 'How far each update moves the weights.',
    citation: TRL,
    live: true,
  },
  {
    key: 'klCoef',
    label: 'KL weight',
    unit: '',
    min: 0,
    max: 1,
    step: 0.01,
    scale: 'linear',
    default: 0.04,
    hint: 'How strongly the policy is held near where it started.',
    citation: TRL,
    live: true,
  },
  {
    key: 'temperature',
    label: 'Temperature',
    unit: '',
    min: 0.2,
    max: 2,
    step: 0.05,
    scale: 'linear',
    default: 1,
    hint: 'How adventurous the sampled answers are.',
    citation: TRL,
    live: true,
  },
  {
    key: 'maxCompletionTokens',
    label: 'Longest answer',
    unit: 'tokens',
    min: 16,
    max: 128,
    step: 8,
    scale: 'linear',
    default: 96,
    hint: 'Answers are cut here.',
    citation: TRL,
    live: false,
  },
  {
    key: 'numUpdates',
    label: 'Updates',
    unit: '',
    min: 1,
    max: 500,
    step: 1,
    scale: 'linear',
    default: 60,
    hint: 'How many updates until the run ends by itself.',
    citation: TRL,
    live: false,
  },
  {
    key: 'clipRange',
    label: 'Clip range',
    unit: '',
    min: 0.05,
    max: 0.5,
    step: 0.05,
    scale: 'linear',
    default: 0.2,
    hint: 'How far one batch may move a token’s probability before its pull is cut.',
    citation: 'PPO, arXiv 1707.06347',
    live: true,
  },
  {
    key: 'numIterations',
    label: 'Passes per batch',
    unit: '',
    min: 1,
    max: 4,
    step: 1,
    scale: 'linear',
    default: 1,
    hint: 'How often each batch of answers is learned from.',
    citation: TRL,
    live: false,
  },
] as const satisfies readonly (NumberField & { key: keyof GrpoConfig })[];

/** The settings a first click uses. */
export const GRPO_DEFAULTS: GrpoConfig = Object.fromEntries(
  GRPO_FIELDS.map((field) => [field.key, field.default]),
) as unknown as GrpoConfig;

/** A prompt as the policy sees it; the caller may hang anything on it. */
export interface GrpoPrompt {
  readonly promptTokens: readonly number[];
}

/** What a run needs besides its settings. */
export interface GrpoOptions<Prompt extends GrpoPrompt> {
  readonly engine: Engine;
  readonly model: ModelConfig;
  /** The policy; advanced in place. */
  readonly state: TrainingState;
  /** Theta of the KL reference. */
  readonly reference: Tensor;
  /** Asked at every update, so that live settings may change. Sizes are those of the first. */
  readonly settings: () => GrpoConfig;
  /** Updates already done by an earlier run that this one continues. */
  readonly firstUpdate: number;
  readonly seed: number;
  /** Longest prompt in tokens. */
  readonly maxPromptTokens: number;
  readonly samplePrompt: (random: Random) => Prompt;
  /** Prompts answered beside those of every update, each time with the same uniforms, to watch the policy change; not learned from. */
  readonly watched?: readonly (readonly number[])[];
  /** One reward a rollout; `prompts[i]` is what `rollouts[i]` answers. */
  readonly reward: (prompts: readonly Prompt[], rollouts: readonly Rollout[]) => Promise<readonly number[]>;
}

/** What one update did. */
export interface GrpoStep<Prompt extends GrpoPrompt> {
  /** Counted from 1. */
  readonly update: number;
  readonly metrics: GrpoMetrics;
  /** Groups of `groupSize` consecutive rollouts share a prompt. */
  readonly prompts: readonly Prompt[];
  readonly rollouts: readonly Rollout[];
  readonly rewards: readonly number[];
  readonly advantages: readonly number[];
  /** Answers to the watched prompts by the policy as it was before this update. */
  readonly watched: readonly Rollout[];
}

/** Uniforms of the watched prompts: the same at every update. */
export const watchedRandoms = (seed: number, count: number): Random[] =>
  Array.from({ length: count }, (_, row) => new Random(seed).split(`fixed ${row}`));

/** TRL's logged names; meanings are in the protocol's METRICS table. */
export interface GrpoMetrics {
  readonly reward: number;
  readonly reward_std: number;
  readonly frac_reward_zero_std: number;
  readonly kl: number;
  readonly 'objective/kl': number;
  readonly entropy: number;
  readonly 'completions/mean_length': number;
  readonly 'completions/clipped_ratio': number;
  readonly 'clip_ratio/region_mean': number;
  readonly 'policy/approxkl_avg': number;
  readonly 'val/ratio': number;
  readonly 'sampling/logp_difference_max': number;
  readonly loss: number;
  readonly grad_norm: number;
  readonly learning_rate: number;
}

/** Rows of packed batches are a multiple of this long. */
const ROW_MULTIPLE = 16;

/**
 * Trains until `settings().numUpdates`, one update a `next()`. Leaving the loop ends the run; `state` holds the policy.
 * @throws NonFiniteLossError with the state as before the failing step
 */
export async function* trainGrpo<Prompt extends GrpoPrompt>(options: GrpoOptions<Prompt>): AsyncGenerator<GrpoStep<Prompt>> {
  const { engine, model, state, reference, seed, maxPromptTokens, watched = [] } = options;
  const { promptsPerUpdate, groupSize, maxCompletionTokens, numIterations } = options.settings();
  const batch = promptsPerUpdate * groupSize;
  const rowLength = Math.ceil((maxPromptTokens + maxCompletionTokens) / ROW_MULTIPLE) * ROW_MULTIPLE;
  const reusesBatch = numIterations > 1;
  const sampler = await RolloutSampler.create(engine, model, {
    batch: batch + watched.length,
    numPrompts: promptsPerUpdate + watched.length,
    maxPromptTokens: Math.max(maxPromptTokens, ...watched.map((prompt) => prompt.length)),
    maxCompletionTokens,
  });
  const programs = new ProgramsBySize(engine, model, reusesBatch);
  try {
    for (let update = options.firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const { temperature, learningRate, klCoef, clipRange } = options.settings();
      const random = new Random(seed).split('grpo').split(update);

      // 1. Draw groupSize answers to each prompt.
      const promptRandom = random.split('prompts');
      const prompts = Array.from({ length: promptsPerUpdate }, () => options.samplePrompt(promptRandom)).flatMap((prompt) =>
        Array<Prompt>(groupSize).fill(prompt),
      );
      const drawn = await sampler.sample({
        theta: state.theta,
        prompts: [...prompts.map((prompt) => prompt.promptTokens), ...watched],
        randoms: [...prompts.map((_, row) => random.split(`row ${row}`)), ...watchedRandoms(seed, watched.length)],
        temperature,
        maxCompletionTokens,
      });
      const rollouts = drawn.slice(0, batch);

      // 2. Reward them; compare within groups.
      const rewards = await options.reward(prompts, rollouts);
      const { advantages, rewardStd, fracZeroStd } = groupAdvantages(rewards, groupSize);

      // 3. What would the reference have said to these tokens, and, when the batch is used again, the policy before it moves?
      const { shape, feeds, starts, numTokens } = packCompletions(rollouts, rowLength, model.padTokenId);
      const { score, train } = await programs.of(shape);
      const scoreFeeds = { ...feeds, inverse_temperature: scalarTensor(inverseTemperature(temperature)) };
      const refLogprobs = await readLogprobs(score, { ...scoreFeeds, theta: reference });
      const oldLogprobs = reusesBatch ? await readLogprobs(score, { ...scoreFeeds, theta: state.theta }) : null;

      // 4. Step.
      const perToken = (of: (row: number) => number) => {
        const data = new Float32Array(shape.numPredictions);
        rollouts.forEach(({ completionTokens }, row) => data.fill(of(row), starts[row]!, starts[row]! + completionTokens.length));
        return { dims: [shape.numPredictions], data };
      };
      const vector = (data: Float32Array) => ({ dims: [shape.numPredictions], data });
      const stepFeeds = {
        ...scoreFeeds,
        advantages: perToken((row) => advantages[row]!),
        weights: perToken(() => 1 / numTokens),
        ref_logprobs: vector(refLogprobs),
        ...(oldLogprobs ? { old_logprobs: vector(oldLogprobs) } : {}),
        kl_coef: scalarTensor(klCoef),
        clip_range: scalarTensor(clipRange),
      };
      let logprobs = new Float32Array(0);
      const passes: PassMetrics[] = [];
      for (let iteration = 0; iteration < numIterations; iteration++) {
        const results = await train.run({ ...state.feeds(), ...stepFeeds, ...adamWFeeds(RL_ADAMW, learningRate, state.step + 1) });
        if (iteration === 0) logprobs = (await results.logprobs!.read()) as Float32Array<ArrayBuffer>;
        passes.push({ ...(await readPass(results)), ...(await state.advance(results)) });
      }
      const first = passes[0]!;
      const average = (key: keyof PassMetrics) => mean(passes.map((pass) => pass[key]));
      const sumOverTokens = (f: (at: number) => number) =>
        Array.from({ length: numTokens }, (_, at) => f(at)).reduce((sum, x) => sum + x, 0);
      yield {
        update,
        prompts,
        rollouts,
        rewards,
        advantages,
        watched: drawn.slice(batch),
        metrics: {
          reward: mean(rewards),
          reward_std: rewardStd,
          frac_reward_zero_std: fracZeroStd,
          kl: first.kl,
          'objective/kl': sumOverTokens((at) => k1(logprobs[at]!, refLogprobs[at]!)) / batch,
          entropy: first.entropy,
          'completions/mean_length': numTokens / batch,
          'completions/clipped_ratio': mean(rollouts.map((rollout) => Number(!rollout.finished))),
          'clip_ratio/region_mean': average('clipped'),
          'policy/approxkl_avg': average('approx_kl'),
          'val/ratio': average('ratio'),
          'sampling/logp_difference_max': samplingGap(rollouts, logprobs, starts),
          loss: average('loss'),
          grad_norm: average('gradNorm'),
          learning_rate: learningRate,
        },
      };
    }
  } finally {
    await sampler.release();
    await programs.release();
  }
}

/** What one pass over a batch reports. */
type PassMetrics = Record<'kl' | 'entropy' | 'ratio' | 'clipped' | 'approx_kl' | 'loss' | 'gradNorm', number>;

async function readPass(results: Readonly<Record<string, EngineTensor>>) {
  const read = async (name: string) => (await results[name]!.read())[0]!;
  return {
    kl: await read('kl'),
    entropy: await read('entropy'),
    ratio: await read('ratio'),
    clipped: await read('clipped'),
    approx_kl: await read('approx_kl'),
  };
}

async function readLogprobs(program: Program, feeds: Readonly<Record<string, Tensor>>): Promise<Float32Array> {
  const results = await program.run(feeds);
  const logprobs = (await results.logprobs!.read()) as Float32Array;
  for (const tensor of Object.values(results)) tensor.dispose();
  return logprobs;
}

/** Largest |log-probability in training − log-probability when drawn|: both are of the same policy, so this is rounding. */
function samplingGap(rollouts: readonly Rollout[], logprobs: Float32Array, starts: readonly number[]): number {
  const gaps = rollouts.flatMap(({ samplingLogprobs }, row) =>
    samplingLogprobs.map((drawn, i) => Math.abs(drawn - logprobs[starts[row]! + i]!)),
  );
  return Math.max(0, ...gaps);
}
