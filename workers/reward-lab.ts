/**
 * @file The reward lab's part of the trainer: training neural reward models on comparisons, keeping them, scoring with them.
 *
 * A training takes turns with answers and with a run's updates, one step at a time, and is stopped between two steps.
 * Pairs of one prompt are kept apart together, so that nothing measured on was seen, not even its prompt.
 */
import {
  REWARD_MODEL_DEFAULTS,
  rewardModelConfig,
  rewardModelTheta,
  RewardScorer,
  TokenScorer,
  trainRewardModel,
  type RewardModelConfig,
  type TokenComparison,
} from '../src/core/algorithms/reward-model';
import type { Engine, EngineTensor } from '../src/core/graph/engine';
import type { ModelConfig } from '../src/core/model/config';
import { loadModel, promptTokens } from '../src/core/model/loaded-model';
import { parameterLayout } from '../src/core/model/parameters';
import { TrainingState } from '../src/core/model/training-state';
import type { PreferencePair } from '../src/core/preferences/preference-pairs';
import { Random } from '../src/core/random';
import { evaluatePairs, type PairEvaluation } from '../src/core/reward/evaluation';
import { worldPairs } from '../src/core/reward/world-pairs';
import { mean, standardDeviation } from '../src/core/rl/advantages';
import type { Sequence } from '../src/core/rl/batch';
import type { TextTokenizer } from '../src/core/text/tokenizer';
import type { DeviceEnd } from '../src/engine/device';
import type { JobQueue } from '../src/engine/queue';
import type { Failure } from '../src/protocol/load';
import {
  SHIPPED_REWARD_MODEL,
  type MeasuredPair,
  type NeuralRewardModel,
  type RewardLabApi,
  type RewardModelEvent,
  type RewardModelOutcome,
  type RewardModelSpec,
  type ScoreOutcome,
  type ScoreRequest,
  type TextScore,
} from '../src/protocol/reward-lab';
import { BadRequest, failureOf, lostFailure } from './failures';
import type { HeldModel } from './held-model';
import type { ModelFiles } from './model-files';
import { remember } from './remember';
import { readScoreRequest, readSpec } from './reward-lab-requests';
import { measure, world } from './world-judge';

/** What the lab borrows of the trainer. */
export interface RewardLabHost {
  readonly turns: JobQueue;
  readonly modelFiles: ModelFiles;
  /** @throws BadRequest before it is loaded */
  engine(): Engine;
  /** @throws BadRequest when there is none */
  policy(id: RewardModelSpec['start']): HeldModel;
  /** Why the device can no longer be used, if so. */
  lost(): DeviceEnd | null;
}

/** A reward model on the engine. */
interface HeldRewardModel extends HeldModel {
  readonly mean: number;
  readonly sd: number;
}

/** Scores answers at once, one each. */
export type ScoreAnswers = (
  answers: readonly { readonly prompt: string; readonly text: string; readonly finished: boolean }[],
) => Promise<readonly number[]>;

/** Conversations scored in one turn. */
const SCORE_BATCH = 64;
/** Rows that hold them, as many as it takes. */
const SCORE_ROWS = 8;
/** Times a training measures itself on what is kept apart. */
const NUM_MEASUREMENTS = 6;
/** Comparisons kept apart at most: more would tell little more, and be measured for longer than is learned. */
const MAX_HELD_OUT = 200;
/** Answers that mean and spread of the scores are taken over. */
const MAX_REFERENCE = 256;
/** Models kept on the engine; the page has them all, and installs one again when it needs it. */
const MAX_HELD = 6;
/** Lengths are rounded up to a multiple, so that texts of all lengths share few programs. */
const LENGTH_MULTIPLE = 32;

/** See `RewardLabApi`. */
export class RewardLab implements RewardLabApi {
  readonly #held = new Map<string, HeldRewardModel>();
  readonly #scorers = new Map<string, Promise<RewardScorer>>();
  readonly #tokenScorers = new Map<string, Promise<TokenScorer>>();
  /** The model of the last run that had one: it is not given up for others. */
  #ofRun: string | null = null;
  #isTraining = false;
  #stopped = false;
  /** Ends the training that waits for a device which will never answer. */
  #giveUp: (end: DeviceEnd) => void = () => undefined;

  constructor(readonly host: RewardLabHost) {}

