/**
 * @file A training run as the page sees it: settings, commands, and the record of what came of them.
 *
 * The worker trains; this class turns its events into what the panels show. The last checkpoint stays in the page, outside
 * the worker, so that a run survives the worker's death: it goes on in the next one.
 */
import type { Stage } from '../core/algorithms/catalogue';
import { isEngineLoss, type Failure } from '../protocol/load';
import { liveSettings, type LiveConfig, type RunCheckpoint, type RunEvent, type RunOutcome, type RunSpec } from '../protocol/run';
import { LiveChanges, type Changed } from './live-changes';
import { RunRecord } from './run-record.svelte';
import { ACTIVE, whatGoesOn, type RunStatus } from './run-status';
import { changesOf, RunSetup, type FieldValue, type RunConfig } from './run-setup.svelte';
import type { KeptRun, RunObserver, RunSurroundings } from './runs-observer';
import { isFailure, type TrainerClient } from './trainer-client.svelte';

type UpdateEvent = Extract<RunEvent, { type: 'update' }>;

/** The run. */
export class Run extends RunRecord {
  readonly setup = new RunSetup();

  status = $state<RunStatus>('idle');
  failure = $state.raw<Failure | null>(null);
  /** What the engine is preparing, before the first update. */
  warming = $state<string | null>(null);
  /** The algorithm of the run on screen; the next may be another's. */
  stage = $state<Stage>('grpo');

  active = $derived(ACTIVE.includes(this.status));
  canContinue = $derived(
    !this.active && this.status !== 'idle' && this.checkpointUpdate !== null && this.checkpointUpdate < this.numUpdates,
  );
  /** An ended run may be given more updates. */
  canExtend = $derived((this.status === 'completed' || this.status === 'stopped') && this.checkpointUpdate !== null);
  /** By how many updates. */
  numMoreUpdates = $derived(this.setup.configOf(this.stage).numUpdates);
  /** A finished run has no next update; it is started again or reset. */
  canStep = $derived(this.status === 'paused' || (!this.active && this.status !== 'completed'));

  /** Updates done since the page was opened, in all runs. */
  numDone = 0;

  #client: TrainerClient;
  #around: RunSurroundings;
  #observer: RunObserver | null = null;
  /** Number of the current call of the worker's `run`. */
  #turn = 0;
  /** True until the first event of a run, which measures the policy it begins with. */
  #measuring = false;
  /** Hold after this update; null while the run goes on for good. */
  #holdAt: number | null = null;
  readonly #changes = new LiveChanges((changed) => this.#tell(changed));

  constructor(client: TrainerClient, around: RunSurroundings) {
    super();
    this.#client = client;
    this.#around = around;
  }

  /** Nothing goes on, and the models are there. */
  get canBegin(): boolean {
    return !this.active && this.#client.phase === 'ready';
  }

  /** Starts from the chosen model; what an earlier run trained is replaced. */
  async begin(spec = this.plan()): Promise<void> {
    if (this.canBegin && !this.#client.hasFamily(this.setup.family)) await this.#around.familyChanged();
    if (!this.canBegin) return;
    await this.#begin(spec, null);
  }

  /**
   * Starts a run of its own as the panel is set, from where another run was: what it changes is `settings`.
   * The KL reference stays that run's, but what SFT made is the reference of what follows it; another algorithm begins with a
   * memory of its own.
   */
  async branch(checkpoint: RunCheckpoint, numUpdates: number): Promise<void> {
    if (!this.canBegin) return;
    const now = this.plan();
    const { stage, start, chat = stage === 'sft' } = checkpoint.spec;
    const config = { ...now.config, numUpdates: checkpoint.update + numUpdates };
    const spec = { ...now, start, ...(chat ? { chat } : {}), config } as RunSpec;
    const { theta, m, v, update } = checkpoint;
    if (spec.stage === stage) return this.#begin(spec, { ...checkpoint, spec });
    const reference = stage === 'sft' ? theta : checkpoint.reference;
    await this.#begin(spec, { spec, theta, m, v, update, ...(reference ? { reference } : {}) });
  }

  async #begin(spec: RunSpec, branch: RunCheckpoint | null): Promise<void> {
    this.#around.starting();
    this.#clear();
    this.standAt(branch, spec.config.numUpdates);
    this.status = 'starting';
    this.#observer = await this.#around.observer();
    await this.#observer?.begins(spec, branch);
    await this.#trainUnlessStopped(spec, branch);
  }

