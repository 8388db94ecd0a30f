/**
 * @file Packing rollouts for a gradient step: several sequences a row, each prompt once for all its completions in the row.
 *
 * Padding is work that teaches nothing, and a group's prompt is the same for all: a row holds a prompt, then completions
 * that each see the prompt and themselves (`packedSequences` in `decoder.ts`). Only the tokens that a loss looks at are
 * predicted: those that a completion's mask leaves out are read by the ones after them, and predicted by nobody. What comes
 * out has few different sizes, so that a run compiles few programs.
 */
import type { HostTensor } from '../graph/engine';
import type { PackedShape } from '../model/programs';
import { countedPlaces, type Sequence } from './batch';

/** A packed batch, and the feeds of it. */
export interface Packing {
  readonly shape: PackedShape;
  readonly feeds: Readonly<Record<'tokens' | 'positions' | 'segments' | 'parents' | 'predict_rows' | 'targets', HostTensor>>;
  /** Where the predictions of each sequence start; they follow one another. */
  readonly starts: readonly number[];
  /** Which of its completion's tokens each sequence predicts: all, or those that its mask counts; ascending. */
  readonly places: readonly (readonly number[])[];
  /** Predicted tokens in all; predictions behind them are padding. */
  readonly numTokens: number;
}

/** A run of tokens in a row. */
interface Segment {
  readonly tokens: readonly number[];
  readonly row: number;
  readonly start: number;
  readonly firstPosition: number;
  readonly parent: Segment | null;
}

/** A row while it is filled. */
interface Row {
  used: number;
  readonly prompts: Map<string, Segment>;
}

/** Marks that no segment has. */
const PADDING = -1;
const NO_PARENT = -2;

/** Sizes to compile for: the smallest of 1, 2, 3, 4, 6, 8, 12, 16, 24 … that is large enough. */
function roundUp(count: number): number {
  for (let size = 1; ; size *= 2) {
    if (count <= size) return size;
    if (size >= 2 && count <= 1.5 * size) return 1.5 * size;
  }
}

/** Predictions a batch of `rows` rows is compiled for. */
const predictionsOf = (rows: number, length: number) => Math.ceil((0.875 * rows * length) / 16) * 16;

/**
 * Packs sequences into rows of `length` tokens.
 *
 * @throws RangeError when a prompt is empty, or does not fit in a row together with its completion
 */
export function packCompletions(sequences: readonly Sequence[], length: number, padTokenId: number): Packing {
  const places = sequences.map(countedPlaces);
  const { rows, segments, promptEnds, ownSegments } = placeSegments(sequences, places, length);
  const numTokens = places.reduce((sum, own) => sum + own.length, 0);
  let numRows = roundUp(rows);
  while (predictionsOf(numRows, length) < numTokens) numRows = roundUp(numRows + 1);
  const shape = { rows: numRows, length, numPredictions: predictionsOf(numRows, length) };
  const dims = [numRows, length];
  const size = numRows * length;
  const tokens = new Int32Array(size).fill(padTokenId);
  const positions = new BigInt64Array(size);
  const marks = new Int32Array(size).fill(PADDING);
  const parents = new Int32Array(size).fill(NO_PARENT);
  const markOf = new Map(segments.map((segment, mark) => [segment, mark]));
  for (const segment of segments) {
    const at = segment.row * length + segment.start;
    tokens.set(segment.tokens, at);
    segment.tokens.forEach((_, i) => (positions[at + i] = BigInt(segment.firstPosition + i)));
    marks.fill(markOf.get(segment)!, at, at + segment.tokens.length);
    if (segment.parent) parents.fill(markOf.get(segment.parent)!, at, at + segment.tokens.length);
  }
  const predictRows = new Int32Array(shape.numPredictions);
  const targets = new Int32Array(shape.numPredictions).fill(padTokenId);
  const starts: number[] = [];
  let next = 0;
  sequences.forEach(({ completionTokens }, i) => {
    starts.push(next);
    const own = ownSegments[i];
    for (const place of places[i]!) {
      predictRows[next] = place === 0 ? promptEnds[i]! : own!.row * length + own!.start + place - 1;
      targets[next++] = completionTokens[place]!;
    }
  });
  const feeds = {
    tokens: { dims, data: tokens },
    positions: { dims, data: positions },
    segments: { dims, data: marks },
    parents: { dims, data: parents },
    predict_rows: { dims: [shape.numPredictions], data: predictRows },
    targets: { dims: [shape.numPredictions], data: targets },
  };
  return { shape, feeds, starts, places, numTokens };
}

