/**
 * @file The trainer: owns the engine and the models, serves generations, runs training. Implements the page's contract.
 *
 * Work takes turns: one update of a run, or one whole generation, at a time, in the order asked. So an answer asked for
 * while training waits for the update in progress, then streams at full speed, and never sees weights change under it.
 * The engine and the site's files are handed in, so the same class runs in a worker and in tests.
 */
import type { Engine } from '../src/core/graph/engine';
import type { EngineStats } from '../src/core/graph/engine-stats';
import { Generator } from '../src/core/model/generator';
import { loadModel, promptTokens } from '../src/core/model/loaded-model';
import { RolloutSampler, type SamplerShape } from '../src/core/rl/rollout';
import { Random } from '../src/core/random';
import type { DeviceEnd } from '../src/engine/device';
import { TooLargeError } from '../src/engine/limits';
import type { WebEngine } from '../src/engine/ort-web';
import { ProgramShelf } from '../src/engine/program-shelf';
import { JobQueue } from '../src/engine/queue';
import type {
  Completion,
  GeneratedToken,
  GenerateEvent,
  GenerateOutcome,
  GenerateRequest,
  SampleGroupOutcome,
  SampleGroupRequest,
} from '../src/protocol/generate';
import type { EngineChoice, EngineInfo, Failure, LoadEvent, LoadOutcome, ModelId, ModelInfo } from '../src/protocol/load';
import type { LiveConfig, RewardWeights, RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../src/protocol/run';
import type { RewardLabApi } from '../src/protocol/reward-lab';
import type { SurveyOutcome } from '../src/protocol/survey';
import type { InspectOutcome } from '../src/protocol/update-detail';
import type { TrainerApi } from '../src/protocol/trainer-api';
import { BadRequest, failureOf, lostFailure } from './failures';
import type { ModelFiles } from './model-files';
import { ActiveRun } from './active-run';
import { drawGroup } from './draw-group';
import { upload, type HeldModel } from './held-model';
import { readLiveConfig } from './live-config';
import { Rehearsal } from './rehearsal';
import { remember } from './remember';
import { RewardLab } from './reward-lab';
import { runTooLarge } from './too-large';
import { SurpriseScorer, survey } from './survey';
import { describeUpdate, type LearnedUpdate } from './update-inspector';
import { measure } from './world-judge';

/** At most 20 events a second reach the page. */
const MIN_EVENT_MS = 50;

/** What the trainer is given. */
export interface TrainerOptions {
  readonly createEngine: (choice: EngineChoice) => Promise<WebEngine>;
  readonly modelFiles: ModelFiles;
}

/** Everything the page may ask; one run at a time. */
export class Trainer implements TrainerApi {
  readonly #turns = new JobQueue();
  readonly #models = new Map<ModelId, HeldModel>();
  readonly #generators = new Map<string, Promise<Generator>>();
  readonly #samplers = new Map<string, Promise<RolloutSampler>>();
  readonly #lab: RewardLab;
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
  /** Bits per byte above which the base model finds a prompt off the map; null where the models were built without. */
  #offMapLimit: number | null = null;
  #surprise: SurpriseScorer | null = null;
  /** The run last rehearsed, as text; null when its programs are gone. */
  #rehearsed: string | null = null;

  constructor(readonly options: TrainerOptions) {
    this.#lab = new RewardLab({
      turns: this.#turns,
      modelFiles: options.modelFiles,
      engine: () => this.#engine(),
      policy: (id) => this.#model(id),
      lost: () => this.#lost,
    });
  }

  async load(choice: EngineChoice, listener: (event: LoadEvent) => void): Promise<LoadOutcome> {
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
      const models = await this.#loadModels(web.engine, listener);
      await listener({ type: 'warming', what: 'the programs' });
      await Promise.all(['base', 'sft'].map((id) => this.#generator(this.#model(id as ModelId))));
      return { type: 'completed', engine, models, loadMs: performance.now() - startedMs };
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

  async #loadModels(engine: Engine, listener: (event: LoadEvent) => void): Promise<ModelInfo[]> {
    const manifest = await this.options.modelFiles.manifest();
    const models: ModelInfo[] = [];
    for (const id of ['base', 'sft', 'rlhf'] as const) {
      const listed = manifest.models.find((model) => model.id === id);
      if (!listed) throw new BadRequest(`The manifest lists no model "${id}".`);
      if (id === 'base') this.#offMapLimit = listed.offMapLimit ?? null;
      let saidMs = -Infinity;
      const files = await this.options.modelFiles.files(listed, async (doneBytes, totalBytes) => {
        if (doneBytes < totalBytes && performance.now() - saidMs < MIN_EVENT_MS) return;
        saidMs = performance.now();
        await listener({ type: 'progress', what: `the ${id} model`, doneBytes, totalBytes });
      });
      const { config, tokenizer, theta } = loadModel(files);
      this.#hold(id, { config, tokenizer, theta: upload(engine, id, theta) });
      const info = {
        id,
        folder: listed.folder,
        bytes: listed.files.reduce((sum, file) => sum + file.bytes, 0),
        numParameters: theta.length,
      };
      models.push(info);
      await listener({ type: 'model', model: info });
    }
    return models;
  }

  #engine(): Engine {
    if (!this.#web) throw new BadRequest('The engine is not loaded yet.');
    return this.#web.engine;
  }

  #model(id: ModelId): HeldModel {
    const model = this.#models.get(id);
    if (!model) throw new BadRequest(id === 'yours' ? 'No policy has been trained yet.' : `The ${id} model is not loaded.`);
    return model;
  }

  /** One set of chunk programs for each model shape. */
  #generator({ config }: HeldModel): Promise<Generator> {
    return remember(this.#generators, JSON.stringify(config), () =>
      Generator.create(this.#engine(), config, { chunk: this.#engine().isGpu ? 8 : 16, numAlternatives: 8 }),
    );
  }

  #sampler({ config }: HeldModel, shape: SamplerShape): Promise<RolloutSampler> {
    return remember(this.#samplers, JSON.stringify([config, shape]), () => RolloutSampler.create(this.#engine(), config, shape));
  }

  async generate(request: GenerateRequest, listener: (event: GenerateEvent) => void): Promise<GenerateOutcome> {
    const stops = this.#stops;
    try {
      return await this.#turns.run(() => this.#stream(request, listener, () => this.#stops !== stops));
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  async #stream(request: GenerateRequest, listener: (event: GenerateEvent) => void, stopped: () => boolean): Promise<GenerateOutcome> {
    const startedMs = performance.now();
    const model = this.#model(request.model);
    const generator = await this.#generator(model);
    const decoder = model.tokenizer.streamDecoder({ skipSpecial: true });
    const name = (id: number) => model.tokenizer.decode([id]);
    let waiting: GeneratedToken[] = [];
    let [text, numTokens, finished, saidMs] = ['', 0, false, -Infinity];
    const say = async () => {
      if (waiting.length === 0) return;
      const tokens = waiting;
      [waiting, saidMs] = [[], performance.now()];
      await listener({ type: 'tokens', tokens });
    };
    const parts = generator.generate({
      theta: model.theta,
      promptTokens: promptTokens(model.tokenizer, model.config.bosTokenId, request.prompt),
      random: new Random(request.seed).split('generate'),
      temperature: request.temperature,
      maxTokens: request.maxTokens,
    });
    for await (const part of parts) {
      if (stopped()) return { type: 'stopped' };
      for (const token of part) {
        numTokens++;
        finished = token.isEnd;
        const added = token.isEnd ? decoder.finish() : decoder.push(token.id);
        text += added;
        const alternatives = token.alternatives.slice(0, request.numAlternatives).map(({ id, logprob }) => ({ text: name(id), logprob }));
        waiting.push({ id: token.id, text: added, logprob: token.logprob, alternatives });
      }
      if (performance.now() - saidMs >= MIN_EVENT_MS) await say();
    }
    text += finished ? '' : decoder.finish();
    await say();
    if (stopped()) return { type: 'stopped' };
    const completion = measure(request.prompt, text, numTokens, finished);
    return { type: 'completed', completion, tokensPerSecond: numTokens / ((performance.now() - startedMs) / 1000) };
  }

  async sampleGroup(request: SampleGroupRequest): Promise<SampleGroupOutcome> {
    const stops = this.#stops;
    try {
      return await this.#turns.run(async (): Promise<SampleGroupOutcome> => {
        if (this.#stops !== stops) return { type: 'stopped' };
        const model = this.#model(request.model);
        const completions = await drawGroup(request, model, (shape) => this.#sampler(model, shape));
        return { type: 'completed', completions };
      });
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  judge(prompt: string, completion: string, finished: boolean): Promise<Completion> {
    const numTokens = this.#models.get('sft')?.tokenizer.encode(completion).length ?? 0;
    return Promise.resolve(measure(prompt, completion, numTokens, finished));
  }

  async survey(prompt: string): Promise<SurveyOutcome> {
    const stops = this.#stops;
    const score = async () => {
      if (this.#stops !== stops) return null;
      return (this.#surprise ??= new SurpriseScorer(this.#engine(), this.#model('base'))).score(prompt);
    };
    try {
      return await survey(prompt, this.#offMapLimit, () => this.#turns.run(score));
    } catch (error) {
      return failureOf(error, this.#lost);
    }
  }

  stopGenerating(): Promise<void> {
    this.#stops++;
    return Promise.resolve();
  }

  async run(spec: RunSpec, from: RunCheckpoint | null, listener: (event: RunEvent) => void): Promise<RunOutcome> {
    if (this.#run) return { type: 'failed', code: 'bad-request', detail: 'A run is already going on; stop it first.', update: 0 };
    let run: ActiveRun | null = null;
    try {
      const start = this.#model(spec.start);
      const shelf = (this.#shelf ??= new ProgramShelf(this.#engine()));
      run = new ActiveRun({
        engine: shelf.taking(),
        turns: this.#turns,
        start,
        spec,
        from,
        listener: async (event) => listener(event),
        install: (policy) => this.#hold('yours', policy),
        learned: (update) => (this.#learned = update),
        score: spec.rewardModel ? this.#lab.scorerOf(spec.rewardModel.id) : null,
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
    const model = this.#models.get(start);
    if (!web || !model || web.isSoftware || this.#lost || this.#run || rehearsed === this.#rehearsed) return;
    this.#rehearsed = rehearsed;
    await this.#rehearsal?.cancel();
    if (this.#run) return;
    const shelf = (this.#shelf ??= new ProgramShelf(web.engine));
    await shelf.clear();
    this.#rehearsal = new Rehearsal(shelf.filling(), this.#turns, model, spec);
    await this.#rehearsal.ended;
  }

  /** After its device is lost a run may wait for ever. */
  #deviceLost(run: ActiveRun): Promise<RunOutcome> {
    return new Promise((resolve) => {
      this.#onlost = (end) => resolve({ ...lostFailure(end), update: run.update });
      if (this.#lost) this.#onlost(this.#lost);
    });
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
        const detail = learned && (await describeUpdate(this.#engine(), this.#model('yours'), learned));
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

  setReward(weights: RewardWeights): Promise<void> {
    this.#run?.setReward(weights);
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
      this.#models.get('yours')?.theta.dispose();
      this.#models.delete('yours');
      this.#learned = null;
      return Promise.resolve();
    });
  }

  restore(checkpoint: RunCheckpoint): Promise<void> {
    return this.#turns.run(() => {
      const { config, tokenizer, theta } = this.#model(checkpoint.spec.start);
      if (checkpoint.theta.length !== theta.dims[0]) throw new BadRequest('This checkpoint belongs to a model of another size.');
      this.#hold('yours', { config, tokenizer, theta: upload(this.#engine(), 'yours', checkpoint.theta) });
      if (this.#learned?.step.update !== checkpoint.update) this.#learned = null;
      return Promise.resolve();
    });
  }

  trainRewardModel: RewardLabApi['trainRewardModel'] = (spec, listener) => this.#lab.trainRewardModel(spec, listener);
  stopRewardModel: RewardLabApi['stopRewardModel'] = () => this.#lab.stopRewardModel();
  installRewardModel: RewardLabApi['installRewardModel'] = (id, model) => this.#lab.installRewardModel(id, model);
  scoreTexts: RewardLabApi['scoreTexts'] = (request) => this.#lab.scoreTexts(request);
  worldPairs: RewardLabApi['worldPairs'] = (seed, numPerCategory) => this.#lab.worldPairs(seed, numPerCategory);

  ping(): Promise<Failure | null> {
    return Promise.resolve(this.#lost && lostFailure(this.#lost));
  }

  engineStats(): Promise<EngineStats | null> {
    return Promise.resolve(this.#web?.engine.stats() ?? null);
  }

  /** Keeps a model under a name; the one before is given back. */
  #hold(id: ModelId, model: HeldModel): void {
    this.#models.get(id)?.theta.dispose();
    this.#models.set(id, model);
  }
}
