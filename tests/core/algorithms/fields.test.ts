/**
 * @file Settings: every one has a field, every default is allowed, and nothing hostile gets past a field.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { clampToField, type NumberField } from '../../../src/core/algorithms/fields';
import { GRPO_DEFAULTS, GRPO_FIELDS, type GrpoConfig } from '../../../src/core/algorithms/grpo';

/** The compiler refuses this table when a setting is added and forgotten here. */
const KEYS: Record<keyof GrpoConfig, true> = {
  numUpdates: true,
  promptsPerUpdate: true,
  groupSize: true,
  learningRate: true,
  klCoef: true,
  temperature: true,
  maxCompletionTokens: true,
  clipRange: true,
  numIterations: true,
};

describe('the fields of GRPO', () => {
  it('are one for each setting, and the defaults are theirs', () => {
    expect(GRPO_FIELDS.map(({ key }) => key).sort()).toEqual(Object.keys(KEYS).sort());
    expect(GRPO_DEFAULTS).toEqual(Object.fromEntries(GRPO_FIELDS.map((field) => [field.key, field.default])));
  });

  it.each(GRPO_FIELDS)('$key has a default on its own grid, in its range, and words for people', (field: NumberField) => {
    expect(field.min).toBeLessThan(field.max);
    expect(clampToField(field, field.default)).toBe(field.default);
    const steps = (field.default - field.min) / field.step;
    expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
    for (const words of [field.label, field.hint, field.citation]) expect(words.length).toBeGreaterThan(3);
    if (field.scale === 'log') expect(field.min).toBeGreaterThan(0);
  });

  it('that change the size of a compiled program are not live', () => {
    const live = GRPO_FIELDS.filter((field) => field.live).map(({ key }) => key);
    for (const key of ['groupSize', 'promptsPerUpdate', 'maxCompletionTokens', 'numIterations']) expect(live).not.toContain(key);
    expect(live).toContain('klCoef');
  });

  it('that count are whole numbers from 1 up', () => {
    for (const key of ['groupSize', 'promptsPerUpdate', 'maxCompletionTokens', 'numIterations', 'numUpdates']) {
      const { min, max, step } = GRPO_FIELDS.find((field) => field.key === key)!;
      for (const number of [min, max, step]) expect(Number.isInteger(number)).toBe(true);
      expect(min).toBeGreaterThan(0);
    }
  });
});

describe('clamping to a field', () => {
  const field = GRPO_FIELDS.find(({ key }) => key === 'klCoef')!;

  it('keeps what is inside, and moves what is outside to the nearest end', () => {
    expect([0, 0.3, 1, -5, 7, 1e308].map((value) => clampToField(field, value))).toEqual([0, 0.3, 1, 0, 1, 1]);
  });

  const hostile: readonly unknown[] = [
    NaN,
    Infinity,
    -Infinity,
    '0.5',
    '',
    null,
    undefined,
    true,
    [],
    [0.5],
    {},
    { valueOf: () => 0.5 },
    1n,
  ];
  it.each(hostile.map((value) => [value]))('makes the default of what is not a finite number: %o', (value) => {
    expect(clampToField(field, value)).toBe(field.default);
  });

  it('makes a whole number of what counts something', () => {
    const groupSize = GRPO_FIELDS.find(({ key }) => key === 'groupSize')!;
    expect([2.5, 7.4, 16.4, 1.6, 0.1].map((value) => clampToField(groupSize, value))).toEqual([3, 7, 16, 2, 2]);
  });

  it('gives a number in range for anything at all', () => {
    fc.assert(
      fc.property(fc.constantFrom(...GRPO_FIELDS), fc.oneof(fc.anything(), fc.double()), (any, value) => {
        const number = clampToField(any, value);
        expect(number >= any.min && number <= any.max).toBe(true);
        expect(clampToField(any, number)).toBe(number);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
