/**
 * @file Settings: every one has a field, every default is allowed, and nothing hostile gets past a field.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { clampToField, numberFields, readField, type Field } from '../../../src/core/algorithms/fields';
import { DPO_FIELDS } from '../../../src/core/algorithms/dpo';
import { GRPO_DEFAULTS, GRPO_FIELDS, type GrpoConfig } from '../../../src/core/algorithms/grpo';
import { ONLINE_DPO_FIELDS } from '../../../src/core/algorithms/online-dpo';
import { PPO_FIELDS } from '../../../src/core/algorithms/ppo-config';
import { REINFORCE_FIELDS } from '../../../src/core/algorithms/reinforce';
import { REJECTION_SAMPLING_FIELDS } from '../../../src/core/algorithms/rejection-sampling';
import { RLOO_FIELDS } from '../../../src/core/algorithms/rloo';
import { SFT_FIELDS } from '../../../src/core/algorithms/sft';

const LISTS: readonly (readonly [string, readonly Field[]])[] = [
  ['GRPO', GRPO_FIELDS],
  ['REINFORCE', REINFORCE_FIELDS],
  ['RLOO', RLOO_FIELDS],
  ['PPO', PPO_FIELDS],
  ['SFT', SFT_FIELDS],
  ['DPO', DPO_FIELDS],
  ['online DPO', ONLINE_DPO_FIELDS],
  ['rejection sampling', REJECTION_SAMPLING_FIELDS],
];
/** Settings that programs are compiled for. */
const SIZES = ['groupSize', 'promptsPerUpdate', 'pairsPerUpdate', 'maxCompletionTokens', 'numIterations', 'numPpoEpochs', 'numMiniBatches'];

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
  numMiniBatches: true,
  lossType: true,
  scaleRewards: true,
};

it('the fields of GRPO are one for each setting, and the defaults are theirs', () => {
  expect(GRPO_FIELDS.map(({ key }) => key).sort()).toEqual(Object.keys(KEYS).sort());
  expect(GRPO_DEFAULTS).toEqual(Object.fromEntries(GRPO_FIELDS.map((field) => [field.key, field.default])));
});

describe.each(LISTS)('the fields of %s', (_, fields) => {
  it.each(fields.map((field) => [field.key, field] as const))('%s has an allowed default, and words for people', (_key, field) => {
    expect(readField(field, field.default)).toBe(field.default);
    for (const words of [field.hint, field.citation]) expect(words.length).toBeGreaterThan(3);
    expect(field.label.length).toBeGreaterThan(0);
    expect(field.hint).toMatch(/\.$/);
    if (field.kind === 'choice' || field.kind === 'switch') return;
    expect(field.min).toBeLessThan(field.max);
    const steps = (field.default - field.min) / field.step;
    expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
    if (field.scale === 'log') expect(field.min).toBeGreaterThan(0);
  });

  it('have keys and labels of their own', () => {
    expect(new Set(fields.map(({ key }) => key)).size).toBe(fields.length);
    expect(new Set(fields.map(({ label }) => label)).size).toBe(fields.length);
  });

  it('that change the size or kind of a compiled program are not live', () => {
    const live = fields.filter((field) => field.live).map(({ key }) => key);
    for (const key of [...SIZES, 'lossType', 'adaptiveKl', 'ptxCoef']) expect(live).not.toContain(key);
    expect(live).toContain('learningRate');
  });

  it('that count are whole numbers from 1 up', () => {
    for (const field of numberFields(fields).filter(({ key }) => [...SIZES, 'numUpdates'].includes(key))) {
      for (const number of [field.min, field.max, field.step]) expect(Number.isInteger(number)).toBe(true);
      expect(field.min).toBeGreaterThan(0);
    }
  });

  it('let nothing else through, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.anything(), (field, value) => {
        const read = readField(field, value);
        expect(readField(field, read)).toBe(read);
        if (field.kind === 'choice') expect(field.choices.map((choice) => choice.value)).toContain(read);
        else if (field.kind === 'switch') expect(typeof read).toBe('boolean');
        else expect(Number(read) >= field.min && Number(read) <= field.max).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe('clamping to a field', () => {
  const NUMBERS = numberFields(GRPO_FIELDS);
  const field = NUMBERS.find(({ key }) => key === 'klCoef')!;

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
    const groupSize = NUMBERS.find(({ key }) => key === 'groupSize')!;
    expect([2.5, 7.4, 16.4, 1.6, 0.1].map((value) => clampToField(groupSize, value))).toEqual([3, 7, 16, 2, 2]);
  });

  it('gives a number in range for anything at all', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NUMBERS), fc.oneof(fc.anything(), fc.double()), (any, value) => {
        const number = clampToField(any, value);
        expect(number >= any.min && number <= any.max).toBe(true);
        expect(clampToField(any, number)).toBe(number);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
