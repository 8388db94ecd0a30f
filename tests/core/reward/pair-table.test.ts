/** @file Comparisons as numbers: what goes in comes out, and a fit to them is the fit to the pairs. */
import { describe, expect, it } from 'vitest';
import { lastPairs, numPairsOf, PairTableBuilder, pairsIn, tiesIn } from '../../../src/core/reward/pair-table';

describe('a table of pairs', () => {
  const builder = new PairTableBuilder(2);
  builder.addPair([1, 2], 1, 0);
  builder.addTie([3, -3]);
  builder.addPair([4, 5], -1, 0.5);
  const { table } = builder;

  it('holds differences the winner first, margins, and ties apart', () => {
    expect(pairsIn(table)).toEqual([
      { difference: [1, 2], margin: 0 },
      { difference: [-4, -5], margin: 0.5 },
    ]);
    expect(tiesIn(table)).toEqual([[3, -3]]);
    expect(numPairsOf(table)).toBe(2);
  });

  it('gives its last pairs, without ties', () => {
    const last = lastPairs(table, 1);
    expect([pairsIn(last), tiesIn(last)]).toEqual([[{ difference: [-4, -5], margin: 0.5 }], []]);
    expect(pairsIn(lastPairs(table, 9))).toEqual(pairsIn(table));
  });
});
