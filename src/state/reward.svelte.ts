/** @file The hand-tuned reward: a weight for each feature, and a group of answers ranked by it. */
import { DEFAULT_WEIGHTS, FEATURES, type FeatureName } from '../core/reward/features';
import { contributions, linearReward } from '../core/reward/linear';
import type { Completion } from '../protocol/generate';
import { isEngineLoss, type Failure, type ModelId } from '../protocol/load';
import type { RewardWeights } from '../protocol/run';
import type { Sampling } from './sampling';
import type { TrainerClient } from './trainer-client.svelte';

/** How many answers are ranked. */
const GROUP_SIZE = 8;
/** Warmer than the comparison, so that the answers differ enough to be ranked. */
const GROUP_TEMPERATURE = 1;

/** What one feature adds to a total. */
export interface Contribution {
  readonly name: FeatureName;
  readonly label: string;
  readonly value: number;
}

/** An answer with its total under the current weights. */
export interface RankedCompletion {
  /** Its place in the group as drawn: stays the same while ranks change. */
  readonly index: number;
  readonly completion: Completion;
  readonly total: number;
  /** Features that count, largest effect first. */
  readonly contributions: readonly Contribution[];
}

/** Ranks a group, best first; equal totals keep the order drawn. */
export function rank(completions: readonly Completion[], weights: Readonly<Record<FeatureName, number>>): RankedCompletion[] {
  return completions
    .map((completion, index) => {
      const parts = contributions(weights, completion.features);
      return {
        index,
        completion,
        total: linearReward(weights, completion.features),
        contributions: FEATURES.map(({ name, label }) => ({ name, label, value: parts[name] }))
          .filter(({ value }) => Math.abs(value) >= 0.005)
          .sort((a, b) => Math.abs(b.value) - Math.abs(a.value)),
      };
    })
    .sort((a, b) => b.total - a.total || a.index - b.index);
}

/** Every feature with its weight under `weights`. */
export function completeWeights(weights: RewardWeights): Record<FeatureName, number> {
  return Object.fromEntries(FEATURES.map(({ name }) => [name, weights[name] ?? 0])) as Record<FeatureName, number>;
}

/** Weights and the ranked group. */
export class Reward {
  weights = $state.raw<Readonly<Record<FeatureName, number>>>(completeWeights(DEFAULT_WEIGHTS));
  model = $state<ModelId>('sft');
  completions = $state.raw<readonly Completion[]>([]);
  /** The prompt of the group. */
  prompt = $state('');
  status = $state<'empty' | 'drawing' | 'done' | 'failed'>('empty');
  failure = $state.raw<Failure | null>(null);
  /** True when the engine was lost while a group was drawn. */
  interrupted = false;
  ranked = $derived(rank(this.completions, this.weights));

  #client: TrainerClient;
  #turn = 0;
  #draws = 0;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  setWeight(name: FeatureName, weight: number): void {
    this.weights = { ...this.weights, [name]: weight };
  }

  setWeights(weights: RewardWeights): void {
    this.weights = completeWeights(weights);
  }

  /** Draws a group of answers to `prompt`; asked again for the same prompt it draws others. */
  async draw(prompt: string, sampling: Sampling): Promise<void> {
    if (prompt === '' || this.#client.phase !== 'ready') return;
    const turn = ++this.#turn;
    this.#draws = prompt === this.prompt ? this.#draws + 1 : 0;
    this.prompt = prompt;
    this.status = 'drawing';
    this.failure = null;
    this.interrupted = false;
    const outcome = await this.#client.sampleGroup({
      model: this.model,
      prompt,
      numSamples: GROUP_SIZE,
      seed: sampling.seed + this.#draws,
      temperature: GROUP_TEMPERATURE,
      maxTokens: sampling.maxTokens,
    });
    if (turn !== this.#turn) return;
    switch (outcome.type) {
      case 'completed':
        this.completions = outcome.completions;
        this.status = 'done';
        break;
      case 'stopped':
        this.#leave();
        break;
      case 'failed':
        if (isEngineLoss(outcome)) {
          this.interrupted = true;
          this.#leave();
          break;
        }
        this.failure = outcome;
        this.status = 'failed';
        break;
      default:
        outcome satisfies never;
    }
  }

  /** What was there stays. */
  #leave(): void {
    this.status = this.completions.length > 0 ? 'done' : 'empty';
  }
}
