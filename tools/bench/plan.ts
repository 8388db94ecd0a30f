/**
 * @file What is measured: models by size, batches, and how often.
 *
 * The sizes are Llama decoders of one family, all with 2048 token ids: 1 M is the shape that we ship, the others are
 * wider and deeper. A cell is one measurement of several contenders side by side in one thread setting.
 */
import type { ModelConfig } from '../../src/core/model/config';

/** A model size, in millions of parameters. */
export type SizeName = '1' | '3' | '10' | '30';

/** What the processor or the graphics adapter is asked to do. */
export type Runtime = 'wasm' | 'webgpu' | 'node';

const shape = (width: number, numLayers: number, feedForwardSize: number): ModelConfig => ({
  vocabularySize: 2048,
  width,
  numLayers,
  numHeads: width / 32,
  numKeyValueHeads: width / 64,
  headSize: 32,
  feedForwardSize,
  maxPositions: 256,
  ropeTheta: 10000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  numLabels: 0,
  bosTokenId: 0,
  eosTokenIds: [5, 0],
  padTokenId: 1,
});

/** The shapes, by size; the counts of parameters are within 1 % of the names. */
export const SIZES: Readonly<Record<SizeName, ModelConfig>> = {
  '1': shape(128, 4, 352),
  '3': shape(192, 6, 560),
  '10': shape(320, 8, 896),
  '30': shape(512, 10, 1376),
};

/** B sequences of T predictions: one training step, wherever sizes are drawn beside one another. */
export const TRAIN_SHAPE = { batch: 16, length: 128 } as const;

/** The step in which contenders are compared: at 10 M half as many sequences, or tfjs has not memory enough. */
export const comparedShape = (size: SizeName): { batch: number; length: number } =>
  size === '10' ? { batch: 8, length: 128 } : TRAIN_SHAPE;

/** A step that a software graphics adapter can do in seconds. */
export const SOFTWARE_TRAIN_SHAPE = { batch: 2, length: 32 } as const;

/** Tokens drawn by a rollout. */
export const NUM_ROLLOUT_TOKENS = 127;

/** The token that each row of a rollout starts with: rows are to differ. */
export const rolloutStarts = (batch: number): number[] => Array.from({ length: batch }, (_, row) => 100 + row);

/** Batches of rollouts. */
export const ROLLOUT_BATCHES: readonly number[] = [1, 32];

/** An RL update: prompts × answers of at most so many tokens. */
export const RL_UPDATE = { promptsPerUpdate: 4, groupSize: 8, maxCompletionTokens: 48 } as const;

/** Updates before those that count: what an update compiles depends on how its answers pack. */
export const NUM_WARM_UPDATES = 3;

/** Batches, at T = 128, over which the cost of a step is drawn against its tokens. */
export const LINEARITY_BATCHES: readonly number[] = [4, 8, 16, 32];

/** Largest size at which peers are measured: above it, only our cost is drawn. */
export const LARGEST_COMPARED: SizeName = '10';

/** What the command line asks for. */
export interface BenchPlan {
  readonly sizes: readonly SizeName[];
  readonly threads: readonly number[];
  readonly quick: boolean;
  /** Measured rounds; one more, the first, goes before them and counts as compilation. */
  readonly numRounds: number;
  /** Where the JSON goes, relative to the working folder; null for the usual place. */
  readonly out: string | null;
  /** `software` forces Chromium's SwiftShader; `default` takes what the machine has; `none` leaves WebGPU out. */
  readonly adapter: 'software' | 'default' | 'none';
  /** Measure nothing: write table and plot anew from results.json. */
  readonly renderOnly: boolean;
  /** Measure only how soon the page answers, into results.json. */
  readonly pageOnly: boolean;
}

/** Options in error messages and help. */
export const USAGE =
  'npm run bench [-- --quick --sizes 1,3,10,30 --threads 1,2 --adapter software|default|none --out FILE | --page | --render]';

function listOf<Item extends string>(option: string, text: string, known: readonly Item[]): Item[] {
  const items = text.split(',').map((item) => item.trim());
  const chosen = known.filter((item) => items.includes(item));
  const unknown = items.find((item) => !(known as readonly string[]).includes(item));
  if (unknown !== undefined) throw new RangeError(`--${option} wants some of ${known.join(', ')}, not "${unknown}". Usage: ${USAGE}`);
  return chosen;
}

/**
 * The plan of a command line's options. `--quick` is one size, two threads and two rounds, unless said otherwise.
 * @throws RangeError in one sentence, for an option that cannot be had
 */
export function planOf(options: {
  readonly quick?: boolean;
  readonly sizes?: string;
  readonly threads?: string;
  readonly adapter?: string;
  readonly out?: string;
  readonly render?: boolean;
  readonly page?: boolean;
}): BenchPlan {
  const quick = options.quick ?? false;
  const adapters = ['software', 'default', 'none'] as const;
  return {
    quick,
    sizes: listOf('sizes', options.sizes ?? (quick ? '1' : '1,3,10'), ['1', '3', '10', '30']),
    threads: listOf('threads', options.threads ?? (quick ? '2' : '1,2'), ['1', '2', '3', '4', '6', '8']).map(Number),
    numRounds: quick ? 2 : 5,
    adapter: listOf('adapter', options.adapter ?? (quick ? 'none' : 'software'), adapters)[0]!,
    out: options.out ?? null,
    renderOnly: options.render ?? false,
    pageOnly: options.page ?? false,
  };
}
