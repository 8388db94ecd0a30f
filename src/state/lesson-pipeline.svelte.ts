/** @file Lesson 6's panel: a labelling pipeline made here, its data to look at stage by stage, a suspect, a fix, and training on it. */
import {
  ANSWER_TOKENS,
  comparedPairs,
  HELD_OUT_SEED,
  likesTypos,
  makeRows,
  NUM_HELD_OUT,
  pairsWith,
  rewardedBy,
  rewardModelSpec,
  twinsOf,
  typoRateOf,
  type Fix,
  type PipelineData,
  type PipelineRow,
} from '../lessons/pipeline-experiment';
import { demonstrationsOf } from '../lessons/demonstrations-experiment';
import type { Completion } from '../protocol/generate';
import { insisting } from './lesson-asking';
import { trainHere } from './lesson-training';
import type { LessonPage } from './lessons.svelte';
import type { RewardShelves } from './reward-shelves.svelte';

const SEED = 3;
const NUM_DEMONSTRATIONS = 48;

/** Stages whose data can be looked at, in order. */
export const STAGES = ['demonstrations', 'answers', 'comparisons', 'improved', 'pairs'] as const;
/** One of {@link STAGES}. */
export type PipelineStage = (typeof STAGES)[number];
/** Whom the student may accuse. */
export const SUSPECTS = ['demonstrations', 'annotators', 'improved', 'rl'] as const;
/** One of {@link SUSPECTS}. */
export type Suspect = (typeof SUSPECTS)[number];

/** Something to look at: one text, or the better and the worse of two. */
export interface StageItem {
  readonly prompt: string;
  readonly texts: readonly Completion[];
  /** Who said which is better; null where nobody was to. */
  readonly by: 'annotators' | 'nobody' | null;
}

/** What is measured of a pile of texts. */
export interface PileMeasure {
  readonly typos: number;
  readonly right: number;
  readonly words: number;
}

/** What the panel needs of the page. */
export interface PipelinePage extends LessonPage {
  openRewards(): Promise<RewardShelves>;
}

/** The pipeline. */
export class LessonPipeline {
  stage = $state<PipelineStage>('demonstrations');
  at = $state(0);
  /** Stages looked at. */
  opened = $state.raw<readonly PipelineStage[]>([]);
  accused = $state<Suspect | null>(null);
  fix = $state<Fix>('none');
  doing = $state<'making' | 'fitting' | 'training' | 'asking' | null>(null);
  failure = $state<string | null>(null);
  rows = $state.raw<readonly PipelineRow[]>([]);
  demonstrations = $state.raw<readonly StageItem[]>([]);
  data = $state.raw<PipelineData | null>(null);

  /** What the stage on screen holds. */
  items = $derived.by((): readonly StageItem[] => {
    const { rows } = this;
    const pairOf = (pair: ReturnType<typeof comparedPairs>[number]): StageItem => ({
      prompt: pair.prompt,
      texts: [pair.chosen, pair.rejected],
      by: pair.by,
    });
    switch (this.stage) {
      case 'demonstrations':
        return this.demonstrations;
      case 'answers':
        return rows.map(({ prompt, answers }) => ({ prompt, texts: answers, by: null }));
      case 'comparisons':
        return comparedPairs(rows, SEED).map(pairOf);
      case 'improved':
        return rows.flatMap(({ prompt, improved }) => (improved ? [{ prompt, texts: [improved], by: null }] : []));
      case 'pairs':
        // In no order: in a file of pairs nothing says where each comes from.
        return pairsWith(rows, this.fix, SEED)
          .map(pairOf)
          .sort((a, b) => a.prompt.localeCompare(b.prompt, 'en'));
    }
  });

  /** Measures of what is on screen: of all texts, or of the better and of the worse ones. */
  measures = $derived.by((): readonly PileMeasure[] =>
    Array.from({ length: this.items[0]?.texts.length ?? 0 }, (_, i) => pileOf(this.items.flatMap(({ texts }) => texts[i] ?? []))),
  );

  #page: PipelinePage;
  #prompts: readonly string[] = [];

