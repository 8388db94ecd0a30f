/**
 * @file The table of metrics and what training reports name the same quantities.
 */
import { describe, expect, it } from 'vitest';
import { Interpreter } from '../../src/core/graph/interpreter';
import type { GrpoMetrics } from '../../src/core/algorithms/grpo';
import { METRICS, type MetricName } from '../../src/protocol/metrics';
import { runGrpo } from '../core/algorithms/grpo-runs';

/** In the table, but measured by the worker, which knows the world, not by the algorithm. */
const FROM_ELSEWHERE = ['gold_reward'] as const;

/** The compiler refuses these when the two types drift apart. */
type SameKeys<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const sameKeys: SameKeys<keyof GrpoMetrics, Exclude<MetricName, (typeof FROM_ELSEWHERE)[number]>> = true;

describe('the table of metrics', () => {
  it('has every number that GRPO reports, and no number that nobody reports', async () => {
    expect(sameKeys).toBe(true);
    const { steps } = await runGrpo(new Interpreter(), { stopAfter: 1, settings: { promptsPerUpdate: 1, groupSize: 2 } });
    expect([...Object.keys(steps[0]!.metrics), ...FROM_ELSEWHERE].sort()).toEqual(Object.keys(METRICS).sort());
  });

  it.each(Object.entries(METRICS))('says what %s is, in words and in units that fit', (_, { label, unit, formula }) => {
    expect(label).toMatch(/^[A-Z]/);
    expect(formula.length).toBeGreaterThan(10);
    expect(['', 'share', 'nats', 'nats per token', 'tokens']).toContain(unit);
  });

  it('tells two metrics of one label apart by their units', () => {
    const names = Object.values(METRICS).map(({ label, unit }) => `${label} (${unit})`);
    expect(new Set(names).size).toBe(names.length);
  });
});
