/** @file What to do when the engine is lost: start it again, run on the processor instead, or leave it to the reader. */
import type { FailureCode } from '../protocol/load';

/** Work done since the page was opened. */
export interface WorkDone {
  readonly updates: number;
  readonly answers: number;
}

/** A loss and what it interrupted. */
export interface Loss {
  readonly code: FailureCode;
  readonly backend: 'webgpu' | 'wasm';
  /** True when a run was going on. */
  readonly training: boolean;
  readonly done: WorkDone;
}

/** `again`: as before. `wasm`: on the processor. `ask`: the reader decides. */
export type Remedy = 'again' | 'wasm' | 'ask';

/** Two losses are in a row when fewer updates than this were done between them; without a run, fewer answers. */
export const ENOUGH_WORK = 5;

/**
 * The first loss is mended without a word from the reader. A second in a row means that the same would happen again: a
 * device that fails twice is left for the processor; a worker that crashes twice, or a processor that fails, is reported.
 */
export class LossPolicy {
  #doneBefore: WorkDone | null = null;

  /** Decides, and remembers the loss. */
  decide({ code, backend, training, done }: Loss): Remedy {
    const before = this.#doneBefore;
    this.#doneBefore = done;
    if (before === null) return 'again';
    const between = training ? done.updates - before.updates : done.answers - before.answers;
    if (between >= ENOUGH_WORK) return 'again';
    if (backend === 'wasm' || code === 'worker-crashed') return 'ask';
    this.#doneBefore = null; // the processor has failed nobody yet
    return 'wasm';
  }
}
