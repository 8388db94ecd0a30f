/**
 * @file The linearity plot as SVG: what a training step costs a token against the model's size, and a step against its
 * tokens. The dashed line is proportional cost, through the origin and the largest point.
 */
import type { CurvePoint, Results } from './results';

interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly low: number; readonly high: number }[];
}

const WIDTH = 360;
const HEIGHT = 250;
const MARGIN = { left: 68, right: 16, top: 34, bottom: 46 };

/** Steps of 1, 2 or 5 times a power of ten: at most six of them from 0 to `limit`. */
export function ticks(limit: number): number[] {
  const power = 10 ** Math.floor(Math.log10(limit / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => limit / size <= 6)!;
  return Array.from({ length: Math.floor(limit / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

function drawPanel({ title, xLabel, yLabel, points }: Panel, left: number): string {
  const [xLimit, yLimit] = [1.08 * Math.max(...points.map(({ x }) => x)), 1.08 * Math.max(...points.map(({ high }) => high))];
  const [innerWidth, innerHeight] = [WIDTH - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  const x = (value: number) => (MARGIN.left + (value / xLimit) * innerWidth).toFixed(1);
  const y = (value: number) => (MARGIN.top + innerHeight - (value / yLimit) * innerHeight).toFixed(1);
  const largest = points.reduce((a, b) => (b.x > a.x ? b : a));
  const slope = largest.y / largest.x;
  const lineEnd = Math.min(xLimit, yLimit / slope);
  const xTicks = ticks(xLimit).map(
    (tick) => `<text x="${x(tick)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${tick.toLocaleString('en')}</text>`,
  );
  const yTicks = ticks(yLimit).map(
    (tick) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text x="${MARGIN.left - 8}" y="${y(tick)}" dy="0.32em" text-anchor="end">${tick.toLocaleString('en')}</text>`,
  );
  const dots = points.map(
    (point) =>
      `<line class="spread" x1="${x(point.x)}" x2="${x(point.x)}" y1="${y(point.low)}" y2="${y(point.high)}"/>` +
      `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="4"/>`,
  );
  return [
    `<g transform="translate(${left} 0)">`,
    `<text class="title" x="${MARGIN.left}" y="18">${title}</text>`,
    ...yTicks,
    ...xTicks,
    `<line class="proportional" x1="${x(0)}" y1="${y(0)}" x2="${x(lineEnd)}" y2="${y(lineEnd * slope)}"/>`,
    ...dots,
    `<text x="${MARGIN.left + innerWidth / 2}" y="${HEIGHT - 8}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(12 ${MARGIN.top + innerHeight / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    '</g>',
  ].join('\n');
}

/** Points that differ in one thing only: those that share the most common value of the other. */
function varying(curve: readonly CurvePoint[], fixed: (point: CurvePoint) => number): readonly CurvePoint[] {
  const groups = [...new Set(curve.map(fixed))].map((value) => curve.filter((point) => fixed(point) === value));
  return groups.reduce((a, b) => (b.length > a.length ? b : a));
}

/** The plot of a run's curve, or null when it has no curve. */
export function linearityPlot({ curve, curvePlace }: Pick<Results, 'curve' | 'curvePlace'>): string | null {
  if (curve.length === 0 || !curvePlace) return null;
  const perToken = ({ numTokens, ms }: CurvePoint) => {
    const micros = (value: number) => (1000 * value) / numTokens;
    return { y: micros(ms.median), low: micros(ms.lowerQuartile), high: micros(ms.upperQuartile) };
  };
  const bySize = varying(curve, (point) => point.numTokens);
  const byTokens = varying(curve, (point) => point.numParameters);
  const place = `${curvePlace.runtime}, ${curvePlace.numThreads} thread${curvePlace.numThreads === 1 ? '' : 's'}`;
  const panels: Panel[] = [
    {
      title: `A token’s share of a step (${place})`,
      xLabel: 'parameters, millions',
      yLabel: 'µs per token',
      points: bySize.map((point) => ({ x: point.numParameters / 1e6, ...perToken(point) })),
    },
    {
      title: `A step of the ${(byTokens[0]!.numParameters / 1e6).toFixed(0)} M model (${place})`,
      xLabel: 'tokens in the step',
      yLabel: 'ms per step',
      points: byTokens.map(({ numTokens, ms }) => ({ x: numTokens, y: ms.median, low: ms.lowerQuartile, high: ms.upperQuartile })),
    },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${HEIGHT}" width="${2 * WIDTH}" height="${HEIGHT}" role="img">`,
    '<title>Cost of training grows in proportion to parameters and tokens</title>',
    '<style>',
    'text { font: 12px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600; fill: #24292f }',
    '.grid { stroke: #8884 } .spread { stroke: #1a7f86; stroke-width: 2 } circle { fill: #1a7f86 }',
    '.proportional { stroke: #8c959f; stroke-dasharray: 5 4 }',
    '@media (prefers-color-scheme: dark) { text { fill: #9da7b1 } .title { fill: #e6edf3 } circle { fill: #4fc3ca } .spread { stroke: #4fc3ca } }',
    '</style>',
    ...panels.map((panel, i) => drawPanel(panel, i * WIDTH)),
    '</svg>',
    '',
  ].join('\n');
}
