/**
 * @file The laboratory of lessons' experiments in the page: runs go through the page's own run, so they can be seen, paused and kept
 * like any other, and reward models are kept among the others.
 */
import { LabStop, type LessonLab, type ScoredText, type TrainedRun } from '../lessons/lab';
import type { Completion, SampleAnswersRequest } from '../protocol/generate';
import type { Failure } from '../protocol/load';
import type { NeuralRewardModel, RewardModelSpec } from '../protocol/reward-lab';
import type { RunCheckpoint, RunSpec } from '../protocol/run';
import { isoNow } from './iso-now';
import type { LessonPage } from './lessons.svelte';

/** What goes on, for whoever waits. */
type LabWork = 'drawing' | 'training' | 'reward-model' | 'scoring';

/** See {@link LessonLab}. */
export class PageLab implements LessonLab {
  /** What goes on; null when nothing does. */
  work = $state<LabWork | null>(null);
  /** Of the reward model in training. */
  step = $state({ done: 0, of: 0 });
  /** True from an experiment's beginning to its end. */
  busy = $state(false);
  failure = $state<string | null>(null);
  /** How long the last experiment took. */
  lastMs = $state<number | null>(null);
  #stopped = false;

  constructor(readonly page: LessonPage) {}

  /** Whether an experiment may begin. */
  get ready(): boolean {
    return this.page.client.phase === 'ready' && !this.busy && !this.page.run.active;
  }

  /** Carries out one experiment; what goes wrong is said, and a stop is no failure. Undefined where it came to nothing. */
  async carryOut<Result>(experiment: (lab: LessonLab) => Promise<Result>): Promise<Result | undefined> {
    if (!this.ready) return undefined;
    [this.busy, this.failure, this.#stopped] = [true, null, false];
    const startedMs = performance.now();
    try {
      return await experiment(this);
    } catch (error) {
      if (!(error instanceof LabStop)) this.failure = error instanceof Error ? error.message : String(error);
      return undefined;
    } finally {
      [this.busy, this.work, this.lastMs] = [false, null, performance.now() - startedMs];
    }
  }

  /** Ends the experiment after what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const { client, run } = this.page;
    await Promise.all([run.stop(), client.stopRewardModel(), client.stopGenerating()]);
  }

  async train(spec: RunSpec, from?: RunCheckpoint): Promise<TrainedRun> {
    const { run } = this.page;
    this.#begin('training');
    const before = run.checkpoint;
    const { family } = run.setup;
    run.setUp(family === undefined ? spec : { ...spec, family });
    if (!from) await run.begin();
    else await run.branch(from, spec.config.numUpdates - from.update);
    if (run.status === 'stopped') throw new LabStop();
    if (run.status !== 'completed' || !run.checkpoint || run.checkpoint === before)
      throw new Error(run.failure?.detail ?? 'The run did not begin.');
    return { checkpoint: run.checkpoint, history: run.history };
  }

  async answers(request: SampleAnswersRequest): Promise<readonly Completion[]> {
    this.#begin('drawing');
    const outcome = await this.page.client.sampleAnswers(request);
    if (outcome.type === 'stopped') throw new LabStop();
    return this.#sound(outcome).completions;
  }

  async trainRewardModel(spec: RewardModelSpec, name: string): Promise<NeuralRewardModel> {
    this.#begin('reward-model');
    this.step = { done: 0, of: 0 };
    const outcome = await this.page.client.trainRewardModel(spec, (event) => {
      if (event.type === 'step') this.step = { done: event.step.step, of: event.step.numSteps };
    });
    const { type, model } = this.#sound(outcome);
    if (type === 'stopped') throw new LabStop();
    const { neural } = await this.page.openRewards();
    await neural.put({ id: spec.id, name, createdAt: isoNow(), body: model });
    return model;
  }

  async scores(rewardModel: string, texts: readonly ScoredText[]): Promise<readonly number[]> {
    this.#begin('scoring');
    const { neural } = await this.page.openRewards();
    const scored = await neural.score(rewardModel, texts, { hear: () => !this.#stopped });
    if ('type' in scored) throw new Error(scored.detail);
    if (this.#stopped) throw new LabStop();
    return scored.map(({ score }) => score);
  }

  #begin(work: LabWork): void {
    if (this.#stopped) throw new LabStop();
    this.work = work;
  }

  #sound<Outcome extends { readonly type: string }>(outcome: Outcome | Failure): Exclude<Outcome, Failure> {
    if (outcome.type === 'failed') throw new Error((outcome as Failure).detail);
    return outcome as Exclude<Outcome, Failure>;
  }
}
