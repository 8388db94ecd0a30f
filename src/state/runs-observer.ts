/**
 * @file Between the run on the page and whoever keeps runs: what is told, and what a kept run gives back.
 *
 * The run itself knows nothing of storage; it waits for the observer, so that at most one update is ever unwritten.
 */
import type { RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../protocol/run';
import type { Frame } from './run-answers.svelte';
import type { HistoryEntry } from './runs-schema';

/** Somebody who writes down what happens to runs. What it returns is waited for before the run goes on. */
export interface RunObserver {
  /** A run of its own begins; `branch`: at another run's checkpoint. */
  readonly begins: (spec: RunSpec, branch: RunCheckpoint | null) => Promise<void>;
  /** The run that was last heard of goes on to `numUpdates`, from where it was after `update`. */
  readonly goesOn: (update: number, numUpdates: number) => Promise<void>;
  readonly heard: (event: RunEvent) => Promise<void>;
  readonly ended: (outcome: RunOutcome) => void;
}

/** A run as it was kept: what the panels show of it, and where it goes on. */
export interface KeptRun {
  readonly checkpoint: RunCheckpoint;
  readonly numUpdates: number;
  readonly history: readonly HistoryEntry[];
  readonly rewardChanges: readonly number[];
  /** Answers to the fixed prompts, update by update. */
  readonly frames: readonly Frame[];
}

/** What a run needs from its surroundings. */
export interface RunSurroundings {
  readonly weights: () => RewardWeights;
  /** Puts the reward's sliders where a kept run had them. */
  readonly setWeights: (weights: RewardWeights) => void;
  /** Who keeps runs; null when nobody does. */
  readonly observer: () => Promise<RunObserver | null>;
  readonly fixedPrompts: () => readonly string[];
  /** A new policy is ready to be asked. */
  readonly policyChanged: (update: number) => void;
  readonly policyForgotten: () => void;
  /** A run of another family of models was opened: loads those, and gives back the run's policy. */
  readonly familyChanged: () => Promise<void>;
  /** What was said of an earlier run holds no more. */
  readonly starting: () => void;
  /** The engine was lost. Resolves to true when there is another, false when the reader must ask for one. */
  readonly recovered: () => Promise<boolean>;
}
