/**
 * @file Simulated annotators at work: pairs are taken from the open sample set, labelled a few hundred at a time so that the
 * page stays alive, and kept as a label set of their own.
 */
import { annotate, DEFAULT_POOL, type AnnotatedPair, type AnnotatorPool } from '../core/preferences/annotators';
import type { Comparison } from '../core/preferences/comparison';
import { Random } from '../core/random';
import { m } from '../messages/messages';
import { isoNow } from './iso-now';
import { nextTask } from './next-task';
import type { Labels } from './labels.svelte';
import type { SampleGroup, SampleSets } from './sample-sets.svelte';
import { stopwatch, type ShareDone } from './share-done';

/** Labels between two drawings of the page. */
const CHUNK = 250;
/** Fewest and most labels at once. */
export const LABEL_LIMITS = { min: 10, max: 20_000 } as const;

/** Random pairs of different answers to the same prompt, without end; nothing when no group has two. */
function* randomPairs(
  groups: readonly SampleGroup[],
  model: string,
  kindOf: (prompt: string) => string | null,
  random: Random,
): Generator<AnnotatedPair> {
  const usable = groups.filter(({ completions }) => completions.some(({ text }) => text !== completions[0]!.text));
  while (usable.length > 0) {
    const { prompt, completions } = random.pick(usable);
    const [a, b] = [random.pick(completions), random.pick(completions)];
    if (a.text !== b.text) yield { prompt, kind: kindOf(prompt), a: { ...a, model }, b: { ...b, model } };
  }
}

/** Pairs of answers that differ. */
function pairsIn({ completions }: SampleGroup): number {
  const numTexts = new Set(completions.map(({ text }) => text)).size;
  return (numTexts * (numTexts - 1)) / 2;
}

/** The pool of the moment, and its work. */
export class SimulatedAnnotators {
  pool = $state.raw<AnnotatorPool>(DEFAULT_POOL);
  /** Labels wanted. */
  wanted = $state(500);
  /** In labels; not null while at work. */
  progress = $state.raw<ShareDone | null>(null);
  /** True while what was labelled is stored. */
  isKeeping = $state(false);
  /** How many different pairs the open sample set has. */
  numDistinct = $derived.by(() => (this.#samples.open?.body.groups ?? []).reduce((sum, group) => sum + pairsIn(group), 0));

  #labels: Labels;
  #samples: SampleSets;
  #kindOf: (prompt: string) => string | null;
  #stopped = false;

  constructor(labels: Labels, samples: SampleSets, kindOf: (prompt: string) => string | null) {
    this.#labels = labels;
    this.#samples = samples;
    this.#kindOf = kindOf;
  }

  /** Changes the pool. */
  set(change: Partial<AnnotatorPool>): void {
    this.pool = { ...this.pool, ...change };
  }

  /** Labels, and keeps what was labelled as a new set; stopped early, what was done by then. */
  async run(): Promise<void> {
    const samples = this.#samples.open;
    if (!samples || this.progress !== null) return;
    const random = new Random(Date.now());
    const { groups, model } = samples.body;
    const labels: Comparison[] = [];
    this.#stopped = false;
    const tell = stopwatch(this.wanted);
    this.progress = tell(0);
    for (const label of annotate(randomPairs(groups, model, this.#kindOf, random), this.pool, random.split('clicks'), isoNow())) {
      labels.push(label);
      if (labels.length % CHUNK === 0) {
        this.progress = tell(labels.length);
        await nextTask();
      }
      if (labels.length >= this.wanted || this.#stopped) break;
    }
    this.isKeeping = true;
    if (labels.length > 0) await this.#labels.create(m.label_simulated_set({ pool: this.pool.name }), labels);
    this.isKeeping = false;
    this.progress = null;
  }

  /** Ends the work. */
  stop(): void {
    this.#stopped = true;
  }
}
