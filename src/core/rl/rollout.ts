/**
 * @file Rollouts: completions drawn from a policy, a batch in one run.
 *
 * Every row has its own stream of uniforms, read by position in the completion: a row draws the same tokens whatever its
 * batch mates are, and the same numbers can be used again at a later update to compare like with like.
 */
import type { Engine, Program, Tensor } from '../graph/engine';
import { scalarTensor } from '../graph/engine';
import type { ModelConfig } from '../model/config';
import { rotaryTables } from '../model/decoder';
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
  /** Token ids, one row each; at most the batch size. */
  readonly prompts: readonly (readonly number[])[];
  /** One stream of uniforms a row. */
  readonly randoms: readonly Random[];
  readonly temperature: number;
  readonly maxCompletionTokens: number;
}

/** A compiled rollout program and how to feed it. */
export class RolloutSampler {
  private constructor(
    readonly program: Program,
    readonly config: ModelConfig,
    readonly batch: number,
    readonly numSteps: number,
  ) {}

  /** Compiles for up to `batch` prompts of up to `numSteps` tokens, completion included. */
  static async create(engine: Engine, config: ModelConfig, batch: number, numSteps: number): Promise<RolloutSampler> {
    const graph = rolloutProgram(config, { batch, numSteps, continues: 'none', numAlternatives: 0, stopsEarly: !engine.isGpu });
    return new RolloutSampler(await engine.compile(graph), config, batch, numSteps);
  }

  /** Draws one completion for each prompt. @throws RangeError when a prompt leaves no room */
  async sample({ theta, prompts, randoms, temperature, maxCompletionTokens }: SampleRequest): Promise<Rollout[]> {
    const { batch, numSteps, config } = this;
    if (prompts.length > batch) throw new RangeError(`${prompts.length} prompts for a rollout of ${batch}`);
    const first = new Int32Array(batch).fill(config.padTokenId);
    const ended = new Int32Array(batch).fill(1);
    const forced = new Int32Array(numSteps * batch).fill(-1);
    const uniforms = new Float32Array(numSteps * batch);
    prompts.forEach((prompt, row) => {
      if (prompt.length === 0 || prompt.length > numSteps)
        throw new RangeError(`a prompt of ${prompt.length} tokens for ${numSteps} steps`);
      first[row] = prompt[0]!;
      ended[row] = 0;
      for (let t = 1; t < prompt.length; t++) forced[(t - 1) * batch + row] = prompt[t]!;
      for (let t = prompt.length - 1; t < numSteps; t++) uniforms[t * batch + row] = temperature <= 0 ? 0.5 : randoms[row]!.uniform();
    });
    const { cos, sin } = rotaryTables(config, 0, numSteps);
    const results = await this.program.run({
      theta,
      first: { dims: [batch], data: first },
      ended: { dims: [batch], data: ended },
      forced: { dims: [numSteps, batch], data: forced },
      uniforms: { dims: [numSteps, batch], data: uniforms },
      cos: { dims: [numSteps, config.headSize], data: cos },
      sin: { dims: [numSteps, config.headSize], data: sin },
      inverse_temperature: scalarTensor(inverseTemperature(temperature)),
      report_inverse_temperature: scalarTensor(temperature <= 0 ? 1 : inverseTemperature(temperature)),
    });
    const tokens = await results.tokens!.read();
    const logprobs = await results.logprobs!.read();
    for (const tensor of Object.values(results)) tensor.dispose();
    const numRun = tokens.length / batch;
    return prompts.map((promptTokens, row) => {
      const completionTokens: number[] = [];
      const samplingLogprobs: number[] = [];
      let finished = false;
      const end = Math.min(numRun, promptTokens.length - 1 + maxCompletionTokens);
      for (let t = promptTokens.length - 1; t < end && !finished; t++) {
        completionTokens.push(tokens[t * batch + row]!);
        samplingLogprobs.push(logprobs[t * batch + row]!);
        finished = config.eosTokenIds.includes(tokens[t * batch + row]!);
      }
      return { promptTokens, completionTokens, samplingLogprobs, finished };
    });
  }

  release(): Promise<void> {
    return this.program.release();
  }
}