/** The same batch in a program for more rows: the others are padding. */
export function withRows(
  feeds: Readonly<Record<'tokens' | 'positions' | 'segments' | 'parents', HostTensor>>,
  rows: number,
  length: number,
  padTokenId: number,
): Record<keyof typeof feeds, HostTensor> {
  const dims = [rows, length];
  const padded = ({ data }: HostTensor, filler: number) => {
    const longer = new Int32Array(rows * length).fill(filler);
    longer.set(data as Int32Array);
    return { dims, data: longer };
  };
  const positions = new BigInt64Array(rows * length);
  positions.set(feeds.positions.data as BigInt64Array);
  return {
    tokens: padded(feeds.tokens, padTokenId),
    segments: padded(feeds.segments, PADDING),
    parents: padded(feeds.parents, NO_PARENT),
    positions: { dims, data: positions },
  };
}

/**
 * One number a completion token, laid out as the batch is packed: what belongs to tokens that nobody predicts is left out,
 * and padding is 0. `rows[i]` belongs to sequence i. `[M]`
 */
export function spread({ shape, starts, places }: Packing, rows: readonly ArrayLike<number>[]): HostTensor {
  const data = new Float32Array(shape.numPredictions);
  rows.forEach((row, i) => places[i]!.forEach((place, k) => (data[starts[i]! + k] = row[place]!)));
  return { dims: [shape.numPredictions], data };
}

/** The other way round: the numbers of each sequence's completion tokens, out of a packed `[M]`; 0 where nobody predicts. */
export function gatherRows({ starts, places }: Packing, sequences: readonly Sequence[], data: Float32Array): Float32Array[] {
  return sequences.map(({ completionTokens }, i) => {
    const row = new Float32Array(completionTokens.length);
    places[i]!.forEach((place, k) => (row[place] = data[starts[i]! + k]!));
    return row;
  });
}

/** Finds a place for every prompt and completion, longest completions first, each in the first row with room. */
function placeSegments(sequences: readonly Sequence[], places: readonly (readonly number[])[], length: number) {
  const numFed = places.map((own) => own.at(-1) ?? 0); // the last token predicted is never read, nor is what follows it
  const rows: Row[] = [];
  const segments: Segment[] = [];
  const promptEnds = new Array<number>(sequences.length);
  const ownSegments = new Array<Segment | null>(sequences.length);
  const order = sequences.map((_, i) => i).sort((a, b) => numFed[b]! - numFed[a]!);
  for (const i of order) {
    const { promptTokens, completionTokens } = sequences[i]!;
    const fed = completionTokens.slice(0, numFed[i]);
    const whole = promptTokens.length + fed.length;
    if (promptTokens.length === 0 || whole > length) throw new RangeError(`a sequence of ${whole} tokens for rows of ${length}`);
    const key = promptTokens.join();
    const needed = (row: Row) => (row.prompts.has(key) ? fed.length : whole);
    let at = rows.findIndex((row) => row.prompts.has(key) && row.used + needed(row) <= length);
    if (at < 0) at = rows.findIndex((row) => row.used + needed(row) <= length);
    if (at < 0) at = rows.push({ used: 0, prompts: new Map() }) - 1;
    const row = rows[at]!;
    const place = (tokens: readonly number[], firstPosition: number, parent: Segment | null): Segment => {
      const segment = { tokens, row: at, start: row.used, firstPosition, parent };
      row.used += tokens.length;
      segments.push(segment);
      return segment;
    };
    const prompt = row.prompts.get(key) ?? place(promptTokens, 0, null);
    row.prompts.set(key, prompt);
    ownSegments[i] = fed.length > 0 ? place(fed, promptTokens.length, prompt) : null;
    promptEnds[i] = at * length + prompt.start + promptTokens.length - 1;
  }
  return { rows: rows.length, segments, promptEnds, ownSegments };
}