  /** What was asked while the run was being written down counts: to stop or hold it, or another reward. */
  async #trainUnlessStopped(spec: RunSpec, from: RunCheckpoint | null): Promise<void> {
    if (this.#is('stopping')) return this.#ended({ type: 'stopped', update: this.update });
    if (this.#is('pausing')) this.#holdAt ??= this.update;
    await this.#train(this.#specNow(spec), from);
  }

  /** Shows a run that was kept, set up as it was, with its policy as `yours`. It goes on only when told to. False while another does. */
  async open(kept: KeptRun): Promise<boolean> {
    if (this.active) return false;
    const { spec } = kept.checkpoint;
    this.#around.starting();
    this.#clear();
    this.setUp(spec);
    this.show(kept);
    this.status = 'opening'; // nothing else begins before its policy is there
    this.#observer = await this.#around.observer();
    if (this.#client.phase === 'ready') await (this.#client.hasFamily(spec.family) ? this.restorePolicy() : this.#around.familyChanged());
    if (this.#is('opening')) this.status = kept.checkpoint.update < kept.numUpdates ? 'stopped' : 'completed';
    return true;
  }

  /** Sets the panels up as a specification says. */
  setUp(spec: RunSpec): void {
    if (this.active) return;
    this.setup.open(changesOf(spec));
    this.#around.setWeights(spec.reward);
  }

  /** Lets the worker make ready for a run as it is set up now. */
  async rehearse(): Promise<void> {
    if (this.canBegin) await this.#client.rehearse(this.plan());
  }

  /** The run as it is set up now. */
  plan(): RunSpec {
    return this.setup.spec(this.#around.weights(), this.#around.fixedPrompts());
  }

  /** Picks the next run's algorithm, and lets the worker make ready for it. */
  choose(stage: Stage): void {
    if (this.active) return;
    this.setup.stage = stage;
    void this.rehearse();
  }

  /** Goes on from the last checkpoint, with the reward and the live settings as they are now. */
  async continueRun(): Promise<void> {
    const from = this.checkpoint; // it may be of before the run was given more updates
    if (from) await this.#goOn(from, Math.max(this.numUpdates, from.spec.config.numUpdates));
  }

  /** Gives a run that has ended as many updates more as a new run would have. */
  async extend(): Promise<void> {
    if (this.checkpoint) await this.#goOn(this.checkpoint, this.checkpoint.update + this.numMoreUpdates);
  }

  async pause(): Promise<void> {
    if (this.status !== 'running' && this.status !== 'starting') return;
    this.status = 'pausing';
    await this.#client.pauseRun();
  }

  async resume(): Promise<void> {
    if (this.status !== 'paused') return;
    this.#holdAt = null;
    await this.#client.resumeRun();
  }

  /** One update, then hold; starts the run when there is none, and goes on with one that ended early. */
  async step(): Promise<void> {
    if (this.status === 'paused') {
      this.#holdAt = this.update + 1;
      await this.#client.resumeRun(1);
    } else if (this.canContinue) {
      this.#holdAt = this.checkpointUpdate! + 1;
      await this.continueRun();
    } else if (this.canStep) {
      this.#holdAt = 1;
      await this.begin();
    }
  }

  async stop(): Promise<void> {
    if (!this.active || this.#is('stopping', 'opening')) return;
    this.status = 'stopping';
    await this.#client.stopRun();
  }

  /** Forgets the trained policy and everything measured. */
  async reset(): Promise<void> {
    if (this.active) return;
    await this.#client.reset();
    this.#around.starting();
    this.#clear();
    this.numUpdates = 0;
    this.status = 'idle';
    this.#around.policyForgotten();
  }

  /** Changes a setting. A running run hears of live ones. */
  set(key: string, value: FieldValue): void {
    this.setup.set(key, value);
    if (this.active && key in this.#live(this.setup.stage)) this.#changes.note('config');
  }

  /** The settings of the next run's algorithm. */
  get config(): RunConfig {
    return this.setup.config;
  }

  #live(stage: Stage): LiveConfig {
    return liveSettings(stage, this.setup.configOf(stage) as never);
  }

  /** Tells a running run that the reward changed. */
  rewardChanged(): void {
    if (this.active) this.#changes.note('reward');
  }

  /** What the run does when the engine is back; null when there is no run to go on. */
  get goesOn(): string | null {
    return whatGoesOn(this.status, this.update, this.checkpointUpdate);
  }

  /** After a new worker was loaded: gives it back the policy that the page kept. The failure where that was not possible. */
  async restorePolicy(): Promise<Failure | null> {
    const checkpoint = this.checkpoint;
    if (!checkpoint) return null;
    const outcome: unknown = await this.#client.restore(checkpoint);
    const failure = isFailure(outcome) ? outcome : null;
    if (!failure) this.#around.policyChanged(checkpoint.update);
    return failure;
  }

  /** Makes `yours` the policy of this page again, or none where it has none, after another was put in its place. */
  async takePolicyBack(): Promise<Failure | null> {
    if (this.active) return null; // it does so with its next update
    if (this.checkpoint) return this.restorePolicy();
    const outcome: unknown = await this.#client.reset();
    return isFailure(outcome) ? outcome : null;
  }

  #tell({ reward, config }: Changed): void {
    if (!this.active) return;
    this.noteChange();
    if (reward) void this.#client.setReward(this.#around.weights(), this.setup.rewardModel?.weight);
    if (config) void this.#client.setConfig(this.#live(this.stage));
  }

  async #goOn(from: RunCheckpoint, numUpdates: number): Promise<void> {
    if (!this.canBegin) return;
    this.#around.starting();
    this.rewind(from);
    this.setup.stage = from.spec.stage; // what can be moved on screen is what moves this run
    this.numUpdates = numUpdates;
    this.status = 'starting';
    await this.#observer?.goesOn(from.update, numUpdates);
    await this.#trainUnlessStopped({ ...from.spec, config: { ...from.spec.config, numUpdates } } as RunSpec, from);
  }

  /** The specification of a run that goes on: the reward counts as it stands. */
  #specNow(spec: RunSpec): RunSpec {
    const config = { ...spec.config, ...this.#live(spec.stage) };
    return { ...spec, reward: this.#around.weights(), rewardModel: this.setup.rewardModel ?? undefined, config } as RunSpec;
  }

  /** Trains to an end, in more than one worker if need be. */
  async #train(first: RunSpec, firstFrom: RunCheckpoint | null): Promise<void> {
    let [spec, from] = [first, firstFrom];
    this.stage = first.stage;
    this.failure = null;
    for (;;) {
      this.status = 'starting';
      this.#measuring = true;
      const turn = ++this.#turn;
      const outcome = await this.#client.run(spec, from, (event) => this.#hear(turn, event));
      this.#turn += 1; // what a dead worker still had to say comes too late
      if (outcome.type !== 'failed' || !isEngineLoss(outcome)) return this.#ended(outcome);
      const wasHeld = this.#is('paused', 'pausing');
      if (!this.#is('stopping')) this.status = 'recovering';
      const isBack = await this.#around.recovered();
      from = this.checkpoint;
      if (!isBack) return this.#ended(outcome);
      if (wasHeld) this.#holdAt ??= this.update;
      this.rewind(from);
      await this.#observer?.goesOn(this.update, this.numUpdates);
      if (this.#is('stopping')) return this.#ended({ type: 'stopped', update: this.update });
      spec = this.#specNow(spec);
    }
  }

  #is(...statuses: readonly RunStatus[]): boolean {
    return statuses.includes(this.status);
  }

  /** The worker waits for what this returns: an update is told of when the one before it has been written down. */
  async #hear(turn: number, event: RunEvent): Promise<void> {
    if (turn !== this.#turn) return;
    this.#heard(event);
    await this.#observer?.heard(event);
  }

  #heard(event: RunEvent): void {
    this.answers.heard(event);
    switch (event.type) {
      case 'warming':
        this.warming = event.what;
        break;
      case 'samples':
        break;
      case 'update':
        this.#updated(event);
        break;
      case 'checkpoint':
        this.keepCheckpoint(event.checkpoint);
        break;
      case 'paused':
        if (this.#holdAt !== null && event.update < this.#holdAt) void this.#client.resumeRun(this.#holdAt - event.update);
        else if (this.status !== 'stopping') this.status = 'paused';
        if (event.update > 0) this.#around.policyChanged(event.update);
        break;
      case 'resumed':
        if (this.status !== 'stopping') this.status = 'running';
        break;
      default:
        event satisfies never;
    }
  }

  #updated(event: UpdateEvent): void {
    this.warming = null;
    if (this.status === 'starting') this.status = 'running';
    this.update = event.update;
    this.numUpdates = event.numUpdates;
    if (this.#measuring) {
      this.#measuring = false;
      if (this.history.length === 0) this.history = [{ update: event.update, metrics: event.metrics }];
      // The worker waits for this listener, so it knows in time that only one update is wanted.
      if (this.#holdAt !== null) void this.#client.pauseRun();
      return;
    }
    this.numDone += 1;
    this.history = [...this.history, { update: event.update, metrics: event.metrics }];
    this.pace.add(event.updateMs);
    this.#around.policyChanged(event.update);
  }

  #ended(outcome: RunOutcome): void {
    this.#holdAt = null;
    this.warming = null;
    this.#observer?.ended(outcome);
    this.status = outcome.type;
    if (outcome.type === 'failed') this.failure = outcome;
    else if (outcome.update > 0) this.#around.policyChanged(outcome.update);
  }

  #clear(): void {
    this.failure = null;
    this.warming = null;
    this.clearRecord();
  }
}
