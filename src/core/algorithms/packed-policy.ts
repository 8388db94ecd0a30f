/**
 * @file A policy that is trained on packed batches: log-probabilities of completions, and one optimiser step.
 *
 * Callers think in completions, one list of numbers each; packing, feeding and reading back happen here.
 */
import { scalarTensor, type Engine, type HostTensor, type Program, type Tensor } from '../graph/engine';
import { adamWFeeds, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { scoreProgram, trainProgram, type Objective, type ObjectiveContext } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import { countedPlaces, type Sequence } from '../rl/batch';
import { forwardFlops, NO_COST, trainFlops, type Cost } from '../rl/cost';
import { gatherRows, packCompletions, spread, type Packing } from '../rl/packing';
import { inverseTemperature } from '../rl/rollout';
import { ProgramsBySize, RL_ADAMW } from './packed-programs';

/** Rows of packed batches are a multiple of this long. */
const ROW_MULTIPLE = 16;

/** What is minimised. */
export interface PolicyLoss {
  readonly objective: (context: ObjectiveContext) => Objective;
  /** True where some of a batch's tokens (rehearsed documents) are learned at temperature 1 whatever the sampling. */
  readonly mixesTemperatures?: boolean;
  /** RL's, without weight decay, when left out. */
  readonly optimiser?: AdamWConfig;
}

/** Numbers of one pass: the objective's scalars by name, loss and gradient norm, and log-probabilities of each sequence where it reports them. */
export interface Pass {
  readonly scalars: Readonly<Record<string, number>>;
  readonly loss: number;
  readonly gradNorm: number;
  readonly logprobs: readonly Float32Array[];
  readonly cost: Cost;
}

/** What a pass is fed: numbers by input name, one list a sequence; and scalars. */
export interface PassFeeds {
  readonly perToken?: Readonly<Record<string, readonly ArrayLike<number>[]>>;
  readonly scalars?: Readonly<Record<string, number>>;
  /** Whatever else the objective declares. */
  readonly others?: (packing: Packing) => Readonly<Record<string, HostTensor>>;
  readonly temperature: number;
  readonly learningRate: number;
  /** Sequences from here on are learned at temperature 1. */
  readonly firstRehearsed?: number;
}

/** A policy's programs, and how to use them. */
export class PackedPolicy {
  readonly #packings = new WeakMap<readonly Sequence[], Packing>();
  readonly #programs: ProgramsBySize<'score' | 'train'>;
  readonly #optimiser: AdamWConfig;
  /** Tokens of a packed row. */
  readonly rowLength: number;

  /** @param longest tokens of the longest prompt and completion together */
  constructor(
    readonly policy: { readonly engine: Engine; readonly model: ModelConfig; readonly state: TrainingState },
    readonly loss: PolicyLoss & { readonly longest: number },
  ) {
    const { engine, model } = policy;
    const optimiser = loss.optimiser ?? RL_ADAMW;
    const temperature = loss.mixesTemperatures ? 'per token' : true;
    this.#optimiser = optimiser;
    this.rowLength = Math.ceil(loss.longest / ROW_MULTIPLE) * ROW_MULTIPLE;
    this.#programs = new ProgramsBySize(engine, {
      score: (size) => scoreProgram(model, size, { entropies: false }),
      train: (size) => trainProgram(model, size, optimiser, loss.objective, { temperature }),
    });
  }

  /** Sequences packed for programs; the same list is packed once. */
  pack(sequences: readonly Sequence[]): Packing {
    const known = this.#packings.get(sequences);
    if (known) return known;
    const packing = packCompletions(sequences, this.rowLength, this.policy.model.padTokenId);
    this.#packings.set(sequences, packing);
    return packing;
  }

  /** Log-probabilities of completions under `theta`, one list a sequence. */
  async logprobs(theta: Tensor, sequences: readonly Sequence[], temperature: number): Promise<Float32Array[]> {
    const packing = this.pack(sequences);
    const feeds = { ...packing.feeds, theta, inverse_temperature: scalarTensor(inverseTemperature(temperature)) };
    return gatherRows(packing, sequences, await readOnly(await this.#programs.of('score', packing.shape), feeds, 'logprobs'));
  }

  /** Operations and tokens of scoring sequences once. */
  scoreCost(sequences: readonly Sequence[]): Cost {
    const flops = sequences.reduce((sum, sequence) => sum + sequenceFlops(forwardFlops, this.policy.model, sequence), 0);
    return { ...NO_COST, flops };
  }

  /** One optimiser step. @throws NonFiniteLossError with the state as before it */
  async step(sequences: readonly Sequence[], feeds: PassFeeds): Promise<Pass> {
    const { state, model } = this.policy;
    const packing = this.pack(sequences);
    const train = await this.#programs.of('train', packing.shape);
    const { perToken = {}, scalars = {}, others, temperature, learningRate } = feeds;
    const results = await train.run({
      ...state.feeds(),
      ...packing.feeds,
      ...adamWFeeds(this.#optimiser, learningRate, state.step + 1),
      inverse_temperature: this.#inverseTemperatures(packing, sequences, temperature, feeds.firstRehearsed),
      ...Object.fromEntries(Object.entries(perToken).map(([name, rows]) => [name, spread(packing, rows)])),
      ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, scalarTensor(value)])),
      ...others?.(packing),
    });
    const { theta: _theta, m: _m, v: _v, loss: _loss, grad_norm: _gradNorm, logprobs, ...rest } = results;
    const numbers: Record<string, number> = {};
    for (const [name, tensor] of Object.entries(rest)) if (tensor.dims.length === 0) numbers[name] = (await tensor.read())[0]!;
    const found = logprobs ? gatherRows(packing, sequences, (await logprobs.read()) as Float32Array) : [];
    const trainedTokens = sequences.reduce((sum, sequence) => sum + sequence.promptTokens.length + sequence.completionTokens.length, 0);
    const flops = sequences.reduce((sum, sequence) => sum + sequenceFlops(trainFlops, model, sequence), 0);
    return { scalars: numbers, logprobs: found, ...(await state.advance(results)), cost: { ...NO_COST, trainedTokens, flops } };
  }

  #inverseTemperatures(packing: Packing, sequences: readonly Sequence[], temperature: number, firstRehearsed = Infinity): HostTensor {
    const inverse = inverseTemperature(temperature);
    if (!this.loss.mixesTemperatures) return scalarTensor(inverse);
    const rows = sequences.map(({ completionTokens }, i) =>
      new Float32Array(completionTokens.length).fill(i < firstRehearsed ? inverse : 1),
    );
    const { data } = spread(packing, rows);
    return { dims: [packing.shape.numPredictions, 1], data };
  }

  async release(): Promise<void> {
    await this.#programs.release();
  }
}

