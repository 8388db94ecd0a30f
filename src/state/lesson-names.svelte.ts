/** @file Lesson 9's panel: a model that always answers, made here, then rewarded with the student's cost of a wrong claim. */
import type { NamePrompt } from '../core/data/name-prompts';
import {
  alwaysAnswer,
  NAME_TOKENS,
  NAMES_PER_GROUP,
  NAMES_SEED,
  namesOutcome,
  rewarded,
  type NamesData,
  type NamesOutcome,
} from '../lessons/names-experiment';
import type { Completion } from '../protocol/generate';
import type { RunCheckpoint } from '../protocol/run';
import { insisting } from './lesson-asking';
import { trainHere } from './lesson-training';
import type { LessonPage } from './lessons.svelte';

const SEED = 3;
/** Names of each group whose answers are shown. */
const NUM_SHOWN = 3;

/** A name, and what a model says of it. */
export interface SaidOfName extends NamePrompt {
  readonly text: string;
}

/** What is made for the figure. */
export class LessonNames {
  cost = $state(0);
  paired = $state(true);
  /** What goes on; null while nothing does. */
  doing = $state<'teaching' | 'rewarding' | 'asking' | null>(null);
  failure = $state<string | null>(null);
  data = $state.raw<NamesData | null>(null);
  /** What the last model says of a few names. */
  said = $state.raw<readonly SaidOfName[]>([]);
  /** The cost that made that model; null for the one that always answers. */
  saidWith = $state<number | null>(null);

  #page: LessonPage;
  #prompts: readonly NamePrompt[] = [];
  #taught: RunCheckpoint | null = null;

  constructor(page: LessonPage) {
    this.#page = page;
  }

  /** Teaches the base model to answer whatever it is asked. */
  teach = () =>
    this.#during('teaching', async () => {
      const taught = await trainHere(this.#page.run, alwaysAnswer(SEED));
      if (!taught) return;
      const outcome = await this.#ask(null);
      this.#taught = taught;
      this.data = { start: outcome, runs: [] };
    });

  /** Rewards what was taught, with the cost chosen. */
  reward = () =>
    this.#during('rewarding', async () => {
      const { cost, paired, data } = this;
      if (!data || !this.#taught) return;
      if (!(await trainHere(this.#page.run, rewarded(SEED, cost, paired), this.#taught))) return;
      const outcome = await this.#ask(cost);
      this.data = { ...data, runs: [...data.runs, { cost, paired, outcome }] };
    });

  async #during(what: 'teaching' | 'rewarding', work: () => Promise<void>): Promise<void> {
    const { run } = this.#page;
    if (this.doing !== null || !run.canBegin) return;
    this.failure = null;
    this.doing = what;
    try {
      await work();
      if (run.status === 'failed') this.failure = run.failure?.detail ?? null;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.doing = null;
    }
  }

  async #ask(cost: number | null): Promise<NamesOutcome> {
    this.doing = 'asking';
    const ask = insisting(this.#page.client);
    if (this.#prompts.length === 0) this.#prompts = await ask.drawNames(NAMES_SEED, NAMES_PER_GROUP);
    const prompts = this.#prompts.map(({ prompt }) => prompt);
    const answers = await ask.answers({ model: 'yours', prompts, seed: NAMES_SEED, temperature: 1, maxTokens: NAME_TOKENS });
    this.#show(answers);
    this.saidWith = cost;
    return namesOutcome(this.#prompts, answers);
  }

  #show(answers: readonly Completion[]): void {
    const all = this.#prompts.map((prompt, i): SaidOfName => ({ ...prompt, text: answers[i]!.text.trim() }));
    this.said = (['famous', 'rare', 'nobody'] as const).flatMap((group) => all.filter((one) => one.group === group).slice(0, NUM_SHOWN));
  }
}
