/**
 * @file Watching a run's policy from outside: its answers to the fixed prompts, and, where an algorithm draws no answers
 * of its own (SFT, DPO), to a few held-out prompts now and then, always the same ones with the same uniforms.
 */
import { learnsFromRewards } from '../src/core/algorithms/catalogue';
import { crossEntropy } from '../src/core/algorithms/objectives';
import { sequenceKl, watchedRandoms } from '../src/core/algorithms/online-run';
import { PackedPolicy } from '../src/core/algorithms/packed-policy';
import { worldPrompts } from '../src/core/data/prompts';
import { bitsPerByte } from '../src/core/data/texts';
import type { Engine, Tensor } from '../src/core/graph/engine';
import { promptTokens } from '../src/core/model/loaded-model';
import type { TrainingState } from '../src/core/model/training-state';
import { Random } from '../src/core/random';
import { mean } from '../src/core/rl/advantages';
import { k3 } from '../src/core/rl/kl';
import { RolloutSampler, type Rollout } from '../src/core/rl/rollout';
import { dataOf, type FixedSample, type RunEvent, type RunSpec } from '../src/protocol/run';
import type { HeldModel } from './held-model';
import type { Judged, Measured } from './judging';
import type { HeldOutText, RunPrompt } from './run-sources';
import { measure, world } from './world-judge';

/** Most fixed prompts. */
const MAX_FIXED = 4;
/** Longest fixed prompt, in tokens. */
const MAX_FIXED_PROMPT_TOKENS = 96;
/** Held-out prompts asked where an algorithm draws no answers, and how long they may be, in tokens. */
const NUM_HELD_OUT = 32;
const MAX_HELD_OUT_TOKENS = 32;
/** Updates from one such measurement to the next. */
const EVERY = 5;
/** How answers are drawn by runs that have no settings for it. */
const DRAWING = { temperature: 1, maxCompletionTokens: 96 };
/** Tokens of the longest held-out prompt and its answer. */
const LONGEST = MAX_HELD_OUT_TOKENS + DRAWING.maxCompletionTokens;

/** How a run draws answers. */
export const drawingOf = (config: RunSpec['config']): typeof DRAWING => ('temperature' in config ? config : DRAWING);

/** Windows of a text that are read together. */
const READ_AT_ONCE = 8;

/** What is watched. */
export interface WatchOptions {
  readonly engine: Engine;
  readonly start: HeldModel;
  readonly spec: RunSpec;
  /** Theta of the KL reference. */
  readonly reference: Tensor;
  /** What is measured where a run learns from a plain text. */
  readonly heldOutText: HeldOutText | null;
}

/** Answers of one policy to the prompts that are watched. */
interface Look {
  readonly fixed: readonly Rollout[];
  readonly heldOut: readonly Rollout[];
}

/** Draws and measures answers beside the run. */
export class RunWatch {
  /** What the reference thinks of held-out answers; made when first asked for. */
  #scoring: PackedPolicy | null = null;
  /** How the policy reads the text held out; made when first asked for. */
  #reading: PackedPolicy | null = null;

  private constructor(
    readonly options: WatchOptions,
    /** The prompts to follow through the run; those too long for the model's positions are left out. */
    readonly fixed: readonly { readonly prompt: string; readonly tokens: readonly number[] }[],
    /** Empty where the run's own answers tell. */
    readonly heldOut: readonly RunPrompt[],
    readonly sampler: RolloutSampler,
  ) {}

  /** Compiles what drawing needs. */
  static async create(options: WatchOptions): Promise<RunWatch> {
    const { engine, start, spec } = options;
    const tokens = (prompt: string) => promptTokens(start.tokenizer, start.config.bosTokenId, prompt);
    const fixed = spec.fixedPrompts
      .slice(0, MAX_FIXED)
      .map((prompt) => ({ prompt, tokens: tokens(prompt) }))
      .filter((one) => one.tokens.length <= MAX_FIXED_PROMPT_TOKENS);
    const heldOut = learnsFromRewards(spec.stage) ? [] : heldOutPrompts(spec, tokens);
    const sampler = await RolloutSampler.create(engine, start.config, {
      batch: MAX_FIXED + heldOut.length,
      maxPromptTokens: Math.max(1, ...fixed.map((one) => one.tokens.length), ...heldOut.map((one) => one.promptTokens.length)),
      maxCompletionTokens: drawingOf(spec.config).maxCompletionTokens,
    });
    return new RunWatch(options, fixed, heldOut, sampler);
  }

