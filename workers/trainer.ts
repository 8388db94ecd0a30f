/**
 * @file The trainer: owns the engine and the models, serves generations, runs training. Implements the page's contract.
 *
 * Work takes turns: one update of a run, or one whole generation, at a time, in the order asked. So an answer asked for
 * while training waits for the update in progress, then streams at full speed, and never sees weights change under it.
 * The engine and the site's files are handed in, so the same class runs in a worker and in tests.
 */
import { parseRows, type DataRows } from '../src/core/data/rows';
import { encodeLong } from '../src/core/data/texts';
import type { Engine } from '../src/core/graph/engine';
import type { EngineStats } from '../src/core/graph/engine-stats';
import { Generator } from '../src/core/model/generator';
import type { DeviceEnd } from '../src/engine/device';
import { TooLargeError } from '../src/engine/limits';
import type { WebEngine } from '../src/engine/ort-web';
import { ProgramShelf } from '../src/engine/program-shelf';
import { JobQueue } from '../src/engine/queue';
import type {
  Completion,
  DisagreementOutcome,
  DisagreementRequest,
  GenerateEvent,
  GenerateOutcome,
  GenerateRequest,
} from '../src/protocol/generate';
import type { EngineChoice, EngineInfo, Failure, LoadOutcome } from '../src/protocol/load';
import type { ExportOutcome, ExportWish } from '../src/protocol/model-export';
import type { LiveConfig, RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec, TokensOutcome } from '../src/protocol/run';
import type { RewardLabApi } from '../src/protocol/reward-lab';
import type { SurveyOutcome } from '../src/protocol/survey';
import type { InspectOutcome } from '../src/protocol/update-detail';
import type { TrainerApi } from '../src/protocol/trainer-api';
import { BadRequest, failureOf, lostFailure } from './failures';
import { BroughtFiles } from './brought-files';
import { Family } from './families';
import type { ModelFiles } from './model-files';
import { ActiveRun } from './active-run';
import { Disagreement } from './disagreement';
import { AnswerDraws } from './draw-answers';
import { upload, type HeldModel } from './held-model';
import { HeldModels } from './held-models';
import { LessonData } from './lesson-data';
import { readLiveConfig } from './live-config';
import { exportModel } from './model-export';
import { Rehearsal } from './rehearsal';
import { remember } from './remember';
import { RewardLab } from './reward-lab';
import { findRows, keepRows } from './run-sources';
import { streamAnswer } from './stream-answer';
import { runTooLarge } from './too-large';
import { SurpriseScorer, survey } from './survey';
import { describeUpdate, type LearnedUpdate } from './update-inspector';
import { measure } from './world-judge';

/** What the trainer is given. */
export interface TrainerOptions {
  readonly createEngine: (choice: EngineChoice) => Promise<WebEngine>;
  readonly modelFiles: ModelFiles;
}

/** Everything the page may ask; one run at a time. */
export class Trainer implements TrainerApi {
  readonly #turns = new JobQueue();
  readonly #models: HeldModels;
  readonly #generators = new Map<string, Promise<Generator>>();
  readonly #lab: RewardLab;
  readonly #answers: AnswerDraws;
  readonly #lessonData = new LessonData();
  /** The reader's own rows, by id. */
  readonly #rows = new Map<string, DataRows>();
  #web: WebEngine | null = null;
  #lost: DeviceEnd | null = null;
  /** Told when the device ends; waiting on `lost` itself, run after run would be kept to the end of the worker. */
  #onlost: (end: DeviceEnd) => void = () => undefined;
  #stops = 0;
  #run: ActiveRun | null = null;
  /** The update that made `yours`. */
  #learned: LearnedUpdate | null = null;
  #shelf: ProgramShelf | null = null;
  #rehearsal: Rehearsal | null = null;
  #surprise: SurpriseScorer | null = null;
  #disagreement: Disagreement | null = null;
  /** The run last rehearsed, as text; null when its programs are gone. */
  #rehearsed: string | null = null;

