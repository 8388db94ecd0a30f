/**
 * @file One run: an algorithm's loop, paused, stepped, stopped and re-rewarded from outside, telling the page what it does.
 *
 * An update reads back scalars, tokens and log-probabilities only. The policy becomes `yours` by a copy on the device;
 * checkpoints for the page are read back beside the next update's work (`safety-copies.ts`).
 */
import {
  stepsPerUpdate,
  trainStage,
  type Stage,
  type StageConfigs,
  type StageSettings,
  type StageStep,
} from '../src/core/algorithms/catalogue';
import type { Memory } from '../src/core/algorithms/step';
import { valueTheta } from '../src/core/algorithms/value-model';
import type { DataRows } from '../src/core/data/rows';
import type { Engine, Tensor } from '../src/core/graph/engine';
import { TrainingState } from '../src/core/model/training-state';
import type { Rollout } from '../src/core/rl/rollout';
import type { JobQueue } from '../src/engine/queue';
import type { LiveConfig, NeuralPart, RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../src/protocol/run';
import type { HeldModel } from './held-model';
import { BadRequest } from './failures';
import { judgeAnswers, weigh, type Judged, type Measured } from './judging';
import type { ScoreAnswers } from './reward-lab';
import { runSources, type RunPrompt, type RunSources } from './run-sources';
import { RunWatch } from './run-watch';
import { SafetyCopies } from './safety-copies';
import type { LearnedUpdate } from './update-inspector';
import { measure } from './world-judge';

/** Answers shown of an update that asks each prompt once. */
const NUM_SHOWN = 8;

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
  /** The model whose documents may be rehearsed. */
  readonly base: Pick<HeldModel, 'config' | 'tokenizer'>;
  /** Rows of the reader's own that the specification names; null when it names none. */
  readonly rows: DataRows | null;
}

/** What a run makes and gives back. */
interface RunParts {
  readonly state: TrainingState;
  /** PPO's value model; null for other algorithms. */
  readonly critic: TrainingState | null;
  readonly watch: RunWatch;
}

/** A run in progress. */
export class ActiveRun {
  /** Updates done. */
  update: number;
  #reward: RewardWeights;
  /** The neural part of the reward, with the weight it has now. */
  #rewardModel: NeuralPart | undefined;
  #config: StageConfigs[Stage];
  #memory: Memory;
  readonly #safety: SafetyCopies;
  #stopped = false;
  /** Updates allowed before pausing; Infinity when running free. */
  #allowed = Infinity;
  #wake: (() => void) | null = null;
  /** The answers of this update; null where the algorithm draws none. */
  #judged: Judged | null = null;
  readonly #sources: RunSources;

