/**
 * @file The reward lab: labels, the session in which they are given, and the reward models that learn from them.
 *
 * Fetched when a view first needs it, with the world that writes requests; the first view of the page does without both.
 */
import type { BradleyTerryFit } from '../core/reward/bradley-terry';
import { interpretRequest, sampleRequest } from '../core/world/requests';
import { createWorld } from '../core/world/world';
import type { Comparison } from '../core/preferences/comparison';
import { SimulatedAnnotators } from './annotators.svelte';
import { featurePairs, featureTies, fitFeatures, fittedScore } from './fitted';
import { Labels } from './labels.svelte';
import { LabelFiles } from './label-files.svelte';
import { LabelSession } from './label-session.svelte';
import { Measurements } from './measurements.svelte';
import { nextTask } from './next-task';
import { NeuralReward } from './neural.svelte';
import { ReportCards } from './report-cards.svelte';
import { RewardPools } from './reward-pools.svelte';
import { RewardShelves } from './reward-shelves.svelte';
import { SampleSets } from './sample-sets.svelte';
import { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

/** Below this many comparisons a fit says nothing about which pair it is unsure of. */
const MIN_PAIRS = 5;
/** Labels whose texts are looked up between two drawings of the page. */
const WANTED_AT_ONCE = 2000;

/** What the lab needs of the page. */
export interface LabOptions {
  /** True once there is a trained policy to ask. */
  readonly hasYours: () => boolean;
  readonly storage?: Storage;
  /** Opened here unless it is given. */
  readonly rewards?: RewardShelves;
}

/** Everything of the lab; open once. */
export class RewardLab {
  readonly storage: Storage;
  readonly labels: Labels;
  readonly session: LabelSession;
  readonly files: LabelFiles;
  readonly annotators: SimulatedAnnotators;
  readonly rewards: RewardShelves;
  readonly neural: NeuralReward;
  readonly cards: ReportCards;
  readonly pools = new RewardPools();
  readonly samples: SampleSets;
  readonly measurements: Measurements;
  /** Whether strengths count as margins in the fit. */
  useStrength = $state(false);
  /** The open set's labels as the fit sees them. */
  pairs = $derived.by(() => {
    void this.measurements.count; // more texts have been measured
    return featurePairs(this.labels.list, this.measurements, this.useStrength);
  });
  /** The reward that they teach, fitted anew as they change. */
  fit = $derived.by(() => {
    void this.measurements.count;
    return (this.#lastFit = fitFeatures(this.pairs, featureTies(this.labels.list, this.measurements), this.#lastFit));
  });
  fittedScore = $derived(fittedScore(this.fit));
  #lastFit: BradleyTerryFit | null = null;
  /** Labels whose texts are known or wanted: the list is looked through after every label. */
  #measured = new WeakSet<Comparison>();

  private constructor(client: TrainerClient, hasYours: () => boolean, storage: Storage, rewards: RewardShelves) {
    const world = createWorld();
    this.storage = storage;
    this.labels = new Labels(storage);
    this.files = new LabelFiles(this.labels);
    this.rewards = rewards;
    this.neural = new NeuralReward(client, rewards.neural);
    this.cards = new ReportCards(client);
    this.measurements = new Measurements(client);
    // Held-out prompts: a reward is looked at where no label was given.
    this.samples = new SampleSets(
      client,
      storage,
      (random) => sampleRequest(world, random, 'heldout').prompt,
      (prompt, completion) => this.measurements.remember(prompt, completion),
    );
    this.annotators = new SimulatedAnnotators(this.labels, this.samples, (prompt) => interpretRequest(world, prompt)?.kind ?? null);
    this.session = new LabelSession(client, storage, this.labels, {
      worldPrompt: (random) => sampleRequest(world, random, 'train').prompt,
      drawn: (prompt, completion) => this.measurements.remember(prompt, completion),
      hasYours,
      score: () => (this.fit.numPairs < MIN_PAIRS ? null : this.fittedScore),
    });
  }

  /** The lab with what is stored in it. */
  static async open(client: TrainerClient, { hasYours, storage = new Storage(), rewards }: LabOptions): Promise<RewardLab> {
    const lab = new RewardLab(client, hasYours, storage, rewards ?? (await RewardShelves.open(client, storage)));
    await lab.labels.load();
    await lab.session.load();
    await lab.samples.load();
    lab.#rememberSamples();
    return lab;
  }

  /** Answers in sample sets come measured: labels on them need not be measured again. */
  #rememberSamples(): void {
    for (const { body } of this.samples.items) {
      for (const { prompt, completions } of body.groups)
        for (const completion of completions) this.measurements.remember(prompt, completion);
    }
  }

  /** Sees to it that the texts of labels are measured. */
  measure(labels: readonly Comparison[]): void {
    const fresh = labels.filter((label) => !this.#measured.has(label));
    for (const label of fresh) this.#measured.add(label);
    void this.#want(fresh);
  }

  /** A file's hundred thousand texts are looked up some at a time. */
  async #want(labels: readonly Comparison[]): Promise<void> {
    for (let start = 0; start < labels.length; start += WANTED_AT_ONCE) {
      if (start > 0) await nextTask();
      this.measurements.want(
        labels.slice(start, start + WANTED_AT_ONCE).flatMap(({ prompt, a, b }) => [
          { prompt, text: a },
          { prompt, text: b },
        ]),
      );
    }
  }
}
