/**
 * @file SFT: supervised fine-tuning on demonstrations, loss on the answer's tokens only.
 *
 * Every answer token of a batch counts alike (TRL's `completion_only_loss`); the prompt is read, not learned.
 */
import type { Engine } from '../graph/engine';
import { ADAMW_DEFAULTS, adamWFeeds, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { trainProgram } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import { Random } from '../random';
import { packSequences, type Sequence } from '../rl/batch';
import { crossEntropy } from './objectives';
import { warmupCosine, type LanguageStep } from './pretrain';

/** Settings of an SFT run. */
export interface SftConfig {
  readonly numSteps: number;
  /** B: demonstrations a step. */
  readonly batch: number;
  /** T: longest demonstration in tokens, prompt included. */
  readonly length: number;
  readonly learningRate: number;
  readonly numWarmupSteps: number;
  readonly optimiser: AdamWConfig;
}

/** The recipe of family `s`. */
export const SFT_DEFAULTS: SftConfig = {
  numSteps: 2500,
  batch: 16,
  length: 144,
  learningRate: 1.5e-3,
  numWarmupSteps: 100,
  optimiser: ADAMW_DEFAULTS,
};

/** What a run needs besides its settings. */
export interface SftOptions {
  readonly engine: Engine;
  readonly model: ModelConfig;
  /** Advanced in place; `state.step` says where to go on. */
  readonly state: TrainingState;
  readonly config: SftConfig;
  readonly seed: number;
  /** One random demonstration as token ids, the answer's end token included. */
  readonly demonstration: (random: Random) => Sequence;
}

/** Trains on demonstrations, one step a `next()`. */
export async function* trainSft({ engine, model, state, config, seed, demonstration }: SftOptions): AsyncGenerator<LanguageStep> {
  const { batch, length, numSteps } = config;
  const program = await engine.compile(trainProgram(model, { batch, length }, config.optimiser, crossEntropy));
  try {
    while (state.step < numSteps) {
      const step = state.step + 1;
      const random = new Random(seed).split('sft').split(step);
      const packed = packSequences(
        Array.from({ length: batch }, () => demonstration(random)),
        batch,
        length,
        model.padTokenId,
      );
      const weights = packed.completionMask.map((counts) => counts / packed.numCompletionTokens);
      const learningRate = config.learningRate * warmupCosine(step, numSteps, config.numWarmupSteps);
      const results = await program.run({
        ...state.feeds(),
        ...adamWFeeds(config.optimiser, learningRate, step),
        tokens: { dims: [batch, length + 1], data: packed.tokens },
        weights: { dims: [batch, length], data: weights },
      });
      yield { step, numSteps, ...(await state.advance(results)) };
    }
  } finally {
    await program.release();
  }
}
