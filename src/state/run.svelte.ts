/**
 * @file A training run as the page sees it: settings, commands, what was measured, and the checkpoint to continue from.
 *
 * The worker trains; this class turns its events into what the panels show. The last checkpoint stays here, outside
 * the worker, so that a run survives the worker's death.
 */
import { GRPO_DEFAULTS, type GrpoConfig } from '../core/algorithms/grpo';
import type { Failure } from '../protocol/load';
import type { MetricName } from '../protocol/metrics';
import type { FixedSample, RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../protocol/run';
import { findAlarm } from './alarms';
import type { TrainerClient } from './trainer-client.svelte';

type UpdateEvent = Extract<RunEvent, { type: 'update' }>;

/** `pausing` and `stopping` last until the update under way is done. */
export type RunStatus = 'idle' | 'starting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'completed' | 'stopped' | 'failed';

/** What one update measured. */
export interface HistoryEntry {
  readonly update: number;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

/** Slider moves reach the worker at most this often. */
const SET_REWARD_MS = 250;
/** Seconds per update are averaged over this many. */
const NUM_TIMED = 8;

/** What a run needs from its surroundings. */
export interface RunSurroundings {
  readonly weights: () => RewardWeights;
  readonly fixedPrompts: () => readonly string[];
  /** A new policy is ready to be asked. */
  readonly policyChanged: (update: number) => void;
  readonly policyForgotten: () => void;
}

/** The run. */
export class Run {
  config = $state<GrpoConfig>({ ...GRPO_DEFAULTS });
  start = $state<RunSpec['start']>('sft');
  seed = $state(1);

  status = $state<RunStatus>('idle');
  failure = $state.raw<Failure | null>(null);
  /** What the engine is preparing, before the first update. */
  warming = $state<string | null>(null);
  update = $state(0);
  numUpdates = $state(0);
  history = $state.raw<readonly HistoryEntry[]>([]);
  /** Updates after which the reward was changed by hand. */
  rewardChanges = $state.raw<readonly number[]>([]);
  firstSamples = $state.raw<readonly FixedSample[]>([]);
  lastSamples = $state.raw<readonly FixedSample[]>([]);
  example = $state.raw<UpdateEvent['example']>(null);
  checkpointUpdate = $state<number | null>(null);
  updateMs = $state<number | null>(null);

  active = $derived(['starting', 'running', 'pausing', 'paused', 'stopping'].includes(this.status));
  secondsLeft = $derived(this.updateMs === null ? null : ((this.numUpdates - this.update) * this.updateMs) / 1000);
  canContinue = $derived(
    !this.active && this.status !== 'idle' && this.checkpointUpdate !== null && this.checkpointUpdate < this.numUpdates,
  );
  /** A finished run has no next update; it is started again or reset. */
  canStep = $derived(this.status === 'paused' || (!this.active && this.status !== 'completed'));
  alarm = $derived(findAlarm(this.history.find(({ update }) => update > 0)?.metrics, this.history.at(-1)?.metrics));

  #client: TrainerClient;
  #around: RunSurroundings;
  #checkpoint: RunCheckpoint | null = null;
  #times: number[] = [];
  /** True until the first event of a run, which measures the policy it begins with. */
  #measuring = false;
  /** Hold after this update; null while the run goes on for good. */
  #holdAt: number | null = null;
  #rewardTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: TrainerClient, around: RunSurroundings) {
    this.#client = client;
    this.#around = around;
  }

  /** Starts from the chosen model; what an earlier run trained is replaced. */
  async begin(): Promise<void> {
    if (this.active || this.#client.phase !== 'ready') return;
    const spec: RunSpec = {
      stage: 'grpo',
      seed: this.seed,
      start: this.start,
      reward: this.#around.weights(),
      config: this.config,
      fixedPrompts: this.#around.fixedPrompts(),
    };
    this.#clear();
    this.numUpdates = spec.config.numUpdates;
    await this.#train(spec, null);
  }

  /** Goes on from the last checkpoint, with the reward as it is now. */
  async continueRun(): Promise<void> {
    const from = this.#checkpoint;
    if (!from || this.active || this.#client.phase !== 'ready') return;
    this.history = this.history.filter(({ update }) => update <= from.update);
    this.rewardChanges = this.rewardChanges.filter((update) => update <= from.update);
    this.update = from.update;
    await this.#train({ ...from.spec, reward: this.#around.weights() }, from);
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
    if (!this.active || this.status === 'stopping') return;
    this.status = 'stopping';
    await this.#client.stopRun();
  }

  /** Forgets the trained policy and everything measured. */
  async reset(): Promise<void> {
    if (this.active) return;
    await this.#client.reset();
    this.#clear();
    this.#checkpoint = null;
    this.checkpointUpdate = null;
    this.numUpdates = 0;
    this.status = 'idle';
    this.#around.policyForgotten();
  }

  /** Tells a running run that the reward changed; many small moves become one. */
  rewardChanged(): void {
    if (!this.active || this.#rewardTimer !== undefined) return;
    this.#rewardTimer = setTimeout(() => {
      this.#rewardTimer = undefined;
      if (!this.active) return;
      if (this.rewardChanges.at(-1) !== this.update) this.rewardChanges = [...this.rewardChanges, this.update];
      void this.#client.setReward(this.#around.weights());
    }, SET_REWARD_MS);
  }

  /** After a new worker was loaded: gives it back the policy that the page kept. */
  async restorePolicy(): Promise<void> {
    if (!this.#checkpoint) return;
    await this.#client.restore(this.#checkpoint);
    this.#around.policyChanged(this.#checkpoint.update);
  }

  async #train(spec: RunSpec, from: RunCheckpoint | null): Promise<void> {
    this.status = 'starting';
    this.failure = null;
    this.#measuring = true;
    const outcome = await this.#client.run(spec, from, (event) => this.#heard(event));
    this.#ended(outcome);
  }

  #heard(event: RunEvent): void {
    switch (event.type) {
      case 'warming':
        this.warming = event.what;
        break;
      case 'update':
        this.#updated(event);
        break;
      case 'checkpoint':
        this.#checkpoint = event.checkpoint;
        this.checkpointUpdate = event.checkpoint.update;
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
    if (event.fixedSamples.length > 0) {
      if (this.firstSamples.length === 0) this.firstSamples = event.fixedSamples;
      this.lastSamples = event.fixedSamples;
    }
    if (this.#measuring) {
      this.#measuring = false;
      if (this.history.length === 0) this.history = [{ update: event.update, metrics: event.metrics }];
      // The worker waits for this listener, so it knows in time that only one update is wanted.
      if (this.#holdAt !== null) void this.#client.pauseRun();
      return;
    }
    this.history = [...this.history, { update: event.update, metrics: event.metrics }];
    if (event.example) this.example = event.example;
    this.#times = [...this.#times, event.updateMs].slice(-NUM_TIMED);
    this.updateMs = this.#times.reduce((sum, ms) => sum + ms, 0) / this.#times.length;
    this.#around.policyChanged(event.update);
  }

  #ended(outcome: RunOutcome): void {
    this.#holdAt = null;
    this.warming = null;
    switch (outcome.type) {
      case 'completed':
      case 'stopped':
        this.status = outcome.type;
        if (outcome.update > 0) this.#around.policyChanged(outcome.update);
        break;
      case 'failed':
        this.status = 'failed';
        this.failure = outcome;
        break;
      default:
        outcome satisfies never;
    }
  }

  #clear(): void {
    this.failure = null;
    this.warming = null;
    this.update = 0;
    this.history = [];
    this.rewardChanges = [];
    this.firstSamples = [];
    this.lastSamples = [];
    this.example = null;
    this.updateMs = null;
    this.#times = [];
    this.#checkpoint = null;
    this.checkpointUpdate = null;
  }
}
