/**
 * @file Getting over the loss of the engine (device lost, memory out, worker dead) without a click: a fresh worker, the
 * models, the policy that the page kept, and one sentence about it.
 */
import { m } from '../messages/messages';
import { isEngineLoss, type Failure, type FailureCode } from '../protocol/load';
import { LossPolicy, type WorkDone } from './loss-policy';
import type { TrainerClient } from './trainer-client.svelte';

/** What is said of a loss: within a sentence, by itself, and with what the run does next. */
interface LossWords {
  readonly inside: () => string;
  readonly alone: () => string;
  readonly withRun: (values: { next: string }) => string;
}

const HAPPENED: Readonly<Partial<Record<FailureCode, LossWords>>> = {
  'device-lost': { inside: m.engine_happened_device_lost, alone: m.engine_device_lost, withRun: m.engine_device_lost_run },
  'out-of-memory': { inside: m.engine_happened_out_of_memory, alone: m.engine_out_of_memory, withRun: m.engine_out_of_memory_run },
};
const STOPPED: LossWords = {
  inside: m.engine_happened_stopped_working,
  alone: m.engine_stopped_working,
  withRun: m.engine_stopped_working_run,
};

/** What a recovery needs from its surroundings. */
export interface RecoverySurroundings {
  readonly done: () => WorkDone;
  /** What the run does next, such as "the run goes on from update 12"; null when there is none. */
  readonly runGoesOn: () => string | null;
  /** Puts back into a fresh worker what the page kept. */
  readonly restore: () => Promise<unknown>;
  /** The engine is back. */
  readonly back: () => void;
}

/** Recoveries, one at a time. */
export class Recovery {
  /** What was lost and what was done about it; null when nothing is to be said. */
  note = $state<string | null>(null);
  /** True when the note is about a run. */
  noteIsOfRun = $state(false);

  #client: TrainerClient;
  #around: RecoverySurroundings;
  #policy = new LossPolicy();
  #isUnderWay = false;
  #last: Promise<boolean> = Promise.resolve(false);

  constructor(client: TrainerClient, around: RecoverySurroundings) {
    this.#client = client;
    this.#around = around;
  }

  /** Begins to recover from a loss, unless that is being done. */
  begin(failure: Failure): void {
    if (!this.#isUnderWay) this.#last = this.#recover(failure);
  }

  /** Waits for the recovery under way. True when the engine is ready, false when it is left to the reader. */
  async ended(): Promise<boolean> {
    for (;;) {
      const last = this.#last;
      const isBack = await last;
      if (last === this.#last) return isBack && this.#client.phase === 'ready';
    }
  }

  /** Takes back what was said. */
  clear(): void {
    this.note = null;
  }

  async #recover(first: Failure): Promise<boolean> {
    this.#isUnderWay = true;
    try {
      for (let failure: Failure | null = first; failure; failure = this.#client.failure) {
        if (!isEngineLoss(failure)) return false;
        const runGoesOn = this.#around.runGoesOn();
        const backend = this.#client.engine?.backend ?? (this.#client.choice === 'wasm' ? 'wasm' : 'webgpu');
        const remedy = this.#policy.decide({ code: failure.code, backend, training: runGoesOn !== null, done: this.#around.done() });
        if (remedy === 'ask') {
          this.clear(); // an error is shown, with what the reader can do
          return false;
        }
        const outcome = await this.#client.load(remedy === 'wasm' ? 'wasm' : this.#client.choice);
        if (outcome.type === 'failed' && this.#client.phase !== 'failed') return false; // another load took over
        if (outcome.type === 'failed') continue;
        const words = HAPPENED[failure.code] ?? STOPPED;
        if (remedy === 'wasm') this.note = m.engine_twice({ happened: words.inside(), next: runGoesOn ?? m.engine_models_run() });
        else this.note = runGoesOn === null ? words.alone() : words.withRun({ next: runGoesOn });
        this.noteIsOfRun = runGoesOn !== null;
        await this.#around.restore();
      }
      this.#around.back();
      return true;
    } finally {
      this.#isUnderWay = false;
    }
  }
}
