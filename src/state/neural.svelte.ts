/**
 * @file Training a neural reward model: in the worker, on the open set's labels, watched while it goes on. What comes of it is
 * kept among the neural models.
 */
import { REWARD_MODEL_DEFAULTS, type RewardModelStep } from '../core/algorithms/reward-model';
import type { Comparison } from '../core/preferences/comparison';
import { pairsOf } from '../core/preferences/preference-pairs';
import type { PairEvaluation } from '../core/reward/evaluation';
import type { Failure } from '../protocol/load';
import type { RewardModelEvent, RewardModelSpec } from '../protocol/reward-lab';
import type { NeuralModels } from './neural-models.svelte';
import { Pace } from './pace.svelte';
import type { TrainerClient } from './trainer-client.svelte';

/** Share of the prompts that a training keeps apart to measure itself with. */
const HELD_OUT = 0.2;

/** What may be set before a training. */
export type NeuralConfig = RewardModelSpec['config'];

/** The training. */
export class NeuralReward {
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
  #pace = new Pace();
  /** Of the training that goes on; null before its first step. */
  secondsLeft = $derived.by(() => {
    const last = this.steps.at(-1);
    return last ? this.#pace.secondsFor(last.numSteps - last.step) : null;
  });
  failure = $state.raw<Failure | null>(null);

  #client: TrainerClient;

  constructor(
    client: TrainerClient,
    readonly models: NeuralModels,
  ) {
    this.#client = client;
  }

  /** Trains on labels and keeps the model under `name`; stopped, as far as it came. */
  async train(name: string, labels: readonly Comparison[]): Promise<void> {
    if (this.status === 'training') return;
    this.status = 'training';
    this.failure = null;
    this.steps = [];
    this.heldOut = [];
    this.#pace.clear();
    const spec: RewardModelSpec = {
      id: 'training',
      start: 'sft',
      seed: 1,
      pairs: pairsOf(labels),
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
    if (outcome.numSteps > 0) await this.models.keep(name, outcome.model);
  }

  /** Ends the training after the step that is under way. */
  stop(): void {
    void this.#client.stopRewardModel();
  }

  #heard(event: RewardModelEvent): void {
    switch (event.type) {
      case 'warming':
        break;
      case 'step':
        this.#pace.add(event.stepMs);
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
