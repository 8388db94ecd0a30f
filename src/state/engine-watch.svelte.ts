/**
 * @file What the engine counts, as the debug panel shows it: everything so far, and the last update's share of it.
 */
import { addWork, NO_WORK, subtractWork, totalWork, type EngineStats, type Work } from '../core/graph/engine-stats';
import type { TrainerClient } from './trainer-client.svelte';

/** The work of the programs of one name; `transfers` are uploads and reads of no program. */
export interface WorkRow {
  readonly name: string;
  readonly work: Work;
  /** Nodes that ran on the processor; null where that is not known. */
  readonly numProcessorNodes: number | null;
}

/** Each program's work, and the transfers, between two readings; what did nothing is left out. */
export function workBetween(before: EngineStats | null, after: EngineStats): WorkRow[] {
  const earlier = (wanted: string) => before?.programs.find(({ name }) => name === wanted) ?? NO_WORK;
  const programs = after.programs.map(({ processorNodes, ...program }) => ({
    name: program.name,
    work: subtractWork(program, earlier(program.name)),
    numProcessorNodes: processorNodes?.length ?? null,
  }));
  const transfers = { name: 'transfers', work: subtractWork(after.transfers, before?.transfers ?? NO_WORK), numProcessorNodes: null };
  return [...programs, transfers].filter(({ work }) => Object.values(work).some((count) => count > 0));
}

/** All rows added up. */
export const sumOfWork = (rows: readonly WorkRow[]): Work => rows.reduce((sum, { work }) => addWork(sum, work), NO_WORK);

/** Readings of the engine's counters. */
export class EngineWatch {
  latest = $state.raw<EngineStats | null>(null);
  /** What the last update did; null before there was one. */
  lastUpdate = $state.raw<{ readonly update: number; readonly rows: readonly WorkRow[] } | null>(null);
  #atUpdate: { update: number; stats: EngineStats } | null = null;

  constructor(readonly client: TrainerClient) {}

  /** Reads the counters; `update` is the number of updates done, and a step of one since the last reading is an update's work. */
  async look(update: number): Promise<void> {
    const stats = await this.client.engineStats();
    if (!stats || !('programs' in stats)) return; // no engine, or it is being replaced
    this.latest = stats;
    if (this.#atUpdate?.update === update) return;
    const before = this.#atUpdate;
    this.#atUpdate = { update, stats };
    const follows = before !== null && update === before.update + 1 && totalWork(stats).numRuns > totalWork(before.stats).numRuns;
    this.lastUpdate = follows ? { update, rows: workBetween(before.stats, stats) } : null; // a new worker counts from 0
  }
}
