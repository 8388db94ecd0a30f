/**
 * @file The table of metrics and what training reports name the same quantities, and each has its words.
 */
import { describe, expect, it } from 'vitest';
import { Interpreter } from '../../src/core/graph/interpreter';
import { FEATURES } from '../../src/core/reward/features';
import { METRICS, type MetricName } from '../../src/protocol/metrics';
import { metricWords, partName } from '../../src/ui/metric-words';
import { ALGORITHMS, runSmall } from '../core/algorithms/small-runs';

/** In the table, but measured by the worker, which knows the world, or by SFT, which has no small run. */
const FROM_ELSEWHERE = [
  'mean_token_accuracy',
  'gold_reward',
  'completions/distinct_ratio',
  'completions/typo_rate',
  'completions/refusal_rate',
  'update/seconds',
  'update/tokens',
  'update/flops',
  'eval/bits_per_byte',
  ...FEATURES.map(({ name }) => `contribution/${name}`),
  'contribution/reward_model',
];
const NAMES = Object.keys(METRICS) as MetricName[];

describe('the table of metrics', () => {
  it('has every number that algorithms report, and no number that nobody reports', async () => {
    const reported = new Set<string>(FROM_ELSEWHERE);
    for (const name of Object.keys(ALGORITHMS)) {
      const { steps } = await runSmall(new Interpreter(), name, { stopAfter: 1 });
      for (const metric of Object.keys(steps[0]!.metrics)) reported.add(metric);
    }
    expect([...reported].sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)('says what %s is, in words and in units that fit', (name) => {
    const { label, unit, formula } = metricWords(name);
    expect(label).toMatch(/^[A-Z]/);
    expect(formula.length).toBeGreaterThan(10);
    expect(unit).toBe(METRICS[name].unit);
  });

  it('tells two metrics of one label apart by their units', () => {
    const names = NAMES.map(metricWords).map(({ label, unit }) => `${label} (${unit})`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names the parts of a reward, and nothing else, as parts', () => {
    expect(NAMES.filter((name) => partName(name) !== null)).toEqual(NAMES.filter((name) => name.startsWith('contribution/')));
    expect(partName('contribution/reward_model')).toBe('Reward model');
  });
});
