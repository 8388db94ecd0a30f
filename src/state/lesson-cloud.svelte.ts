/**
 * @file Lesson 12's panel: sixteen answers of each model to one prompt as clouds, and runs with a KL weight whose answers join them.
 */
import type { Cloud, CloudData } from '../lessons/lesson-12';
import { placesOf, varietyOf } from '../lessons/variety';
import type { Completion } from '../protocol/generate';
import type { LessonPage } from './lessons.svelte';

const NUM_SAMPLES = 16;
const SEED = 3;
const MAX_TOKENS = 96;

/** Answers of one model. */
interface Drawn {
  readonly model: Cloud['model'];
  readonly klCoef: number | null;
  readonly completions: readonly Completion[];
}

/** What is drawn and trained for the figure. */
export class LessonCloud {
  prompt = $state('Please give me a simple chili recipe.');
  klCoef = $state(0);
  /** The model being drawn; null while none is. */
  drawing = $state<Cloud['model'] | null>(null);
  training = $state(false);
  failure = $state<string | null>(null);
  drawn = $state.raw<readonly Drawn[]>([]);
  /** The figure's data; places are over all answers, so they move when a model joins. */
  data: CloudData | null = $derived.by(() => {
    if (this.drawn.length === 0) return null;
    const places = placesOf(this.drawn.flatMap(({ completions }) => completions));
    let at = 0;
    const clouds = this.drawn.map(({ model, klCoef, completions }) => {
      const points = completions.map(({ text }) => ({ ...places[at++]!, text: text.trim() }));
      return { model, klCoef, variety: varietyOf(completions), points };
    });
    return { prompt: this.#asked, clouds };
  });
  busy = $derived(this.drawing !== null || this.training);

  #asked = '';
  #page: LessonPage;

  constructor(page: LessonPage) {
    this.#page = page;
  }

  /** Draws sixteen answers of each shipped model; those to another prompt go. */
  async draw(): Promise<void> {
    const prompt = this.prompt.trim();
    if (this.busy || prompt === '') return;
    this.failure = null;
    const drawn: Drawn[] = [];
    for (const model of ['base', 'sft', 'rlhf'] as const) {
      const completions = await this.#sample(model, prompt);
      if (!completions) return;
      drawn.push({ model, klCoef: null, completions });
    }
    this.#asked = prompt;
    this.drawn = drawn;
  }

  /** Trains as the page is set up, with this KL weight, and draws sixteen answers of what came of it. */
  async train(): Promise<void> {
    const { run } = this.#page;
    if (this.busy || run.active || this.#asked === '') return;
    this.failure = null;
    this.training = true;
    const { klCoef } = this;
    run.set('klCoef', klCoef);
    await run.begin();
    this.training = false;
    if (run.status !== 'completed' && run.status !== 'stopped') {
      this.failure = run.failure?.detail ?? null;
      return;
    }
    if (run.update === 0) return;
    const completions = await this.#sample('yours', this.#asked);
    if (!completions) return;
    this.drawn = [...this.drawn.filter((one) => one.model !== 'yours' || one.klCoef !== klCoef), { model: 'yours', klCoef, completions }];
  }

  async #sample(model: Cloud['model'], prompt: string): Promise<readonly Completion[] | null> {
    this.drawing = model;
    const request = { model, prompt, numSamples: NUM_SAMPLES, seed: SEED, temperature: 1, maxTokens: MAX_TOKENS };
    const outcome = await this.#page.client.sampleGroup(request);
    this.drawing = null;
    if (outcome.type === 'completed') return outcome.completions;
    this.failure = outcome.type === 'failed' ? outcome.detail : null;
    return null;
  }
}
