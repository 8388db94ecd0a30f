/**
 * @file Reward model: a transformer with a scalar head, fitted to comparisons (InstructGPT, arXiv 2203.02155).
 *
 * It starts from the SFT weights with a fresh head N(0, 1/√(D + 1)) and minimises the Bradley–Terry loss. The score is
 * read at the last token of the conversation. Scores are then shifted and scaled to mean 0, sd 1 on reference samples.
 * All pairs of a prompt are learned from together, as InstructGPT does (its §3.5): shuffled among the others, an answer that
 * is in several pairs would be met again and again, and learned by heart. A step's conversations are packed several a row,
 * each prompt and each answer once (TRL's RewardTrainer shuffles pairs, and pads).
 */
import type { Engine, Program, Tensor } from '../graph/engine';
import { ADAMW_DEFAULTS, adamWFeeds, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { copySharedParameters, parameterLayout, parameterView } from '../model/parameters';
import { rewardProgram, trainProgram, valueProgram, type PackedShape } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import { Random } from '../random';
import { mean } from '../rl/advantages';
import type { Sequence } from '../rl/batch';
import { packCompletions, withRows } from '../rl/packing';
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

/** The order of a pass: prompts shuffled, the pairs of each together, as far as a step holds them. */
function orderOf(comparisons: readonly TokenComparison[], pairsPerStep: number, random: Random): TokenComparison[] {
  const groups: TokenComparison[][] = [];
  const open = new Map<string, TokenComparison[]>();
  for (const comparison of comparisons) {
    const key = comparison.chosen.promptTokens.join(' ');
    let group = open.get(key);
    if (!group || group.length === pairsPerStep) {
      open.set(key, (group = []));
      groups.push(group);
    }
    group.push(comparison);
  }
  return random.shuffle(groups).flat();
}

/** Each sequence once, and which of them every one of the given is. */
function distinct(sequences: readonly Sequence[]): { readonly sequences: Sequence[]; readonly indices: number[] } {
  const places = new Map<string, number>();
  const once: Sequence[] = [];
  const indices = sequences.map((sequence) => {
    const key = `${sequence.promptTokens.join(' ')}|${sequence.completionTokens.join(' ')}`;
    const place = places.get(key) ?? once.push(sequence) - 1;
    places.set(key, place);
    return place;
  });
  return { sequences: once, indices };
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
 * Fits the model to comparisons, prompts in a new random order each epoch.
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
  let order: readonly TokenComparison[] = [];
  let shuffledFor = -1;
  try {
    while (state.step < numSteps) {
      const step = state.step + 1;
      const epoch = Math.floor(state.step / stepsPerEpoch);
      if (shuffledFor !== epoch) {
        order = orderOf(comparisons, pairsPerStep, new Random(seed).split('reward-model').split(epoch));
        shuffledFor = epoch;
      }
      const start = (state.step % stepsPerEpoch) * pairsPerStep;
      const pairs = order.slice(start, start + pairsPerStep);
      const { sequences, indices } = distinct([...pairs.map((pair) => pair.chosen), ...pairs.map((pair) => pair.rejected)]);
      const packing = packConversations(sequences, length, model.padTokenId);
      const program = await programs.of('train', { rows: packing.rows, length, numPredictions: batch });
      const learningRate = config.learningRate * Math.min(1, step / numWarmupSteps) * (1 - 0.9 * (step / numSteps));
      const results = await program.run({
        ...state.feeds(),
        ...adamWFeeds(config.optimiser, learningRate, step),
        ...packing.feeds,
        predict_rows: { dims: [batch], data: Int32Array.from(indices, (index) => packing.lastRows[index]!) },
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

/** Conversations that rows of a score run hold on average at most. */
const MAX_PER_ROW = 6;

/** Scores conversations with a reward model, packed as those of a training step are. */
export class RewardScorer {
  private constructor(
    readonly program: Program,
    readonly model: ModelConfig,
    readonly shape: PackedShape,
  ) {}

  /** @param numRows rows of `length` tokens that are read in one run; longer conversations are cut */
  static async create(engine: Engine, model: ModelConfig, numRows: number, length: number): Promise<RewardScorer> {
    const rows = Math.max(2, numRows);
    const shape = { rows, length, numPredictions: MAX_PER_ROW * rows };
    return new RewardScorer(await engine.compile(rewardProgram(model, shape)), model, shape);
  }

  /** One score a conversation, in no unit: only differences mean something. */
  async score(theta: Tensor, conversations: readonly Sequence[]): Promise<number[]> {
    const { rows, length, numPredictions } = this.shape;
    const { sequences, indices } = distinct(conversations);
    // Answers to one prompt side by side: it is read once for all of them.
    const prompts = sequences.map(({ promptTokens }) => promptTokens.join(' '));
    const order = sequences.map((_, i) => i).sort((a, b) => (prompts[a]! < prompts[b]! ? -1 : prompts[a]! > prompts[b]! ? 1 : a - b));
    const scores = new Array<number>(sequences.length);
    for (let start = 0; start < order.length;) {
      let end = Math.min(order.length, start + numPredictions);
      let packing = this.#pack(sequences, order.slice(start, end));
      while (packing.rows > rows) {
        end = start + Math.max(1, Math.min(end - start - 1, Math.floor(((end - start) * rows) / packing.rows)));
        packing = this.#pack(sequences, order.slice(start, end));
      }
      const lastRows = new Int32Array(numPredictions);
      lastRows.set(packing.lastRows);
      const results = await this.program.run({
        theta,
        ...withRows(packing.feeds, rows, length, this.model.padTokenId),
        predict_rows: { dims: [numPredictions], data: lastRows },
      });
      const read = await results.scores!.read();
      for (let i = start; i < end; i++) scores[order[i]!] = Number(read[i - start]);
      results.scores!.dispose();
      start = end;
    }
    return indices.map((index) => scores[index]!);
  }

  #pack(sequences: readonly Sequence[], chosen: readonly number[]) {
    const some = chosen.map((index) => sequences[index]!);
    return packConversations(some, this.shape.length, this.model.padTokenId);
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
