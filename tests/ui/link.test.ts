/** @file Links: what they carry, and what a hostile one cannot do. */
import { describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import { differing, readLink, writeLink } from '../../src/state/link';

const written = (hash: string) => writeLink(readLink(hash).link);

describe('a link', () => {
  it('brings back everything that was put into it', () => {
    const link = {
      prompt: 'Who is “Ana & Bo”? #1',
      engine: 'wasm' as const,
      start: 'base' as const,
      runSeed: 12,
      sampling: { seed: 3, temperature: 0.35 },
      config: { learningRate: 0.00025, groupSize: 4 },
      weights: { typos: -1.5, length: 0 },
    };
    const read = readLink('#' + writeLink(link));
    expect(read.link).toEqual(link);
    expect(read.notes).toEqual([]);
  });

  it('is empty when nothing differs from the defaults', () => {
    expect(writeLink({ sampling: {}, config: differing({ ...GRPO_DEFAULTS }, GRPO_DEFAULTS), weights: {} })).toBe('');
    expect(readLink('').notes).toEqual([]);
  });

  it('brings numbers out of range into it and says so once each', () => {
    const { link, notes } = readLink('#reward.length=9&grpo.numUpdates=100000&temperature=-3');
    expect(link.weights.length).toBe(2);
    expect(link.config.numUpdates).toBe(500);
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
    expect(readLink('#grpo.groupSize=3.6').link.config.groupSize).toBe(4);
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
      link: { sampling: {}, config: {}, weights: {} },
      notes: [],
    });
  });
});
