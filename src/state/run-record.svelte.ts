/**
 * @file What is known of a run: how far it is, what was measured, what was changed by hand, where it can go on.
 *
 * A run is this and the commands that move it (`run.svelte.ts`).
 */
import type { RunCheckpoint } from '../protocol/run';
import { findAlarms } from './alarms';
import { Pace } from './pace.svelte';
import { RunAnswers } from './run-answers.svelte';
import type { KeptRun } from './runs-observer';
import type { HistoryEntry } from './runs-schema';

/** The record of a run. */
export class RunRecord {
  update = $state(0);
  numUpdates = $state(0);
  history = $state.raw<readonly HistoryEntry[]>([]);
  /** Updates after which the reward or a live setting was changed by hand. */
  rewardChanges = $state.raw<readonly number[]>([]);
  readonly answers = new RunAnswers();
  readonly pace = new Pace();
  checkpointUpdate = $state<number | null>(null);

  secondsLeft = $derived(this.pace.secondsFor(this.numUpdates - this.update));
  /** The most urgent first. */
  alarms = $derived(findAlarms(this.history));

  #checkpoint: RunCheckpoint | null = null;

  /** The last state that the page has, where the run can go on; null before the first. */
  get checkpoint(): RunCheckpoint | null {
    return this.#checkpoint;
  }

  protected keepCheckpoint(checkpoint: RunCheckpoint | null): void {
    this.#checkpoint = checkpoint;
    this.checkpointUpdate = checkpoint?.update ?? null;
  }

  protected standAt(checkpoint: RunCheckpoint | null, numUpdates: number): void {
    this.keepCheckpoint(checkpoint);
    this.update = checkpoint?.update ?? 0;
    this.numUpdates = numUpdates;
  }

  protected show(kept: KeptRun): void {
    this.standAt(kept.checkpoint, kept.numUpdates);
    this.history = kept.history;
    this.rewardChanges = kept.rewardChanges;
    this.answers.frames = kept.frames;
  }

  protected noteChange(): void {
    if (this.rewardChanges.at(-1) !== this.update) this.rewardChanges = [...this.rewardChanges, this.update];
  }

  /** Takes back what was measured after a checkpoint. */
  protected rewind(from: RunCheckpoint | null): void {
    const last = from?.update ?? 0;
    this.history = this.history.filter(({ update }) => update <= last);
    this.rewardChanges = this.rewardChanges.filter((update) => update <= last);
    this.answers.rewind(last);
    this.update = last;
  }

  protected clearRecord(): void {
    this.update = 0;
    this.history = [];
    this.rewardChanges = [];
    this.answers.clear();
    this.pace.clear();
    this.keepCheckpoint(null);
  }
}
