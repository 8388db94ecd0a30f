/**
 * @file The reward models that this browser keeps, of all three kinds: tuned by hand, fitted to labels, and neural. Runs are
 * rewarded by them, and the reward lab makes them.
 *
 * Fetched while the models load; the first screen does without.
 */
import * as v from 'valibot';
import { FEATURES, type FeatureName } from '../core/reward/features';
import type { FeatureNumbers, FittedReward } from './fitted-kept';
import { NeuralModels } from './neural-models.svelte';
import { OpenShelf } from './open-shelf.svelte';
import type { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

const finite = v.pipe(v.number(), v.finite());
/** Features that are newer than what was kept weigh nothing. */
const numbersSchema = v.object(
  Object.fromEntries(FEATURES.map(({ name }) => [name, v.optional(finite, 0)])) as Record<FeatureName, v.OptionalSchema<typeof finite, 0>>,
);
const fittedSchema = v.object({
  weights: numbersSchema,
  standardErrors: numbersSchema,
  numPairs: v.pipe(finite, v.integer(), v.minValue(0)),
  labels: v.string(),
});

/** The three shelves. */
export class RewardShelves {
  /** Weights of the sliders; none is open while the sliders have no name. */
  readonly hand: OpenShelf<FeatureNumbers>;
  /** None is open while the fit follows the labels. */
  readonly fitted: OpenShelf<FittedReward>;
  readonly neural: NeuralModels;

  private constructor(client: TrainerClient, storage: Storage) {
    this.hand = new OpenShelf(storage, 'hand-tuned', (body) => v.parse(numbersSchema, body), true);
    this.fitted = new OpenShelf(storage, 'fitted', (body) => v.parse(fittedSchema, body), true);
    this.neural = new NeuralModels(client, storage);
  }

  /** The shelves with what is stored on them. */
  static async open(client: TrainerClient, storage: Storage): Promise<RewardShelves> {
    const shelves = new RewardShelves(client, storage);
    await Promise.all([shelves.hand.load(), shelves.fitted.load(), shelves.neural.load()]);
    return shelves;
  }
}
