/** @file The study of algorithms: what counts as well, how sweeps are read, the table. */
import { describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../src/core/algorithms/catalogue';
import { NO_COST } from '../../src/core/rl/cost';
import { readSweep } from '../../tools/commands/study';
import { faultsOf, settingsOf, tableOf, type StudyRow } from '../../tools/study/algorithms-study';
import type { Measurement } from '../../tools/study/testbed';

const BEFORE: Measurement = { proxy: 0, proxyOverAll: 0, gold: 0.6, kl: 0, entropy: 1, distinct: 0.9, meanTokens: 30 };
const GOOD: Measurement = { proxy: 1.2, proxyOverAll: 0.9, gold: 0.7, kl: 5, entropy: 0.7, distinct: 0.85, meanTokens: 32 };

describe('a run', () => {
  it('is well when the proxy rose by over one deviation, near the start, and answers still differ', () => {
    expect(faultsOf('grpo', BEFORE, GOOD)).toEqual([]);
  });

  it.each([
    [{ proxy: 1 }, 'proxy rose by 1.00 sd only'],
    [{ kl: 10 }, 'KL 10.0 nats'],
    [{ entropy: 0.19 }, 'entropy fell to 0.19 nats'],
    [{ distinct: 0.44 }, 'only 44 % of answers differ'],
    [{ meanTokens: 14 }, 'answers of 14 tokens instead of 30'],
    [{ meanTokens: 61 }, 'answers of 61 tokens instead of 30'],
  ])('with %j is not: %s', (changes, fault) => {
    expect(faultsOf('ppo', BEFORE, { ...GOOD, ...changes })).toEqual([fault]);
  });

  it('of SFT or DPO is asked for what they promise: better answers, and pairs in the right order', () => {
    expect(faultsOf('dpo', BEFORE, { ...GOOD, proxy: 0.1 })).toEqual([]);
    expect(faultsOf('dpo', BEFORE, { ...GOOD, proxy: -0.1 })).toEqual(['proxy rose by -0.10 sd only']);
    expect(faultsOf('sft', { ...BEFORE, gold: 0 }, { ...GOOD, gold: 0.3, kl: 300, meanTokens: 90 })).toEqual([]);
    expect(faultsOf('sft', BEFORE, { ...GOOD, gold: 0.5 })).toEqual(['gold fell to 0.50']);
  });
});

describe('a sweep', () => {
  it('is every combination of the values named', () => {
    expect(readSweep('')).toEqual([{}]);
    expect(readSweep('learningRate=1e-4/2e-4 lossType=ipo whitenRewards=true')).toEqual([
      { learningRate: 1e-4, lossType: 'ipo', whitenRewards: true },
      { learningRate: 2e-4, lossType: 'ipo', whitenRewards: true },
    ]);
  });

  it.each(['learningrate=1', 'klCoef', 'klCoef='])('refuses %s', (words) => {
    expect(() => readSweep(words)).toThrow('is not a setting and its values');
  });
});

it('settings that a stage does not have are left out, and values out of range brought into it', () => {
  const settings = settingsOf('rloo', { klCoef: 7, clipRange: 0.3, groupSize: 4 }).settings();
  expect(settings).toEqual({ ...ALGORITHMS.rloo.defaults, klCoef: 1, groupSize: 4 });
});

it('the table has a line for each algorithm and set of changes, ranges over seeds, and how many were well', () => {
  const row = (stage: StudyRow['stage'], seed: number, after: Measurement, changes = {}): StudyRow => {
    const base = { stage, changes, seed, backend: 'node', numUpdates: 60, before: BEFORE, after };
    return { ...base, cost: { ...NO_COST, flops: 2e12 }, seconds: 30, faults: faultsOf(stage, BEFORE, after) };
  };
  const lines = tableOf([row('grpo', 1, GOOD), row('grpo', 2, { ...GOOD, kl: 12 }), row('ppo', 1, GOOD, { klCoef: 0.1 })]).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[3]).toBe('| GRPO | 60 | 1.20 | 0.90 | 5.0 to 12.0 | 0.60 → 0.70 | 1.00 → 0.70 | 85 | 32 | 2000 | 1 of 2 |');
  expect(lines[2]).toContain('PPO klCoef=0.1'); // in the order of the picker
  expect(lines[2]).toContain('1 of 1');
});
