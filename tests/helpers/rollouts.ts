/**
 * @file Running rollout and score programs in tests: feeds from prompts, results as rows.
 */
import { scalarTensor, type Engine, type Tensor } from '../../src/core/graph/engine';
import { UNKNOWN } from '../../src/core/graph/graph';
import type { ModelConfig } from '../../src/core/model/config';
import { stepTables } from '../../src/core/model/decode-step';
import { scoreProgram } from '../../src/core/model/programs';
import { cacheName, rolloutProgram, type RolloutShape } from '../../src/core/model/rollout-program';
import { Random } from '../../src/core/random';
import { floats, ints, readAll, runOnce, type Result } from './graphs';

/** The largest number a generator of 24 bits gives. */
export const LAST_UNIFORM = 1 - 2 ** -24;

export interface RolloutOptions extends Partial<Pick<RolloutShape, 'numSteps' | 'numAlternatives' | 'reports'>> {
  readonly theta: Float32Array;
  /** One a row, the first token included; at least one token. Equal ones are read once. */
  readonly prompts: readonly (readonly number[])[];
  readonly temperature?: number;
  /** u of step s and row b; drawn from a seed when left out. */
  readonly uniform?: (step: number, row: number) => number;
  readonly seed?: number;
  readonly ended?: readonly number[];
  /** Written out, with a cache of a fixed length, as on a GPU; else a loop whose cache grows, and which stops when all have ended. */
  readonly unrolled?: boolean;
}

/** A rollout, row by row: what was drawn, the prompts not included. */
export interface RolloutResult {
  /** `[B][S']` */
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

/** What prompts are to a rollout program: the different ones without their last tokens, and who continues which. */
function readPrompts(config: ModelConfig, prompts: RolloutOptions['prompts']) {
  const length = Math.max(1, ...prompts.map((prompt) => prompt.length - 1));
  const distinct = [...new Set(prompts.map((prompt) => prompt.join()))];
  const padded = distinct.flatMap((key) => {
    const before = key.split(',').map(Number).slice(0, -1);
    return [...before, ...new Array<number>(length - before.length).fill(config.padTokenId)];
  });
  return {
    shape: { count: distinct.length, length },
    feeds: {
      prompts: ints([distinct.length, length], padded),
      prompt_of: ints(
        [prompts.length],
        prompts.map((prompt) => distinct.indexOf(prompt.join())),
      ),
    },
  };
}

/** Rolls out in runs of the sizes given, cache handed from each to the next; joined results. */
export async function rollOutInChunks(
  engine: Engine,
  config: ModelConfig,
  options: RolloutOptions,
  sizes: readonly number[],
): Promise<RolloutResult> {
  const { theta, prompts, temperature = 1, seed = 9, unrolled = false, numAlternatives = 0 } = options;
  const batch = prompts.length;
  const numSteps = sizes.reduce((sum, size) => sum + size, 0);
  const random = new Random(seed);
  const drawn = Array.from({ length: numSteps * batch }, () => random.uniform());
  const uniform = options.uniform ?? ((step: number, row: number) => drawn[step * batch + row]!);
  const read = readPrompts(config, prompts);
  const numPositions = read.shape.length + numSteps;
  const tokens: number[][] = prompts.map(() => []);
  const logprobs: number[][] = prompts.map(() => []);
  let ended = options.ended ?? prompts.map(() => 0);
  let caches: Record<string, Tensor> = {};
  let outputs: Record<string, Result> = {};
  let done = 0;
  for (const [chunk, size] of sizes.entries()) {
    const isLast = chunk === sizes.length - 1;
    const graph = rolloutProgram(config, {
      batch,
      numSteps: size,
      prompts: chunk === 0 ? read.shape : 'same rows',
      keepsCache: !isLast,
      cacheLength: unrolled ? numPositions : UNKNOWN,
      reports: options.reports ?? 'sampling',
      numAlternatives,
      steps: unrolled ? 'unrolled' : 'until-ended',
    });
    const start = done;
    const lengths = prompts.map((prompt) => prompt.length - 1 + start);
    const uniforms = Array.from({ length: size * batch }, (_, i) => uniform(start + Math.floor(i / batch), i % batch));
    const program = await engine.compile(graph);
    const results = await program.run({
      theta: floats([theta.length], theta),
      ...stepTables(config, numPositions),
      ...(chunk === 0 ? read.feeds : {}),
      ...caches,
      first: ints(
        [batch],
        prompts.map((prompt, row) => tokens[row]!.at(-1) ?? prompt.at(-1)!),
      ),
      lengths: ints([batch], lengths),
      ended: ints([batch], ended),
      ...(unrolled ? {} : { total: ints([1], [Math.max(...lengths) + 1]) }),
      uniforms: floats([size, batch], uniforms),
      inverse_temperature: scalarTensor(1 / temperature),
    });
    outputs = await readAll(results);
    Object.values(caches).forEach((cache) => 'dispose' in cache && cache.dispose());
    caches = {};
    for (let layer = 0; layer < config.numLayers && !isLast; layer++)
      for (const kind of ['keys', 'values'] as const) caches[cacheName(kind, layer)] = results[cacheName(kind, layer)]!;
    rowsOf(outputs.tokens!).forEach((row, i) => tokens[i]!.push(...row));
    rowsOf(outputs.logprobs!).forEach((row, i) => logprobs[i]!.push(...row));
    ended = [...outputs.ended!.data];
    done += size;
    await program.release();
  }
  return { tokens, logprobs, ended: [...ended], outputs };
}

/** Rolls out in one run; 8 steps unless the options say otherwise. */
export function rollOut(engine: Engine, config: ModelConfig, options: RolloutOptions): Promise<RolloutResult> {
  return rollOutInChunks(engine, config, options, [options.numSteps ?? 8]);
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