  constructor(page: PipelinePage) {
    this.#page = page;
  }

  /** Makes the pipeline's data, once. */
  open = () =>
    this.#during('making', async () => {
      if (this.rows.length > 0) return;
      const ask = insisting(this.#page.client);
      const written = await ask.writeDemonstrations(
        { ...demonstrationsOf({ count: 0, typoShare: 0.07, wrongFactShare: 0.06 }) },
        SEED,
        NUM_DEMONSTRATIONS,
      );
      const items: StageItem[] = [];
      for (const { prompt, completion } of written) items.push({ prompt, texts: [await ask.judge(prompt, completion, true)], by: null });
      this.rows = await makeRows(ask, SEED);
      this.demonstrations = items;
    });

  /** Looks at a stage. */
  look(stage: PipelineStage): void {
    this.stage = stage;
    this.at = 0;
    if (!this.opened.includes(stage)) this.opened = [...this.opened, stage];
  }

  /** The next of its data. */
  turn(): void {
    if (this.items.length > 0) this.at = (this.at + 1) % this.items.length;
  }

  /** Trains a reward model on the pipeline's pairs, then the policy against it, and counts typos. */
  train = () =>
    this.#during('fitting', async () => {
      const { client, run } = this.#page;
      const { fix, rows } = this;
      if (rows.length === 0) return;
      const ask = insisting(client);
      const before = this.data?.before ?? (await this.#rate('sft'));
      this.doing = 'fitting';
      const name = `Lesson 6, ${fix}`;
      const model = await ask.rewardModel(rewardModelSpec('training', pairsWith(rows, fix, SEED), SEED), () => undefined);
      if (!model) return;
      const { neural } = await this.#page.openRewards();
      const { id } = await neural.keep(name, model);
      const twins = twinsOf(rows);
      const score = (completions: readonly string[]) =>
        ask.scores({
          rewardModel: 'training',
          texts: twins.map(({ prompt }, i) => ({ prompt, completion: completions[i]! })),
          perToken: false,
        });
      const [mistyped, right] = [await score(twins.map((twin) => twin.mistyped)), await score(twins.map((twin) => twin.right))];
      this.doing = 'training';
      if (!(await trainHere(run, rewardedBy(SEED, { id, name })))) return;
      const rates = run.history.filter(({ update }) => update > 0).map(({ metrics }) => metrics['completions/typo_rate'] ?? NaN);
      const after = await this.#rate('yours');
      this.data = { before, runs: [...(this.data?.runs ?? []), { fix, likesTypos: likesTypos(mistyped, right), rates, after }] };
    });

  /** Stops what is being trained. */
  async stop(): Promise<void> {
    if (this.doing === 'fitting') await this.#page.client.stopRewardModel();
    else await this.#page.run.stop();
  }

  async #rate(model: 'sft' | 'yours'): Promise<number> {
    this.doing = 'asking';
    const ask = insisting(this.#page.client);
    if (this.#prompts.length === 0) this.#prompts = await ask.drawPrompts({ split: 'heldout', seed: HELD_OUT_SEED, count: NUM_HELD_OUT });
    const request = { model, prompts: this.#prompts, seed: HELD_OUT_SEED, temperature: 1, maxTokens: ANSWER_TOKENS };
    return typoRateOf(await ask.answers(request));
  }

  async #during(what: 'making' | 'fitting', work: () => Promise<void>): Promise<void> {
    const { run, client } = this.#page;
    if (this.doing !== null || client.phase !== 'ready' || (what === 'fitting' && !run.canBegin)) return;
    this.failure = null;
    this.doing = what;
    try {
      await work();
      if (what === 'fitting' && run.status === 'failed') this.failure = run.failure?.detail ?? null;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.doing = null;
    }
  }
}

function pileOf(texts: readonly Completion[]): PileMeasure {
  const mean = (of: (text: Completion) => number) => texts.reduce((sum, text) => sum + of(text), 0) / Math.max(1, texts.length);
  return {
    typos: typoRateOf(texts),
    right: mean(({ features }) => features.correctness),
    words: mean(({ text }) => text.split(/\s+/).length),
  };
}
