/**
 * @file Rollouts: completions drawn from a policy, a batch at a time, a few tokens a run.
 *
 * Every row has its own stream of uniforms, read by position in the completion: a row draws the same tokens whatever its
 * batch mates are, and the same numbers can be used again at a later update to compare like with like.
 */
import type { Engine, EngineTensor, HostTensor, Program, Tensor } from '../graph/engine';
import { scalarTensor } from '../graph/engine';
import { UNKNOWN } from '../graph/graph';
import type { ModelConfig } from '../model/config';
import { stepTables } from '../model/decode-step';
import { rolloutProgram, type RolloutShape } from '../model/rollout-program';
import type { Random } from '../random';
import type { Sequence } from './batch';

/** Sampling at temperature 0 is this sharp instead: the largest logit wins. */
const GREEDY_INVERSE_TEMPERATURE = 1e6;

/** 1 / temperature; 0 means greedy. */
export const inverseTemperature = (temperature: number): number => (temperature <= 0 ? GREEDY_INVERSE_TEMPERATURE : 1 / temperature);

/** A completion and how it was drawn. */
export interface Rollout extends Sequence {
  /** log p of each completion token under the distribution drawn from, nats. */
  readonly samplingLogprobs: readonly number[];
  /** True when the policy ended the completion itself; its end token is the last completion token. */
  readonly finished: boolean;
}

/** What to draw. */
export interface SampleRequest {
  readonly theta: Tensor;
  /** Token ids, one row each; at most the batch size, and of these at most `numPrompts` different ones. */
  readonly prompts: readonly (readonly number[])[];
  /** One stream of uniforms a row. */
  readonly randoms: readonly Random[];
  readonly temperature: number;
  readonly maxCompletionTokens: number;
}

/** What a sampler is compiled for. */
export interface SamplerShape {
  /** B: completions at once. */
  readonly batch: number;
  /** Different prompts among them; B when left out. */
  readonly numPrompts?: number;
  readonly maxPromptTokens: number;
  readonly maxCompletionTokens: number;
}

/** Tokens a run. Between runs, rows that have ended are left out of the batch (on a CPU), and all of them may be found to have ended. */
const CHUNK = 16;
/** On a CPU, batches up to this one are drawn in a single run, whose loop ends by itself: there is little to leave out. */
const SMALL_BATCH = 4;

/** Tokens a run of a sampler draws. */
const chunkOf = (engine: Engine, { batch, maxCompletionTokens }: Required<SamplerShape>): number =>
  !engine.isGpu && batch <= SMALL_BATCH ? maxCompletionTokens : Math.min(CHUNK, maxCompletionTokens);

/** Rows while they are drawn. */
interface Drawing {
  /** Rows of the request, in the order of the batch they are in now; the batch may be longer. */
  readonly rows: readonly number[];
  readonly cache: Readonly<Record<string, EngineTensor>>;
}

/** Compiled rollout programs and how to feed them. */
export class RolloutSampler {
  /** Programs that go on from a cache, by batch size. */
  readonly #go = new Map<number, Program>();

  private constructor(
    readonly engine: Engine,
    readonly config: ModelConfig,
    readonly shape: Required<SamplerShape>,
    readonly start: Program,
    /** Rotary tables, kept on the engine. */
    readonly tables: Readonly<Record<'cos' | 'sin', EngineTensor>>,
  ) {}

  /** Compiles a sampler. */
  static async create(engine: Engine, config: ModelConfig, { numPrompts, ...sizes }: SamplerShape): Promise<RolloutSampler> {
    const shape = { ...sizes, numPrompts: numPrompts ?? sizes.batch };
    const prompts = { count: shape.numPrompts, length: promptLength(shape) };
    const start = await engine.compile(rolloutProgram(config, programShape(engine, shape, shape.batch, prompts)));
    const { cos, sin } = stepTables(config, numPositions(shape));
    return new RolloutSampler(engine, config, shape, start, { cos: engine.upload(cos), sin: engine.upload(sin) });
  }

