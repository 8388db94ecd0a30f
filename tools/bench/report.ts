/**
 * @file The README's table, written from results.json and nothing else.
 */
import type { ContenderName } from './cells';
import { METRICS, type MetricName, type Results, type Row } from './results';
import type { SizeName } from './plan';
import type { Summary } from './statistics';

/** What the table stands between in README.md. */
export const MARKERS = ['<!-- bench: begin, written by npm run bench -->', '<!-- bench: end -->'] as const;

/** The lines of the table: at which size, and at the fewest threads measured too or only at the most. */
const LINES: readonly { readonly metric: MetricName; readonly sizes: readonly SizeName[]; readonly allThreads: boolean }[] = [
  { metric: 'train', sizes: ['1', '3', '10'], allThreads: true },
  { metric: 'rollout1', sizes: ['1'], allThreads: true },
  { metric: 'rollout32', sizes: ['1'], allThreads: true },
  { metric: 'update', sizes: ['1'], allThreads: true },
  { metric: 'firstToken', sizes: ['1'], allThreads: false },
  { metric: 'firstTokenCold', sizes: ['1'], allThreads: false },
  { metric: 'compile', sizes: ['1'], allThreads: false },
  { metric: 'trainMemory', sizes: ['1'], allThreads: false },
  { metric: 'generateMemory', sizes: ['1'], allThreads: false },
  { metric: 'ceiling', sizes: ['1', '3', '10'], allThreads: false },
];

const PEERS: readonly ContenderName[] = ['jax-js', 'tfjs', 'transformers.js'];

/** Three digits that count, thousands with commas. */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: 2 });
}

/** A figure with its unit: `4,310`, `21 ms`, `221 MB`, `85 %`. */
export function figure(metric: MetricName, { median }: Summary): string {
  switch (METRICS[metric].unit) {
    case 'tokens/s':
      return digits(median);
    case 'ms':
      return `${digits(median)} ms`;
    case 'bytes':
      return `${digits(median / 1e6)} MB`;
    case 'share':
      return `${Math.round(100 * median)} %`;
  }
}

/** How many times better ours is than the best of the peers, such as `1.62 ×`; empty without a peer. */
function advantage(metric: MetricName, ours: Row | undefined, peers: readonly Row[]): string {
  if (!ours || peers.length === 0) return '';
  const { higherIsBetter } = METRICS[metric];
  const ratios = peers.map((peer) => (higherIsBetter ? ours.value.median / peer.value.median : peer.value.median / ours.value.median));
  return `${Math.min(...ratios).toFixed(2)} ×`;
}

function tableLine(results: Results, metric: MetricName, size: SizeName, numThreads: number): string | null {
  const find = (contender: ContenderName, runtime: 'wasm' | 'node') =>
    results.rows.find(
      (row) =>
        row.metric === metric &&
        row.size === size &&
        row.numThreads === numThreads &&
        row.contender === contender &&
        row.runtime === runtime,
    );
  const ours = find('ours', 'wasm');
  if (!ours) return null;
  const peers = PEERS.map((peer) => find(peer, 'wasm'));
  const known = peers.filter((row) => row !== undefined);
  const cell = (row: Row | undefined) => (row ? figure(metric, row.value) : '');
  const { label, unit } = METRICS[metric];
  const words = unit === 'tokens/s' ? `${label}, tokens/s` : label;
  const cells = [
    words,
    `${size} M`,
    String(numThreads),
    cell(ours),
    ...peers.map(cell),
    advantage(metric, ours, known),
    cell(find('ours', 'node')),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** One sentence on WebGPU. Times on a software adapter would be read as a rank, so they stay in the JSON. */
function adapterSentence({ adapter, rows }: Results): string {
  const steps = rows.filter((row) => row.runtime === 'webgpu' && row.metric === 'train' && row.size === '1');
  if (!adapter || steps.length === 0) return '';
  if (!adapter.isSoftware)
    return ` On WebGPU (${adapter.label}), train, 1 M, tokens/s: ${steps.map((row) => `${row.contender} ${figure('train', row.value)}`).join(', ')}.`;
  const names = steps.map((row) => row.contender).join(', ');
  return ` WebGPU was there only as a software adapter (${adapter.label}): ${names} ran on it; how fast means nothing.`;
}

function nanogptSentence({ rows }: Results): string {
  const row = rows.find((each) => each.contender === 'nanogpt' && each.runtime === 'wasm' && each.metric === 'train');
  return row
    ? ` nanogpt has no wasm backend: its \`cpu\` backend trains a GPT of ${row.size} M at ${figure('train', row.value)} tokens/s.`
    : '';
}

/** How soon the page itself answers. */
function pageSentence({ page }: Results): string {
  if (!page) return '';
  const seconds = ({ median }: Summary) => `${(median / 1000).toFixed(1)} s`;
  const megabytes = ({ median }: Summary) => `${digits(median / 1e6)} MB`;
  const { cold, warm } = page;
  return (
    ` The page itself on wasm (\`--page\`, ${page.date.slice(0, 10)}, median of ${cold.firstToken.count}): first token ${seconds(cold.firstToken)} after opening` +
    ` with an empty cache (${megabytes(cold.bytes)} sent, not compressed), three answers after ${seconds(cold.answers)}; with a kept one` +
    ` ${seconds(warm.firstToken)} and ${seconds(warm.answers)} (${megabytes(warm.bytes)}).`
  );
}

/** The widest of the middle halves of ours and peers, as a share of the median: how noisy the machine was. */
function widestSpread({ rows }: Results): number {
  const spreads = rows
    .filter(({ value }) => value.count > 1)
    .map(({ value }) => (value.upperQuartile - value.lowerQuartile) / value.median);
  return Math.max(0, ...spreads);
}

/** The text between the markers. */
export function readmeTable(results: Results): string {
  const { machine, versions, failures, quick, date } = results;
  const threads = [...new Set(results.rows.filter((row) => row.runtime === 'wasm').map((row) => row.numThreads))].sort((a, b) => a - b);
  const lines = LINES.flatMap(({ metric, sizes, allThreads }) =>
    sizes.flatMap((size) => (allThreads ? threads : threads.slice(-1)).map((numThreads) => tableLine(results, metric, size, numThreads))),
  ).filter((line) => line !== null);
  const failed = [...new Set(failures.map(({ contender, size, what, reason }) => `${contender} at ${size} M (${what}): ${reason}`))];
  return [
    '| wasm in Chromium | size | threads | ours | jax-js | tfjs | transformers.js | ours ÷ best peer | ours in Node |',
    '|---|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
    `${quick ? 'A quick run, for orders of magnitude only,' : 'Measured'} on ${date.slice(0, 10)}, ${machine.cpu} (${machine.numCpus} threads), ${machine.os}, ${machine.browser}, Node ${machine.node};` +
      ` medians of interleaved rounds, middle halves within ${Math.round(100 * widestSpread(results))} % of the median.` +
      nanogptSentence(results) +
      adapterSentence(results) +
      pageSentence(results) +
      (failed.length > 0 ? ` Without a figure: ${failed.join('; ')}.` : ''),
    '',
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ].join('\n');
}

/**
 * The README with its table replaced.
 * @throws Error when the markers are not there, once each and in order
 */
export function withTable(readme: string, table: string): string {
  const [begin, end] = MARKERS;
  const parts = readme.split(begin);
  const rest = parts[1]?.split(end);
  if (parts.length !== 2 || rest?.length !== 2) throw new Error(`README.md wants the lines "${begin}" and "${end}", once each.`);
  return `${parts[0]}${begin}\n${table}\n${end}${rest[1]}`;
}
