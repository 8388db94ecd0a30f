/**
 * @file Reward model: a transformer with a scalar head, fitted to comparisons (InstructGPT, arXiv 2203.02155).
 *
 * It starts from the SFT weights with a fresh head N(0, 1/√(D + 1)) and minimises the Bradley–Terry loss. The score is
 * read at the last token of the conversation. Scores are then shifted and scaled to mean 0, sd 1 on reference samples.
 * A step's pairs are packed several a row, each prompt once for both of its answers (TRL's RewardTrainer pads instead).
 */
import type { Engine, Program, Tensor } from '../graph/engine';
import { ADAMW_DEFAULTS, adamWFeeds, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { copySharedParameters, parameterLayout, parameterView } from '../model/parameters';
import { rewardProgram, trainProgram, valueProgram } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import { Random } from '../random';
import { mean } from '../rl/advantages';
import { packSequences, type Sequence } from '../rl/batch';
import { packCompletions } from '../rl/packing';
import { defaultsOf, type NumberField } from './fields';
import { bradleyTerry } from './objectives';
import { ProgramsBySize } from './packed-programs';

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

const TRL = 'TRL RewardConfig; InstructGPT, arXiv 2203.02155';

/** What each setting that a user may change is. */
export const REWARD_MODEL_FIELDS = [
  {
    key: 'numEpochs',
    trl: 'num_train_epochs',
    label: 'Passes over the comparisons',
    unit: '',
    min: 1,
    max: 8,
    step: 1,
    scale: 'linear',
    default: 2,
    hint: 'How often each comparison is learned from; with many passes over few it learns them by heart.',
    citation: TRL,
    live: false,
  },
  {
    key: 'numPairs',
    trl: 'per_device_train_batch_size',
    label: 'Comparisons per step',
    unit: 'pairs',
    min: 1,
    max: 64,
    step: 1,
    scale: 'linear',
    default: 16,
    hint: 'How many comparisons one step looks at.',
    citation: TRL,
    live: false,
  },
  {
    key: 'learningRate',
    trl: 'learning_rate',
    label: 'Learning rate',
    unit: '',
    min: 1e-5,
    max: 1e-2,
    step: 1e-5,
    scale: 'log',
    default: 5e-4,
    hint: 'How far each step moves the weights.',
    citation: TRL,
    live: false,
  },
  {
    key: 'centring',
    trl: 'center_rewards_coefficient',
    label: 'Centring',
    unit: '',
    min: 0,
    max: 0.1,
    step: 0.005,
    scale: 'linear',
    default: 0.01,
    hint: 'How strongly the two scores of a pair are held around zero.',
    citation: 'TRL RewardConfig; Eisenstein et al., arXiv 2312.09244',
    live: false,
  },
] as const satisfies readonly (NumberField & { key: keyof RewardModelConfig })[];

/** The recipe of family `s`. */
export const REWARD_MODEL_DEFAULTS: RewardModelConfig = {
  ...defaultsOf<Pick<RewardModelConfig, 'numEpochs' | 'numPairs' | 'learningRate' | 'centring'>>(REWARD_MODEL_FIELDS),
  length: 128,
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

/** One optimiser step done; measured before it, over its pairs. Names are those of TRL's RewardTrainer. */
export interface RewardModelStep {
  readonly step: number;
  readonly numSteps: number;
  readonly loss: number;
  readonly gradNorm: number;
  /** Share of this step's pairs in which the chosen answer scored higher. */
  readonly accuracy: number;
  /** Mean of r_chosen − r_rejected. */
  readonly margin: number;
  readonly minReward: number;
  readonly meanReward: number;
  readonly maxReward: number;
}

/** Optimiser steps that a run takes: whole batches, and at least one a pass, however few the comparisons. */
function stepsOf({ numEpochs, numPairs }: RewardModelConfig, numComparisons: number) {
  const pairsPerStep = Math.min(numPairs, numComparisons);
  const stepsPerEpoch = pairsPerStep === 0 ? 0 : Math.floor(numComparisons / pairsPerStep);
  return { pairsPerStep, stepsPerEpoch, numSteps: stepsPerEpoch * numEpochs };
}

/**
 * Packs whole conversations. Packing reads all tokens of a completion but its last, so each gets one more that nobody reads.
 * `lastRows` is where each conversation's last token lies in the flattened batch.
 */
function packConversations(sequences: readonly Sequence[], length: number, padTokenId: number) {
  const cut = sequences.map(({ promptTokens, completionTokens }) => {
    const prompt = promptTokens.slice(0, length);
    return { promptTokens: prompt, completionTokens: [...completionTokens.slice(0, length - prompt.length), padTokenId] };
  });
  const { shape, feeds, starts } = packCompletions(cut, length, padTokenId);
  const { tokens, positions, segments, parents, predict_rows: rows } = feeds;
  const lastRows = Int32Array.from(cut, ({ completionTokens }, i) => Number(rows.data[starts[i]! + completionTokens.length - 1]));
  return { rows: shape.rows, feeds: { tokens, positions, segments, parents }, lastRows };
}

/**
 * Fits the model to comparisons, in a new random order each epoch.
 * @throws RangeError when there are none
 */
export async function* trainRewardModel({
  engine,
  model,
  state,
  config,
  seed,
  comparisons,
}: RewardModelOptions): AsyncGenerator<RewardModelStep> {
  if (comparisons.length === 0) throw new RangeError('A reward model needs at least one comparison with a winner.');
  const { length } = config;
  const { pairsPerStep, stepsPerEpoch, numSteps } = stepsOf(config, comparisons.length);
  const batch = 2 * pairsPerStep;
  const programs = new ProgramsBySize(engine, {
    train: (shape) => trainProgram(model, shape, config.optimiser, bradleyTerry(config)),
  });
  const numWarmupSteps = Math.min(20, Math.ceil(numSteps / 4));
  try {
    while (state.step < numSteps) {
      const step = state.step + 1;
      const epoch = Math.floor(state.step / stepsPerEpoch);
      const order = new Random(seed).split('reward-model').split(epoch).shuffle(comparisons);
      const start = (state.step % stepsPerEpoch) * pairsPerStep;
      const pairs = order.slice(start, start + pairsPerStep);
      const sequences = [...pairs.map((pair) => pair.chosen), ...pairs.map((pair) => pair.rejected)];
      const packing = packConversations(sequences, length, model.padTokenId);
      const program = await programs.of('train', { rows: packing.rows, length, numPredictions: batch });
      const learningRate = config.learningRate * Math.min(1, step / numWarmupSteps) * (1 - 0.9 * (step / numSteps));
      const results = await program.run({
        ...state.feeds(),
        ...adamWFeeds(config.optimiser, learningRate, step),
        ...packing.feeds,
        predict_rows: { dims: [batch], data: packing.lastRows },
        margins: { dims: [pairsPerStep], data: Float32Array.from(pairs, (pair) => pair.margin) },
      });
      const scores = Array.from(await results.scores!.read());
      const differences = pairs.map((_, i) => scores[i]! - scores[i + pairsPerStep]!);
      const { loss, gradNorm } = await state.advance(results);
      yield {
        step,
        numSteps,
        loss,
        gradNorm,
        accuracy: mean(differences.map((difference) => Number(difference > 0))),
        margin: mean(differences),
        minReward: Math.min(...scores),
        meanReward: mean(scores),
        maxReward: Math.max(...scores),
      };
    }
  } finally {
    await programs.release();
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

/** Reads a reward model at every token: what would the score be if the answer stopped here? */
export class TokenScorer {
  private constructor(
    readonly program: Program,
    readonly model: ModelConfig,
    readonly length: number,
  ) {}

  /** @param length T: tokens of the longest conversation; longer ones are cut */
  static async create(engine: Engine, model: ModelConfig, length: number): Promise<TokenScorer> {
    return new TokenScorer(await engine.compile(valueProgram(model, { batch: 1, length })), model, length);
  }

  /** The score after each completion token; the last is the conversation's own. */
  async scores(theta: Tensor, { promptTokens, completionTokens }: Sequence): Promise<number[]> {
    const { length, model } = this;
    const tokens = new Int32Array(length + 1).fill(model.padTokenId);
    const read = [...promptTokens, ...completionTokens].slice(0, length);
    tokens.set(read);
    const results = await this.program.run({ theta, tokens: { dims: [1, length + 1], data: tokens } });
    const values = Array.from(await results.values!.read());
    results.values!.dispose();
    return values.slice(promptTokens.length, read.length);
  }

  release(): Promise<void> {
    return this.program.release();
  }
}