  /** Whether the policy of this update is to be measured on the held-out prompts. */
  measuresAt(update: number): boolean {
    return this.heldOut.length > 0 && (update % EVERY === 0 || update === this.options.spec.config.numUpdates);
  }

  /** Draws answers of the policy as it is: to the fixed prompts, and if wanted to the held-out ones. */
  async look(state: TrainingState, withHeldOut: boolean, config: RunSpec['config']): Promise<Look> {
    const { spec } = this.options;
    const heldOut = withHeldOut ? this.heldOut : [];
    const prompts = [...this.fixed.map(({ tokens }) => tokens), ...heldOut.map((one) => one.promptTokens)];
    if (prompts.length === 0) return { fixed: [], heldOut: [] };
    const random = new Random(spec.seed).split('held out');
    const rollouts = await this.sampler.sample({
      theta: state.theta,
      prompts,
      randoms: [...watchedRandoms(spec.seed, this.fixed.length), ...heldOut.map((_, row) => random.split(row))],
      temperature: drawingOf(config).temperature,
      maxCompletionTokens: drawingOf(spec.config).maxCompletionTokens,
    });
    return { fixed: rollouts.slice(0, this.fixed.length), heldOut: rollouts.slice(this.fixed.length) };
  }

  /** Numbers of held-out answers as judged. */
  async metrics(state: TrainingState, rollouts: readonly Rollout[], judged: Judged): Promise<Measured> {
    const { engine, start, reference } = this.options;
    this.#scoring ??= new PackedPolicy({ engine, model: start.config, state }, { objective: crossEntropy, longest: LONGEST });
    const logprobs = rollouts.map(({ samplingLogprobs }) => samplingLogprobs);
    const refLogprobs = await this.#scoring.logprobs(reference, rollouts, DRAWING.temperature);
    const k3s = logprobs.flatMap((row, i) => row.map((logprob, t) => k3(logprob, refLogprobs[i]![t]!)));
    return {
      ...judged.metrics,
      ...judged.contributions,
      reward: mean(judged.rewards),
      'objective/kl': mean(sequenceKl(logprobs, refLogprobs)),
      kl: mean(k3s),
      'completions/mean_length': mean(rollouts.map(({ completionTokens }) => completionTokens.length)),
      'completions/clipped_ratio': mean(rollouts.map(({ finished }) => Number(!finished))),
      ...(this.options.heldOutText && { 'eval/bits_per_byte': await this.#read(state, this.options.heldOutText) }),
    };
  }

  /** Bits that the policy takes for a byte of the text held out. */
  async #read(state: TrainingState, { windows, bytes }: HeldOutText): Promise<number> {
    const { engine, start } = this.options;
    const longest = Math.max(...windows.map(({ completionTokens }) => 1 + completionTokens.length));
    this.#reading ??= new PackedPolicy({ engine, model: start.config, state }, { objective: crossEntropy, longest });
    const logprobs: Float32Array[] = [];
    for (let first = 0; first < windows.length; first += READ_AT_ONCE)
      logprobs.push(...(await this.#reading.logprobs(state.theta, windows.slice(first, first + READ_AT_ONCE), 1)));
    return bitsPerByte(logprobs, bytes);
  }

  /** The event that tells of answers to the fixed prompts. */
  samples(update: number, rollouts: readonly Rollout[]): RunEvent {
    const { tokenizer } = this.options.start;
    const samples = this.fixed.map(({ prompt }, i): FixedSample => {
      const { completionTokens, finished } = rollouts[i]!;
      const text = tokenizer.decode(completionTokens, { skipSpecial: true });
      return { prompt, completion: measure(prompt, text, completionTokens.length, finished) };
    });
    return { type: 'samples', update, samples };
  }

  async release(): Promise<void> {
    await this.#reading?.release();
    await this.#scoring?.release();
    await this.sampler.release();
  }
}

/** The same for all seeds, of the kinds that the run learns from. */
function heldOutPrompts(spec: RunSpec, tokens: (prompt: string) => number[]): RunPrompt[] {
  const { kinds } = dataOf(spec);
  const wish = { kinds, tenses: 'all', split: 'heldout', paired: false, aboutGroups: false } as const;
  const draw = worldPrompts(world, wish, (prompt) => tokens(prompt).length <= MAX_HELD_OUT_TOKENS);
  const random = new Random('held-out prompts');
  return Array.from({ length: NUM_HELD_OUT }, (_, index) => {
    const drawn = draw(random, index);
    return { ...drawn, promptTokens: tokens(drawn.prompt) };
  });
}
