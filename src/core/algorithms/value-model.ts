/**
 * @file The value model of PPO: what will this answer earn, judged before each of its tokens?
 *
 * A transformer of its own with a scalar head, as in InstructGPT (arXiv 2203.02155) and TRL, so that learning to predict never
 * disturbs the policy. It starts from the policy's body with a head of zeros, which predicts 0, or from a reward model.
 */
import { scalarTensor, type Engine } from '../graph/engine';
import { adamWFeeds } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { copySharedParameters, parameterLayout } from '../model/parameters';
import { trainProgram, valueProgram } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import type { Sequence } from '../rl/batch';
import { gatherRows, spread, type Packing } from '../rl/packing';
import { clippedValueLoss } from './objectives';
import { readOnly } from './packed-policy';
import { ProgramsBySize, RL_ADAMW } from './packed-programs';
import { rewardModelConfig } from './reward-model';

/** Theta of a value model that predicts 0: every parameter it shares with the policy, and a head of zeros. */
export function valueTheta(policy: ModelConfig, theta: Float32Array): Float32Array {
  const config = rewardModelConfig(policy);
  const result = new Float32Array(parameterLayout(config).numParameters);
  copySharedParameters({ config: policy, theta }, { config, theta: result });
  return result;
}

/** What a value step is fed, one list a sequence. */
interface ValueFeeds {
  readonly weights: readonly ArrayLike<number>[];
  readonly oldValues: readonly ArrayLike<number>[];
  readonly returns: readonly ArrayLike<number>[];
  readonly clipRange: number;
  readonly learningRate: number;
}

/** A value model's programs. */
export class ValueModel {
  readonly #programs: ProgramsBySize<'values' | 'train'>;

  /** @param state theta of the shape that `rewardModelConfig` gives the policy; advanced in place */
  constructor(
    engine: Engine,
    policy: ModelConfig,
    readonly state: TrainingState,
  ) {
    const model = rewardModelConfig(policy);
    this.#programs = new ProgramsBySize(engine, {
      values: (shape) => valueProgram(model, shape),
      train: (shape) => trainProgram(model, shape, RL_ADAMW, clippedValueLoss),
    });
  }

  /** V of the state before each completion token, one list a sequence. */
  async values(packing: Packing, sequences: readonly Sequence[]): Promise<Float32Array[]> {
    const program = await this.#programs.of('values', packing.shape);
    return gatherRows(packing, sequences, await readOnly(program, { ...packing.feeds, theta: this.state.theta }, 'values'));
  }

  /** One optimiser step. @throws NonFiniteLossError with the state as before it */
  async step(
    packing: Packing,
    { weights, oldValues, returns, clipRange, learningRate }: ValueFeeds,
  ): Promise<{ loss: number; clipped: number }> {
    const program = await this.#programs.of('train', packing.shape);
    const results = await program.run({
      ...this.state.feeds(),
      ...packing.feeds,
      ...adamWFeeds(RL_ADAMW, learningRate, this.state.step + 1),
      weights: spread(packing, weights),
      old_values: spread(packing, oldValues),
      returns: spread(packing, returns),
      clip_range: scalarTensor(clipRange),
    });
    const clipped = (await results.clipped!.read())[0]!;
    const { loss } = await this.state.advance(results);
    return { loss, clipped };
  }

  release(): Promise<void> {
    return this.#programs.release();
  }
}
