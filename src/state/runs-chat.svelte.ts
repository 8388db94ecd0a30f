/**
 * @file Talking to the policies of kept moments: one prompt, one answer from each, side by side.
 *
 * The engine holds one trained policy, so each moment is put in its place, asked, and at the end the run on the page gets
 * its own back. While a run trains, its policy cannot give way.
 */
import { m } from '../messages/messages';
import type { Completion } from '../protocol/generate';
import type { Run } from './run.svelte';
import type { RunRecord } from './runs-schema';
import type { RunStore } from './runs-store';
import { SAMPLING_DEFAULTS } from './sampling';
import { isFailure, type TrainerClient } from './trainer-client.svelte';

/** A moment of a run. */
export interface Moment {
  readonly record: RunRecord;
  readonly update: number;
}

/** What a moment's policy said. */
export interface MomentAnswer extends Moment {
  readonly completion: Completion | null;
  /** Why there is no answer; null when there is one, or it is on its way. */
  readonly problem: string | null;
}

/** The talk. */
export class RunsChat {
  prompt = $state('');
  asked = $state('');
  answers = $state.raw<readonly MomentAnswer[]>([]);
  busy = $state(false);
  /** Why the run on the page could not have its policy back, in a sentence. */
  problem = $state<string | null>(null);

  readonly #client: TrainerClient;
  readonly #run: Run;
  readonly #store: RunStore;
  #turn = 0;
  /** The talk under way, or the last. */
  #talk: Promise<void> = Promise.resolve();

  constructor(client: TrainerClient, run: Run, store: RunStore) {
    this.#client = client;
    this.#run = run;
    this.#store = store;
  }

  /** Asks the policies of some moments the prompt; the same seed for all. */
  async ask(moments: readonly Moment[]): Promise<void> {
    const prompt = this.prompt.trim();
    if (prompt === '' || this.#run.active || this.#client.phase !== 'ready') return;
    const turn = ++this.#turn;
    if (this.busy) void this.#client.stopGenerating();
    this.asked = prompt;
    this.busy = true;
    this.problem = null;
    this.answers = moments.map((moment) => ({ ...moment, completion: null, problem: null }));
    this.#talk = this.#talk.then(() => this.#askAll(moments, prompt, turn));
    await this.#talk;
  }

  /** Forgets what was said; an answer on its way is broken off, and the run on the page gets its policy back. */
  clear(): void {
    if (this.busy) void this.#client.stopGenerating();
    this.#turn += 1;
    this.busy = false;
    this.problem = null;
    this.answers = [];
  }

  async #askAll(moments: readonly Moment[], prompt: string, turn: number): Promise<void> {
    if (turn !== this.#turn) return;
    try {
      for (const [at, moment] of moments.entries()) {
        const answer = await this.#one(moment, prompt);
        if (turn !== this.#turn) return;
        this.answers = this.answers.map((one, index) => (index === at ? answer : one));
      }
    } finally {
      const failure = await this.#run.takePolicyBack();
      if (failure) this.problem = m.runs_chat_not_back({ why: failure.detail });
      if (turn === this.#turn) this.busy = false;
    }
  }

  async #one({ record, update }: Moment, prompt: string): Promise<MomentAnswer> {
    const none = (problem: string): MomentAnswer => ({ record, update, completion: null, problem });
    const checkpoint = await this.#store.checkpoint(record.id, update);
    if (!checkpoint) return none(m.runs_chat_unread());
    if (this.#run.active) return none(m.runs_chat_began());
    const refused: unknown = await this.#client.restore(checkpoint);
    if (isFailure(refused)) return none(refused.detail);
    const outcome = await this.#client.generate({ model: 'yours', prompt, ...SAMPLING_DEFAULTS, numAlternatives: 0 }, () => undefined);
    if (outcome.type === 'failed') return none(outcome.detail);
    return { record, update, completion: outcome.type === 'completed' ? outcome.completion : null, problem: null };
  }
}