  async trainRewardModel(spec: RewardModelSpec, listener: (event: RewardModelEvent) => void): Promise<RewardModelOutcome> {
    if (this.#isTraining) return failureOf(new BadRequest('A reward model is being trained already; stop it first.'), null);
    this.#isTraining = true;
    this.#stopped = false;
    try {
      const gaveUp = new Promise<RewardModelOutcome>((resolve) => (this.#giveUp = (end) => resolve(lostFailure(end))));
      return await Promise.race([this.#train(readSpec(spec), async (event) => listener(event)), gaveUp]);
    } catch (error) {
      return failureOf(error, this.host.lost());
    } finally {
      this.#isTraining = false;
      this.#giveUp = () => undefined;
    }
  }

  stopRewardModel(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  /** The device has ended: nothing on it will answer any more. */
  deviceLost(end: DeviceEnd): void {
    this.#giveUp(end);
  }

  async #train(spec: RewardModelSpec, listener: (event: RewardModelEvent) => Promise<void>): Promise<RewardModelOutcome> {
    const { turns } = this.host;
    const startedMs = performance.now();
    await listener({ type: 'warming', what: 'the training programs' });
    const engine = this.host.engine();
    const start = this.host.policy(spec.start);
    const model = rewardModelConfig(start.config);
    const [train, heldOut] = splitByPrompt(spec).map((pairs) => pairs.map((pair) => toTokens(start, pair))) as [
      TokenComparison[],
      TokenComparison[],
    ];
    const length = lengthFor(
      start.config,
      [...train, ...heldOut].flatMap(({ chosen, rejected }) => [chosen, rejected]),
    );
    const config: RewardModelConfig = { ...REWARD_MODEL_DEFAULTS, ...spec.config, length };
    const policyTheta = (await turns.run(() => start.theta.read())) as Float32Array;
    const theta = rewardModelTheta(start.config, policyTheta, new Random(spec.seed).split('score head'));
    const state = new TrainingState(engine, { theta });
    const steps = trainRewardModel({ engine, model, state, config, seed: spec.seed, comparisons: train });
    const evaluate = async (step: number): Promise<PairEvaluation | null> => {
      if (heldOut.length === 0) return null;
      const evaluation = evaluatePairs(await this.#differences(model, state.theta, heldOut));
      await listener({ type: 'heldOut', step, evaluation });
      return evaluation;
    };
    try {
      let [numSteps, measured] = [0, await evaluate(0)];
      while (!this.#stopped) {
        const stepMs = performance.now();
        const next = await turns.run(() => steps.next());
        if (next.done) break;
        numSteps = next.value.step;
        await listener({ type: 'step', step: next.value, stepMs: performance.now() - stepMs });
        const every = Math.ceil(next.value.numSteps / NUM_MEASUREMENTS);
        if (numSteps % every === 0 || numSteps === next.value.numSteps) measured = await evaluate(numSteps);
      }
      const reference = train.flatMap(({ chosen, rejected }) => [chosen, rejected]).slice(0, MAX_REFERENCE);
      const scores = await this.#scoresInTurns(model, state.theta, reference);
      const trained: NeuralRewardModel = {
        start: spec.start,
        theta: (await turns.run(() => state.theta.read())) as Float32Array,
        mean: mean(scores),
        sd: standardDeviation(scores) || 1,
      };
      this.#hold(spec.id, {
        ...trained,
        config: model,
        tokenizer: start.tokenizer,
        describedBy: start.describedBy,
        theta: await turns.run(() => engine.copy(state.theta)),
      });
      return {
        type: this.#stopped ? 'stopped' : 'completed',
        model: trained,
        numSteps,
        numPairs: train.length,
        heldOut: measured,
        trainMs: performance.now() - startedMs,
      };
    } finally {
      await turns.run(() => steps.return(undefined));
      state.dispose();
    }
  }

  async installRewardModel(id: string, { start, theta, mean: middle, sd }: NeuralRewardModel): Promise<Failure | null> {
    try {
      return await this.host.turns.run(() => {
        const policy = this.host.policy(start);
        const config = rewardModelConfig(policy.config);
        const { numParameters } = parameterLayout(config);
        const isSound = theta instanceof Float32Array && theta.every(Number.isFinite) && Number.isFinite(middle) && sd > 0;
        if (!isSound) throw new BadRequest('This reward model is damaged: its weights are not all numbers.');
        if (theta.length !== numParameters) throw new BadRequest('This reward model belongs to a model of another size.');
        const held = this.host.engine().upload({ dims: [theta.length], data: theta });
        this.#hold(id, { ...policy, config, theta: held, mean: middle, sd });
        return Promise.resolve(null);
      });
    } catch (error) {
      return failureOf(error, this.host.lost());
    }
  }

  async scoreTexts(request: ScoreRequest): Promise<ScoreOutcome> {
    try {
      const { rewardModel, texts, perToken } = readScoreRequest(request);
      const scores: TextScore[] = [];
      // A turn for each batch: whoever waits for an answer does not wait for thousands of scores.
      for (let start = 0; start < texts.length; start += SCORE_BATCH)
        scores.push(
          ...(await this.host.turns.run(async () => {
            const model = await this.model(rewardModel);
            const part = texts.slice(start, start + SCORE_BATCH);
            return perToken ? this.#tokenScores(model, part) : this.#textScores(model, part);
          })),
        );
      return { type: 'completed', scores };
    } catch (error) {
      return failureOf(error, this.host.lost());
    }
  }

  async #textScores(model: HeldRewardModel, texts: ScoreRequest['texts']): Promise<TextScore[]> {
    const scores = await this.#scores(
      model.config,
      model.theta,
      texts.map(({ prompt, completion, finished }) => conversation(model, prompt, completion, finished)),
    );
    return scores.map((score) => ({ score: (score - model.mean) / model.sd, tokens: null }));
  }

  /** Standardised scores of an installed model for whoever has the turn already: a run that is rewarded by it. */
  scorerOf(id: string): ScoreAnswers {
    this.#ofRun = id;
    return async (answers) => {
      const model = await this.model(id);
      const sequences = answers.map(({ prompt, text, finished }) => conversation(model, prompt, text, finished));
      return (await this.#scores(model.config, model.theta, sequences)).map((score) => (score - model.mean) / model.sd);
    };
  }

  async #tokenScores(model: HeldRewardModel, texts: ScoreRequest['texts']): Promise<TextScore[]> {
    const results: TextScore[] = [];
    for (const { prompt, completion, finished } of texts) {
      const sequence = conversation(model, prompt, completion, finished);
      const length = Math.min(model.config.maxPositions, roundUp(numTokens(sequence)));
      const scorer = await remember(this.#tokenScorers, JSON.stringify([model.config, length]), () =>
        TokenScorer.create(this.host.engine(), model.config, length),
      );
      const values = (await scorer.scores(model.theta, sequence)).map((value) => (value - model.mean) / model.sd);
      const decoder = model.tokenizer.streamDecoder({ skipSpecial: true });
      const tokens = values.map((score, i) => ({ text: decoder.push(sequence.completionTokens[i]!), score }));
      results.push({ score: values.at(-1) ?? 0, tokens });
    }
    return results;
  }

  async worldPairs(seed: number, numPerCategory: number): Promise<readonly MeasuredPair[]> {
    const pairs: MeasuredPair[] = [];
    for (const { category, request, chosen, rejected } of worldPairs(world, new Random(seed), Math.min(500, numPerCategory))) {
      const measured = (text: string) => measure(request.prompt, text, this.#countTokens(text), true, request);
      pairs.push({ category, prompt: request.prompt, chosen: measured(chosen), rejected: measured(rejected) });
      if (pairs.length % 16 === 0) await new Promise((resolve) => setTimeout(resolve)); // let other calls in
    }
    return pairs;
  }

  #countTokens(text: string): number {
    return this.host.policy('sft').tokenizer.encode(text).length;
  }

  async #differences(model: ModelConfig, theta: EngineTensor, pairs: readonly TokenComparison[]): Promise<number[]> {
    const scores = await this.#scoresInTurns(
      model,
      theta,
      pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]),
    );
    return pairs.map((_, i) => scores[2 * i]! - scores[2 * i + 1]!);
  }

  /** A turn for each batch: whoever waits for an answer does not wait for all of them. */
  async #scoresInTurns(model: ModelConfig, theta: EngineTensor, sequences: readonly Sequence[]): Promise<number[]> {
    const scores: number[] = [];
    for (let start = 0; start < sequences.length; start += SCORE_BATCH)
      scores.push(...(await this.host.turns.run(() => this.#scores(model, theta, sequences.slice(start, start + SCORE_BATCH)))));
    return scores;
  }

  async #scores(config: ModelConfig, theta: EngineTensor, sequences: readonly Sequence[]): Promise<number[]> {
    const length = lengthFor(config, sequences);
    const scorer = await remember(this.#scorers, JSON.stringify([config, length]), () =>
      RewardScorer.create(this.host.engine(), config, SCORE_ROWS, length),
    );
    return scorer.score(theta, sequences);
  }

  /** An installed model, or the shipped one, fetched when first asked for. @throws BadRequest when there is none */
  async model(id: string): Promise<HeldRewardModel> {
    const known = this.#held.get(id);
    if (known) return known;
    if (id !== SHIPPED_REWARD_MODEL) throw new BadRequest('This reward model is not installed.');
    const manifest = await this.host.modelFiles.manifest();
    const listed = manifest.models.find((model) => model.id === 'reward-model');
    if (!listed) throw new BadRequest('This site comes without a reward model.');
    const { config, tokenizer, theta } = loadModel(await this.host.modelFiles.files(listed, () => Promise.resolve()));
    if (config.numLabels !== 1) throw new BadRequest('The reward model of this site has no score head.');
    // Scores of a shipped model are as they were trained: nothing says what their mean was.
    const onEngine = this.host.engine().upload({ dims: [theta.length], data: theta });
    const held: HeldRewardModel = { config, tokenizer, describedBy: 'sft', theta: onEngine, mean: 0, sd: 1 };
    this.#hold(SHIPPED_REWARD_MODEL, held);
    return held;
  }

  /** Keeps a model; of too many the one held longest is given back. */
  #hold(id: string, model: HeldRewardModel): void {
    this.#held.get(id)?.theta.dispose();
    this.#held.delete(id);
    this.#held.set(id, model);
    const oldest = [...this.#held.keys()].find((held) => held !== this.#ofRun);
    if (this.#held.size <= MAX_HELD || oldest === undefined) return;
    this.#held.get(oldest)?.theta.dispose();
    this.#held.delete(oldest);
  }
}

const roundUp = (count: number) => Math.ceil(count / LENGTH_MULTIPLE) * LENGTH_MULTIPLE;
/** Rows that hold several conversations leave less of them empty. */
const lengthFor = ({ maxPositions }: ModelConfig, sequences: readonly Sequence[]) =>
  Math.min(
    maxPositions,
    sequences.reduce((longest, sequence) => Math.max(longest, roundUp(numTokens(sequence))), REWARD_MODEL_DEFAULTS.length),
  );
const numTokens = ({ promptTokens: prompt, completionTokens }: Sequence) => prompt.length + completionTokens.length;

/** A prompt and its answer as tokens; a score is read at the end mark, or at the last token of an answer that was cut off. */
function conversation(
  { tokenizer, config }: { tokenizer: TextTokenizer; config: ModelConfig },
  prompt: string,
  completion: string,
  finished = true,
): Sequence {
  const end = finished ? config.eosTokenIds.slice(0, 1) : [];
  return {
    promptTokens: promptTokens(tokenizer, config.bosTokenId, prompt),
    completionTokens: [...tokenizer.encode(completion), ...end],
  };
}

function toTokens(policy: Pick<HeldModel, 'config' | 'tokenizer'>, { prompt, chosen, rejected, margin }: PreferencePair): TokenComparison {
  return { chosen: conversation(policy, prompt, chosen), rejected: conversation(policy, prompt, rejected), margin };
}

/** The pairs to learn from and those kept apart, divided by prompt; with a single prompt nothing can be kept apart. */
function splitByPrompt({ pairs, heldOutShare, seed }: RewardModelSpec): [PreferencePair[], PreferencePair[]] {
  const counts = new Map<string, number>();
  for (const { prompt } of pairs) counts.set(prompt, (counts.get(prompt) ?? 0) + 1);
  const wanted = Math.min(heldOutShare * pairs.length, MAX_HELD_OUT);
  const apart = new Set<string>();
  let count = 0;
  for (const prompt of new Random(seed)
    .split('held out')
    .shuffle([...counts.keys()])
    .slice(1)) {
    if (count >= wanted) break;
    apart.add(prompt);
    count += counts.get(prompt)!;
  }
  return [pairs.filter(({ prompt }) => !apart.has(prompt)), pairs.filter(({ prompt }) => apart.has(prompt))];
}
