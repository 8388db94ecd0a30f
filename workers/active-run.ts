/**
 * @file One run: an algorithm's loop, paused, stepped, stopped and re-rewarded from outside, telling the page what it does.
 *
 * An update reads back scalars, tokens and log-probabilities only. The policy becomes `yours` by a copy on the device;
 * checkpoints for the page are read back beside the next update's work (`safety-copies.ts`).
 */
import {
  stepsPerUpdate,
  trainStage,
  type RewardStage,
  type StageConfigs,
  type StageSettings,
  type StageStep,
} from '../src/core/algorithms/catalogue';
import { watchedRandoms } from '../src/core/algorithms/online-run';
import type { Memory, PolicyPrompt } from '../src/core/algorithms/step';
import { valueTheta } from '../src/core/algorithms/value-model';
import type { Engine } from '../src/core/graph/engine';
import { promptTokens } from '../src/core/model/loaded-model';
import { TrainingState } from '../src/core/model/training-state';
import { Random } from '../src/core/random';
import type { FeatureName } from '../src/core/reward/features';
import { mean } from '../src/core/rl/advantages';
import { RolloutSampler, type Rollout } from '../src/core/rl/rollout';
import { sampleRequest } from '../src/core/world/requests';
import type { Request } from '../src/core/world/subjects';
import type { JobQueue } from '../src/engine/queue';
import type { Completion } from '../src/protocol/generate';
import type { MetricName } from '../src/protocol/metrics';
import type { FixedSample, LiveConfig, RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../src/protocol/run';
import type { HeldModel } from './held-model';
import { BadRequest } from './failures';
import type { ScoreAnswers } from './reward-lab';
import { SafetyCopies } from './safety-copies';
import type { LearnedUpdate } from './update-inspector';
import { measure, world } from './world-judge';

/** Prompts drawn for training are at most this long; longer ones are drawn again. */
const MAX_PROMPT_TOKENS = 32;
const FIXED_BATCH = 4;
/** Answers shown of an update that asks each prompt once. */
const NUM_SHOWN = 8;
/** Longest fixed prompt, in tokens. */
const MAX_FIXED_PROMPT_TOKENS = 96;

/** A training prompt and what it asks. */
interface WorldPrompt extends PolicyPrompt {
  readonly request: Request;
}

type StageMetrics = Readonly<Partial<Record<MetricName, number>>>;

/** What a run is made of. */
interface ActiveRunOptions {
  readonly engine: Engine;
  readonly turns: JobQueue;
  readonly start: HeldModel;
  readonly spec: RunSpec;
  readonly from: RunCheckpoint | null;
  readonly listener: (event: RunEvent) => Promise<void>;
  /** Makes a policy `yours`; its theta is given away. */
  readonly install: (policy: HeldModel) => void;
  /** Told of each update together with its policy. */
  readonly learned: (update: LearnedUpdate) => void;
  /** Scores of the reward model that the specification names; null when it names none. */
  readonly score: ScoreAnswers | null;
}

/** A run in progress. */
export class ActiveRun {
  /** Updates done. */
  update: number;
  #reward: RewardWeights;
  #config: StageConfigs[RewardStage];
  #memory: Memory;
  readonly #safety: SafetyCopies;
  #stopped = false;
  /** Updates allowed before pausing; Infinity when running free. */
  #allowed = Infinity;
  #wake: (() => void) | null = null;
  #completions: Completion[] = [];
  /** Mean points that each feature gave to the answers of this update. */
  #contributions: Partial<Record<MetricName, number>> = {};

  constructor(readonly options: ActiveRunOptions) {
    const { engine, from, start, spec } = options;
    if (from && from.theta.length !== start.theta.dims[0]) throw new BadRequest('This checkpoint belongs to a model of another size.');
    this.update = from?.update ?? 0;
    this.#reward = spec.reward;
    this.#config = spec.config;
    this.#memory = from?.memory ?? {};
    this.#safety = new SafetyCopies(engine);
  }

  pause(): void {
    this.#allowed = 0;
  }

  resume(updates = Infinity): void {
    this.#allowed = updates;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  setReward(weights: RewardWeights): void {
    this.#reward = weights;
  }

  setConfig(changes: LiveConfig): void {
    this.#config = { ...this.#config, ...changes };
  }

  /** Trains to the end. @throws what the engine throws, and NonFiniteLossError */
  async go(): Promise<RunOutcome> {
    const { engine, turns, start, spec, from, listener, install } = this.options;
    const { maxCompletionTokens, numUpdates } = spec.config;
    await listener({ type: 'warming', what: 'the training programs' });
    const longest = Math.max(1, ...this.#fixedPrompts().map(({ tokens }) => tokens.length));
    const fixed = await RolloutSampler.create(engine, start.config, { batch: FIXED_BATCH, maxPromptTokens: longest, maxCompletionTokens });
    const numSteps = (from?.update ?? 0) * stepsPerUpdate(spec.config);
    const startTheta = async () => (await start.theta.read()) as Float32Array;
    const state = new TrainingState(engine, from ? { ...from, step: numSteps } : { theta: await startTheta() });
    const critic =
      spec.stage === 'ppo'
        ? new TrainingState(
            engine,
            from?.critic ? { ...from.critic, step: numSteps } : { theta: valueTheta(start.config, await startTheta()) },
          )
        : null;
    const steps = this.#steps(state, critic);
    try {
      /** The policy of this moment on the fixed prompts; while the run goes on, its own rollouts tell the same. */
      const say = async () => listener(this.#samples(this.update, await turns.run(() => this.#answerFixed(fixed, state))));
      await say();
      await listener({ type: 'update', update: this.update, numUpdates, metrics: {}, example: null, batch: null, updateMs: 0 });
      while (this.update < numUpdates) {
        await this.#waitWhilePaused(say);
        if (this.#stopped) break;
        const startedMs = performance.now();
        const step = await turns.run(async () => {
          const next = await steps.next();
          if (next.done) return null;
          install({ ...start, theta: await engine.copy(state.theta) });
          const metrics = this.#metrics(next.value, performance.now() - startedMs);
          const told = { stage: spec.stage, config: this.#config, completions: this.#completions };
          this.options.learned({ ...told, step: next.value, metrics });
          return { ...next.value, metrics };
        });
        if (!step) break;
        if (this.update > 0) await listener(this.#samples(this.update, step.watched));
        this.update = step.update;
        this.#memory = step.memory;
        this.#allowed--;
        const updateMs = performance.now() - startedMs;
        await this.#safety.settled(); // before this update is told of, the page has the checkpoint of the one before
        await listener(this.#report(step, updateMs));
        const standing = this.#standing();
        await this.#safety.take([state, ...(critic ? [critic] : [])], ([vectors, criticVectors]) =>
          listener({
            type: 'checkpoint',
            checkpoint: { ...standing, ...vectors!, ...(criticVectors ? { critic: criticVectors } : {}) },
          }),
        );
      }
      if (this.update > 0) await say();
      return { type: this.#stopped && this.update < numUpdates ? 'stopped' : 'completed', update: this.update };
    } finally {
      await steps.return(undefined);
      await fixed.release();
      state.dispose();
      critic?.dispose();
      await this.#safety.settled(); // the page has the last state before it hears of the end
    }
  }

  async #waitWhilePaused(say: () => Promise<void>): Promise<void> {
    if (this.#allowed > 0 || this.#stopped) return;
    this.#safety.send();
    if (this.update > 0) await say();
    await this.options.listener({ type: 'paused', update: this.update });
    while (this.#allowed <= 0 && !this.#stopped) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
    if (!this.#stopped) await this.options.listener({ type: 'resumed', update: this.update });
  }

  /** What a checkpoint says beside its vectors. */
  #standing(): Pick<RunCheckpoint, 'spec' | 'update' | 'memory'> {
    const spec = { ...this.options.spec, reward: this.#reward, config: this.#config } as RunSpec;
    return { spec, update: this.update, ...(Object.keys(this.#memory).length > 0 ? { memory: this.#memory } : {}) };
  }

  #steps(state: TrainingState, critic: TrainingState | null): AsyncGenerator<StageStep<WorldPrompt>> {
    const { engine, start, spec } = this.options;
    const run = { stage: spec.stage, settings: () => this.#config } as StageSettings;
    return trainStage<WorldPrompt>(run, {
      engine,
      model: start.config,
      state,
      reference: start.theta,
      firstUpdate: this.update,
      memory: this.#memory,
      ...(critic ? { critic } : {}),
      seed: spec.seed,
      maxPromptTokens: MAX_PROMPT_TOKENS,
      watched: this.#fixedPrompts().map(({ tokens }) => tokens),
      samplePrompt: (random) => this.#samplePrompt(random),
      reward: (prompts, rollouts) => this.#rewards(prompts, rollouts),
    });
  }

  #samplePrompt(random: Random): WorldPrompt {
    const { tokenizer, config } = this.options.start;
    for (;;) {
      const request = sampleRequest(world, random, 'train');
      const tokens = promptTokens(tokenizer, config.bosTokenId, request.prompt);
      if (tokens.length <= MAX_PROMPT_TOKENS) return { request, promptTokens: tokens };
    }
  }

  async #rewards(prompts: readonly WorldPrompt[], rollouts: readonly Rollout[]): Promise<number[]> {
    this.#safety.send(); // the device has nothing to do while answers are judged
    this.#completions = rollouts.map(({ completionTokens, finished }, i) => {
      const { request } = prompts[i]!;
      const text = this.options.start.tokenizer.decode(completionTokens, { skipSpecial: true });
      return measure(request.prompt, text, completionTokens.length, finished, request);
    });
    const { score, spec } = this.options;
    const asked = this.#completions.map(({ text, finished }, i) => ({ prompt: prompts[i]!.request.prompt, text, finished }));
    const weight = spec.rewardModel?.weight ?? 0;
    const scores = score ? await score(asked) : [];
    this.#contributions = {
      ...contributions(this.#reward, this.#completions),
      ...(score ? { 'contribution/reward_model': weight * mean(scores) } : {}),
    };
    return this.#completions.map(({ features }, i) => weigh(this.#reward, features) + (score ? weight * scores[i]! : 0));
  }

  /** The prompts to follow through the run; those too long for the model's positions are left out. */
  #fixedPrompts(): { prompt: string; tokens: number[] }[] {
    const { start, spec } = this.options;
    return spec.fixedPrompts
      .slice(0, FIXED_BATCH)
      .map((prompt) => ({ prompt, tokens: promptTokens(start.tokenizer, start.config.bosTokenId, prompt) }))
      .filter(({ tokens }) => tokens.length <= MAX_FIXED_PROMPT_TOKENS);
  }

  async #answerFixed(sampler: RolloutSampler, state: TrainingState): Promise<Rollout[]> {
    const prompts = this.#fixedPrompts().map(({ tokens }) => tokens);
    return sampler.sample({
      theta: state.theta,
      prompts,
      randoms: watchedRandoms(this.options.spec.seed, prompts.length),
      temperature: this.#config.temperature,
      maxCompletionTokens: this.options.spec.config.maxCompletionTokens,
    });
  }

  #samples(update: number, rollouts: readonly Rollout[]): RunEvent {
    const { tokenizer } = this.options.start;
    const samples = this.#fixedPrompts().map(({ prompt }, i): FixedSample => {
      const { completionTokens, finished } = rollouts[i]!;
      const text = tokenizer.decode(completionTokens, { skipSpecial: true });
      return { prompt, completion: measure(prompt, text, completionTokens.length, finished) };
    });
    return { type: 'samples', update, samples };
  }

  /** What the algorithm measured, and what only the run knows: the world's verdict, what the update cost, whether answers are alike. */
  #metrics(step: StageStep<WorldPrompt>, updateMs: number): StageMetrics {
    const completions = this.#completions;
    return {
      ...step.metrics,
      ...this.#contributions,
      gold_reward: mean(completions.map(({ goldReward }) => goldReward ?? 0)),
      'completions/distinct_ratio': new Set(completions.map(({ text }) => text)).size / completions.length,
      'update/seconds': updateMs / 1000,
      'update/tokens': step.cost.sampledTokens + step.cost.trainedTokens,
      'update/flops': step.cost.flops,
    };
  }

  #report(step: StageStep<WorldPrompt> & { readonly metrics: StageMetrics }, updateMs: number): RunEvent {
    const { numUpdates } = this.options.spec.config;
    const numShown = step.groupSize > 1 ? step.groupSize : NUM_SHOWN;
    return {
      type: 'update',
      update: step.update,
      numUpdates,
      metrics: step.metrics,
      example: {
        prompts: step.prompts.slice(0, numShown).map(({ request }) => request.prompt),
        completions: this.#completions.slice(0, numShown),
        rewards: step.rewards.slice(0, numShown),
        advantages: step.advantages.slice(0, numShown),
      },
      batch: { rewards: step.rewards, lengths: step.rollouts.map(({ completionTokens }) => completionTokens.length) },
      updateMs,
    };
  }
}

/** What each feature that has a weight gave to the mean reward. */
function contributions(weights: RewardWeights, completions: readonly Completion[]): Partial<Record<MetricName, number>> {
  const given = (Object.entries(weights) as [FeatureName, number][]).filter(([, weight]) => weight !== 0);
  return Object.fromEntries(
    given.map(([name, weight]) => [`contribution/${name}`, weight * mean(completions.map(({ features }) => features[name]))]),
  );
}

/** Σ weight · value over the features that have a weight. */
function weigh(weights: RewardWeights, features: Readonly<Record<FeatureName, number>>): number {
  return Object.entries(weights).reduce((sum, [name, weight]) => sum + weight * features[name as FeatureName], 0);
}