/** Log-probabilities of completions under `theta`, one list a sequence, by a program that is made for this once. */
export async function completionLogprobs(
  engine: Engine,
  model: ModelConfig,
  theta: Tensor,
  sequences: readonly Sequence[],
  temperature: number,
): Promise<Float32Array[]> {
  const longest = Math.max(...sequences.map(({ promptTokens, completionTokens }) => promptTokens.length + completionTokens.length));
  const packing = packCompletions(sequences, Math.ceil(longest / ROW_MULTIPLE) * ROW_MULTIPLE, model.padTokenId);
  const program = await engine.compile(scoreProgram(model, packing.shape, { entropies: false }));
  try {
    const feeds = { ...packing.feeds, theta, inverse_temperature: scalarTensor(inverseTemperature(temperature)) };
    return gatherRows(packing, sequences, await readOnly(program, feeds, 'logprobs'));
  } finally {
    await program.release();
  }
}

/** Runs a program for one of its outputs. */
export async function readOnly(program: Program, feeds: Readonly<Record<string, Tensor>>, output: string): Promise<Float32Array> {
  const results = await program.run(feeds);
  const numbers = (await results[output]!.read()) as Float32Array;
  for (const tensor of Object.values(results)) tensor.dispose();
  return numbers;
}

/** Operations of one sequence whose completion is predicted where it counts, forward or trained. */
export function sequenceFlops(flops: typeof forwardFlops, model: Parameters<typeof forwardFlops>[0], sequence: Sequence): number {
  const places = countedPlaces(sequence);
  return flops(model, sequence.promptTokens.length + (places.at(-1) ?? 0), places.length);
}

/** A sequence cut to at most `maxTokens` read tokens; its completion is empty when the prompt alone is longer. */
export function cutTo({ promptTokens, completionTokens, completionMask }: Sequence, maxTokens: number): Sequence {
  const numKept = Math.max(0, maxTokens + 1 - promptTokens.length); // the last token is predicted and never read
  const kept = { promptTokens, completionTokens: completionTokens.slice(0, numKept) };
  return completionMask ? { ...kept, completionMask: completionMask.slice(0, numKept) } : kept;
}

/** A list a completion, each filled with one number. */
export const fill = (rollouts: readonly Sequence[], of: (row: number) => number): Float32Array[] =>
  rollouts.map(({ completionTokens }, row) => new Float32Array(completionTokens.length).fill(of(row)));

/** Completion tokens of all sequences together that count. */
export const countTokens = (sequences: readonly Sequence[]): number =>
  sequences.reduce((sum, sequence) => sum + countedPlaces(sequence).length, 0);