  /** Draws one completion for each prompt. @throws RangeError when there are more or longer prompts than the sampler is for */
  async sample({ theta, prompts, randoms, temperature, maxCompletionTokens }: SampleRequest): Promise<Rollout[]> {
    const { shape, config } = this;
    if (prompts.length > shape.batch) throw new RangeError(`${prompts.length} prompts for a rollout of ${shape.batch}`);
    const read = this.#distinct(prompts);
    const rollouts = prompts.map((promptTokens) => ({
      promptTokens,
      completionTokens: [] as number[],
      samplingLogprobs: [] as number[],
      finished: false,
    }));
    const most = Math.min(maxCompletionTokens, shape.maxCompletionTokens);
    const chunk = chunkOf(this.engine, shape);
    let drawing: Drawing = { rows: prompts.map((_, row) => row), cache: {} };
    try {
      for (let done = 0; done < most && drawing.rows.length > 0; done += chunk) {
        const going = drawing.rows.filter((row) => !rollouts[row]!.finished);
        if (going.length === 0) break;
        const { program, batch, places } = await this.#programFor(done, drawing.rows, going);
        const placed = places.map((place) => (place === null ? null : (drawing.rows[place] ?? null)));
        const of = <Item>(f: (row: number) => Item, none: Item) => placed.map((row) => (row === null ? none : f(row)));
        const lengths = of((row) => prompts[row]!.length - 1 + done, 0);
        const uniforms = new Float32Array(chunk * batch);
        placed.forEach((row, at) => {
          if (row === null) return;
          for (let t = 0; t < chunk; t++) uniforms[t * batch + at] = temperature <= 0 ? 0.5 : randoms[row]!.uniform();
        });
        const results = await program.run({
          theta,
          ...this.tables,
          ...drawing.cache,
          ...(done === 0 ? read : {}),
          rows: { dims: [batch], data: Int32Array.from(places, (place) => place ?? 0) },
          first: { dims: [batch], data: Int32Array.from(of((row) => lastToken(rollouts[row]!), config.padTokenId)) },
          lengths: { dims: [batch], data: Int32Array.from(lengths) },
          ended: { dims: [batch], data: Int32Array.from(of((row) => Number(rollouts[row]!.finished), 1)) },
          total: { dims: [1], data: Int32Array.of(Math.max(...lengths) + 1) },
          uniforms: { dims: [chunk, batch], data: uniforms },
          inverse_temperature: scalarTensor(inverseTemperature(temperature)),
        });
        const { tokens, logprobs, ended, ...cache } = results as Record<'tokens' | 'logprobs' | 'ended', EngineTensor>;
        for (const tensor of Object.values(drawing.cache)) tensor.dispose();
        drawing = { rows: placed.flatMap((row) => (row === null ? [] : [row])), cache };
        const [drawn, logprobsDrawn] = await this.engine.readAll([tokens, logprobs]);
        for (const tensor of [tokens, logprobs, ended]) tensor.dispose();
        const numSteps = Math.min(drawn!.length / batch, most - done);
        placed.forEach((row, at) => {
          if (row === null) return;
          const rollout = rollouts[row]!;
          for (let t = 0; t < numSteps && !rollout.finished; t++) {
            rollout.completionTokens.push(drawn![t * batch + at]!);
            rollout.samplingLogprobs.push(logprobsDrawn![t * batch + at]!);
            rollout.finished = config.eosTokenIds.includes(drawn![t * batch + at]!);
          }
        });
      }
    } finally {
      for (const tensor of Object.values(drawing.cache)) tensor.dispose();
    }
    return rollouts;
  }

  /**
   * The program of the next run, and which row of the present batch stands at each of its places (null: none). On a GPU the
   * batch stays as it is, for there a smaller one is no faster; on a CPU it is halved while the rows that go on fit.
   */
  async #programFor(done: number, rows: readonly number[], going: readonly number[]) {
    const { engine, shape } = this;
    if (done === 0 || engine.isGpu) {
      const places = Array.from({ length: shape.batch }, (_, at) => (at < rows.length ? at : null));
      return { program: done === 0 ? this.start : await this.#goOn(shape.batch), batch: shape.batch, places };
    }
    let batch = shape.batch;
    while (batch > 1 && going.length <= Math.ceil(batch / 2)) batch = Math.ceil(batch / 2);
    const places = Array.from({ length: batch }, (_, at) => (at < going.length ? rows.indexOf(going[at]!) : null));
    return { program: await this.#goOn(batch), batch, places };
  }

  async #goOn(batch: number): Promise<Program> {
    const { engine, config, shape } = this;
    const known = this.#go.get(batch);
    if (known) return known;
    const prompts = engine.isGpu ? 'same rows' : 'some rows';
    const program = await engine.compile(rolloutProgram(config, programShape(engine, shape, batch, prompts)));
    this.#go.set(batch, program);
    return program;
  }

  /** The different prompts, padded, without their last tokens `[U, P]`, and which of them each row continues `[B]`. */
  #distinct(prompts: SampleRequest['prompts']): Record<'prompts' | 'prompt_of', HostTensor> {
    const { batch, numPrompts, maxPromptTokens } = this.shape;
    const length = promptLength(this.shape);
    const tokens = new Int32Array(numPrompts * length).fill(this.config.padTokenId);
    const promptOf = new Int32Array(batch);
    const known = new Map<string, number>();
    prompts.forEach((prompt, row) => {
      if (prompt.length === 0 || prompt.length > maxPromptTokens)
        throw new RangeError(`a prompt of ${prompt.length} tokens for a rollout of up to ${maxPromptTokens}`);
      const key = prompt.join();
      const at = known.get(key) ?? known.size;
      if (at >= numPrompts) throw new RangeError(`more than ${numPrompts} different prompts for one rollout`);
      if (!known.has(key)) tokens.set(prompt.slice(0, -1), at * length);
      known.set(key, at);
      promptOf[row] = at;
    });
    return { prompts: { dims: [numPrompts, length], data: tokens }, prompt_of: { dims: [batch], data: promptOf } };
  }

  async release(): Promise<void> {
    this.tables.cos.dispose();
    this.tables.sin.dispose();
    for (const program of [this.start, ...this.#go.values()]) await program.release();
  }
}

/** Tokens of a prompt that are read at once: all but its last, which is the first that a step reads. */
const promptLength = ({ maxPromptTokens }: Required<SamplerShape>): number => Math.max(1, maxPromptTokens - 1);

/** Positions reached: the last run may go beyond the longest completion. */
const numPositions = (shape: Required<SamplerShape>): number => promptLength(shape) + Math.ceil(shape.maxCompletionTokens / CHUNK) * CHUNK;

/** What one of a sampler's programs is compiled for. */
function programShape(engine: Engine, shape: Required<SamplerShape>, batch: number, prompts: RolloutShape['prompts']): RolloutShape {
  const chunk = chunkOf(engine, shape);
  return {
    batch,
    numSteps: chunk,
    prompts,
    keepsCache: shape.maxCompletionTokens > chunk,
    cacheLength: engine.isGpu ? numPositions(shape) : UNKNOWN,
    reports: 'sampling',
    numAlternatives: 0,
    steps: engine.isGpu ? 'unrolled' : 'until-ended',
  };
}

/** The token that the next step reads. */
function lastToken({ promptTokens, completionTokens }: Sequence): number {
  return completionTokens[completionTokens.length - 1] ?? promptTokens[promptTokens.length - 1]!;
}
