/**
 * @file Getting over the loss of the engine (device lost, memory out, worker dead) without a click: a fresh worker, the
 * models, the policy that the page kept, and one sentence about it.
 */
import { isEngineLoss, type Failure, type FailureCode } from '../protocol/load';
import { LossPolicy, type WorkDone } from './loss-policy';
import type { TrainerClient } from './trainer-client.svelte';

/** What happened, as the first half of a sentence, and what the second begins with. */
const HAPPENED: Readonly<Partial<Record<FailureCode, readonly [string, string]>>> = {
  'device-lost': ['The graphics device was lost', 'the engine was started again'],
  'out-of-memory': ['The device ran out of memory', 'the engine was started again'],
};
const STOPPED = ['The engine stopped working', 'it was started again'] as const;

/** What a recovery needs from its surroundings. */
export interface RecoverySurroundings {
  readonly done: () => WorkDone;
  /** What the run does next, such as "the run goes on from update 12"; null when there is none. */
  readonly runGoesOn: () => string | null;
  /** Puts back into a fresh worker what the page kept. */
  readonly restore: () => Promise<void>;
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
        const [happened, done] = HAPPENED[failure.code] ?? STOPPED;
        this.note =
          remedy === 'wasm'
            ? `The engine failed twice in a row (${lowerFirst(happened)}), so ${runGoesOn ?? 'the models run'} on the processor (wasm).`
            : `${happened}; ${done}${runGoesOn ? ` and ${runGoesOn}` : ''}.`;
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

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
