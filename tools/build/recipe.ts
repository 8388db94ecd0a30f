/**
 * @file Recipes: the shape of a family and how long each stage trains.
 *
 * `s` is the family on the page: about a million parameters, so that RL runs live without a GPU. `m` is for quality: as
 * large as two cores train overnight. `mini` is the same pipeline in under two minutes, for tests; its models know one
 * kind of request (people nobody knows), but get better from stage to stage as the others do. Shapes and rates come from `aftertrain sweep`.
 */
import { DPO_DEFAULTS, type DpoConfig } from '../../src/core/algorithms/dpo';
import { GRPO_DEFAULTS, type GrpoConfig } from '../../src/core/algorithms/grpo';
import { PRETRAIN_DEFAULTS, type PretrainConfig } from '../../src/core/algorithms/pretrain';
import { REWARD_MODEL_DEFAULTS, type RewardModelConfig } from '../../src/core/algorithms/reward-model';
import { SFT_DEFAULTS, type SftConfig } from '../../src/core/algorithms/sft';
import type { ModelConfig } from '../../src/core/model/config';
import type { RequestKind } from '../../src/core/world/subjects';

/** Everything that decides what a build makes. */
export interface Recipe {
  readonly family: string;
  readonly title: string;
  readonly seed: number;
  /** Shape of the policy; token ids are those of `chat-template.ts`. */
  readonly model: ModelConfig;
  /** Characters of the world's text that the tokenizer learns from. */
  readonly tokenizerCharacters: number;
  readonly pretrain: PretrainConfig;
  readonly sft: SftConfig;
  /** Prompts asked of the SFT model for comparisons, and answers to each. */
  readonly preferences: { readonly numPrompts: number; readonly numAnswers: number; readonly temperature: number };
  readonly rewardModel: RewardModelConfig;
  readonly rlhf: GrpoConfig;
  /** A second round after RLHF: fresh comparisons of its answers, the reward model fitted further, RL gone on with. */
  readonly secondRound?: { readonly numPrompts: number; readonly rewardModelRate: number; readonly numUpdates: number };
  readonly dpo: DpoConfig;
  /** Kinds of request asked and demonstrated; every kind when left out. */
  readonly kinds?: readonly RequestKind[];
  /** Longest prompt in tokens, the turns before it included, in comparisons and RL. */
  readonly maxPromptTokens: number;
  /** Held-out prompts of an eval. */
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

const RECIPE_S: Recipe = {
  family: 's',
  title: 'Aftertrain s',
  seed: 1,
  model: SHAPE_S,
  tokenizerCharacters: 3_000_000,
  pretrain: { ...PRETRAIN_DEFAULTS, numSteps: 18_000, numWarmupSteps: 300 },
  sft: { ...SFT_DEFAULTS, numUpdates: 7_000, numWarmupUpdates: 100, maxTokens: 144 },
  preferences: { numPrompts: 12_000, numAnswers: 4, temperature: 1 },
  rewardModel: { ...REWARD_MODEL_DEFAULTS, length: 176, numEpochs: 1 },
  rlhf: { ...GRPO_DEFAULTS, numUpdates: 150, promptsPerUpdate: 16, maxCompletionTokens: 112, learningRate: 1e-4, klCoef: 0.1 },
  dpo: { ...DPO_DEFAULTS, numUpdates: 120, pairsPerUpdate: 32, learningRate: 2e-5, beta: 0.3 },
  maxPromptTokens: 64,
  numEvalPrompts: 400,
};

/** Recipes by family name. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  s: RECIPE_S,
  m: {
    ...RECIPE_S,
    family: 'm',
    title: 'Aftertrain m',
    model: { ...SHAPE_S, width: 192, numLayers: 6, numHeads: 6, numKeyValueHeads: 3, feedForwardSize: 576 },
    pretrain: { ...RECIPE_S.pretrain, numSteps: 15_000, learningRate: 3e-3, numWarmupSteps: 300 },
    sft: { ...RECIPE_S.sft, numUpdates: 8_000, learningRate: 6e-4 },
    rewardModel: { ...RECIPE_S.rewardModel, learningRate: 3e-4 },
    rlhf: { ...RECIPE_S.rlhf, numUpdates: 100, learningRate: 6e-5 },
    secondRound: { numPrompts: 6_000, rewardModelRate: 1.5e-4, numUpdates: 100 },
    dpo: { ...RECIPE_S.dpo, learningRate: 2e-5 },
  },
  mini: {
    ...RECIPE_S,
    family: 'mini',
    title: 'Aftertrain miniature',
    model: { ...SHAPE_S, vocabularySize: 768, width: 64, numLayers: 2, headSize: 16, feedForwardSize: 176 },
    tokenizerCharacters: 300_000,
    pretrain: { ...PRETRAIN_DEFAULTS, numSteps: 250, batch: 16, length: 64, numWarmupSteps: 20, learningRate: 1e-2 },
    sft: {
      ...SFT_DEFAULTS,
      numUpdates: 700,
      demonstrationsPerUpdate: 16,
      maxTokens: 80,
      numDocuments: 2,
      documentWeight: 0.1,
      numWarmupUpdates: 20,
      learningRate: 8e-3,
    },
    preferences: { numPrompts: 240, numAnswers: 4, temperature: 1 },
    rewardModel: { ...REWARD_MODEL_DEFAULTS, length: 112, numEpochs: 2, numPairs: 8, learningRate: 2e-3 },
    rlhf: { ...GRPO_DEFAULTS, numUpdates: 40, promptsPerUpdate: 8, groupSize: 8, maxCompletionTokens: 48, learningRate: 5e-4, klCoef: 0.1 },
    dpo: { ...DPO_DEFAULTS, numUpdates: 50, pairsPerUpdate: 16, learningRate: 2.5e-4, beta: 0.2 },
    kinds: ['unknown-person'],
    numEvalPrompts: 200,
  },
};
