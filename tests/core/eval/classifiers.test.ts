/** @file AUROC, calibration and the naive Bayes classifier against direct readings of their definitions. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { auroc } from '../../../src/core/eval/auroc';
import { calibrationError, reliabilityBins } from '../../../src/core/eval/calibration';
import { NaiveBayes } from '../../../src/core/eval/naive-bayes';
import { Random } from '../../../src/core/random';

describe('auroc', () => {
  it('is the share of pairs in which the positive one is larger, ties counting half', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(numbers, numbers, (positives, negatives) => {
        const pairs = positives.flatMap((p) => negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
        const share = pairs.reduce((sum: number, win) => sum + win, 0) / pairs.length;
        expect(auroc(positives, negatives)).toBeCloseTo(share, 12);
      }),
      { seed: 1, numRuns: 300 },
    );
    expect(auroc([], [1])).toBe(0.5);
  });
});

describe('calibration', () => {
  it('is no error where confidence comes true, and the gap where it does not', () => {
    const of = (confidence: number, right: number, n: number) => Array.from({ length: n }, (_, i) => ({ confidence, isRight: i < right }));
    expect(calibrationError(reliabilityBins([...of(0.8, 80, 100), ...of(0.6, 60, 100)]))).toBeCloseTo(0, 12);
    const bins = reliabilityBins([...of(0.9, 50, 100), ...of(0.6, 60, 100)]);
    expect(bins.map(({ n }) => n)).toEqual([100, 100]);
    expect(calibrationError(bins)).toBeCloseTo(0.2, 12);
  });

  it('is small for a judge who means what it says, and puts certainty into the last bin', () => {
    const random = new Random('honest');
    const predictions = Array.from({ length: 20_000 }, () => {
      const confidence = 0.5 + 0.5 * random.uniform();
      return { confidence, isRight: random.chance(confidence) };
    });
    expect(calibrationError(reliabilityBins(predictions))).toBeLessThan(0.02);
    expect(reliabilityBins([{ confidence: 1, isRight: true }])).toEqual([{ confidence: 1, accuracy: 1, n: 1 }]);
    expect(calibrationError([])).toBe(0);
  });
});

describe('NaiveBayes', () => {
  const examples = [
    { label: 'letter', text: 'Dear Ana,\nthank you for the soup.\nYours, Otto' },
    { label: 'letter', text: 'Dear Otto,\nthe soup was cold.\nYours, Ana' },
    { label: 'list', text: '1. soup\n2. bread\n3. tea' },
    { label: 'list', text: '1. milk\n2. eggs' },
  ];

  it('knows its classes by words and layout', () => {
    const classifier = new NaiveBayes(examples);
    expect(classifier.labels).toEqual(['letter', 'list']);
    expect(classifier.classify('Dear Eva,\nthe bread was good.\nYours, Ben')).toBe('letter');
    expect(classifier.classify('1. jam\n2. salt\n3. rope')).toBe('list');
  });

  it('gives probabilities that add up to 1, and the prior for a text that says nothing', () => {
    const classifier = new NaiveBayes([...examples, examples[0]!]);
    const sum = classifier.probabilities('Dear list 1.').reduce((total, each) => total + each, 0);
    expect(sum).toBeCloseTo(1, 12);
    expect(classifier.probabilities('')[0]).toBeCloseTo(3 / 5, 12);
  });

  it('refuses to guess when it has seen nothing', () => {
    expect(() => new NaiveBayes<string>([]).classify('a')).toThrow(RangeError);
  });
});
