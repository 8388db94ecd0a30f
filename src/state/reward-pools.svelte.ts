/**
 * @file The answers of a sample set as a neural model scores them: asked once, with progress, and remembered until the page is closed,
 * so that best of n is drawn with it as with the rewards that are formulas.
 */
import type { Failure } from '../protocol/load';
import { stopwatch, type ShareDone } from './share-done';
import type { Scorer } from './scorer';
import type { SampleGroup } from './sample-sets.svelte';

/** Scores of all answers of a set, group by group. */
type PoolScores = readonly (readonly number[])[];

/** Scored sets. */
export class RewardPools {
  /** Not null while answers are scored. */
  progress = $state.raw<ShareDone | null>(null);
  failure = $state.raw<Failure | null>(null);
  #known = $state.raw<Readonly<Record<string, PoolScores>>>({});
  #stopped = false;

  /** What a model said of a set; null when it has not been asked. */
  of(modelId: string, setId: string): PoolScores | null {
    return this.#known[`${modelId}/${setId}`] ?? null;
  }

  /** Asks a model about all answers of a set. */
  async score(scorer: Scorer, modelId: string, setId: string, groups: readonly SampleGroup[]): Promise<void> {
    if (this.progress) return;
    const answers = groups.flatMap(({ prompt, completions }) => completions.map((completion) => ({ prompt, completion })));
    this.#stopped = false;
    this.failure = null;
    const tell = stopwatch(answers.length);
    this.progress = tell(0);
    try {
      const scores = await scorer.score(answers, (numDone) => {
        this.progress = tell(numDone);
        return !this.#stopped;
      });
      if ('type' in scores) this.failure = scores;
      else if (scores.length === answers.length) {
        let next = 0;
        const pools = groups.map(({ completions }) => completions.map(() => scores[next++]!));
        this.#known = { ...this.#known, [`${modelId}/${setId}`]: pools };
      }
    } finally {
      this.progress = null;
    }
  }

  /** Ends the scoring after the answers that are under way; nothing is kept of it. */
  stop(): void {
    this.#stopped = true;
  }
}
