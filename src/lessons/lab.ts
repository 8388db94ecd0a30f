/**
 * @file What an experiment of a lesson may ask for: training, answers, reward models. The page gives it from its worker, a study
 * from Node, so both run the very same experiment.
 */
import type { Completion, SampleAnswersRequest } from '../protocol/generate';
import type { MetricName } from '../protocol/metrics';
import type { NeuralRewardModel, RewardModelSpec } from '../protocol/reward-lab';
import type { RunCheckpoint, RunSpec } from '../protocol/run';

/** A run that has come to its end. */
export interface TrainedRun {
  readonly checkpoint: RunCheckpoint;
  readonly history: readonly { readonly update: number; readonly metrics: Readonly<Partial<Record<MetricName, number>>> }[];
}

/** A question and an answer to be scored. */
export interface ScoredText {
  readonly prompt: string;
  readonly completion: string;
}

/** All calls throw {@link LabStop} when the reader stopped them, and an Error that says why when they fail. */
export interface LessonLab {
  /**
   * Trains to the end; the policy is `yours` then.
   * @param from where an earlier run stood, to go on from; its updates count among `spec.config.numUpdates`
   */
  train(spec: RunSpec, from?: RunCheckpoint): Promise<TrainedRun>;
  /** One answer to each prompt. */
  answers(request: SampleAnswersRequest): Promise<readonly Completion[]>;
  /** Trains a reward model, which is kept under the specification's id and this name. */
  trainRewardModel(spec: RewardModelSpec, name: string): Promise<NeuralRewardModel>;
  /** Standardised scores of an installed reward model. */
  scores(rewardModel: string, texts: readonly ScoredText[]): Promise<readonly number[]>;
}

/** The reader pressed Stop. */
export class LabStop extends Error {}
