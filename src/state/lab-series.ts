/** @file What the lab's charts are made of: x axes, smoothing, totals, and which metrics a run has. Pure functions of its history. */
import { METRICS, type MetricName } from '../protocol/metrics';
import type { HistoryEntry } from './runs-schema';

/** What charts may be drawn along. */
export const AXES = [{ id: 'update' }, { id: 'time' }, { id: 'kl' }] as const;

/** Name of an x axis. */
export type AxisId = (typeof AXES)[number]['id'];

type Values = readonly (number | null)[];

/** One metric over a history; null where it was not measured. */
export const valuesOfMetric = (history: readonly HistoryEntry[], name: MetricName): Values =>
  history.map(({ metrics }) => metrics[name] ?? null);

/** x of every entry: seconds of training since the start, or KL to the reference. Null for updates themselves. */
export function axisOf(history: readonly HistoryEntry[], axis: AxisId): Values | null {
  if (axis === 'update') return null;
  if (axis === 'kl') return valuesOfMetric(history, 'objective/kl');
  let seconds = 0;
  return history.map(({ metrics }) => (seconds += metrics['update/seconds'] ?? 0));
}

/**
 * Exponential moving average, as TensorBoard has it: the start is not pulled towards 0, and gaps stay gaps.
 * @param weight of what came before, 0 (nothing is smoothed) up to, not including, 1
 */
export function smooth(values: Values, weight: number): Values {
  let [sum, mass] = [0, 0];
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    [sum, mass] = [weight * sum + (1 - weight) * value, weight * mass + (1 - weight)];
    return sum / mass;
  });
}

/** What a run has cost so far. */
export function totals(history: readonly HistoryEntry[]): Readonly<Record<'tokens' | 'flops' | 'seconds', number>> {
  const sum = (name: MetricName) => history.reduce((total, { metrics }) => total + (metrics[name] ?? 0), 0);
  return { tokens: sum('update/tokens'), flops: sum('update/flops'), seconds: sum('update/seconds') };
}

/** The headings that metrics stand under, in this order. */
export type GroupId = 'reward' | 'parts' | 'distance' | 'answers' | 'step' | 'pairs' | 'cost';

/** Metrics under one heading. */
export interface MetricGroup {
  readonly id: GroupId;
  readonly metrics: readonly MetricName[];
}

/** Headings, and which metrics stand under each: the first that fits. */
const GROUPS: readonly (readonly [GroupId, (name: MetricName) => boolean])[] = [
  ['reward', (name) => /^(reward|reward_std|gold_reward|best_reward|objective\/(scores|rlhf_reward)|frac_reward.*)$/.test(name)],
  ['parts', (name) => name.startsWith('contribution/')],
  ['distance', (name) => /^(kl|kl_coef|objective\/.*|entropy|logps\/.*)$/.test(name)],
  ['answers', (name) => name.startsWith('completions/') || name === 'val/num_eos_tokens'],
  [
    'step',
    (name) =>
      /^(loss|eval\/bits_per_byte|mean_token_accuracy|loss\/.*|grad_norm|learning_rate|clip_ratio.*|policy\/.*|val\/ratio.*|sampling\/.*)$/.test(
        name,
      ),
  ],
  ['pairs', (name) => /^(rewards|val)\//.test(name)],
  ['cost', (name) => name.startsWith('update/')],
];

/** All metrics that a history has, under headings; those that are always 0 because nothing of the kind is done are left out. */
export function metricGroups(history: readonly HistoryEntry[]): readonly MetricGroup[] {
  const has = (name: MetricName) => history.some(({ metrics }) => metrics[name] !== undefined);
  const left = new Set((Object.keys(METRICS) as MetricName[]).filter(has));
  return GROUPS.flatMap(([id, fits]) => {
    const metrics = [...left].filter(fits);
    for (const metric of metrics) left.delete(metric);
    return metrics.length === 0 ? [] : [{ id, metrics }];
  });
}

/** A histogram of `numBins` bins of one width over all values; a single bin where all are equal. */
export function histogram(
  values: readonly number[],
  numBins: number,
): { readonly from: number; readonly to: number; readonly count: number }[] {
  if (values.length === 0) return [];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return [{ from: low, to: high, count: values.length }];
  const width = (high - low) / numBins;
  const bins = Array.from({ length: numBins }, (_, i) => ({ from: low + i * width, to: low + (i + 1) * width, count: 0 }));
  for (const value of values) bins[Math.min(numBins - 1, Math.floor((value - low) / width))]!.count += 1;
  return bins;
}
