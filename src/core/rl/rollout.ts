/**
 * @file Rollouts: completions drawn from a policy, a batch in one run.
 *
 * Every row has its own stream of uniforms, read by position in the completion: a row draws the same tokens whatever its
 * batch mates are, and the same numbers can be used again at a later update to compare like with like.
 */
import type { Engine, EngineTensor, Program, Tensor } from '../graph/engine';
import { scalarTensor } from '../graph/engine';
import { UNKNOWN } from '../graph/graph';
import type { ModelConfig } from '../model/config';
import { stepTables } from '../model/decode-step';
import { rolloutProgram } from '../model/rollout-program';
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

/** A compiled rollout program and how to feed it. */
export class RolloutSampler {
  private constructor(
    readonly program: Program,
    readonly config: ModelConfig,
    readonly shape: Required<SamplerShape>,
    /** Rotary tables, kept on the engine. */
    readonly tables: Readonly<Record<'cos' | 'sin', EngineTensor>>,
  ) {}

  /** Compiles a sampler. */
  static async create(engine: Engine, config: ModelConfig, { numPrompts, ...sizes }: SamplerShape): Promise<RolloutSampler> {
    const shape = { ...sizes, numPrompts: numPrompts ?? sizes.batch };
    const length = Math.max(1, shape.maxPromptTokens - 1); // the last token of a prompt is the first that the loop reads
    const numPositions = length + shape.maxCompletionTokens;
    const graph = rolloutProgram(config, {
      batch: shape.batch,
      numSteps: shape.maxCompletionTokens,
      prompts: { count: shape.numPrompts, length },
      keepsCache: false,
      cacheLength: engine.isGpu ? numPositions : UNKNOWN,
      reports: 'sampling',
      numAlternatives: 0,
      stopsEarly: !engine.isGpu,
    });
    const { cos, sin } = stepTables(config, numPositions);
    const program = await engine.compile(graph);
    return new RolloutSampler(program, config, shape, { cos: engine.upload(cos), sin: engine.upload(sin) });
  }

  /** Draws one completion for each prompt. @throws RangeError when there are more or longer prompts than the sampler is for */
  async sample({ theta, prompts, randoms, temperature, maxCompletionTokens }: SampleRequest): Promise<Rollout[]> {
    const { config, shape, tables } = this;
    const { batch, numPrompts } = shape;
    const numSteps = shape.maxCompletionTokens;
    if (prompts.length > batch) throw new RangeError(`${prompts.length} prompts for a rollout of ${batch}`);
    const { tokens, promptOf } = this.#distinct(prompts);
    const first = new Int32Array(batch).fill(config.padTokenId);
    const lengths = new Int32Array(batch);
    const ended = new Int32Array(batch).fill(1);
    const uniforms = new Float32Array(numSteps * batch);
    prompts.forEach((prompt, row) => {
      first[row] = prompt[prompt.length - 1]!;
      lengths[row] = prompt.length - 1;
      ended[row] = 0;
      for (let t = 0; t < numSteps; t++) uniforms[t * batch + row] = temperature <= 0 ? 0.5 : randoms[row]!.uniform();
    });
    const results = await this.program.run({
      theta,
      ...tables,
      prompts: { dims: [numPrompts, tokens.length / numPrompts], data: tokens },
      prompt_of: { dims: [batch], data: promptOf },
      first: { dims: [batch], data: first },
      lengths: { dims: [batch], data: lengths },
      ended: { dims: [batch], data: ended },
      total: { dims: [1], data: Int32Array.of(Math.max(0, ...lengths) + 1) },
      uniforms: { dims: [numSteps, batch], data: uniforms },
      inverse_temperature: scalarTensor(inverseTemperature(temperature)),
    });
    const drawn = await results.tokens!.read();
    const logprobs = await results.logprobs!.read();
    for (const tensor of Object.values(results)) tensor.dispose();
    const end = Math.min(drawn.length / batch, maxCompletionTokens);
    return prompts.map((promptTokens, row) => {
      const completionTokens: number[] = [];
      const samplingLogprobs: number[] = [];
      let finished = false;
      for (let t = 0; t < end && !finished; t++) {
        completionTokens.push(drawn[t * batch + row]!);
        samplingLogprobs.push(logprobs[t * batch + row]!);
        finished = config.eosTokenIds.includes(drawn[t * batch + row]!);
      }
      return { promptTokens, completionTokens, samplingLogprobs, finished };
    });
  }

  /** The different prompts, padded, without their last tokens `[U, P]`, and which of them each row continues `[B]`. */
  #distinct(prompts: SampleRequest['prompts']): { tokens: Int32Array; promptOf: Int32Array } {
    const { batch, numPrompts, maxPromptTokens } = this.shape;
    const length = Math.max(1, maxPromptTokens - 1);
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
    return { tokens, promptOf };
  }

  async release(): Promise<void> {
    this.tables.cos.dispose();
    this.tables.sin.dispose();
    await this.program.release();
  }
}
