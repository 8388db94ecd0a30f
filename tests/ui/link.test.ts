/** @file Links: what they carry, and what a hostile one cannot do. */
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, REWARD_STAGES } from '../../src/core/algorithms/catalogue';
import type { Field } from '../../src/core/algorithms/fields';
import { readLink, writeLink } from '../../src/state/link';
import { fieldsOf, RunSetup, valuesOf } from '../../src/state/run-setup.svelte';

const written = (hash: string) => writeLink(readLink(hash).link);

describe('a link', () => {
  it('brings back everything that was put into it', () => {
    const link = {
      prompt: 'Who is “Ana & Bo”? #1',
      engine: 'wasm' as const,
      setup: {
        stage: 'ppo' as const,
        start: 'base' as const,
        runSeed: 12,
        config: { learningRate: 0.00025, klEstimator: 'k3', adaptiveKl: true },
      },
      sampling: { seed: 3, temperature: 0.35 },
      weights: { typos: -1.5, length: 0 },
    };
    const read = readLink('#' + writeLink(link));
    expect(read.link).toEqual(link);
    expect(read.notes).toEqual([]);
  });

  it('is empty when nothing differs from the defaults', () => {
    expect(writeLink({ sampling: {}, setup: new RunSetup().changes, weights: {} })).toBe('');
    expect(readLink('').notes).toEqual([]);
  });

  it('brings numbers out of range into it and says so once each', () => {
    const { link, notes } = readLink('#reward.length=9&grpo.numUpdates=100000&temperature=-3');
    expect(link.weights.length).toBe(2);
    expect(link.setup.config.numUpdates).toBe(500);
    expect(link.sampling.temperature).toBe(0);
    expect(notes).toHaveLength(3);
    expect(notes.join(' ')).toContain('Length in the link was out of range; 2 is used.');
  });

  it.each(['NaN', 'Infinity', '1e999', '0x10', '', '1;alert(1)', '1'.repeat(400)])('refuses the number “%s”', (text) => {
    const { link, notes } = readLink(`#seed=${encodeURIComponent(text)}`);
    expect(link.sampling.seed).toBeUndefined();
    expect(notes).toEqual(['Seed in the link could not be read; the default is used.']);
  });

  it('rounds settings that are whole numbers', () => {
    expect(readLink('#grpo.groupSize=3.6').link.setup.config.groupSize).toBe(4);
  });

  it('refuses engines and starting models that do not exist', () => {
    expect(written('#engine=cloud&start=__proto__')).toBe('');
    expect(readLink('#engine=cloud').notes).toHaveLength(1);
  });

  it('cuts a prompt that is too long', () => {
    const { link, notes } = readLink(`#prompt=${'x'.repeat(5000)}`);
    expect(link.prompt).toHaveLength(300);
    expect(notes).toHaveLength(1);
  });

  it('passes over names it does not know', () => {
    expect(readLink('#reward&train&reward.__proto__=1&grpo.constructor=2&utm_source=x')).toEqual({
      link: { sampling: {}, setup: { config: {} }, weights: {} },
      notes: [],
    });
  });

  const end = (field: Field, which: 'first' | 'last') => {
    if (field.kind === 'choice') return field.choices.at(which === 'first' ? 0 : -1)!.value;
    if (field.kind === 'switch') return which === 'last';
    return which === 'first' ? field.min : field.max;
  };

  it.each(REWARD_STAGES.flatMap((stage) => [[stage, 'first'] as const, [stage, 'last'] as const]))(
    'carries all that may be set of %s, at the %s end of its range',
    (stage, which) => {
      const config = Object.fromEntries(fieldsOf(stage).map((field) => [field.key, end(field, which)]));
      const setup = new RunSetup();
      setup.open({ stage, config });
      expect(valuesOf(setup.config)).toEqual(config);
      const { link, notes } = readLink('#' + writeLink({ sampling: {}, setup: setup.changes, weights: {} }));
      const opened = new RunSetup();
      opened.open(link.setup);
      expect(notes).toEqual([]);
      expect(opened.stage).toBe(stage);
      expect(valuesOf(opened.config)).toEqual(config);
    },
  );

  it.each([
    ['#stage=sft', 'The algorithm in the link could not be read; the default is used.'],
    ['#stage=constructor', 'The algorithm in the link could not be read; the default is used.'],
    ['#stage=ppo&ppo.klEstimator=__proto__', 'KL estimator in the link could not be read; the default is used.'],
    ['#stage=ppo&ppo.adaptiveKl=yes', 'Adapt the KL weight in the link could not be read; the default is used.'],
  ])('refuses %s with a reason', (hash, reason) => {
    const { link, notes } = readLink(hash);
    expect(notes).toEqual([reason]);
    expect(link.setup.config).toEqual({});
  });

  it('passes over settings of an algorithm that it does not name', () => {
    expect(readLink('#stage=rloo&grpo.groupSize=4&ppo.gamma=0.9').link.setup).toEqual({ stage: 'rloo', config: {} });
    expect(ALGORITHMS.rloo.defaults.groupSize).toBe(8);
  });
});
