/**
 * @file The reward lab's part of the contract with the trainer worker: training a neural reward model on comparisons, and
 * scoring texts with one.
 *
 * A trained model comes back with its weights, so that the page can keep it; `installRewardModel` gives it to another worker.
 */
import type { RewardModelConfig, RewardModelStep } from '../core/algorithms/reward-model';
import type { PreferencePair } from '../core/preferences/preference-pairs';
import type { PairEvaluation } from '../core/reward/evaluation';
import type { WorldPairCategory } from '../core/reward/world-pairs';
import type { Completion } from './generate';
import type { Failure } from './load';

/** Id of the reward model that comes with the site. */
export const SHIPPED_REWARD_MODEL = 'shipped';

/** A complete description of a training: same spec, same engine, same model. */
export interface RewardModelSpec {
  /** Under which the worker keeps it; an earlier one of the same id is replaced. */
  readonly id: string;
  /** The model whose weights it starts from. */
  readonly start: 'base' | 'sft' | 'rlhf';
  readonly seed: number;
  readonly pairs: readonly PreferencePair[];
  readonly config: Pick<RewardModelConfig, 'numEpochs' | 'numPairs' | 'learningRate' | 'centring'>;
  /** Share of the prompts kept apart to measure with, 0 to 0.5. */
  readonly heldOutShare: number;
}

/** A trained reward model. Scores are standardised: (raw − mean) / sd. */
export interface NeuralRewardModel {
  readonly start: RewardModelSpec['start'];
  /** float32 `[N]` */
  readonly theta: Float32Array;
  /** Of raw scores of the answers it was trained on. */
  readonly mean: number;
  readonly sd: number;
}

/** What a training says. */
export type RewardModelEvent =
  | { readonly type: 'warming'; readonly what: string }
  | { readonly type: 'step'; readonly step: RewardModelStep; readonly stepMs: number }
  /** On the pairs kept apart, after `step` steps; step 0 is before the first. */
  | { readonly type: 'heldOut'; readonly step: number; readonly evaluation: PairEvaluation };

/** How a training ended. Stopped, the model is as far as it came. */
export type RewardModelOutcome =
  | {
      readonly type: 'completed' | 'stopped';
      readonly model: NeuralRewardModel;
      readonly numSteps: number;
      readonly numPairs: number;
      /** Null when no pairs were kept apart. */
      readonly heldOut: PairEvaluation | null;
      readonly trainMs: number;
    }
  | Failure;

/** Texts to score. */
export interface ScoreRequest {
  /** Id of an installed model, or `SHIPPED_REWARD_MODEL` for the one that made the RLHF model. */
  readonly rewardModel: string;
  /** `finished`: whether the answer ended itself, as it did unless told otherwise; only then its end mark is read. */
  readonly texts: readonly { readonly prompt: string; readonly completion: string; readonly finished?: boolean }[];
  /** Asks for the score after every token too. */
  readonly perToken: boolean;
}

/** The score if the answer ended after this token. Texts joined are the completion; the last token is the end mark, without text. */
export interface TokenScore {
  readonly text: string;
  readonly score: number;
}

/** A text's score, in standard deviations for a model trained here. */
export interface TextScore {
  readonly score: number;
  readonly tokens: readonly TokenScore[] | null;
}

/** How scoring ended. */
export type ScoreOutcome = { readonly type: 'completed'; readonly scores: readonly TextScore[] } | Failure;

/** A pair that the world wrote and judged: `chosen` has the higher gold reward. */
export interface MeasuredPair {
  readonly category: WorldPairCategory;
  readonly prompt: string;
  readonly chosen: Completion;
  readonly rejected: Completion;
}

/** What the reward lab asks of the trainer worker. */
export interface RewardLabApi {
  /** Trains a reward model, between answers and a run's updates; one at a time. */
  trainRewardModel(spec: RewardModelSpec, listener: (event: RewardModelEvent) => void): Promise<RewardModelOutcome>;
  /** Ends the training after the current step. */
  stopRewardModel(): Promise<void>;
  /** Makes a model kept by the page usable under an id. Null, or why not. */
  installRewardModel(id: string, model: NeuralRewardModel): Promise<Failure | null>;
  /** Scores texts with a neural reward model. */
  scoreTexts(request: ScoreRequest): Promise<ScoreOutcome>;
  /** Measured pairs of the world on held-out requests, `numPerCategory` of each category, for report cards. */
  worldPairs(seed: number, numPerCategory: number): Promise<readonly MeasuredPair[]>;
}
