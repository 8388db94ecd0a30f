/**
 * @file Neural reward models as this browser keeps them, and as the worker has them: whoever is rewarded or scored by one asks
 * here, and it is given to the worker when that does not have it.
 *
 * The worker forgets its models when it is replaced, and keeps only a few at once; the page has the weights of all.
 */
import * as v from 'valibot';
import { m } from '../messages/messages';
import type { Failure } from '../protocol/load';
import {
  SHIPPED_REWARD_MODEL,
  type NeuralRewardModel,
  type ScoreOutcome,
  type ScoreRequest,
  type TokenScore,
} from '../protocol/reward-lab';
import type { NeuralPart } from '../protocol/run';
import { OpenShelf } from './open-shelf.svelte';
import type { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

/** Texts a call: progress is seen, and answers asked for meanwhile get their turn. */
const SCORE_BATCH = 64;

const modelSchema = v.object({
  start: v.picklist(['base', 'sft', 'rlhf']),
  theta: v.custom<Float32Array>((value) => value instanceof Float32Array),
  mean: v.pipe(v.number(), v.finite()),
  sd: v.pipe(v.number(), v.finite(), v.minValue(1e-9)),
});

/** A text that was scored. */
export interface ScoredText {
  readonly score: number;
  readonly tokens: readonly TokenScore[];
}

/** How texts are scored. */
export interface ScoreOptions {
  /** Asks for the score after every token too. */
  readonly perToken?: boolean;
  /** Told how many texts have been scored; false ends it. */
  readonly hear?: (numDone: number) => boolean;
}

/** Trained models, one of them open. */
export class NeuralModels extends OpenShelf<NeuralRewardModel> {
  #client: TrainerClient;
  /** Models that the worker was given, by the number of its load. */
  #installed: Record<string, true> = {};

  constructor(client: TrainerClient, storage: Storage) {
    super(storage, 'reward-model', (body) => v.parse(modelSchema, body));
    this.#client = client;
  }

  /** Gives a model to the worker. Null, or why that is impossible. `name`: what it was called where it is not kept. */
  async install({ id, name }: Pick<NeuralPart, 'id' | 'name'>): Promise<Failure | null> {
    if (id === SHIPPED_REWARD_MODEL) return null; // the worker fetches it by itself
    const model = this.items.find((item) => item.id === id);
    if (!model) {
      const detail = name ? m.rewardlab_gone_named({ name }) : m.rewardlab_gone();
      return { type: 'failed', code: 'no-reward-model', detail };
    }
    const load = this.#client.numLoads;
    const failure = await this.#client.installRewardModel(id, model.body);
    if (!failure) this.#installed[`${load}/${id}`] = true;
    return failure;
  }

  /** What a model thinks of texts: standardised scores, or why it cannot be asked. */
  async score(
    id: string,
    texts: ScoreRequest['texts'],
    { perToken = false, hear }: ScoreOptions = {},
  ): Promise<readonly ScoredText[] | Failure> {
    const scores: ScoredText[] = [];
    for (let start = 0; start < texts.length; start += SCORE_BATCH) {
      const outcome = await this.#scoreBatch({ rewardModel: id, texts: texts.slice(start, start + SCORE_BATCH), perToken });
      if (outcome.type === 'failed') return outcome;
      scores.push(...outcome.scores.map(({ score, tokens }) => ({ score, tokens: tokens ?? [] })));
      if (hear?.(scores.length) === false) break;
    }
    return scores;
  }

  async #scoreBatch(request: ScoreRequest): Promise<ScoreOutcome> {
    const id = request.rewardModel;
    if (id === SHIPPED_REWARD_MODEL || `${this.#client.numLoads}/${id}` in this.#installed) {
      const outcome = await this.#client.scoreTexts(request);
      // The worker keeps a few models only; this one may have made room for others.
      if (outcome.type !== 'failed' || outcome.code !== 'bad-request') return outcome;
    }
    return (await this.install({ id })) ?? this.#client.scoreTexts(request);
  }
}
