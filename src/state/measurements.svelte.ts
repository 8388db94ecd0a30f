/**
 * @file What the features and the world say of texts that were labelled: measured once by the worker, then remembered.
 *
 * A label holds two texts and nothing else, because people's files hold nothing else; every reward model over named
 * features needs their values. Answers drawn here come measured; imported and stored ones are measured when first needed.
 */
import type { Completion } from '../protocol/generate';
import type { TrainerClient } from './trainer-client.svelte';

/** Texts measured at once, between two drawings of the page. */
const BATCH = 100;

/** A text to measure. */
export interface MeasuredText {
  readonly prompt: string;
  readonly text: string;
}

const keyOf = ({ prompt, text }: MeasuredText) => `${prompt}\u0000${text}`;

/** Remembered measurements. */
export class Measurements {
  /** Grows with what is known: whoever reads measurements reads this too, to hear of more. */
  count = $state(0);
  /** How many texts are still to be measured. */
  numWaiting = $state(0);

  #client: TrainerClient;
  #known: Record<string, Completion> = {};
  #waiting: MeasuredText[] = [];
  #queued: Record<string, true> = {};
  #working = false;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  /** What is known of a text; undefined when it was not measured yet. */
  of(text: MeasuredText): Completion | undefined {
    return this.#known[keyOf(text)];
  }

  /** Remembers a completion that came measured. */
  remember(prompt: string, completion: Completion): void {
    const key = keyOf({ prompt, text: completion.text });
    if (!(key in this.#known)) this.count += 1;
    this.#known[key] = completion;
  }

  /** Sees to it that texts are measured, in the background. Nothing happens while there is no engine: ask again when there is. */
  want(texts: readonly MeasuredText[]): void {
    for (const text of texts) {
      const key = keyOf(text);
      if (key in this.#known || key in this.#queued) continue;
      this.#queued[key] = true;
      this.#waiting.push(text);
    }
    this.numWaiting = this.#waiting.length;
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0 && this.#client.phase === 'ready') {
      const batch = this.#waiting.slice(0, BATCH);
      const measured = await Promise.all(batch.map(({ prompt, text }) => this.#client.judge(prompt, text, true)));
      if (measured.some((one) => 'code' in one)) break; // the engine went away; the texts go on waiting
      this.#waiting.splice(0, batch.length);
      measured.forEach((one, index) => {
        if ('features' in one) this.#known[keyOf(batch[index]!)] = one;
        delete this.#queued[keyOf(batch[index]!)];
      });
      this.count += batch.length;
      this.numWaiting = this.#waiting.length;
    }
    this.#working = false;
  }
}
