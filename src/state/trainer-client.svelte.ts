/**
 * @file The page's end of the trainer worker: starts it, loads it, notices when it dies, and starts a new one.
 *
 * A dead worker never answers, so every call is raced against the worker's crash and comes back as a `Failure`. One that
 * only hangs is found out by its missing pulse, and so is a device lost while nobody asks for anything.
 * Svelte's proxies cannot cross to a worker; `$state.snapshot` is applied here and nowhere else.
 */
import type { DataRows } from '../core/data/rows';
import type { RunDataOf } from '../core/data/run-data';
import { proxy, wrap, type Endpoint } from 'comlink';
import type {
  DisagreementRequest,
  GenerateEvent,
  GenerateOutcome,
  GenerateRequest,
  SampleAnswersRequest,
  SampleGroupOutcome,
  SampleGroupRequest,
} from '../protocol/generate';
import {
  isEngineLoss,
  type EngineChoice,
  type EngineInfo,
  type Failure,
  type FamilyInfo,
  type LoadEvent,
  type LoadOutcome,
  type ModelInfo,
} from '../protocol/load';
import type { PromptsWish } from '../protocol/lesson-data';
import type { LiveConfig, RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../protocol/run';
import type { NeuralRewardModel, RewardModelEvent, RewardModelOutcome, RewardModelSpec, ScoreRequest } from '../protocol/reward-lab';
import type { BroughtFolder } from '../protocol/brought';
import type { ExportWish } from '../protocol/model-export';
import type { TrainerApi } from '../protocol/trainer-api';
import { hasFlag } from './flags';
import { End } from './end';
import { PATIENCE, watchPulse, type Patience } from './pulse';

/** What the client needs of a worker; tests hand in one end of a MessageChannel. */
export interface WorkerLike extends Endpoint {
  terminate(): void;
}

/** Where loading stands, in words and bytes. `totalBytes` is 0 while only the words are known. */
export interface LoadProgress {
  readonly what: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** One worker from birth to death. */
interface Life {
  readonly worker: WorkerLike;
  readonly api: TrainerApi;
  /** Comes when it crashes or is replaced. */
  readonly end: End<Failure>;
  readonly unwatch: () => void;
}

/** What comes back from a worker is data, a failure among it. */
export function isFailure(result: unknown): result is Failure {
  return typeof result === 'object' && result !== null && 'type' in result && result.type === 'failed';
}

const crash = (detail: string): Failure => ({ type: 'failed', code: 'worker-crashed', detail });

function startTrainerWorker(): WorkerLike {
  const name = hasFlag('debug') ? 'debug' : '';
  return new Worker(new URL('../../workers/trainer.worker.ts', import.meta.url), { type: 'module', name });
}

/** The trainer, as the page sees it. */
export class TrainerClient {
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  /** The engine last asked for. */
  choice = $state<EngineChoice>('auto');
  engine = $state.raw<EngineInfo | null>(null);
  models = $state.raw<readonly ModelInfo[]>([]);
  /** Models that are fetched when they are first asked something. */
  later = $state.raw<readonly ModelInfo[]>([]);
  /** All families of the site, its first first; none before the first load. */
  families = $state.raw<readonly FamilyInfo[]>([]);
  /** The family loaded; null before. */
  family = $state<string | null>(null);
  /** The family that the next load asks for; the site's first where undefined. */
  wantedFamily: string | undefined;
  /** A folder of the reader's own, whose model is a family beside the site's; goes to every worker that is started. */
  brought: BroughtFolder | null = null;
  progress = $state.raw<LoadProgress | null>(null);
  /** Why loading failed or the worker died; null otherwise. */
  failure = $state.raw<Failure | null>(null);
  loadMs = $state<number | null>(null);
  /** Speed of the last answer. */
  tokensPerSecond = $state<number | null>(null);
  /** Answers had since the page was opened. */
  numAnswers = 0;
  /** Workers started since then: a new one knows nothing that an earlier one was given. */
  numLoads = 0;
  /** Told when the engine is lost; by then calls can be made only after another `load`. */
  onlost: ((failure: Failure) => void) | null = null;
  /** Gives the worker what a run needs besides its specification; a failure keeps it from starting. Asked before every run. */
  prepare: (spec: RunSpec) => Promise<Failure | null> = () => Promise.resolve(null);

  #startWorker: () => WorkerLike;
  #patience: Patience;
  #life: Life | null = null;

  constructor(startWorker: () => WorkerLike = startTrainerWorker, patience: Patience = PATIENCE) {
    this.#startWorker = startWorker;
    this.#patience = patience;
  }

  /** Starts a fresh worker and loads the models in it; an earlier worker is ended. */
  async load(choice: EngineChoice): Promise<LoadOutcome> {
    this.#end(crash('The engine was started again.'));
    this.phase = 'loading';
    this.choice = choice;
    this.failure = null;
    this.engine = null;
    this.models = [];
    this.progress = { what: 'engine', doneBytes: 0, totalBytes: 0 };
    const life = this.#begin();
    const outcome = await this.#call((api) =>
      api.load(
        choice,
        proxy((event) => this.#heard(life, event)),
        this.wantedFamily,
        this.brought ?? undefined,
      ),
    );
    if (life !== this.#life) return outcome; // it died, or a newer load took over
    this.progress = null;
    if (outcome.type === 'failed') this.#fail(outcome);
    else {
      this.engine = outcome.engine;
      this.models = outcome.models;
      this.later = outcome.later;
      this.families = outcome.families;
      this.family = outcome.family;
      this.loadMs = outcome.loadMs;
      this.phase = 'ready';
    }
    return outcome;
  }

  /** Whether runs of this family can be trained here; undefined: of the site's first. */
  hasFamily(family: string | undefined): boolean {
    return (family ?? this.families[0]?.id ?? this.family) === this.family;
  }

  async generate(request: GenerateRequest, listener: (event: GenerateEvent) => void): Promise<GenerateOutcome> {
    const outcome = await this.#call((api) => api.generate($state.snapshot(request), proxy(listener)));
    if (outcome.type !== 'completed') return outcome;
    this.numAnswers += 1;
    this.tokensPerSecond = outcome.tokensPerSecond;
    return outcome;
  }

  sampleGroup(request: SampleGroupRequest): Promise<SampleGroupOutcome> {
    return this.#call((api) => api.sampleGroup($state.snapshot(request)));
  }

  sampleAnswers(request: SampleAnswersRequest): Promise<SampleGroupOutcome> {
    return this.#call((api) => api.sampleAnswers($state.snapshot(request) as SampleAnswersRequest));
  }

  /** Trains. A failure of the worker itself carries update −1: the page knows better how far it had come. */
  async run(spec: RunSpec, from: RunCheckpoint | null, listener: (event: RunEvent) => void | Promise<void>): Promise<RunOutcome> {
    const outcome =
      (await this.prepare(spec)) ?? (await this.#call((api) => api.run($state.snapshot(spec) as RunSpec, from, proxy(listener))));
    return 'update' in outcome ? outcome : { ...outcome, update: -1 };
  }

  /** Trains a reward model on comparisons. */
  trainRewardModel(spec: RewardModelSpec, listener: (event: RewardModelEvent) => void): Promise<RewardModelOutcome> {
    return this.#call((api) => api.trainRewardModel($state.snapshot(spec) as RewardModelSpec, proxy(listener)));
  }

  stopRewardModel = () => this.#call((api) => api.stopRewardModel());
  countTokens = (texts: readonly string[]) => this.#call((api) => api.countTokens(texts));
  installRows = (id: string, rows: DataRows) => this.#call((api) => api.installRows(id, $state.snapshot(rows) as DataRows));
  installRewardModel = (id: string, model: NeuralRewardModel) => this.#call((api) => api.installRewardModel(id, model));
  scoreTexts = (request: ScoreRequest) => this.#call((api) => api.scoreTexts($state.snapshot(request)));
  worldPairs = (seed: number, numPerCategory: number) => this.#call((api) => api.worldPairs(seed, numPerCategory));
  drawPrompts = (wish: PromptsWish) => this.#call((api) => api.drawPrompts($state.snapshot(wish) as PromptsWish));
  drawNames = (seed: number, perGroup: number) => this.#call((api) => api.drawNames(seed, perGroup));
  writeDemonstrations = (data: RunDataOf['demonstrations'], seed: number, count: number) =>
    this.#call((api) => api.writeDemonstrations($state.snapshot(data), seed, count));
  improveAnswers = (prompts: readonly string[], typos: number, seed: number) =>
    this.#call((api) => api.improveAnswers($state.snapshot(prompts), typos, seed));
  disagreement = (request: DisagreementRequest) => this.#call((api) => api.disagreement($state.snapshot(request) as DisagreementRequest));
  survey = (prompt: string) => this.#call((api) => api.survey(prompt));
  stopGenerating = () => this.#call((api) => api.stopGenerating());
  rehearse = (spec: RunSpec) => this.#call((api) => api.rehearse($state.snapshot(spec) as RunSpec));
  pauseRun = () => this.#call((api) => api.pauseRun());
  resumeRun = (updates?: number) => this.#call((api) => api.resumeRun(updates));
  inspectUpdate = () => this.#call((api) => api.inspectUpdate());
  stopRun = () => this.#call((api) => api.stopRun());
  reset = () => this.#call((api) => api.reset());
  setReward = (weights: RewardWeights, neuralWeight?: number) => this.#call((api) => api.setReward($state.snapshot(weights), neuralWeight));
  setConfig = (changes: LiveConfig) => this.#call((api) => api.setConfig($state.snapshot(changes)));
  restore = (checkpoint: RunCheckpoint) => this.#call((api) => api.restore(checkpoint));
  exportModel = (wish: ExportWish) => this.#call((api) => api.exportModel(wish));
  engineStats = () => this.#call((api) => api.engineStats());
  judge = (prompt: string, completion: string, finished: boolean) => this.#call((api) => api.judge(prompt, completion, finished));

  /** Calls the worker; a crash and an exception both come back as a failure. A worker that has lost its engine is ended. */
  async #call<T>(ask: (api: TrainerApi) => Promise<T>): Promise<T | Failure> {
    const life = this.#life;
    if (!life) return this.failure ?? crash('The engine is not running.');
    const answer = ask(life.api).catch((error: unknown): Failure => ({
      type: 'failed',
      code: 'internal',
      detail: error instanceof Error ? error.message : String(error),
    }));
    const result = await life.end.race(answer);
    if (life === this.#life && isFailure(result) && isEngineLoss(result)) this.#fail(result);
    return result;
  }

  #begin(): Life {
    const worker = this.#startWorker();
    this.numLoads += 1;
    const unwatch = watchPulse(
      () => this.#call((api) => api.ping()),
      () => this.#fail(crash('The engine has not answered for minutes.')),
      this.#patience,
    );
    const life: Life = { worker, api: wrap<TrainerApi>(worker), end: new End(), unwatch };
    this.#life = life;
    const onError = (event: Event) => {
      if (this.#life !== life) return;
      event.preventDefault();
      this.#fail(crash((event as Partial<ErrorEvent>).message || 'The engine stopped without a word.'));
    };
    worker.addEventListener('error', onError as EventListener);
    worker.addEventListener('messageerror', onError as EventListener);
    return life;
  }

  /** Ends the worker for good and lets everything that waits for it know why. */
  #end(why: Failure): void {
    const life = this.#life;
    this.#life = null;
    life?.unwatch();
    life?.worker.terminate();
    life?.end.come(why);
  }

  #fail(failure: Failure): void {
    this.phase = 'failed';
    this.failure = failure;
    this.progress = null;
    this.#end(failure);
    if (isEngineLoss(failure)) this.onlost?.(failure);
  }

  #heard(life: Life, event: LoadEvent): void {
    if (life !== this.#life) return;
    switch (event.type) {
      case 'engine':
        this.engine = event.engine;
        break;
      case 'progress':
        this.progress = { what: event.what, doneBytes: event.doneBytes, totalBytes: event.totalBytes };
        break;
      case 'model':
        this.models = [...this.models.filter(({ id }) => id !== event.model.id), event.model];
        break;
      case 'warming':
        this.progress = { what: event.what, doneBytes: 0, totalBytes: 0 };
        break;
      default:
        event satisfies never;
    }
  }
}
