/**
 * @file Pretraining: next-token prediction on web-like documents.
 *
 * Documents are joined by the document token and cut into rows; every token counts alike. Step s always sees the same
 * data for the same seed, whatever happened before, so a run killed and resumed is the run never killed.
 */
import type { Engine } from '../graph/engine';
import { ADAMW_DEFAULTS, adamWFeeds, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { trainProgram } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import { Random } from '../random';
import { crossEntropy } from './objectives';

/** Settings of a pretraining run. */
export interface PretrainConfig {
  readonly numSteps: number;
  /** B: rows a step. */
  readonly batch: number;
  /** T: tokens a row. */
  readonly length: number;
  readonly learningRate: number;
  readonly numWarmupSteps: number;
  readonly optimiser: AdamWConfig;
}

/** The recipe of family `s`. */
export const PRETRAIN_DEFAULTS: PretrainConfig = {
  numSteps: 9000,
  batch: 16,
  length: 128,
  learningRate: 4e-3,
  numWarmupSteps: 200,
  optimiser: ADAMW_DEFAULTS,
};

/** Linear warm-up, then a cosine down to a tenth. `step` counts from 1. */
export function warmupCosine(step: number, numSteps: number, numWarmupSteps: number): number {
  if (step <= numWarmupSteps) return step / numWarmupSteps;
  const progress = (step - numWarmupSteps) / Math.max(1, numSteps - numWarmupSteps);
  return 0.1 + 0.45 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}

/** What a run needs besides its settings. */
export interface PretrainOptions {
  readonly engine: Engine;
  readonly model: ModelConfig;
  /** Advanced in place; `state.step` says where to go on. */
  readonly state: TrainingState;
  readonly config: PretrainConfig;
  readonly seed: number;
  /** Token ids of one random document. */
  readonly document: (random: Random) => readonly number[];
}

/** One optimiser step done. */
export interface LanguageStep {
  readonly step: number;
  readonly numSteps: number;
  /** Mean −log p over the tokens that count, nats. */
  readonly loss: number;
  readonly gradNorm: number;
}

/** Trains on documents, one step a `next()`. */
export async function* pretrain({ engine, model, state, config, seed, document }: PretrainOptions): AsyncGenerator<LanguageStep> {
  const { batch, length, numSteps } = config;
  const program = await engine.compile(trainProgram(model, { batch, length }, config.optimiser, crossEntropy));
  const weights = { dims: [batch, length], data: new Float32Array(batch * length).fill(1 / (batch * length)) };
  try {
    while (state.step < numSteps) {
      const step = state.step + 1;
      const tokens = documentRows(new Random(seed).split('pretrain').split(step), batch, length + 1, model.bosTokenId, document);
      const learningRate = config.learningRate * warmupCosine(step, numSteps, config.numWarmupSteps);
      const results = await program.run({
        ...state.feeds(),
        ...adamWFeeds(config.optimiser, learningRate, step),
        tokens: { dims: [batch, length + 1], data: tokens },
        weights,
      });
      yield { step, numSteps, ...(await state.advance(results)) };
    }
  } finally {
    await program.release();
  }
}

/** Rows of `width` tokens cut from documents joined by the document token; each row starts a document. */
export function documentRows(
  random: Random,
  batch: number,
  width: number,
  documentToken: number,
  document: (random: Random) => readonly number[],
): Int32Array {
  const tokens = new Int32Array(batch * width);
  for (let row = 0; row < batch; row++) {
    const filled: number[] = [];
    while (filled.length < width) filled.push(documentToken, ...document(random));
    tokens.set(filled.slice(0, width), row * width);
  }
  return tokens;
}
