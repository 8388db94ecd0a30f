/**
 * @file The thread that does the sums over labels, as the page sees it: started when first asked, and again after a crash.
 */
import { wrap, type Remote } from 'comlink';
import type { BradleyTerryFit } from '../core/reward/bradley-terry';
import type { LearningPoint } from '../core/reward/learning-curve';
import type { PairTable } from '../core/reward/pair-table';
import type { LabelMathsApi } from '../protocol/label-maths';
import { End } from './end';
import type { WorkerLike } from './trainer-client.svelte';

function startLabelMathsWorker(): WorkerLike {
  return new Worker(new URL('../../workers/label-maths.worker.ts', import.meta.url), { type: 'module' });
}

/** A worker, and how it ends. */
interface Life {
  readonly worker: WorkerLike;
  readonly api: Remote<LabelMathsApi>;
  readonly end: End<null>;
}

/** Asks the thread. Answers are null where there is none: it crashed, or something newer was asked. */
export class LabelMaths {
  #startWorker: () => WorkerLike;
  #life: Life | null = null;

  constructor(startWorker: () => WorkerLike = startLabelMathsWorker) {
    this.#startWorker = startWorker;
  }

  /** See {@link LabelMathsApi.fit}. */
  fit(table: PairTable, start: BradleyTerryFit | null): Promise<BradleyTerryFit | null> {
    return this.#ask((api) => api.fit(table, start));
  }

  /** See {@link LabelMathsApi.learningCurves}. */
  learningCurves(table: PairTable, flipShares: readonly number[]): Promise<readonly (readonly LearningPoint[])[] | null> {
    return this.#ask((api) => api.learningCurves(table, flipShares));
  }

  async #ask<Answer>(ask: (api: Remote<LabelMathsApi>) => Promise<Answer>): Promise<Answer | null> {
    try {
      const life = (this.#life ??= this.#begin());
      return await life.end.race<Answer | null>(ask(life.api));
    } catch {
      return null;
    }
  }

  #begin(): Life {
    const worker = this.#startWorker();
    const life: Life = { worker, api: wrap<LabelMathsApi>(worker), end: new End() };
    const crashed = (event: Event) => {
      event.preventDefault();
      worker.terminate();
      if (this.#life === life) this.#life = null;
      life.end.come(null);
    };
    worker.addEventListener('error', crashed);
    worker.addEventListener('messageerror', crashed);
    return life;
  }
}
