/**
 * @file The neural reward model: trained in the worker on the open set's labels, watched while it trains, kept by name, and
 * asked what any text is worth, token by token.
 *
 * The worker forgets its models when it is replaced; the page keeps their weights and installs them again when they are asked for.
 */
import * as v from 'valibot';
import { REWARD_MODEL_DEFAULTS, type RewardModelStep } from '../core/algorithms/reward-model';
import { marginOf, type Comparison } from '../core/preferences/comparison';
import type { PairEvaluation } from '../core/reward/evaluation';
import type { Failure } from '../protocol/load';
import type { NeuralRewardModel, RewardModelEvent, RewardModelSpec, RewardPair, ScoreOutcome, TokenScore } from '../protocol/reward-lab';
import { Shelf, type Undo } from './shelf.svelte';
import type { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

const OPEN_MODEL = 'open-reward-model';
/** Share of the prompts that a training keeps apart to measure itself with. */
const HELD_OUT = 0.2;
/** Texts a call: progress is seen, and answers asked for meanwhile get their turn. */
const SCORE_BATCH = 64;

const modelSchema = v.object({
  start: v.picklist(['base', 'sft', 'rlhf']),
  theta: v.custom<Float32Array>((value) => value instanceof Float32Array),
  mean: v.pipe(v.number(), v.finite()),
  sd: v.pipe(v.number(), v.finite(), v.minValue(1e-9)),
});

/** What may be set before a training. */
export type NeuralConfig = RewardModelSpec['config'];

/** A text that was scored. */
export interface ScoredText {
  readonly score: number;
  readonly tokens: readonly TokenScore[];
}

/** The labels that teach something: those with a winner, the winner first, strength as margin (Llama 2). */
export function rewardPairs(labels: readonly Comparison[]): readonly RewardPair[] {
  return labels.flatMap(({ prompt, a, b, verdict, strength }) => {
    if (verdict !== 'a' && verdict !== 'b') return [];
    const [chosen, rejected] = verdict === 'a' ? [a, b] : [b, a];
    return [{ prompt, chosen, rejected, margin: marginOf(strength) }];
  });
}

/** Trained models, one of them open. */
export class NeuralReward {
  readonly shelf: Shelf<NeuralRewardModel>;
  openId = $state('');
  open = $derived.by(() => this.shelf.items.find(({ id }) => id === this.openId) ?? null);
  config = $state.raw<NeuralConfig>({
    numEpochs: REWARD_MODEL_DEFAULTS.numEpochs,
    numPairs: REWARD_MODEL_DEFAULTS.numPairs,
    learningRate: REWARD_MODEL_DEFAULTS.learningRate,
    centring: REWARD_MODEL_DEFAULTS.centring,
  });
  status = $state<'idle' | 'training' | 'failed'>('idle');
  /** Steps of the training that goes on, or of the last one. */
  steps = $state.raw<readonly RewardModelStep[]>([]);
  /** Measurements on the pairs kept apart, by step. */
  heldOut = $state.raw<readonly { readonly step: number; readonly evaluation: PairEvaluation }[]>([]);
  trainMs = $state<number | null>(null);
  failure = $state.raw<Failure | null>(null);
  undoable = $state.raw<Undo | null>(null);

  #client: TrainerClient;
  #storage: Storage;
  /** Models that the present worker has, by the number of its load. */
  #installed: Record<string, true> = {};

  constructor(client: TrainerClient, storage: Storage) {
    this.#client = client;
    this.#storage = storage;
    this.shelf = new Shelf(storage, 'reward-model', (body) => v.parse(modelSchema, body));
  }

  /** Reads what is stored. */
  async load(): Promise<void> {
    await this.shelf.load();
    const last = await this.#storage.option(OPEN_MODEL);
    this.openId = this.shelf.items.find(({ id }) => id === last)?.id ?? this.shelf.items.at(-1)?.id ?? '';
  }

  /** Opens a model. */
  select(id: string): void {
    this.openId = id;
    void this.#storage.setOption(OPEN_MODEL, id);
  }

  /** Trains on labels and keeps the model under `name`; stopped, as far as it came. */
  async train(name: string, labels: readonly Comparison[]): Promise<void> {
    if (this.status === 'training') return;
    this.status = 'training';
    this.failure = null;
    this.steps = [];
    this.heldOut = [];
    const spec: RewardModelSpec = {
      id: 'training',
      start: 'sft',
      seed: 1,
      pairs: rewardPairs(labels),
      config: this.config,
      heldOutShare: HELD_OUT,
    };
    const outcome = await this.#client.trainRewardModel(spec, (event) => this.#heard(event));
    if (outcome.type === 'failed') {
      this.failure = outcome;
      this.status = 'failed';
      return;
    }
    this.status = 'idle';
    this.trainMs = outcome.trainMs;
    if (outcome.numSteps > 0) this.select((await this.shelf.add(name, outcome.model)).id);
  }

  /** Ends the training after the step that is under way. */
  stop(): void {
    void this.#client.stopRewardModel();
  }

  /** What the open model thinks of texts; null when it cannot be asked, and `failure` says why. */
  async score(
    texts: readonly { readonly prompt: string; readonly completion: string }[],
    perToken = false,
  ): Promise<readonly ScoredText[] | null> {
    const { open } = this;
    if (!open) return null;
    const scores: ScoredText[] = [];
    for (let start = 0; start < texts.length; start += SCORE_BATCH) {
      const outcome = await this.#scoreBatch(open.id, open.body, texts.slice(start, start + SCORE_BATCH), perToken);
      if (outcome.type === 'failed') {
        this.failure = outcome;
        return null;
      }
      scores.push(...outcome.scores.map(({ score, tokens }) => ({ score, tokens: tokens ?? [] })));
    }
    return scores;
  }

  /** Makes a copy of the open model and opens it. */
  async duplicate(): Promise<void> {
    if (this.open) this.select((await this.shelf.add(`${this.open.name} (copy)`, this.open.body)).id);
  }

  /** Deletes the open model. */
  async removeOpen(): Promise<void> {
    const { openId } = this;
    const { what, undo } = await this.shelf.remove(openId);
    this.select(this.shelf.items.at(-1)?.id ?? '');
    this.undoable = {
      what,
      undo: async () => {
        await undo();
        this.select(openId);
      },
    };
  }

  /** Takes the deletion back. */
  async undo(): Promise<void> {
    const { undoable } = this;
    this.undoable = null;
    await undoable?.undo();
  }

  async #scoreBatch(
    id: string,
    model: NeuralRewardModel,
    texts: readonly { readonly prompt: string; readonly completion: string }[],
    perToken: boolean,
  ): Promise<ScoreOutcome> {
    const key = `${this.#client.numLoads}/${id}`; // a new worker knows none of them
    const ask = () => this.#client.scoreTexts({ rewardModel: id, texts, perToken });
    if (key in this.#installed) {
      const outcome = await ask();
      // The worker keeps a few models only; this one may have made room for others.
      if (outcome.type !== 'failed' || outcome.code !== 'bad-request') return outcome;
    }
    const failure = await this.#client.installRewardModel(id, model);
    if (failure) return failure;
    this.#installed[key] = true;
    return ask();
  }

  #heard(event: RewardModelEvent): void {
    switch (event.type) {
      case 'warming':
        break;
      case 'step':
        this.steps = [...this.steps, event.step];
        break;
      case 'heldOut':
        this.heldOut = [...this.heldOut, { step: event.step, evaluation: event.evaluation }];
        break;
      default:
        event satisfies never;
    }
  }
}
