/**
 * @file The table of metrics and what training reports name the same quantities.
 */
import { describe, expect, it } from 'vitest';
import { Interpreter } from '../../src/core/graph/interpreter';
import { FEATURES } from '../../src/core/reward/features';
import { METRICS } from '../../src/protocol/metrics';
import { ALGORITHMS, runSmall } from '../core/algorithms/small-runs';

/** In the table, but measured by the worker, which knows the world, not by an algorithm. */
const FROM_ELSEWHERE = [
  'gold_reward',
  'completions/distinct_ratio',
  'update/seconds',
  'update/tokens',
  'update/flops',
  ...FEATURES.map(({ name }) => `contribution/${name}`),
  'contribution/reward_model',
];

describe('the table of metrics', () => {
  it('has every number that algorithms report, and no number that nobody reports', async () => {
    const reported = new Set<string>(FROM_ELSEWHERE);
    for (const name of Object.keys(ALGORITHMS)) {
      const { steps } = await runSmall(new Interpreter(), name, { stopAfter: 1 });
      for (const metric of Object.keys(steps[0]!.metrics)) reported.add(metric);
    }
    expect([...reported].sort()).toEqual(Object.keys(METRICS).sort());
  });

  it.each(Object.entries(METRICS))('says what %s is, in words and in units that fit', (_, { label, unit, formula }) => {
    expect(label).toMatch(/^[A-Z]/);
    expect(formula.length).toBeGreaterThan(10);
    expect(['', 'share', 'nats', 'nats per token', 'tokens', 's', 'FLOPs']).toContain(unit);
  });

  it('tells two metrics of one label apart by their units', () => {
    const names = Object.values(METRICS).map(({ label, unit }) => `${label} (${unit})`);
    expect(new Set(names).size).toBe(names.length);
  });
});
