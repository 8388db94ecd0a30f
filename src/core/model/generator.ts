/**
 * @file Streaming generation of one completion, a few tokens a run.
 *
 * The cache stays on the engine between chunks; the prompt is fed through the same programs. Between chunks the caller
 * may show what has come, stop, or let other work run.
 */
import type { Engine, EngineTensor, Program, Tensor } from '../graph/engine';
import { scalarTensor } from '../graph/engine';
import type { Random } from '../random';
import { inverseTemperature } from '../rl/rollout';
import type { ModelConfig } from './config';
import { rotaryTables } from './decoder';
import { cacheName, rolloutProgram } from './rollout-program';

/** A token that could have stood here, with log p of the model itself (temperature 1), nats. */
export interface TokenAlternative {
  readonly id: number;
  readonly logprob: number;
}

/** A token drawn. */
export interface DrawnToken extends TokenAlternative {
  /** True for the token that ends the text; it is not part of it. */
  readonly isEnd: boolean;
  readonly alternatives: readonly TokenAlternative[];
}

/** What to generate. */
export interface GenerationRequest {
  readonly theta: Tensor;
  readonly promptTokens: readonly number[];
  readonly random: Random;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly maxTokens: number;
}

/** Compiled chunk programs of one model shape. */
export class Generator {
  private constructor(
    readonly start: Program,
    readonly go: Program,
    readonly config: ModelConfig,
    readonly chunk: number,
    readonly numAlternatives: number,
  ) {}

  /** Compiles programs of `chunk` steps a run. */
  static async create(engine: Engine, config: ModelConfig, { chunk = 8, numAlternatives = 0 } = {}): Promise<Generator> {
    const compile = (continues: 'out' | 'in-out') =>
      engine.compile(rolloutProgram(config, { batch: 1, numSteps: chunk, continues, numAlternatives, stopsEarly: !engine.isGpu }));
    return new Generator(await compile('out'), await compile('in-out'), config, chunk, numAlternatives);
  }

  /**
   * Draws tokens, yielding those of each chunk; ends after an end token or `maxTokens`.
   * @throws RangeError when the prompt is empty or leaves no room in the model's positions
   */
  async *generate({ theta, promptTokens, random, temperature, maxTokens }: GenerationRequest): AsyncGenerator<DrawnToken[]> {
    const { config, chunk } = this;
    if (promptTokens.length === 0) throw new RangeError('there is no prompt to continue');
    const numSteps = Math.min(promptTokens.length - 1 + maxTokens, config.maxPositions - 1);
    if (numSteps < promptTokens.length)
      throw new RangeError(`the prompt has ${promptTokens.length} tokens; this model takes at most ${config.maxPositions - 1}`);
    let cache: Record<string, EngineTensor> = {};
    let token = promptTokens[0]!;
    try {
      for (let start = 0; start < numSteps; start += chunk) {
        const results = await (start === 0 ? this.start : this.go).run({
          theta,
          ...cache,
          ...this.#feeds(start, token, promptTokens, random, temperature),
        });
        for (const tensor of Object.values(cache)) tensor.dispose();
        cache = Object.fromEntries(
          Array.from({ length: config.numLayers }, (_, layer) => [cacheName('keys', layer), cacheName('values', layer)])
            .flat()
            .map((name) => [name, results[name]!]),
        );
        const drawn = await this.#read(results);
        const fresh = drawn.slice(Math.max(0, promptTokens.length - 1 - start), Math.max(0, numSteps - start));
        const end = fresh.findIndex((each) => each.isEnd);
        if (end >= 0) {
          yield fresh.slice(0, end + 1);
          return;
        }
        if (fresh.length > 0) yield fresh;
        token = drawn[drawn.length - 1]!.id;
      }
    } finally {
      for (const tensor of Object.values(cache)) tensor.dispose();
    }
  }

  #feeds(start: number, token: number, prompt: readonly number[], random: Random, temperature: number): Record<string, Tensor> {
    const { chunk, config } = this;
    const { cos, sin } = rotaryTables(config, start, chunk);
    const steps = Array.from({ length: chunk }, (_, i) => start + i);
    return {
      first: { dims: [1], data: Int32Array.of(token) },
      ended: { dims: [1], data: Int32Array.of(0) },
      forced: { dims: [chunk, 1], data: Int32Array.from(steps, (step) => prompt[step + 1] ?? -1) },
      uniforms: {
        dims: [chunk, 1],
        data: Float32Array.from(steps, (step) => (temperature <= 0 ? 0.5 : step + 1 < prompt.length ? 0 : random.uniform())),
      },
      cos: { dims: [chunk, config.headSize], data: cos },
      sin: { dims: [chunk, config.headSize], data: sin },
      inverse_temperature: scalarTensor(inverseTemperature(temperature)),
      report_inverse_temperature: scalarTensor(1),
    };
  }

  async #read(results: Readonly<Record<string, EngineTensor>>): Promise<DrawnToken[]> {
    const k = this.numAlternatives;
    const tokens = Array.from(await results.tokens!.read());
    const logprobs = await results.logprobs!.read();
    const ids = k > 0 ? await results.alternative_tokens!.read() : [];
    const values = k > 0 ? await results.alternative_logprobs!.read() : [];
    return tokens.map((id, i) => ({
      id,
      logprob: logprobs[i]!,
      isEnd: this.config.eosTokenIds.includes(id),
      alternatives: Array.from({ length: k }, (_, j) => ({ id: ids[i * k + j]!, logprob: values[i * k + j]! })),
    }));
  }

  async release(): Promise<void> {
    await this.start.release();
    await this.go.release();
  }
}
