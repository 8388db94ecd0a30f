/**
 * @file Who caused which work: jobs run one at a time, so what the counters gain during one is its own.
 */
import { addWork, NO_WORK, subtractWork, type ProcessorNode, type ProgramStats, type Work } from '../core/graph/engine-stats';
import type { GpuCounts } from './gpu-counters';

/** Work by program name. */
export class WorkLedger {
  readonly #programs = new Map<string, ProgramStats>();
  #transfers: Work = NO_WORK;
  /** What {@link upload} has counted: it may happen in the middle of another's job, which must not count it again. */
  #uploadedBytes = 0;

  /** @param gpu the counters to read; null on a CPU, where only runs are counted */
  constructor(readonly gpu: Readonly<GpuCounts> | null) {}

  /** The programs entered, in order. */
  get programs(): ProgramStats[] {
    return [...this.#programs.values()];
  }

  /** The work of no program. */
  get transfers(): Work {
    return this.#transfers;
  }

  /** Enters a program, or another of the same name, with where its nodes run if that is known. */
  enter(name: string, processorNodes: readonly ProcessorNode[] | null): void {
    this.#programs.set(name, { ...(this.#programs.get(name) ?? { name, ...NO_WORK }), processorNodes });
  }

  /** Does a job for a program that was entered; `numRuns` is 0 for what is not a run. */
  async work<Result>(name: string, numRuns: 0 | 1, job: () => Promise<Result>): Promise<Result> {
    const before = this.#now();
    try {
      return await job();
    } finally {
      const known = this.#programs.get(name)!;
      this.#programs.set(name, { ...known, ...addWork(known, { ...subtractWork(this.#now(), before), numRuns }) });
    }
  }

  /** Does a job that moves numbers for no program. */
  async transfer<Result>(job: () => Promise<Result>): Promise<Result> {
    const before = this.#now();
    try {
      return await job();
    } finally {
      this.#transfers = addWork(this.#transfers, subtractWork(this.#now(), before));
    }
  }

  /** Does an upload, which does not wait for its turn. */
  upload<Result>(job: () => Result): Result {
    const before = this.#now();
    const result = job();
    const { uploadedBytes } = subtractWork(this.#now(), before);
    this.#uploadedBytes += uploadedBytes;
    this.#transfers = addWork(this.#transfers, { ...NO_WORK, uploadedBytes });
    return result;
  }

  #now(): Work {
    if (!this.gpu) return NO_WORK;
    const { numDispatches, numReadBacks, readBackBytes, uploadedBytes } = this.gpu;
    return { numRuns: 0, numDispatches, numReadBacks, readBackBytes, uploadedBytes: uploadedBytes - this.#uploadedBytes };
  }
}
