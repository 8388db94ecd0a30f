/** @file Scales of lesson figures: where a value lies, and which round values are marked. */
import type { Panel, Point } from '../../lessons/figure';

/** A scale from values to 0 … 1. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Round steps so that there are at most `most` of them. */
function roundTicks(from: number, to: number, most = 5): number[] {
  const raw = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw * 0.999) ?? power;
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** A straight scale; a range without width is widened. */
export function linearScale(from: number, to: number): Scale {
  const [low, high] = to > from ? [from, to] : [from - 0.5, from + 0.5];
  return { at: (value) => (value - low) / (high - low), ticks: roundTicks(low, high) };
}

/** Doublings evenly spaced; marks are the values there are, thinned out. */
function logScale(values: readonly number[]): Scale {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const [low, high] = [Math.log(sorted[0] ?? 1), Math.log(sorted.at(-1) ?? 2)];
  const every = Math.ceil(sorted.length / 6);
  return { at: (value) => (high > low ? (Math.log(value) - low) / (high - low) : 0.5), ticks: sorted.filter((_, i) => i % every === 0) };
}

/** The two scales of a panel of lines. */
export function scalesOf({ series, logarithmic, yFrom, yTo, xFrom, xTo }: Panel): { readonly x: Scale; readonly y: Scale } {
  const points: readonly Point[] = series.flatMap((one) => one.points);
  const xs = points.map(({ x }) => x);
  const ys = points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]);
  const [lowest, highest] = [Math.min(yFrom ?? Infinity, ...ys), Math.max(yTo ?? -Infinity, ...ys)];
  const margin = 0.06 * (highest - lowest || 1);
  return {
    x: logarithmic ? logScale(xs) : linearScale(Math.min(xFrom ?? Infinity, ...xs), Math.max(xTo ?? -Infinity, ...xs)),
    y: linearScale(yFrom === lowest ? lowest : lowest - margin, yTo === highest ? highest : highest + margin),
  };
}

/** Words beside a point: where they begin, and their base line. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** Puts each label beside its point, on the first of four sides where it covers no other and stays within the width. */
export function placeLabels(points: readonly Label[], width: number): Label[] {
  const [LETTER, LINE, AWAY] = [6.5, 13, 7];
  const placed: Label[] = [];
  const covers = (one: Label, other: Label) =>
    one.x < other.x + LETTER * other.text.length && other.x < one.x + LETTER * one.text.length && Math.abs(one.y - other.y) < LINE;
  for (const { text, x, y } of points) {
    const [right, left] = [x + AWAY, x - AWAY - LETTER * text.length];
    const sides = [
      { text, x: right, y: y - 5 },
      { text, x: left, y: y - 5 },
      { text, x: right, y: y + LINE },
      { text, x: left, y: y + LINE },
    ].filter((side) => side.x >= 0 && side.x + LETTER * text.length <= width);
    placed.push(sides.find((side) => !placed.some((other) => covers(side, other))) ?? sides[0] ?? { text, x: right, y: y - 5 });
  }
  return placed;
}
