/**
 * @file Running rollout and score programs in tests: feeds from prompts, results as rows.
 */
import { scalarTensor, type Engine, type Tensor } from '../../src/core/graph/engine';
import type { ModelConfig } from '../../src/core/model/config';
import { rotaryTables } from '../../src/core/model/decoder';
import { scoreProgram } from '../../src/core/model/programs';
import { cacheName, rolloutProgram, type RolloutShape } from '../../src/core/model/rollout-program';
import { Random } from '../../src/core/random';
import { floats, ints, readAll, runOnce, type Result } from './graphs';

/** The largest number a generator of 24 bits gives. */
export const LAST_UNIFORM = 1 - 2 ** -24;

export interface RolloutOptions extends Partial<Omit<RolloutShape, 'batch'>> {
  readonly theta: Float32Array;
  /** One a row, the first token included; at least one token. */
  readonly prompts: readonly (readonly number[])[];
  readonly temperature?: number;
  readonly reportTemperature?: number;
  /** u of step s and row b; drawn from a seed when left out. */
  readonly uniform?: (step: number, row: number) => number;
  readonly seed?: number;
  /** Position of the first token (continuations). */
  readonly start?: number;
  readonly ended?: readonly number[];
  readonly caches?: Readonly<Record<string, Tensor>>;
}

/** A rollout, row by row. */
export interface RolloutResult {
  /** `[B][S']`, the first token not included. */
  readonly tokens: number[][];
  readonly logprobs: number[][];
  readonly ended: number[];
  readonly outputs: Record<string, Result>;
}

/** Turns `[S, B]` into rows. */
function rowsOf({ dims, data }: Result): number[][] {
  const [steps, batch] = dims as [number, number];
  return Array.from({ length: batch }, (_, row) => Array.from({ length: steps }, (_unused, step) => data[step * batch + row]!));
}

/** Feeds of a rollout program. */
function rolloutFeeds(config: ModelConfig, options: RolloutOptions, numSteps: number): Record<string, Tensor> {
  const { theta, prompts, temperature = 1, reportTemperature = 1, start = 0, ended, caches = {}, seed = 9 } = options;
  const batch = prompts.length;
  const random = new Random(seed);
  const drawn = Array.from({ length: numSteps * batch }, () => random.uniform());
  const uniform = options.uniform ?? ((step: number, row: number) => drawn[step * batch + row]!);
  const { cos, sin } = rotaryTables(config, start, numSteps);
  const each = <Item>(f: (step: number, row: number) => Item) =>
    Array.from({ length: numSteps * batch }, (_, i) => f(Math.floor(i / batch), i % batch));
  return {
    theta: floats([theta.length], theta),
    first: ints(
      [batch],
      prompts.map((prompt) => prompt[0]!),
    ),
    ended: ints([batch], ended ?? prompts.map(() => 0)),
    forced: ints(
      [numSteps, batch],
      each((step, row) => prompts[row]![step + 1] ?? -1),
    ),
    uniforms: floats([numSteps, batch], each(uniform)),
    cos: floats([numSteps, config.headSize], cos),
    sin: floats([numSteps, config.headSize], sin),
    inverse_temperature: scalarTensor(1 / temperature),
    report_inverse_temperature: scalarTensor(1 / reportTemperature),
    ...caches,
  };
}

/** Rolls out once; 8 steps, whole, unless the options say otherwise. */
export async function rollOut(engine: Engine, config: ModelConfig, options: RolloutOptions): Promise<RolloutResult> {
  const { prompts, numSteps = 8, continues = 'none', numAlternatives = 0, stopsEarly = false } = options;
  const graph = rolloutProgram(config, { batch: prompts.length, numSteps, continues, numAlternatives, stopsEarly });
  const outputs = await runOnce(engine, graph, rolloutFeeds(config, options, numSteps));
  return { tokens: rowsOf(outputs.tokens!), logprobs: rowsOf(outputs.logprobs!), ended: [...outputs.ended!.data], outputs };
}

/** Log-probabilities and entropies that the score program gives rows of tokens, `[B][T]`. */
export async function score(
  engine: Engine,
  config: ModelConfig,
  theta: Float32Array,
  rows: readonly (readonly number[])[],
  temperature = 1,
): Promise<{ logprobs: number[][]; entropies: number[][] }> {
  const [batch, columns] = [rows.length, rows[0]!.length];
  const feeds = {
    theta: floats([theta.length], theta),
    tokens: ints([batch, columns], rows.flat()),
    inverse_temperature: scalarTensor(1 / temperature),
  };
  const out = await runOnce(engine, scoreProgram(config, { batch, length: columns - 1 }), feeds);
  const split = ({ data }: Result) => rows.map((_, row) => [...data.subarray(row * (columns - 1), (row + 1) * (columns - 1))]);
  return { logprobs: split(out.logprobs!), entropies: split(out.entropies!) };
}

/** log p of every token of the vocabulary after `prefix`, from the score program. */
export async function nextLogprobs(
  engine: Engine,
  config: ModelConfig,
  theta: Float32Array,
  prefix: readonly number[],
  temperature = 1,
): Promise<number[]> {
  const rows = Array.from({ length: config.vocabularySize }, (_, token) => [...prefix, token]);
  const { logprobs } = await score(engine, config, theta, rows, temperature);
  return logprobs.map((row) => row.at(-1)!);
}

/** Rolls out in chunks of the sizes given, cache handed from each to the next; joined results. */
export async function rollOutInChunks(
  engine: Engine,
  config: ModelConfig,
  options: RolloutOptions,
  sizes: readonly number[],
): Promise<RolloutResult> {
  const { prompts } = options;
  const batch = prompts.length;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const random = new Random(options.seed ?? 9);
  const drawn = Array.from({ length: total * batch }, () => random.uniform());
  const tokens: number[][] = prompts.map(() => []);
  const logprobs: number[][] = prompts.map(() => []);
  let ended = options.ended;
  let caches: Record<string, Tensor> = {};
  let outputs: Record<string, Result> = {};
  let start = 0;
  for (const size of sizes) {
    const at = start;
    const graph = rolloutProgram(config, {
      batch,
      numSteps: size,
      continues: at === 0 ? 'out' : 'in-out',
      numAlternatives: options.numAlternatives ?? 0,
      stopsEarly: options.stopsEarly ?? false,
    });
    const chunk: RolloutOptions = {
      ...options,
      prompts: prompts.map((prompt, row) => [prompt[at] ?? tokens[row]!.at(-1)!, ...prompt.slice(at + 1)]),
      uniform: (step, row) => drawn[(at + step) * batch + row]!,
      start: at,
      ...(ended ? { ended } : {}),
      caches,
    };
    const program = await engine.compile(graph);
    const results = await program.run(rolloutFeeds(config, chunk, size));
    outputs = await readAll(results);
    Object.values(caches).forEach((cache) => 'dispose' in cache && cache.dispose());
    caches = {};
    for (let layer = 0; layer < config.numLayers; layer++)
      for (const kind of ['keys', 'values'] as const) caches[cacheName(kind, layer)] = results[cacheName(kind, layer)]!;
    rowsOf(outputs.tokens!).forEach((row, i) => tokens[i]!.push(...row));
    rowsOf(outputs.logprobs!).forEach((row, i) => logprobs[i]!.push(...row));
    ended = [...outputs.ended!.data];
    start += size;
    await program.release();
  }
  return { tokens, logprobs, ended: ended ? [...ended] : [], outputs };
}
