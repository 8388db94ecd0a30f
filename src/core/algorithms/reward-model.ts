/**
 * @file Reward model: a transformer with a scalar head, fitted to comparisons (InstructGPT, arXiv 2203.02155).
 *
 * It starts from the SFT weights with a fresh head N(0, 1/√(D + 1)) and minimises the Bradley–Terry loss. The score is
 * read at the last token of the conversation. Scores are then shifted and scaled to mean 0, sd 1 on reference samples.
 */
import type { Engine, Program, Tensor } from '../graph/engine';
import { ADAMW_DEFAULTS, adamWFeeds, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { copySharedParameters, parameterLayout, parameterView } from '../model/parameters';
import { rewardProgram, trainProgram } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import { Random } from '../random';
import { packSequences, type Sequence } from '../rl/batch';
import { bradleyTerry } from './objectives';

/** Two answers to one prompt and which was preferred. */
export interface TokenComparison {
  readonly chosen: Sequence;
  readonly rejected: Sequence;
  /** How much better, as a margin in reward; 0 when unknown. */
  readonly margin: number;
}

/** Settings of a reward-model run. */
export interface RewardModelConfig {
  readonly numEpochs: number;
  /** Pairs a step. */
  readonly numPairs: number;
  /** T: longest conversation in tokens. */
  readonly length: number;
  readonly learningRate: number;
  /** TRL center_rewards_coefficient. */
  readonly centring: number;
  readonly optimiser: AdamWConfig;
}

/** The recipe of family `s`. */
export const REWARD_MODEL_DEFAULTS: RewardModelConfig = {
  numEpochs: 2,
  numPairs: 16,
  length: 128,
  learningRate: 5e-4,
  centring: 0.01,
  optimiser: ADAMW_DEFAULTS,
};

/** The reward model's shape: the policy's, with a score head instead of the language head. */
export const rewardModelConfig = (policy: ModelConfig): ModelConfig => ({ ...policy, numLabels: 1 });

/** Theta of a new reward model: every parameter it shares with the policy, and a fresh head. */
export function rewardModelTheta(policy: ModelConfig, theta: Float32Array, random: Random): Float32Array {
  const config = rewardModelConfig(policy);
  const layout = parameterLayout(config);
  const result = new Float32Array(layout.numParameters);
  for (const name of copySharedParameters({ config: policy, theta }, { config, theta: result })) {
    const fresh = parameterView(layout, result, name);
    for (let i = 0; i < fresh.length; i++) fresh[i] = random.normal() / Math.sqrt(policy.width + 1);
  }
  return result;
}

/** Index of each row's last token in the flattened batch, `[B]`; rows beyond the sequences point at their start. */
function lastRows(sequences: readonly Sequence[], batch: number, length: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, row) => {
    const sequence = sequences[row];
    const numTokens = sequence ? sequence.promptTokens.length + sequence.completionTokens.length : 1;
    return row * length + Math.min(length, numTokens) - 1;
  });
}

/** What a run needs besides its settings. */
export interface RewardModelOptions {
  readonly engine: Engine;
  /** Shape with the score head. */
  readonly model: ModelConfig;
  readonly state: TrainingState;
  readonly config: RewardModelConfig;
  readonly seed: number;
  readonly comparisons: readonly TokenComparison[];
}

/** One optimiser step done. */
export interface RewardModelStep {
  readonly step: number;
  readonly numSteps: number;
  readonly loss: number;
  /** Share of this step's pairs in which the chosen answer scored higher. */
  readonly accuracy: number;
}

/** Fits the model to comparisons, in a new random order each epoch. */
export async function* trainRewardModel({
  engine,
  model,
  state,
  config,
  seed,
  comparisons,
}: RewardModelOptions): AsyncGenerator<RewardModelStep> {
  const { numPairs, length } = config;
  const batch = 2 * numPairs;
  const stepsPerEpoch = Math.floor(comparisons.length / numPairs);
  const numSteps = stepsPerEpoch * config.numEpochs;
  const program = await engine.compile(trainProgram(model, { batch, length }, config.optimiser, bradleyTerry(config)));
  try {
    while (state.step < numSteps) {
      const step = state.step + 1;
      const epoch = Math.floor(state.step / stepsPerEpoch);
      const order = new Random(seed).split('reward-model').split(epoch).shuffle(comparisons);
      const start = (state.step % stepsPerEpoch) * numPairs;
      const pairs = order.slice(start, start + numPairs);
      const sequences = [...pairs.map((pair) => pair.chosen), ...pairs.map((pair) => pair.rejected)];
      const results = await program.run({
        ...state.feeds(),
        ...adamWFeeds(config.optimiser, config.learningRate * Math.min(1, step / 20) * (1 - 0.9 * (step / numSteps)), step),
        tokens: { dims: [batch, length], data: packSequences(sequences, batch, length - 1, model.padTokenId).tokens },
        last_rows: { dims: [batch], data: lastRows(sequences, batch, length) },
        margins: { dims: [numPairs], data: Float32Array.from(pairs, (pair) => pair.margin) },
      });
      const scores = await results.scores!.read();
      const accuracy = pairs.filter((_, i) => scores[i]! > scores[i + numPairs]!).length / numPairs;
      const { loss } = await state.advance(results);
      yield { step, numSteps, loss, accuracy };
    }
  } finally {
    await program.release();
  }
}

/** Scores conversations with a reward model, `batch` at a time. */
export class RewardScorer {
  private constructor(
    readonly program: Program,
    readonly model: ModelConfig,
    readonly batch: number,
    readonly length: number,
  ) {}

  static async create(engine: Engine, model: ModelConfig, batch: number, length: number): Promise<RewardScorer> {
    return new RewardScorer(await engine.compile(rewardProgram(model, { batch, length })), model, batch, length);
  }

  /** One score a conversation, in no unit: only differences mean something. */
  async score(theta: Tensor, sequences: readonly Sequence[]): Promise<number[]> {
    const { batch, length, model } = this;
    const scores: number[] = [];
    for (let start = 0; start < sequences.length; start += batch) {
      const rows = sequences.slice(start, start + batch);
      const results = await this.program.run({
        theta,
        tokens: { dims: [batch, length], data: packSequences(rows, batch, length - 1, model.padTokenId).tokens },
        last_rows: { dims: [batch], data: lastRows(rows, batch, length) },
      });
      scores.push(...Array.from(await results.scores!.read()).slice(0, rows.length));
      results.scores!.dispose();
    }
    return scores;
  }

  release(): Promise<void> {
    return this.program.release();
  }
}
