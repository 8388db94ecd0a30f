/** @file Lesson 2's panel: demonstrations to read, choose or edit, and models taught by them here. */
import {
  ANSWER_TOKENS,
  demonstrationsOf,
  HELD_OUT_SEED,
  NUM_COUNTED,
  NUM_HELD_OUT,
  shownTypos,
  TAUGHT_KINDS,
  taughtBy,
  taughtOutcome,
  type TaughtData,
  type TaughtOutcome,
} from '../lessons/demonstrations-experiment';
import type { Completion } from '../protocol/generate';
import type { WrittenDemonstration } from '../protocol/lesson-data';
import type { RowsName } from '../core/data/run-data';
import { trainHere } from './lesson-training';
import type { LessonPage } from './lessons.svelte';
import { insisting } from './lesson-asking';
import type { OwnRows } from './own-rows.svelte';

const SEED = 3;
/** Demonstrations that may be edited: as many as the fewest to learn from. */
const NUM_OWN = 10;
const NUM_SAID = 4;

/** What the panel needs of the page. */
export interface DemonstrationsPage extends LessonPage {
  openOwnRows(): Promise<OwnRows>;
}

/** A prompt and what a model answered. */
export interface SaidTo {
  readonly prompt: string;
  readonly answer: Completion;
}

/** What is shown and made. */
export class LessonDemonstrations {
  count = $state(10);
  typoShare = $state(0);
  wrongFactShare = $state(0);
  /** The demonstrations of this choice that there are to read. */
  written = $state.raw<readonly WrittenDemonstration[]>([]);
  /** Which of them is on screen, and how many have been. */
  at = $state(0);
  numRead = $state(0);
  /** Being edited: the student's own; null while the world's are used. */
  own = $state<{ prompt: string; completion: string }[] | null>(null);
  doing = $state<'reading' | 'teaching' | 'asking' | null>(null);
  failure = $state<string | null>(null);
  data = $state.raw<TaughtData | null>(null);
  said = $state.raw<readonly SaidTo[]>([]);

  #page: DemonstrationsPage;
  #prompts: readonly string[] = [];

  constructor(page: DemonstrationsPage) {
    this.#page = page;
  }

  get #choice() {
    const { count, typoShare, wrongFactShare } = this;
    return { count, typoShare, wrongFactShare };
  }

  /** Has the world write demonstrations as chosen. */
  write = () =>
    this.#during('reading', async () => {
      const ask = insisting(this.#page.client);
      this.written = await ask.writeDemonstrations(demonstrationsOf(this.#choice), SEED, NUM_COUNTED);
      this.at = 0;
      this.numRead = Math.max(1, this.numRead);
    });

  /** The next one to read. */
  turn(): void {
    if (this.written.length === 0) return;
    this.at = (this.at + 1) % Math.min(this.written.length, this.count);
    this.numRead += 1;
  }

  /** Begins to edit ten of them, or goes back to the world's. */
  edit(wanted: boolean): void {
    this.own = wanted ? this.written.slice(0, NUM_OWN).map((one) => ({ ...one })) : null;
  }

  /** Teaches the base model by what is on screen. */
  teach = () =>
    this.#during('teaching', async () => {
      const { client, run } = this.#page;
      const ask = insisting(client);
      const base = this.data?.base ?? (await this.#answers('base'));
      const own = this.own?.filter(({ prompt, completion }) => prompt.trim() !== '' && completion.trim() !== '') ?? null;
      const choice = own ? { count: own.length, typoShare: 0, wrongFactShare: 0 } : this.#choice;
      const rows = own ? await this.#rowsOf(own) : null;
      if (own && !rows) return;
      const data = demonstrationsOf(choice);
      const written = own ?? (await ask.writeDemonstrations(data, SEED, NUM_COUNTED));
      const typos = await shownTypos(written, ask.judge);
      this.doing = 'teaching';
      if (!(await trainHere(run, taughtBy(SEED, rows ? { ...data, rows } : data)))) return;
      const outcome = await this.#answers('yours');
      this.data = { base, runs: [...(this.data?.runs ?? []), { ...choice, own: own !== null, shownTypos: typos, outcome }] };
    });

  async #rowsOf(rows: readonly WrittenDemonstration[]): Promise<RowsName | null> {
    const shelf = await this.#page.openOwnRows();
    const named = await shelf.take('Lesson 2', rows);
    if (!named) this.failure = shelf.problem;
    return named;
  }

  async #answers(model: 'base' | 'yours'): Promise<TaughtOutcome> {
    this.doing = 'asking';
    const ask = insisting(this.#page.client);
    if (this.#prompts.length === 0)
      this.#prompts = await ask.drawPrompts({ kinds: TAUGHT_KINDS, split: 'heldout', seed: HELD_OUT_SEED, count: NUM_HELD_OUT });
    const answers = await ask.answers({ model, prompts: this.#prompts, seed: HELD_OUT_SEED, temperature: 1, maxTokens: ANSWER_TOKENS });
    if (model === 'yours') this.said = this.#prompts.slice(0, NUM_SAID).map((prompt, i) => ({ prompt, answer: answers[i]! }));
    return taughtOutcome(answers);
  }

  async #during(what: 'reading' | 'teaching', work: () => Promise<void>): Promise<void> {
    const { run, client } = this.#page;
    if (this.doing !== null || (what === 'teaching' && !run.canBegin) || client.phase !== 'ready') return;
    this.failure = null;
    this.doing = what;
    try {
      await work();
      if (what === 'teaching' && run.status === 'failed') this.failure ??= run.failure?.detail ?? null;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.doing = null;
    }
  }
}
