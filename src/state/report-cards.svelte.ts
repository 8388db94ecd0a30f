/**
 * @file Report cards: every reward model of the lab graded on the same pairs, which the world wrote on held-out requests and
 * judged itself.
 */
import { reportCard, type GradedPair, type ReportCard } from '../core/reward/report-card';
import type { Completion } from '../protocol/generate';
import type { Failure } from '../protocol/load';
import type { MeasuredPair } from '../protocol/reward-lab';
import type { TrainerClient } from './trainer-client.svelte';

/** Pairs of each category. */
const NUM_PER_CATEGORY = 60;
const SEED = 1;

/** A pair with its texts and its scores. */
export interface WrongPair extends GradedPair {
  readonly prompt: string;
  readonly chosenText: string;
  readonly rejectedText: string;
}

/** One reward model's card. */
export interface NamedCard {
  readonly label: string;
  readonly card: ReportCard<WrongPair>;
}

/** Something that scores many answers: a formula at once, a network after a while. Null when it cannot. */
export interface Grader {
  readonly label: string;
  readonly score: (answers: readonly { readonly prompt: string; readonly completion: Completion }[]) => Promise<readonly number[] | null>;
}

/** The cards on screen. */
export class ReportCards {
  cards = $state.raw<readonly NamedCard[]>([]);
  grading = $state(false);
  failure = $state.raw<Failure | null>(null);

  #client: TrainerClient;
  #pairs: readonly MeasuredPair[] | null = null;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  /** Grades everybody on the same pairs. */
  async grade(graders: readonly Grader[]): Promise<void> {
    this.grading = true;
    this.failure = null;
    const pairs = await this.#world();
    if (pairs) {
      const answers = pairs.flatMap(({ prompt, chosen, rejected }) => [
        { prompt, completion: chosen },
        { prompt, completion: rejected },
      ]);
      const cards: NamedCard[] = [];
      for (const { label, score } of graders) {
        const scores = await score(answers);
        if (scores)
          cards.push({ label, card: reportCard(pairs.map((pair, index) => graded(pair, scores[2 * index]!, scores[2 * index + 1]!))) });
      }
      this.cards = cards;
    }
    this.grading = false;
  }

  async #world(): Promise<readonly MeasuredPair[] | null> {
    if (this.#pairs) return this.#pairs;
    const pairs = await this.#client.worldPairs(SEED, NUM_PER_CATEGORY);
    if ('code' in pairs) {
      this.failure = pairs;
      return null;
    }
    return (this.#pairs = pairs);
  }
}

function graded({ category, prompt, chosen, rejected }: MeasuredPair, chosenScore: number, rejectedScore: number): WrongPair {
  const answer = ({ numTokens, goldReward }: Completion, score: number) => ({ score, numTokens, goldReward });
  return {
    category,
    prompt,
    chosen: answer(chosen, chosenScore),
    rejected: answer(rejected, rejectedScore),
    chosenText: chosen.text,
    rejectedText: rejected.text,
  };
}
