/** @file What the lab's charts are made of: smoothing, axes, totals, headings and histograms, on numbers anyone can check. */
import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../src/protocol/metrics';
import { axisOf, histogram, metricGroups, smooth, totals } from '../../src/state/lab-series';

const HISTORY = [1, 2, 3].map((update) => ({
  update,
  metrics: { 'objective/kl': update / 2, 'update/seconds': 2, 'update/tokens': 100, 'update/flops': 1e6 },
}));

describe('the lab’s series', () => {
  it('smooth without pulling the start to 0, leave a constant alone, and keep gaps', () => {
    for (const value of smooth([4, 4, null, 4], 0.9)) if (value !== null) expect(value).toBeCloseTo(4, 12);
    expect(smooth([1, null, 3], 0)).toEqual([1, null, 3]);
    expect(smooth([0, 3], 0.5)[1]).toBeCloseTo(2, 12); // (0.25 · 0 + 0.5 · 3) / 0.75
  });

  it('are drawn along updates, time or KL', () => {
    expect(axisOf(HISTORY, 'update')).toBeNull();
    expect(axisOf(HISTORY, 'time')).toEqual([2, 4, 6]);
    expect(axisOf(HISTORY, 'kl')).toEqual([0.5, 1, 1.5]);
    expect(totals(HISTORY)).toEqual({ tokens: 300, flops: 3e6, seconds: 6 });
  });

  it('put every metric that there is under one heading', () => {
    const names = Object.keys(METRICS) as MetricName[];
    const metrics = Object.fromEntries(names.map((name) => [name, 1]));
    expect(
      metricGroups([{ update: 1, metrics }])
        .flatMap((group) => group.metrics)
        .sort(),
    ).toEqual([...names].sort());
    expect(metricGroups([{ update: 1, metrics: {} }])).toEqual([]);
  });

  it('count each value in one bin', () => {
    const bins = histogram([0, 0, 5, 10], 10);
    expect(bins.map(({ count }) => count)).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(histogram([2, 2], 10)).toEqual([{ from: 2, to: 2, count: 2 }]);
    expect(histogram([], 10)).toEqual([]);
  });
});
