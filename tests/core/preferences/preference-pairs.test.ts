/** @file Labels as what training takes: the winner first, strength as margin, and nothing from those that teach nothing. */
import { describe, expect, it } from 'vitest';
import { swapSides, type Comparison } from '../../../src/core/preferences/comparison';
import { readJsonl, writeJsonl } from '../../../src/core/preferences/preference-files';
import { pairsOf } from '../../../src/core/preferences/preference-pairs';

const label = (rest: Partial<Comparison>): Comparison => ({
  id: '1',
  prompt: 'p',
  a: 'x',
  b: 'y',
  verdict: 'a',
  strength: null,
  annotator: 'me',
  note: '',
  time: '2026-01-01T00:00:00Z',
  durationMs: null,
  source: 'import:f',
  cost: 1,
  ...rest,
});

describe('the pairs of labels', () => {
  it('have the winner first and its lead as margin, whichever side it was on', () => {
    expect(pairsOf([label({ strength: 1 }), label({ verdict: 'b', strength: 6 }), label({})])).toEqual([
      { prompt: 'p', chosen: 'x', rejected: 'y', margin: 1 },
      { prompt: 'p', chosen: 'y', rejected: 'x', margin: 2 / 3 },
      { prompt: 'p', chosen: 'x', rejected: 'y', margin: 0 },
    ]);
    const labels = [label({ strength: 2 }), label({ verdict: 'b', strength: 5 })];
    expect(pairsOf(labels.map(swapSides))).toEqual(pairsOf(labels));
  });

  it('are not made of ties, of two bad answers, or of an answer and itself', () => {
    expect(pairsOf([label({ verdict: 'tie', strength: 4 }), label({ verdict: 'both-bad' }), label({ b: 'x' })])).toEqual([]);
  });

  it('are the columns of the file that is written of them', async () => {
    const labels = [label({ strength: 3 }), label({ id: '2', verdict: 'b', strength: 7 })];
    const columns = writeJsonl(labels)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    pairsOf(labels).forEach((pair, index) => expect(columns[index]).toMatchObject(pair));
    const { comparisons } = await readJsonl([writeJsonl(labels)], { annotator: '', source: 'import:f', time: '2026-01-01T00:00:00Z' });
    expect(pairsOf(comparisons)).toEqual(pairsOf(labels));
  });
});
