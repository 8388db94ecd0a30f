/**
 * @file Recipes: the shape of a family and how long each stage trains.
 *
 * `s` is the family on the page: about a million parameters, so that RL runs live without a GPU. `mini` is the same
 * pipeline in a minute, for tests; its models are not meant to be good.
 */
import { GRPO_DEFAULTS, type GrpoConfig } from '../../src/core/algorithms/grpo';
import { PRETRAIN_DEFAULTS, type PretrainConfig } from '../../src/core/algorithms/pretrain';
import { REWARD_MODEL_DEFAULTS, type RewardModelConfig } from '../../src/core/algorithms/reward-model';
import { SFT_DEFAULTS, type SftConfig } from '../../src/core/algorithms/sft';
import type { ModelConfig } from '../../src/core/model/config';

/** Everything that decides what a build makes. */
export interface Recipe {
  readonly family: string;
  readonly title: string;
  readonly seed: number;
  /** Shape of the policy; token ids are those of `chat-template.ts`. */
  readonly model: ModelConfig;
  readonly pretrain: PretrainConfig;
  readonly sft: SftConfig;
  /** Prompts asked of the SFT model for comparisons, and answers to each. */
  readonly preferences: { readonly numPrompts: number; readonly numAnswers: number; readonly temperature: number };
  readonly rewardModel: RewardModelConfig;
  readonly rlhf: GrpoConfig;
  /** Held-out prompts of an eval card. */
  readonly numEvalPrompts: number;
}

const SHAPE_S: ModelConfig = {
  vocabularySize: 2048,
  width: 128,
  numLayers: 4,
  numHeads: 4,
  numKeyValueHeads: 2,
  headSize: 32,
  feedForwardSize: 352,
  maxPositions: 256,
  ropeTheta: 10000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  numLabels: 0,
  bosTokenId: 0,
  eosTokenIds: [0],
  padTokenId: 1,
};

/** Recipes by family name. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  s: {
    family: 's',
    title: 'Aftertrain s',
    seed: 1,
    model: SHAPE_S,
    pretrain: PRETRAIN_DEFAULTS,
    sft: { ...SFT_DEFAULTS, numUpdates: 4000, numWarmupUpdates: 100 },
    preferences: { numPrompts: 3600, numAnswers: 4, temperature: 1 },
    rewardModel: REWARD_MODEL_DEFAULTS,
    rlhf: { ...GRPO_DEFAULTS, numUpdates: 100, promptsPerUpdate: 16, maxCompletionTokens: 112, learningRate: 1e-4, klCoef: 0.2 },
    numEvalPrompts: 400,
  },
  mini: {
    family: 'mini',
    title: 'Aftertrain miniature',
    seed: 1,
    model: {
      ...SHAPE_S,
      vocabularySize: 512,
      width: 32,
      numLayers: 2,
      numHeads: 2,
      numKeyValueHeads: 1,
      headSize: 16,
      feedForwardSize: 64,
      maxPositions: 192,
    },
    pretrain: { ...PRETRAIN_DEFAULTS, numSteps: 40, batch: 8, length: 64, numWarmupSteps: 10 },
    sft: { ...SFT_DEFAULTS, numUpdates: 40, demonstrationsPerUpdate: 8, numDocuments: 4, numWarmupUpdates: 10 },
    preferences: { numPrompts: 32, numAnswers: 4, temperature: 1 },
    rewardModel: { ...REWARD_MODEL_DEFAULTS, numEpochs: 1, numPairs: 8 },
    rlhf: { ...GRPO_DEFAULTS, numUpdates: 3, promptsPerUpdate: 2, groupSize: 4, maxCompletionTokens: 32 },
    numEvalPrompts: 16,
  },
};
