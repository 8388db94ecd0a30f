/**
 * @file The reward lab: labels, the session in which they are given, and the reward models that learn from them.
 *
 * Fetched when a view first needs it, with the world that writes requests; the first view of the page does without both.
 */
import { untrack } from 'svelte';
import type { BradleyTerryFit } from '../core/reward/bradley-terry';
import { interpretRequest, sampleRequest } from '../core/world/requests';
import { createWorld } from '../core/world/world';
import type { Comparison } from '../core/preferences/comparison';
import type { PromptedText } from './by-text';
import { SimulatedAnnotators } from './annotators.svelte';
import { fittedScore } from './fitted';
import { LabelMaths } from './label-maths';
import { Labels } from './labels.svelte';
import { LabelFiles } from './label-files.svelte';
import { LabelSession } from './label-session.svelte';
import { LiveFit } from './live-fit.svelte';
import { Measurements } from './measurements.svelte';
import { inSteps } from './next-task';
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
const WANTED_AT_ONCE = 500;

/** What the lab needs of the page. */
export interface LabOptions {
  /** True once there is a trained policy to ask. */
  readonly hasYours: () => boolean;
  readonly storage?: Storage;
  /** Opened here unless it is given. */
  readonly rewards?: RewardShelves;
  /** The thread that fits; started here unless it is given. */
  readonly maths?: LabelMaths;
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
  /** The labels as numbers, and the reward that they teach. */
  readonly live: LiveFit;
  readonly maths: LabelMaths;
  fittedScore = $derived.by(() => fittedScore(this.live.fit));
  /** Labels whose texts are known or wanted: the list is looked through after every label. */
  #measured = new WeakSet<Comparison>();

  private constructor(client: TrainerClient, storage: Storage, rewards: RewardShelves, { hasYours, maths }: LabOptions) {
    const world = createWorld();
    this.storage = storage;
    this.labels = new Labels(storage);
    this.files = new LabelFiles(this.labels);
    this.rewards = rewards;
    this.neural = new NeuralReward(client, rewards.neural);
    this.cards = new ReportCards(client);
    this.measurements = new Measurements(client);
    this.maths = maths ?? new LabelMaths();
    this.live = new LiveFit(this.measurements, this.maths);
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
    // Views come and go; the fit follows the labels all the while.
    $effect.root(() => {
      $effect(() => {
        void this.measurements.count; // more texts have been measured
        const [{ openId: setId, list: labels }, useStrength] = [this.labels, this.useStrength];
        untrack(() => this.live.follow({ setId, labels, useStrength }));
      });
    });
  }

  /** The fit to the open set's labels, as of a moment ago. */
  get fit(): BradleyTerryFit {
    return this.live.fit;
  }

  /** The lab with what is stored in it. */
  static async open(client: TrainerClient, options: LabOptions): Promise<RewardLab> {
    const { storage = new Storage(), rewards } = options;
    const lab = new RewardLab(client, storage, rewards ?? (await RewardShelves.open(client, storage)), options);
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
    void inSteps(this.#want(labels), () => undefined);
  }

  /** A file's hundred thousand texts are looked up some at a time. */
  *#want(labels: readonly Comparison[]): Generator<undefined, void> {
    let texts: PromptedText[] = [];
    for (const [index, label] of labels.entries()) {
      if (!this.#measured.has(label)) {
        this.#measured.add(label);
        texts.push({ prompt: label.prompt, text: label.a }, { prompt: label.prompt, text: label.b });
      }
      if ((index + 1) % WANTED_AT_ONCE !== 0 && index + 1 < labels.length) continue;
      if (texts.length > 0) this.measurements.want(texts);
      texts = [];
      yield;
    }
  }
}
