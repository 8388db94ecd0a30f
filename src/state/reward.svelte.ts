/** @file The hand-tuned reward: a weight for each feature, and a group of answers ranked by it. */
import { DEFAULT_WEIGHTS, FEATURES, type FeatureName } from '../core/reward/features';
import { contributions, linearReward } from '../core/reward/linear';
import { m } from '../messages/messages';
import type { Completion } from '../protocol/generate';
import { isEngineLoss, type Failure, type ModelId } from '../protocol/load';
import type { ScoreRequest } from '../protocol/reward-lab';
import type { NeuralPart, RewardWeights } from '../protocol/run';
import type { Sampling } from './sampling';
import type { TrainerClient } from './trainer-client.svelte';

/** How many answers are ranked. */
const GROUP_SIZE = 8;
/** Warmer than the comparison, so that the answers differ enough to be ranked. */
const GROUP_TEMPERATURE = 1;

/** What one part of the reward adds to a total. */
export interface Contribution {
  readonly name: FeatureName | 'reward_model';
  readonly label: string;
  readonly value: number;
}

/** An answer with its total under the current weights. */
export interface RankedCompletion {
  /** Its place in the group as drawn: stays the same while ranks change. */
  readonly index: number;
  readonly completion: Completion;
  readonly total: number;
  /** Parts that count, largest effect first. */
  readonly contributions: readonly Contribution[];
}

/** What a neural model adds to the points of a group. */
export interface NeuralPoints {
  readonly label: string;
  /** Weight times score, one an answer. */
  readonly points: readonly number[];
}

/** Ranks a group, best first; equal totals keep the order drawn. */
export function rank(
  completions: readonly Completion[],
  weights: Readonly<Record<FeatureName, number>>,
  neural: NeuralPoints | null = null,
): RankedCompletion[] {
  return completions
    .map((completion, index) => {
      const parts = contributions(weights, completion.features);
      const added = neural?.points[index] ?? 0;
      const features: Contribution[] = FEATURES.map(({ name, label }) => ({ name, label, value: parts[name] }));
      return {
        index,
        completion,
        total: linearReward(weights, completion.features) + added,
        contributions: [...features, ...(neural ? [{ name: 'reward_model' as const, label: neural.label, value: added }] : [])]
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

/** What the ranking needs of the page. */
export interface RewardSurroundings {
  /** The neural model that rewards beside the sliders; null when none does. */
  readonly part: () => NeuralPart | null;
  readonly score: (id: string, texts: ScoreRequest['texts']) => Promise<readonly { readonly score: number }[] | Failure>;
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
  /** Why the neural model could not be asked about the group. */
  scoreFailure = $state.raw<Failure | null>(null);
  #scores = $state.raw<{ readonly id: string; readonly of: readonly Completion[]; readonly scores: readonly number[] } | null>(null);
  ranked = $derived.by(() => rank(this.completions, this.weights, this.#neuralPoints()));

  #client: TrainerClient;
  #around: RewardSurroundings;
  #turn = 0;
  #draws = 0;

  constructor(client: TrainerClient, around: RewardSurroundings) {
    this.#client = client;
    this.#around = around;
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
        await this.scoreGroup();
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

  /** Asks the neural model that rewards about the group on screen, if it has not been asked yet. */
  async scoreGroup(): Promise<void> {
    const part = this.#around.part();
    const { completions, prompt } = this;
    this.scoreFailure = null;
    if (!part || completions.length === 0 || this.#neuralPoints()) return;
    const texts = completions.map(({ text, finished }) => ({ prompt, completion: text, finished }));
    const outcome = await this.#around.score(part.id, texts);
    if (completions !== this.completions || part.id !== this.#around.part()?.id) return; // another was asked for meanwhile
    if ('type' in outcome) this.scoreFailure = outcome;
    else this.#scores = { id: part.id, of: completions, scores: outcome.map(({ score }) => score) };
  }

  /** Null while there is no neural model, or it has not been asked. */
  #neuralPoints(): NeuralPoints | null {
    const part = this.#around.part();
    if (!part || this.#scores?.id !== part.id || this.#scores.of !== this.completions) return null;
    return { label: part.name ?? m.rewardlab_neural_noun(), points: this.#scores.scores.map((score) => part.weight * score) };
  }

  /** What was there stays. */
  #leave(): void {
    this.status = this.completions.length > 0 ? 'done' : 'empty';
  }
}