  constructor(readonly options: ActiveRunOptions) {
    const { engine, from, start, spec } = options;
    const [numParameters] = start.theta.dims;
    if (from && [from.theta, from.reference ?? from.theta].some(({ length }) => length !== numParameters))
      throw new BadRequest('This checkpoint belongs to a model of another size.');
    this.update = from?.update ?? 0;
    this.#reward = spec.reward;
    this.#rewardModel = spec.rewardModel;
    this.#config = spec.config;
    this.#memory = from?.memory ?? {};
    this.#safety = new SafetyCopies(engine);
    this.#sources = runSources({ ...this.options, model: start });
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

  /** @param neuralWeight of the neural part, where the run has one */
  setReward(weights: RewardWeights, neuralWeight?: number): void {
    this.#reward = weights;
    if (this.#rewardModel && Number.isFinite(neuralWeight)) this.#rewardModel = { ...this.#rewardModel, weight: neuralWeight! };
  }

  setConfig(changes: LiveConfig): void {
    this.#config = { ...this.#config, ...changes };
  }

  /** Trains to the end. @throws what the engine throws, and NonFiniteLossError */
  async go(): Promise<RunOutcome> {
    const { engine, start, spec, from, listener } = this.options;
    await listener({ type: 'warming', what: 'the training programs' });
    const numSteps = (from?.update ?? 0) * stepsPerUpdate(spec.config);
    const startTheta = async () => (await start.theta.read()) as Float32Array;
    /** Whatever fails to be made, what was made before it is given back. */
    const made: (() => Promise<unknown>)[] = [() => this.#safety.settled()]; // the page has the last state before it hears of the end
    const making = <Part>(part: Part, release: (part: Part) => unknown): Part => {
      made.unshift(async () => release(part));
      return part;
    };
    try {
      const own =
        from?.reference && making(engine.upload({ dims: [from.reference.length], data: from.reference }), (tensor) => tensor.dispose());
      const reference = own ?? start.theta;
      const watch = making(await RunWatch.create({ engine, start, spec, reference, heldOutText: this.#sources.heldOutText }), (one) =>
        one.release(),
      );
      const vectors = from ? { ...from, step: numSteps } : { theta: await startTheta() };
      const state = making(new TrainingState(engine, vectors), (one) => one.dispose());
      const values = async () =>
        from?.critic ? { ...from.critic, step: numSteps } : { theta: valueTheta(start.config, await startTheta()) };
      const critic = spec.stage === 'ppo' ? making(new TrainingState(engine, await values()), (one) => one.dispose()) : null;
      const steps = making(this.#steps({ state, critic, reference, watch }), (one) => one.return(undefined));
      return await this.#train({ state, critic, watch, steps });
    } finally {
      const failures: unknown[] = [];
      for (const release of made) await release().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    }
  }

  async #train({ state, critic, watch, steps }: RunParts & { readonly steps: AsyncGenerator<StageStep<RunPrompt>> }): Promise<RunOutcome> {
    const { engine, turns, start, spec, from, listener, install } = this.options;
    const { numUpdates } = spec.config;
    /** The policy of this moment on the watched prompts; an algorithm's own rollouts, where it has any, tell the same. */
    const look = async (withHeldOut: boolean): Promise<Measured> => {
      const { fixed, metrics } = await turns.run(async () => {
        const drawn = await watch.look(state, withHeldOut, this.#config);
        if (!withHeldOut) return { ...drawn, metrics: {} };
        return { ...drawn, metrics: await watch.metrics(state, drawn.heldOut, await this.#judge(watch.heldOut, drawn.heldOut)) };
      });
      await listener(watch.samples(this.update, fixed));
      return metrics;
    };
    const metrics = await look(!from && watch.measuresAt(0));
    await listener({ type: 'update', update: this.update, numUpdates, metrics, example: null, batch: null, updateMs: 0 });
    while (this.update < numUpdates) {
      await this.#waitWhilePaused(() => look(false));
      if (this.#stopped) break;
      const startedMs = performance.now();
      const step = await turns.run(async () => {
        const next = await steps.next();
        if (next.done) return null;
        install({ ...start, theta: await engine.copy(state.theta) });
        const metrics = this.#metrics(next.value, performance.now() - startedMs);
        const { completions = [], points = {} } = this.#judged ?? {};
        this.options.learned({ stage: spec.stage, config: this.#config, completions, points, step: next.value, metrics });
        return { ...next.value, metrics };
      });
      if (!step) break;
      if (this.update > 0 && this.#judged) await listener(watch.samples(this.update, step.watched));
      this.update = step.update;
      this.#memory = step.memory;
      this.#allowed--;
      const measured = watch.measuresAt(this.update) ? await look(true) : {};
      const updateMs = performance.now() - startedMs;
      await this.#safety.settled(); // before this update is told of, the page has the checkpoint of the one before
      await listener(this.#report({ ...step, metrics: { ...step.metrics, ...measured } }, updateMs));
      const standing = this.#standing();
      await this.#safety.take([state, ...(critic ? [critic] : [])], ([vectors, criticVectors]) =>
        listener({
          type: 'checkpoint',
          checkpoint: { ...standing, ...vectors!, ...(criticVectors ? { critic: criticVectors } : {}) },
        }),
      );
    }
    if (this.update > 0) await look(false);
    return { type: this.#stopped && this.update < numUpdates ? 'stopped' : 'completed', update: this.update };
  }

  async #waitWhilePaused(look: () => Promise<unknown>): Promise<void> {
    if (this.#allowed > 0 || this.#stopped) return;
    this.#safety.send();
    if (this.update > 0) await look();
    await this.options.listener({ type: 'paused', update: this.update });
    while (this.#allowed <= 0 && !this.#stopped) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
    if (!this.#stopped) await this.options.listener({ type: 'resumed', update: this.update });
  }

  /** What a checkpoint says beside its vectors. */
  #standing(): Pick<RunCheckpoint, 'spec' | 'update' | 'memory' | 'reference'> {
    const rewardModel = this.#rewardModel && { rewardModel: this.#rewardModel };
    const spec = { ...this.options.spec, reward: this.#reward, ...rewardModel, config: this.#config } as RunSpec;
    const { from } = this.options;
    const reference = from?.reference ? { reference: from.reference } : {};
    return { spec, update: this.update, ...reference, ...(Object.keys(this.#memory).length > 0 ? { memory: this.#memory } : {}) };
  }

  #steps({ state, critic, reference, watch }: RunParts & { readonly reference: Tensor }): AsyncGenerator<StageStep<RunPrompt>> {
    const { engine, start, spec } = this.options;
    const run = { stage: spec.stage, settings: () => this.#config } as StageSettings;
    return trainStage<RunPrompt>(run, {
      ...this.#sources,
      engine,
      model: start.config,
      state,
      reference,
      firstUpdate: this.update,
      memory: this.#memory,
      ...(critic ? { critic } : {}),
      seed: spec.seed,
      watched: watch.fixed.map(({ tokens }) => tokens),
      reward: async (prompts, rollouts) => {
        this.#safety.send(); // the device has nothing to do while answers are judged
        this.#judged = await this.#judge(prompts, rollouts);
        return this.#judged; // its parts are kept
      },
    });
  }

  #judge(prompts: readonly RunPrompt[], rollouts: readonly Rollout[]): Promise<Judged> {
    const { start, score } = this.options;
    return judgeAnswers({ tokenizer: start.tokenizer, weights: this.#reward, rewardModel: this.#rewardModel, score }, prompts, rollouts);
  }

  /** What the algorithm measured, and what only the run knows: the world's verdict, and what the update cost. */
  #metrics(step: StageStep<RunPrompt>, updateMs: number): Measured {
    return {
      ...step.metrics,
      ...this.#judged?.contributions,
      ...this.#judged?.metrics,
      'update/seconds': updateMs / 1000,
      'update/tokens': step.cost.sampledTokens + step.cost.trainedTokens,
      'update/flops': step.cost.flops,
    };
  }

  /** What an algorithm that draws no answers learned from: each as good as the reward in force says, made likelier (1) or not (−1). */
  #shown(update: number): Extract<RunEvent, { type: 'update' }>['example'] {
    const { tokenizer } = this.options.start;
    const shown = this.#sources.shown(update, NUM_SHOWN);
    if (shown.length === 0) return null;
    const completions = shown.map(({ prompt, request, text }) => measure(prompt, text, tokenizer.encode(text).length, true, request));
    return {
      prompts: shown.map(({ prompt }) => prompt),
      completions,
      rewards: completions.map(({ features }) => weigh(this.#reward, features)),
      advantages: shown.map(({ pull }) => pull),
    };
  }

  #report(step: StageStep<RunPrompt> & { readonly metrics: Measured }, updateMs: number): RunEvent {
    const { numUpdates } = this.options.spec.config;
    const told = { type: 'update', update: step.update, numUpdates, metrics: step.metrics, updateMs } as const;
    const judged = this.#judged;
    if (!judged) return { ...told, example: this.#shown(step.update), batch: null };
    const numShown = step.groupSize > 1 ? step.groupSize : NUM_SHOWN;
    return {
      ...told,
      example: {
        prompts: step.prompts.slice(0, numShown).map(({ prompt }) => prompt),
        completions: judged.completions.slice(0, numShown),
        rewards: step.rewards.slice(0, numShown),
        advantages: step.advantages.slice(0, numShown),
      },
      batch: { rewards: step.rewards, lengths: step.rollouts.map(({ completionTokens }) => completionTokens.length) },
    };
  }
}
