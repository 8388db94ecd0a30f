/**
 * @file Runs side by side: one line for each run, or one for all that differ in nothing but their seed, with a band from
 * the lowest to the highest of them.
 */
import type { MetricName } from '../protocol/metrics';
import { withoutSeed } from './runs-names';
import type { RunRecord, RunRow } from './runs-schema';

/** A run with what its updates measured. */
export interface LoadedRun {
  readonly record: RunRecord;
  readonly rows: readonly RunRow[];
}

/** One line of a chart. */
export interface MetricLine {
  /** The runs it stands for. */
  readonly runs: readonly RunRecord[];
  readonly points: readonly LinePoint[];
}

/** The value at an update: of one run, or the mean over seeds between the lowest and the highest. */
export interface LinePoint {
  readonly update: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function pointsOf(runs: readonly LoadedRun[], metric: MetricName): LinePoint[] {
  const byUpdate = new Map<number, number[]>();
  for (const { rows } of runs) {
    for (const { update, metrics } of rows) {
      const value = metrics[metric];
      if (value !== undefined && Number.isFinite(value)) byUpdate.set(update, [...(byUpdate.get(update) ?? []), value]);
    }
  }
  // Where not all seeds have come, a mean would jump for want of a run, not for what was learned.
  const complete = [...byUpdate].filter(([, values]) => values.length === runs.length);
  const points = complete.map(([update, values]) => ({
    update,
    value: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  }));
  return points.sort((a, b) => a.update - b.update);
}

/** Runs that differ in nothing but their seed, together; in the order given. */
function groupedBySeed<Each extends { readonly record: RunRecord }>(runs: readonly Each[]): Each[][] {
  const groups = new Map<string, Each[]>();
  for (const run of runs) {
    // A branch has its own past: it is no seed of a run from the start.
    const key = `${withoutSeed(run.record.spec)}${run.record.parent ? run.record.id : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()];
}

/** The lines of a metric. */
export function linesOf(runs: readonly LoadedRun[], metric: MetricName, overSeeds: boolean): MetricLine[] {
  const groups = overSeeds ? groupedBySeed(runs) : runs.map((run) => [run]);
  return groups.map((group) => ({ runs: group.map(({ record }) => record), points: pointsOf(group, metric) }));
}
