/**
 * @file What the features and the world say of texts that were labelled: measured once by the worker, then remembered.
 *
 * A label holds two texts and nothing else, because people's files hold nothing else; every reward model over named
 * features needs their values. Answers drawn here come measured; imported and stored ones are measured when first needed.
 */
import type { Completion } from '../protocol/generate';
import { ByText, type PromptedText } from './by-text';
import type { TrainerClient } from './trainer-client.svelte';

/** Texts measured at once, between two drawings of the page. */
const BATCH = 100;
/** With much to measure, readers hear of more only so often: each time every fit over the labels is made anew. */
const TELL_MS = 3000;

/** Remembered measurements. */
export class Measurements {
  /** Grows with what is known: whoever reads measurements reads this too, to hear of more. */
  count = $state(0);
  /** How many texts are still to be measured. */
  numWaiting = $state(0);

  #client: TrainerClient;
  #known = new ByText<Completion>();
  #waiting: PromptedText[] = [];
  #queued = new ByText<boolean>();
  #working = false;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  /** What is known of a text; undefined when it was not measured yet. */
  of(text: PromptedText): Completion | undefined {
    return this.#known.get(text);
  }

  /** Remembers a completion that came measured. */
  remember(prompt: string, completion: Completion): void {
    const text = { prompt, text: completion.text };
    if (!this.#known.get(text)) this.count += 1;
    this.#known.set(text, completion);
  }

  /** Sees to it that texts are measured, in the background. Nothing happens while there is no engine: ask again when there is. */
  want(texts: readonly PromptedText[]): void {
    for (const text of texts) {
      if (this.#known.get(text) || this.#queued.get(text)) continue;
      this.#queued.set(text, true);
      this.#waiting.push(text);
    }
    this.numWaiting = this.#waiting.length;
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    let [toldMs, numUntold] = [performance.now(), 0];
    while (this.#waiting.length > 0 && this.#client.phase === 'ready') {
      const batch = this.#waiting.slice(0, BATCH);
      const measured = await Promise.all(batch.map(({ prompt, text }) => this.#client.judge(prompt, text, true)));
      if (measured.some((one) => 'code' in one)) break; // the engine went away; the texts go on waiting
      this.#waiting.splice(0, batch.length);
      measured.forEach((one, index) => {
        if ('features' in one) this.#known.set(batch[index]!, one);
        this.#queued.set(batch[index]!, false);
      });
      numUntold += batch.length;
      if (this.#waiting.length > 0 && performance.now() - toldMs < TELL_MS) continue;
      [toldMs, this.count, numUntold] = [performance.now(), this.count + numUntold, 0];
      this.numWaiting = this.#waiting.length;
    }
    this.count += numUntold;
    this.#working = false;
  }
}
