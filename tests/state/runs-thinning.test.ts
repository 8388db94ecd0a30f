/** @file Which checkpoints of a run stay: never more than there is room for, always evenly spaced, always the newest. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitting, strideFor, superfluous } from '../../src/state/runs-thinning';

/** The checkpoints kept after each update of a run. */
function keep(numUpdates: number, most: number): number[] {
  let kept: number[] = [];
  for (let update = 1; update <= numUpdates; update++) {
    kept = [...kept, update];
    const drop = superfluous(kept, update, most);
    kept = kept.filter((one) => !drop.includes(one));
  }
  return kept;
}

describe('kept checkpoints', () => {
  it('are the newest and at most as many evenly spaced ones as fit, after any number of updates', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 30 }), (numUpdates, most) => {
        const kept = keep(numUpdates, most);
        expect(kept.at(-1)).toBe(numUpdates);
        expect(kept.length).toBeLessThanOrEqual(most + 1);
        const stride = strideFor(numUpdates, most);
        const even = Array.from({ length: Math.floor(numUpdates / stride) }, (_, at) => stride * (at + 1));
        expect(kept.filter((update) => update % stride === 0)).toEqual(even); // none was thrown away too early
        expect(even.length).toBeGreaterThanOrEqual(Math.min(numUpdates, Math.floor(most / 2))); // and not too many were
      }),
    );
  });

  it('are all there while there is room, and only the newest where there is none', () => {
    expect(keep(6, 20)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(keep(9, 4)).toEqual([2, 4, 6, 8, 9]);
    expect(keep(9, 0)).toEqual([9]);
  });

  it('fit a budget in bytes', () => {
    expect(fitting(256e6, 12e6)).toBe(21);
    expect(fitting(10, 12e6)).toBe(0);
  });
});
