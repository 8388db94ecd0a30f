/**
 * @file The layout of theta, and how fresh weights are drawn.
 */
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { copySharedParameters, initialTheta, parameterEntry, parameterLayout, parameterView } from '../../../src/core/model/parameters';
import { Random } from '../../../src/core/random';
import { SCORED, TIED, UNTIED } from './tiny-configs';

describe('parameterLayout', () => {
  it.each([TIED, UNTIED, SCORED])('covers theta without gaps, matrices first', (config) => {
    const { entries, numParameters, numDecayed } = parameterLayout(config);
    let offset = 0;
    for (const entry of entries) {
      expect(entry.offset).toBe(offset);
      expect(entry.size).toBe(entry.dims.reduce((product, dim) => product * dim, 1));
      expect(entry.decayed).toBe(entry.dims.length === 2);
      expect(entry.decayed).toBe(entry.offset < numDecayed);
      offset += entry.size;
    }
    expect(offset).toBe(numParameters);
    expect(new Set(entries.map((entry) => entry.name)).size).toBe(entries.length);
  });

  it('has the dimensions of a Llama layer, fused', () => {
    const layout = parameterLayout(TIED);
    const dims = (name: string): readonly number[] => parameterEntry(layout, name).dims;
    expect(dims('embedding')).toEqual([11, 6]);
    expect(dims('layers.1.attention.qkv')).toEqual([6, 16]);
    expect(dims('layers.1.attention.output')).toEqual([8, 6]);
    expect(dims('layers.1.feedForward.gateUp')).toEqual([6, 10]);
    expect(dims('layers.1.feedForward.down')).toEqual([5, 6]);
    expect(dims('norm')).toEqual([6]);
  });

  it('has a head only when it is untied, and a score instead of a head with one label', () => {
    const names = (config: typeof TIED): string[] => parameterLayout(config).entries.map((entry) => entry.name);
    expect(names(TIED)).not.toContain('head');
    expect(parameterEntry(parameterLayout(UNTIED), 'head').dims).toEqual([6, 11]);
    expect(names(SCORED)).not.toContain('head');
    expect(parameterEntry(parameterLayout(SCORED), 'score').dims).toEqual([6, 1]);
    expect(() => parameterEntry(parameterLayout(TIED), 'head')).toThrow(RangeError);
  });

  it('refuses a model that no single vector can hold', () => {
    expect(() => parameterLayout({ ...TIED, vocabularySize: 1 << 18, width: 1 << 14 })).toThrow(CheckpointError);
  });
});

describe('parameterView', () => {
  it('is a window on theta, not a copy', () => {
    const layout = parameterLayout(TIED);
    const theta = new Float32Array(layout.numParameters);
    parameterView(layout, theta, 'layers.0.attention.qkv')[0] = 7;
    expect(theta[11 * 6]).toBe(7);
    expect(() => parameterView(layout, theta.subarray(1), 'norm')).toThrow(RangeError);
  });
});

describe('initialTheta', () => {
  const wide = { ...SCORED, width: 128, vocabularySize: 300, numLayers: 2, feedForwardSize: 340, headSize: 32 };
  const layout = parameterLayout(wide);
  const theta = initialTheta(wide, new Random(1));
  const std = (name: string): number => {
    const view = parameterView(layout, theta, name);
    const mean = view.reduce((sum, x) => sum + x, 0) / view.length;
    return Math.sqrt(view.reduce((sum, x) => sum + (x - mean) ** 2, 0) / view.length);
  };

  it('draws with the documented standard deviations', () => {
    expect(std('embedding') * Math.sqrt(128)).toBeCloseTo(0.5, 1);
    expect(std('layers.0.attention.qkv') * Math.sqrt(128)).toBeCloseTo(0.5, 1);
    expect(std('layers.1.attention.output') * Math.sqrt(128)).toBeCloseTo(0.25, 1);
    expect(std('layers.1.feedForward.down') * Math.sqrt(340)).toBeCloseTo(0.25, 1);
    expect(Math.abs(std('score') * Math.sqrt(129) - 1)).toBeLessThan(0.3);
  });

  it('starts norms at one', () => {
    expect(theta.subarray(layout.numDecayed).every((x) => x === 1)).toBe(true);
  });

  it('gives the same weights for a seed, others for another', () => {
    expect(initialTheta(wide, new Random(1))).toEqual(theta);
    expect(initialTheta(wide, new Random(2))).not.toEqual(theta);
  });

  it('gives parameters that two shapes share the same numbers', () => {
    const tied = { ...wide, numLabels: 0 as const, tiedEmbeddings: true };
    const name = 'layers.1.feedForward.down';
    const other = parameterView(parameterLayout(tied), initialTheta(tied, new Random(1)), name);
    expect(other).toEqual(parameterView(layout, theta, name));
  });
});

describe('copySharedParameters', () => {
  it("starts a reward model from a language model's body and leaves its score alone", () => {
    const body = initialTheta(UNTIED, new Random(1));
    const scored = initialTheta(SCORED, new Random(2));
    const score = parameterView(parameterLayout(SCORED), scored, 'score').slice();
    expect(copySharedParameters({ config: UNTIED, theta: body }, { config: SCORED, theta: scored })).toEqual(['score']);
    for (const { name } of parameterLayout(SCORED).entries) {
      const expected = name === 'score' ? score : parameterView(parameterLayout(UNTIED), body, name);
      expect(parameterView(parameterLayout(SCORED), scored, name)).toEqual(expected);
    }
  });

  it('leaves parameters of other dims alone', () => {
    const wider = { ...TIED, vocabularySize: 12 };
    const [from, to] = [initialTheta(TIED, new Random(1)), initialTheta(wider, new Random(2))];
    expect(copySharedParameters({ config: TIED, theta: from }, { config: wider, theta: to })).toEqual(['embedding']);
  });
});
