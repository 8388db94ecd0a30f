/** @file Where the words of a lesson's figure stand. */
import { expect, it } from 'vitest';
import { placeLabels } from '../../src/ui/lessons/figure-scale';

it('puts labels of near points where none covers another, and none leaves the figure', () => {
  const points = [
    { text: 'c = 1', x: 100, y: 60 },
    { text: 'c = 2', x: 98, y: 64 },
    { text: 'c = 4', x: 104, y: 62 },
    { text: 'c = 0', x: 350, y: 62 },
  ];
  const placed = placeLabels(points, 360);
  expect(placed.map(({ text }) => text)).toEqual(points.map(({ text }) => text));
  expect(placed.at(-1)!.x).toBeLessThan(350 - 20);
  for (const [i, one] of placed.entries()) {
    for (const other of placed.slice(i + 1)) expect(Math.abs(one.x - other.x) >= 32 || Math.abs(one.y - other.y) >= 13).toBe(true);
  }
});
