/**
 * @file Lesson 3's panel: pairs that the world has judged, the student's own choices among them, and simulated annotators whose
 * labels a Bradley–Terry model is fitted to.
 */
import { DEFAULT_POOL } from '../core/preferences/annotators';
import { Random } from '../core/random';
import type { LabelsMade } from '../lessons/lesson-3';
import { labelExperiment, NUM_HELD_OUT, SIZES, type GradedPair } from '../lessons/label-experiment';
import type { TrainerClient } from './trainer-client.svelte';

/** What the page asks for: enough for the largest fit and the pairs kept apart. */
const NUM_CATEGORIES = 6;
const PER_CATEGORY = Math.ceil((SIZES[SIZES.length - 1]! + NUM_HELD_OUT) / NUM_CATEGORIES);
const SEED = 3;

/** The pairs and what is done with them. */
export class LessonLabels {
  pairs = $state.raw<readonly GradedPair[]>([]);
  status = $state<'empty' | 'getting' | 'ready' | 'fitting' | 'failed'>('empty');
  detail = $state('');
  noise = $state(DEFAULT_POOL.noise);
  /** The student's labels so far: true where the world agrees. */
  own = $state.raw<readonly boolean[]>([]);
  made = $state.raw<LabelsMade>({ own: [], experiment: null, noises: [] });
  /** The pair to label, and whether the better answer is on the left. */
  question = $derived.by(() => {
    const pair = this.pairs[this.own.length % Math.max(1, this.pairs.length)];
    if (!pair) return null;
    const betterIsLeft = new Random(SEED).split(`side ${this.own.length}`).chance(0.5);
    const [left, right] = betterIsLeft ? [pair.chosen, pair.rejected] : [pair.rejected, pair.chosen];
    return { left, right, betterIsLeft, prompt: 'prompt' in pair ? String(pair.prompt) : '' };
  });

  #client: TrainerClient;
  #fits = 0;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  /** Gets the pairs, once. */
  async open(): Promise<void> {
    if (this.status !== 'empty' && this.status !== 'failed') return;
    this.status = 'getting';
    const found = await this.#client.worldPairs(SEED, PER_CATEGORY);
    if ('type' in found) {
      [this.status, this.detail] = ['failed', found.detail];
      return;
    }
    this.pairs = new Random(SEED).shuffle(found);
    this.status = 'ready';
  }

  /** The student prefers the left or the right answer. */
  choose(left: boolean): void {
    if (!this.question) return;
    this.own = [...this.own, left === this.question.betterIsLeft];
    this.made = { ...this.made, own: this.own };
  }

  /** Simulated annotators label; the fit is made and asked. */
  async fit(): Promise<void> {
    if (this.status !== 'ready') return;
    this.status = 'fitting';
    await new Promise((resolve) => setTimeout(resolve, 30)); // the page says so first
    const random = new Random(SEED).split(`fit ${(this.#fits += 1)}`);
    const experiment = labelExperiment(this.pairs, { ...DEFAULT_POOL, noise: this.noise }, random);
    this.made = { own: this.own, experiment, noises: [...this.made.noises, this.noise] };
    this.status = 'ready';
  }
}
