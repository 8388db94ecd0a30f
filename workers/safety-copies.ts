/**
 * @file Checkpoints of a run: copied where they lie after each update, read back and delivered beside the next one's work.
 *
 * At most one is on its way: whoever waits for `settled` before telling of the next update lets the page lack at most one
 * finished update, whatever happens to this thread.
 */
import type { Engine, EngineTensor } from '../src/core/graph/engine';
import type { TrainingState } from '../src/core/model/training-state';

/** What is delivered; vectors are `[N]` and the receiver's to keep. */
export interface StateVectors {
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Takes one safety copy after another. */
export class SafetyCopies {
  #waiting: (() => Promise<void>) | null = null;
  #underWay: Promise<void> = Promise.resolve();

  constructor(readonly engine: Engine) {}

  /** Copies states on their device; they stay there until `send`. @throws what the delivery before threw */
  async take(states: readonly TrainingState[], deliver: (vectors: readonly StateVectors[]) => Promise<void>): Promise<void> {
    await this.settled();
    const copies: EngineTensor[] = [];
    for (const tensor of states.flatMap(({ theta, m, v }) => [theta, m, v])) copies.push(await this.engine.copy(tensor));
    this.#waiting = () => this.#readBack(copies, deliver);
  }

  /** Reads the last copy back and delivers it, without being waited for: to be called when the device is idle anyway. */
  send(): void {
    if (!this.#waiting) return;
    this.#underWay = this.#waiting();
    this.#waiting = null;
    this.#underWay.catch(() => undefined); // heard by whoever waits for `settled`
  }

  /** Resolves when the last copy has been delivered. @throws what its delivery threw */
  settled(): Promise<void> {
    this.send();
    return this.#underWay;
  }

  async #readBack(copies: readonly EngineTensor[], deliver: (vectors: readonly StateVectors[]) => Promise<void>): Promise<void> {
    try {
      const vectors = (await this.engine.readAll(copies)) as Float32Array[];
      const of = (state: number) => ({ theta: vectors[3 * state]!, m: vectors[3 * state + 1]!, v: vectors[3 * state + 2]! });
      await deliver(Array.from({ length: copies.length / 3 }, (_, state) => of(state)));
    } finally {
      for (const copy of copies) copy.dispose();
    }
  }
}
