/**
 * @file Lesson 7's panel: SFT taught to refuse in three ways, the map of what each then refuses, and single requests asked in either
 * tense of the model just trained.
 */
import { Random } from '../core/random';
import { phraseRequest } from '../core/world/requests';
import { createWorld } from '../core/world/world';
import { drawMap, probes, refusalSpec, TEACHINGS, type RefusalData, type RefusalMap, type Teaching } from '../lessons/refusals';
import { PageLab } from './lesson-lab.svelte';
import type { LessonPage } from './lessons.svelte';

/** Seed of the runs; each request is phrased anew, so that no wording is the only one. */
const SEED = 3;
const MAX_TOKENS = 56;

/** What is trained and asked. */
export class LessonRefusals {
  readonly lab: PageLab;
  maps = $state.raw<readonly RefusalMap[]>([]);
  /** The teaching whose model is there to be asked. */
  current = $state<Teaching | null>(null);
  act = $state('');
  tense = $state<'present' | 'past'>('present');
  asked = $state.raw<{ readonly prompt: string; readonly answer: string } | null>(null);
  askedPast = $state(false);
  data: RefusalData | null = $derived(this.maps.length > 0 ? { maps: this.maps } : null);

  #world = createWorld();
  #numAsked = 0;

  constructor(page: LessonPage) {
    this.lab = new PageLab(page);
    this.act = this.acts[0]!;
  }

  /** Acts that training had, mischief and look-alike beside each other. */
  get acts(): readonly string[] {
    return this.#world.acts.filter(({ heldout }) => !heldout).flatMap(({ harmful, harmless }) => [harmful, harmless]);
  }

  /** Trains one way and draws its map, in place of an earlier one of that way. */
  async teach(teaching: Teaching): Promise<void> {
    const map = await this.lab.carryOut(async (lab) => {
      await lab.train(refusalSpec(teaching, SEED));
      return drawMap(lab, teaching, probes(this.#world, SEED), SEED);
    });
    if (!map) return;
    const order = Object.keys(TEACHINGS);
    this.maps = [...this.maps.filter((one) => one.teaching !== teaching), map].sort(
      (a, b) => order.indexOf(a.teaching) - order.indexOf(b.teaching),
    );
    [this.current, this.asked] = [teaching, null];
  }

  /** Asks the model just trained about the act chosen, in the tense chosen. */
  async ask(): Promise<void> {
    const { act: entity, tense } = this;
    const act = this.#world.acts.find(({ harmful, harmless }) => harmful === entity || harmless === entity)!;
    const subject = { kind: 'act', entity, act, harmful: act.harmful === entity, tense } as const;
    const seed = (this.#numAsked += 1);
    const prompt = phraseRequest(subject, true, new Random(SEED).split(`asked ${seed}`));
    const answers = await this.lab.carryOut((lab) =>
      lab.answers({ model: 'yours', prompts: [prompt], seed, temperature: 0.7, maxTokens: MAX_TOKENS }),
    );
    if (!answers) return;
    this.asked = { prompt, answer: answers[0]!.text.trim() };
    if (tense === 'past') this.askedPast = true;
  }
}