  constructor(readonly options: TrainerOptions) {
    this.#models = new HeldModels(() => this.#engine(), options.modelFiles);
    this.#lab = new RewardLab({
      turns: this.#turns,
      modelFiles: options.modelFiles,
      engine: () => this.#engine(),
      policy: (id) => this.#models.get(id),
      lost: () => this.#lost,
    });
    this.#answers = new AnswerDraws({
      turns: this.#turns,
      engine: () => this.#engine(),
      model: (id) => this.#models.asked(id),
      stops: () => this.#stops,
      lost: () => this.#lost,
    });
  }

  async load(...[choice, listener, family, brought]: Parameters<TrainerApi['load']>): Promise<LoadOutcome> {
    const startedMs = performance.now();
    try {
      await listener({ type: 'warming', what: 'the engine' });
      const web = (this.#web ??= await this.#createEngine(choice));
      const engine: EngineInfo = {
        backend: web.backend,
        label: web.label,
        numThreads: web.numThreads,
        precision: web.precision,
        offersFloat16: web.offersFloat16,
        crossOriginIsolated: globalThis.crossOriginIsolated === true,
        fallbackReason: web.fallbackReason,
      };
      await listener({ type: 'engine', engine });
      this.options.modelFiles.family = family;
      this.options.modelFiles.brought = brought ? new BroughtFiles(brought) : null;
      const loaded = new Family(await this.options.modelFiles.manifest());
      const models = await this.#models.load(loaded, listener);
      await listener({ type: 'warming', what: 'the programs' });
      await Promise.all([this.#models.base, this.#models.get('sft')].map((model) => this.#generator(model)));
      return { type: 'completed', engine, models, ...loaded.shipped, loadMs: performance.now() - startedMs };
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  async #createEngine(choice: EngineChoice): Promise<WebEngine> {
    const web = await this.options.createEngine(choice);
    void web.lost.then((end) => {
      this.#lost = end;
      this.#onlost(end);
      this.#lab.deviceLost(end);
    });
    return web;
  }

  #engine(): Engine {
    if (!this.#web) throw new BadRequest('The engine is not loaded yet.');
    return this.#web.engine;
  }

  /** One set of chunk programs for each model shape. */
  #generator({ config }: HeldModel): Promise<Generator> {
    return remember(this.#generators, JSON.stringify(config), () =>
      Generator.create(this.#engine(), config, { chunk: this.#engine().isGpu ? 8 : 16, numAlternatives: 8 }),
    );
  }

  async generate(request: GenerateRequest, listener: (event: GenerateEvent) => void): Promise<GenerateOutcome> {
    const stops = this.#stops;
    try {
      return await this.#turns.run(async () => {
        const model = await this.#models.asked(request.model);
        return streamAnswer(request, model, await this.#generator(model), { listener, stopped: () => this.#stops !== stops });
      });
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  sampleGroup: TrainerApi['sampleGroup'] = (request) => this.#answers.sampleGroup(request);
  sampleAnswers: TrainerApi['sampleAnswers'] = (request) => this.#answers.sampleAnswers(request);

  judge(prompt: string, completion: string, finished: boolean): Promise<Completion> {
    const numTokens = this.#models.has('sft') ? this.#models.get('sft').tokenizer.encode(completion).length : 0;
    return Promise.resolve(measure(prompt, completion, numTokens, finished));
  }

  async survey(prompt: string): Promise<SurveyOutcome> {
    const stops = this.#stops;
    const score = async () => {
      if (this.#stops !== stops) return null;
      return (this.#surprise ??= new SurpriseScorer(this.#engine(), this.#models.base)).score(prompt);
    };
    try {
      return await survey(prompt, this.#models.family?.offMapLimit ?? null, () => this.#turns.run(score));
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  disagreement({ prompt, tokens, model, against }: DisagreementRequest): Promise<DisagreementOutcome> {
    const measure = async (): Promise<DisagreementOutcome> => {
      this.#disagreement ??= new Disagreement(this.#engine());
      return {
        type: 'completed',
        kl: await this.#disagreement.measure(prompt, tokens, this.#models.get(model), this.#models.get(against)),
      };
    };
    return this.#turns.run(measure).catch((error: unknown) => failureOf(error, this.#lost));
  }

  stopGenerating(): Promise<void> {
    this.#stops++;
    return Promise.resolve();
  }

  async run(spec: RunSpec, from: RunCheckpoint | null, listener: (event: RunEvent) => void): Promise<RunOutcome> {
    if (this.#run) return { type: 'failed', code: 'bad-request', detail: 'A run is already going on; stop it first.', update: 0 };
    let run: ActiveRun | null = null;
    try {
      this.#models.family?.check(spec);
      const start = this.#models.startOf(spec);
      const shelf = (this.#shelf ??= new ProgramShelf(this.#engine()));
      run = new ActiveRun({
        engine: shelf.taking(),
        turns: this.#turns,
        start,
        spec,
        from,
        listener: async (event) => listener(event),
        install: (policy) => this.#models.hold('yours', policy),
        learned: (update) => (this.#learned = update),
        score: spec.rewardModel ? this.#lab.scorerOf(spec.rewardModel.id) : null,
        base: this.#models.base,
        rows: findRows(this.#rows, spec),
      });
      this.#run = run;
      const active = run;
      const going = (this.#rehearsal?.cancel() ?? Promise.resolve()).then(() => active.go());
      return await Promise.race([going, this.#deviceLost(active)]);
    } catch (error) {
      const failure = failureOf(error, this.#lost);
      const detail = error instanceof TooLargeError ? runTooLarge(error, spec.config) : failure.detail;
      return { ...failure, detail, update: run?.update ?? 0 };
    } finally {
      this.#run = null;
      this.#onlost = () => undefined;
      this.#rehearsed = null;
      if (!this.#lost) await this.#shelf?.clear();
    }
  }

  async rehearse(spec: RunSpec): Promise<void> {
    // Prompts and rewards matter little to what is compiled.
    const { stage, start, config } = spec;
    const rehearsed = JSON.stringify({ stage, start, config });
    const web = this.#web;
    if (!web || !this.#models.has(start) || web.isSoftware || this.#lost || this.#run || rehearsed === this.#rehearsed) return;
    this.#rehearsed = rehearsed;
    await this.#rehearsal?.cancel();
    if (this.#run) return;
    const shelf = (this.#shelf ??= new ProgramShelf(web.engine));
    await shelf.clear();
    try {
      const parts = { base: this.#models.base, rows: findRows(this.#rows, spec) };
      this.#rehearsal = new Rehearsal(shelf.filling(), this.#turns, this.#models.startOf(spec), spec, parts);
      await this.#rehearsal.ended;
    } catch {
      // What is missing will be told of when the run is asked for.
    }
  }

  /** After its device is lost a run may wait for ever. */
  #deviceLost(run: ActiveRun): Promise<RunOutcome> {
    return new Promise((resolve) => {
      this.#onlost = (end) => resolve({ ...lostFailure(end), update: run.update });
      if (this.#lost) this.#onlost(this.#lost);
    });
  }

  installRows(id: string, rows: DataRows): Promise<Failure | null> {
    try {
      keepRows(this.#rows, id, parseRows(rows));
      return Promise.resolve(null);
    } catch (error) {
      return Promise.resolve(failureOf(error, this.#lost));
    }
  }

  countTokens(texts: readonly string[]): Promise<TokensOutcome> {
    try {
      const { tokenizer } = this.#models.base;
      const numTokens = texts.reduce((sum, text) => sum + encodeLong(tokenizer, text).length, 0);
      return Promise.resolve({ type: 'completed', numTokens });
    } catch (error) {
      return Promise.resolve(failureOf(error, this.#lost));
    }
  }

  pauseRun(): Promise<void> {
    this.#run?.pause();
    return Promise.resolve();
  }

  resumeRun(updates?: number): Promise<void> {
    this.#run?.resume(updates);
    return Promise.resolve();
  }

  async inspectUpdate(): Promise<InspectOutcome> {
    try {
      return await this.#turns.run(async () => {
        const learned = this.#learned;
        const detail = learned && (await describeUpdate(this.#engine(), this.#models.get('yours'), learned));
        return { type: 'completed', detail };
      });
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  stopRun(): Promise<void> {
    this.#run?.stop();
    return Promise.resolve();
  }

  setReward(weights: RewardWeights, neuralWeight?: number): Promise<void> {
    this.#run?.setReward(weights, neuralWeight);
    return Promise.resolve();
  }

  setConfig(changes: LiveConfig): Promise<Failure | null> {
    try {
      this.#run?.setConfig(readLiveConfig(this.#run.options.spec.stage, changes));
      return Promise.resolve(null);
    } catch (error) {
      return Promise.resolve(failureOf(error, this.#lost));
    }
  }

  async reset(): Promise<void> {
    await this.#turns.run(() => {
      this.#models.drop('yours');
      this.#learned = null;
      return Promise.resolve();
    });
  }

  restore(checkpoint: RunCheckpoint): Promise<void> {
    return this.#turns.run(() => {
      this.#models.family?.check(checkpoint.spec);
      const start = this.#models.startOf(checkpoint.spec);
      if (checkpoint.theta.length !== start.theta.dims[0]) throw new BadRequest('This checkpoint belongs to a model of another size.');
      this.#models.hold('yours', { ...start, theta: upload(this.#engine(), 'yours', checkpoint.theta) });
      if (this.#learned?.step.update !== checkpoint.update) this.#learned = null;
      return Promise.resolve();
    });
  }

  trainRewardModel: RewardLabApi['trainRewardModel'] = (spec, listener) => this.#lab.trainRewardModel(spec, listener);
  stopRewardModel: RewardLabApi['stopRewardModel'] = () => this.#lab.stopRewardModel();
  installRewardModel: RewardLabApi['installRewardModel'] = (id, model) => this.#lab.installRewardModel(id, model);
  scoreTexts: RewardLabApi['scoreTexts'] = (request) => this.#lab.scoreTexts(request);
  worldPairs: RewardLabApi['worldPairs'] = (seed, numPerCategory) => this.#lab.worldPairs(seed, numPerCategory);

  async exportModel(wish: ExportWish): Promise<ExportOutcome> {
    try {
      const host = { models: this.#models, rewardModel: (id: string) => this.#lab.model(id) };
      return await this.#turns.run(() => exportModel(host, wish));
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  drawPrompts: TrainerApi['drawPrompts'] = (wish) => this.#lessonData.drawPrompts(wish);
  drawNames: TrainerApi['drawNames'] = (seed, perGroup) => this.#lessonData.drawNames(seed, perGroup);
  writeDemonstrations: TrainerApi['writeDemonstrations'] = (data, ...rest) => this.#lessonData.writeDemonstrations(data, ...rest);
  improveAnswers: TrainerApi['improveAnswers'] = (prompts, ...rest) => this.#lessonData.improveAnswers(prompts, ...rest);

  ping(): Promise<Failure | null> {
    return Promise.resolve(this.#lost && lostFailure(this.#lost));
  }

  engineStats(): Promise<EngineStats | null> {
    return Promise.resolve(this.#web?.engine.stats() ?? null);
  }
}
