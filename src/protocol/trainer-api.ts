/**
 * @file The contract between the page and the trainer worker.
 *
 * Plain readonly data only: it crosses a MessageChannel by structured clone. Expected endings are *returned* as
 * outcomes (error classes do not survive the crossing); the worker awaits every listener call, because comlink drops
 * callbacks still in flight when the method resolves. Both ends switch exhaustively over the unions.
 */
import type { EngineStats } from '../core/graph/engine-stats';
import type { BroughtFolder } from './brought';
import type { EngineChoice, Failure, LoadEvent, LoadOutcome } from './load';
import type {
  Completion,
  DisagreementOutcome,
  DisagreementRequest,
  GenerateEvent,
  GenerateOutcome,
  GenerateRequest,
  SampleAnswersRequest,
  SampleGroupRequest,
  SampleGroupOutcome,
} from './generate';
import type { ExportOutcome, ExportWish } from './model-export';
import type { LessonDataApi } from './lesson-data';
import type { RewardLabApi } from './reward-lab';
import type { SurveyOutcome } from './survey';
import type { InspectOutcome } from './update-detail';
import type { DataRows } from '../core/data/rows';
import type { LiveConfig, RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec, TokensOutcome } from './run';

/** Everything the page may ask of the trainer worker. Coarse methods; one worker, one engine, one run at a time. */
export interface TrainerApi extends RewardLabApi, LessonDataApi {
  /**
   * Starts the engine and loads and checks the models of a family, the site's first unless told otherwise. May be called again
   * after a failure (retry), for the same family. A folder that was brought is a family beside the site's.
   */
  load(choice: EngineChoice, listener: (event: LoadEvent) => void, family?: string, brought?: BroughtFolder): Promise<LoadOutcome>;
  /** Streams one completion. Several may be asked for at once; they are served in order, between a run's updates. */
  generate(request: GenerateRequest, listener: (event: GenerateEvent) => void): Promise<GenerateOutcome>;
  /** Draws several completions of one prompt, with every reward feature and the gold judgement measured on each. */
  sampleGroup(request: SampleGroupRequest): Promise<SampleGroupOutcome>;
  /** Draws one answer to each of many prompts, measured in the same way; in turns, so that others need not wait for all. */
  sampleAnswers(request: SampleAnswersRequest): Promise<SampleGroupOutcome>;
  /** Judges a completion the page already shows (same measures as `sampleGroup`). */
  judge(prompt: string, completion: string, finished: boolean): Promise<Completion>;
  /** Whether the world covers a prompt, and prompts like it that it does cover. Waits its turn behind answers asked for before. */
  survey(prompt: string): Promise<SurveyOutcome>;
  /** How far two models disagree about each token of an answer. Waits its turn as `survey` does. */
  disagreement(request: DisagreementRequest): Promise<DisagreementOutcome>;
  /** Stops the generations in progress at once; their outcome is `stopped`. */
  stopGenerating(): Promise<void>;
  /** Runs training to its end, to `stopRun`, or to a failure. `from` continues an earlier run exactly. */
  run(spec: RunSpec, from: RunCheckpoint | null, listener: (event: RunEvent) => void): Promise<RunOutcome>;
  /**
   * Compiles what a run of this kind will need, between answers, which wait for one compilation at most; a run that comes
   * ends it, and takes over what is there. Resolves when it is over; does nothing where it would not help.
   */
  rehearse(spec: RunSpec): Promise<void>;
  /** Makes rows of the reader's own usable by runs whose data names them. Null, or why not. */
  installRows(id: string, rows: DataRows): Promise<Failure | null>;
  /** Tokens of texts, as the models on screen read them. @returns why not, where nothing is loaded */
  countTokens(texts: readonly string[]): Promise<TokensOutcome>;
  /** Holds the run after the current update. */
  pauseRun(): Promise<void>;
  /** Lets a paused run go on: for good, or for `updates` updates and then paused again. */
  resumeRun(updates?: number): Promise<void>;
  /** Ends the run after the current update; the trained policy is kept. */
  stopRun(): Promise<void>;
  /** The last update token by token, between two updates; remembered until `yours` is another policy or the engine ends. */
  inspectUpdate(): Promise<InspectOutcome>;
  /** Changes the reward from the next update on: the features' weights, and that of the neural part where the run has one. */
  setReward(weights: RewardWeights, neuralWeight?: number): Promise<void>;
  /** Changes live settings from the next update on. Null, or why they were refused; then nothing has changed. */
  setConfig(changes: LiveConfig): Promise<Failure | null>;
  /** Forgets the trained policy (`yours`). */
  reset(): Promise<void>;
  /** Installs a policy kept by the page as `yours` (after a worker was replaced). */
  restore(checkpoint: RunCheckpoint): Promise<void>;
  /** A model as the files of a folder that other programs run. Waits its turn. */
  exportModel(wish: ExportWish): Promise<ExportOutcome>;
  /** A sign of life. Null while all is well; the failure when the engine can no longer work. */
  ping(): Promise<Failure | null>;
  /** What the engine has counted so far; null before it is loaded. */
  engineStats(): Promise<EngineStats | null>;
}
