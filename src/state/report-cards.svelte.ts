/**
 * @file Report cards: every reward model of the lab graded on the same pairs, which the world wrote on held-out requests and
 * judged itself.
 */
import type { WorldPairCategory } from '../core/reward/world-pairs';
import { reportCard, type GradedPair, type ReportCard } from '../core/reward/report-card';
import { m } from '../messages/messages';
import type { Completion } from '../protocol/generate';
import type { Failure } from '../protocol/load';
import type { MeasuredPair } from '../protocol/reward-lab';
import type { Scorer } from './scorer';
import type { TrainerClient } from './trainer-client.svelte';

/** Pairs of each category. */
const NUM_PER_CATEGORY = 60;
const SEED = 1;

/** A pair with its texts and its scores. */
export interface WrongPair extends GradedPair<WorldPairCategory> {
  readonly prompt: string;
  readonly chosenText: string;
  readonly rejectedText: string;
}

/** One reward model's card. */
export interface NamedCard {
  readonly label: string;
  readonly card: ReportCard<WrongPair>;
}

/** What could not be graded, and why. */
export interface FailedCard {
  readonly label: string;
  readonly failure: Failure;
}

/** The cards on screen. */
export class ReportCards {
  cards = $state.raw<readonly NamedCard[]>([]);
  grading = $state(false);
  /** Of the last grading; those that went well have cards. */
  failures = $state.raw<readonly FailedCard[]>([]);

  #client: TrainerClient;
  #pairs: readonly MeasuredPair[] | null = null;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  /** Grades everybody on the same pairs. */
  async grade(scorers: readonly Scorer[]): Promise<void> {
    if (this.grading) return;
    this.grading = true;
    this.failures = [];
    try {
      const pairs = (this.#pairs ??= await this.#world());
      if (!pairs) return;
      const answers = pairs.flatMap(({ prompt, chosen, rejected }) => [
        { prompt, completion: chosen },
        { prompt, completion: rejected },
      ]);
      const cards: NamedCard[] = [];
      for (const { label, score } of scorers) {
        const scores = await score(answers);
        if ('type' in scores) this.failures = [...this.failures, { label, failure: scores }];
        else cards.push({ label, card: reportCard(pairs.map((pair, index) => graded(pair, scores[2 * index]!, scores[2 * index + 1]!))) });
      }
      this.cards = cards;
    } finally {
      this.grading = false;
    }
  }

  async #world(): Promise<readonly MeasuredPair[] | null> {
    const pairs = await this.#client.worldPairs(SEED, NUM_PER_CATEGORY);
    if (!('code' in pairs)) return pairs;
    this.failures = [{ label: m.rewardlab_world_pairs(), failure: pairs }];
    return null;
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
