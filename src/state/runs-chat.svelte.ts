/**
 * @file Talking to the policies of kept moments: one prompt, one answer from each, side by side.
 *
 * The engine holds one trained policy, so each moment is put in its place, asked, and at the end the run on the page gets
 * its own back. While a run trains, its policy cannot give way.
 */
import type { Completion } from '../protocol/generate';
import type { Run } from './run.svelte';
import type { RunRecord } from './runs-schema';
import type { RunStore } from './runs-store';
import { SAMPLING_DEFAULTS } from './sampling';
import type { TrainerClient } from './trainer-client.svelte';

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

  readonly #client: TrainerClient;
  readonly #run: Run;
  readonly #store: RunStore;
  #turn = 0;

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
    if (this.busy) await this.#client.stopGenerating();
    this.asked = prompt;
    this.busy = true;
    this.answers = moments.map((moment) => ({ ...moment, completion: null, problem: null }));
    for (const [at, moment] of moments.entries()) {
      if (turn !== this.#turn) return;
      const answer = await this.#one(moment, prompt);
      if (turn === this.#turn) this.answers = this.answers.map((one, index) => (index === at ? answer : one));
    }
    if (turn !== this.#turn) return;
    await this.#run.restorePolicy();
    this.busy = false;
  }

  /** Forgets what was said. */
  clear(): void {
    this.#turn += 1;
    this.busy = false;
    this.answers = [];
  }

  async #one({ record, update }: Moment, prompt: string): Promise<MomentAnswer> {
    const none = (problem: string): MomentAnswer => ({ record, update, completion: null, problem });
    const checkpoint = await this.#store.checkpoint(record.id, update);
    if (!checkpoint) return none('The checkpoint could not be read.');
    if (this.#run.active) return none('A run began; its policy has the engine.');
    const refused: unknown = await this.#client.restore(checkpoint);
    if (refused) return none((refused as { detail?: string }).detail ?? 'The engine refused this checkpoint.');
    const outcome = await this.#client.generate({ model: 'yours', prompt, ...SAMPLING_DEFAULTS, numAlternatives: 0 }, () => undefined);
    if (outcome.type === 'failed') return none(outcome.detail);
    return { record, update, completion: outcome.type === 'completed' ? outcome.completion : null, problem: null };
  }
}
