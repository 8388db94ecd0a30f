/**
 * @file Streaming generation of one completion, a few tokens a run.
 *
 * The first run reads the prompt and draws one token. The cache stays on the engine between chunks; between chunks the
 * caller may show what has come, stop, or let other work run.
 */
import type { Engine, EngineTensor, Program, Tensor } from '../graph/engine';
import { scalarTensor } from '../graph/engine';
import { UNKNOWN } from '../graph/graph';
import type { Random } from '../random';
import { inverseTemperature } from '../rl/rollout';
import type { ModelConfig } from './config';
import { stepTables } from './decode-step';
import { cacheName, rolloutProgram, type RolloutShape } from './rollout-program';

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

/** The programs of one length of text: the first, which reads the prompt, and the one of all other tokens. */
interface ChunkPrograms {
  /** Draws one token, so that the first is there as soon as it can be. */
  readonly start: Program;
  /** Draws a chunk of tokens. */
  readonly go: Program;
  /** Tokens the start program reads at most, but for the last of the prompt. */
  readonly promptLength: number;
  /** Rotary tables of all positions reached, kept on the engine. */
  readonly tables: Readonly<Record<'cos' | 'sin', EngineTensor>>;
}

/** The shortest prompt and text that programs are compiled for; longer ones double it until they fit. */
const SHORTEST = { prompt: 32, text: 256 };

/** What a generator is made for. */
interface GeneratorOptions {
  /** Tokens a run. */
  readonly chunk: number;
  /** Alternatives reported with every token. */
  readonly numAlternatives: number;
}

/** Compiled chunk programs of one model shape. */
export class Generator {
  readonly #programs = new Map<string, Promise<ChunkPrograms>>();

  private constructor(
    readonly engine: Engine,
    readonly config: ModelConfig,
    readonly chunk: number,
    readonly numAlternatives: number,
  ) {}

  /** Compiles programs of `chunk` steps a run for short prompts; those for longer ones are compiled when they come. */
  static async create(
    engine: Engine,
    config: ModelConfig,
    { chunk = 8, numAlternatives = 0 }: Partial<GeneratorOptions> = {},
  ): Promise<Generator> {
    const generator = new Generator(engine, config, chunk, numAlternatives);
    await generator.#for(1, 1);
    return generator;
  }

  /** Programs that read a prompt and hold a text of these lengths. */
  #for(promptTokens: number, textTokens: number): Promise<ChunkPrograms> {
    const { engine, config, chunk, numAlternatives } = this;
    const promptLength = doubled(SHORTEST.prompt, promptTokens);
    // On a GPU the cache has a fixed length; chunks may run over the end of the text.
    const numPositions = promptLength + doubled(SHORTEST.text, textTokens) + chunk;
    const cacheLength = engine.isGpu ? numPositions : UNKNOWN;
    const key = `${promptLength} ${numPositions}`;
    const known = this.#programs.get(key);
    if (known) return known;
    const compile = (prompts: RolloutShape['prompts'], numSteps: number) =>
      engine.compile(
        rolloutProgram(config, {
          batch: 1,
          numSteps,
          prompts,
          keepsCache: true,
          cacheLength,
          reports: 'model',
          numAlternatives,
          steps: engine.isGpu ? 'unrolled' : 'until-ended',
        }),
      );
    const made = (async () => {
      const start = await compile({ count: 1, length: promptLength }, 1);
      const go = await compile('same rows', chunk);
      const { cos, sin } = stepTables(config, numPositions);
      return { start, go, promptLength, tables: { cos: engine.upload(cos), sin: engine.upload(sin) } };
    })();
    this.#programs.set(key, made);
    made.catch(() => this.#programs.delete(key));
    return made;
  }

  /**
   * Draws tokens, yielding those of each chunk; ends after an end token or `maxTokens`.
   * @throws RangeError when the prompt is empty or leaves no room in the model's positions
   */
  async *generate({ theta, promptTokens, random, temperature, maxTokens }: GenerationRequest): AsyncGenerator<DrawnToken[]> {
    const { config, chunk } = this;
    if (promptTokens.length === 0) throw new RangeError('there is no prompt to continue');
    const numTokens = Math.min(maxTokens, config.maxPositions - promptTokens.length);
    if (numTokens < 1)
      throw new RangeError(`the prompt has ${promptTokens.length} tokens; this model takes at most ${config.maxPositions - 1}`);
    const { start, go, promptLength, tables } = await this.#for(promptTokens.length - 1, numTokens);
    const before = promptTokens.slice(0, -1);
    const prompt = new Int32Array(promptLength).fill(config.padTokenId);
    prompt.set(before);
    let cache: Record<string, EngineTensor> = {};
    let token = promptTokens[promptTokens.length - 1]!;
    try {
      for (let done = 0; done < numTokens;) {
        const numSteps = done === 0 ? 1 : chunk;
        const reads: Record<string, Tensor> =
          done === 0 ? { prompts: { dims: [1, promptLength], data: prompt }, prompt_of: { dims: [1], data: Int32Array.of(0) } } : {};
        const uniforms = Float32Array.from({ length: numSteps }, () => (temperature <= 0 ? 0.5 : random.uniform()));
        const length = before.length + done;
        const results = await (done === 0 ? start : go).run({
          theta,
          ...tables,
          ...cache,
          ...reads,
          first: { dims: [1], data: Int32Array.of(token) },
          lengths: { dims: [1], data: Int32Array.of(length) },
          ended: { dims: [1], data: Int32Array.of(0) },
          total: { dims: [1], data: Int32Array.of(length + 1) },
          uniforms: { dims: [numSteps, 1], data: uniforms },
          inverse_temperature: scalarTensor(inverseTemperature(temperature)),
        });
        for (const tensor of Object.values(cache)) tensor.dispose();
        cache = Object.fromEntries(
          Array.from({ length: config.numLayers }, (_, layer) => [cacheName('keys', layer), cacheName('values', layer)])
            .flat()
            .map((name) => [name, results[name]!]),
        );
        const drawn = (await this.#read(results)).slice(0, numTokens - done);
        const end = drawn.findIndex((each) => each.isEnd);
        yield end >= 0 ? drawn.slice(0, end + 1) : drawn;
        if (end >= 0) return;
        token = drawn[drawn.length - 1]!.id;
        done += numSteps;
      }
    } finally {
      for (const tensor of Object.values(cache)) tensor.dispose();
    }
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
    for (const made of this.#programs.values()) {
      const { start, go, tables } = await made;
      tables.cos.dispose();
      tables.sin.dispose();
      await start.release();
      await go.release();
    }
    this.#programs.clear();
  }
}

/** `size`, doubled until it is at least `wanted`. */
function doubled(size: number, wanted: number): number {
  let fits = size;
  while (fits < wanted) fits *= 2;
  return fits;
}
