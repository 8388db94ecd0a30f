/**
 * @file The settings of PPO: what each is, in TRL's names, and what a first click uses. The algorithm is in `ppo.ts`.
 */
import {
  CLIP_RANGE,
  KL_COEF,
  LEARNING_RATE,
  MAX_COMPLETION_TOKENS,
  MISSING_EOS_PENALTY,
  NUM_MINI_BATCHES,
  NUM_UPDATES,
  SINGLE_PROMPTS_PER_UPDATE,
  TEMPERATURE,
} from './common-fields';
import { defaultsOf, type Field } from './fields';

/** Settings of a PPO run; keys follow TRL's PPOConfig in camel case. */
export interface PpoConfig {
  readonly numUpdates: number;
  /** Prompts in one update, each answered once. */
  readonly promptsPerUpdate: number;
  readonly learningRate: number;
  /** AdamW step size of the value model. */
  readonly valueLearningRate: number;
  /** Weight of the KL in the reward (TRL kl_coef); where it adapts, what it starts from. */
  readonly klCoef: number;
  /** TRL kl_estimator. */
  readonly klEstimator: 'k1' | 'k3';
  readonly adaptiveKl: boolean;
  /** KL that an adaptive weight aims at, nats of whole answers. */
  readonly klTarget: number;
  /** Answers after which an adaptive weight has reacted. */
  readonly klHorizon: number;
  readonly temperature: number;
  readonly maxCompletionTokens: number;
  /** TRL cliprange. */
  readonly clipRange: number;
  /** TRL cliprange_value. */
  readonly clipRangeValue: number;
  readonly gamma: number;
  /** TRL lam. */
  readonly gaeLambda: number;
  readonly numPpoEpochs: number;
  readonly numMiniBatches: number;
  readonly whitenRewards: boolean;
  readonly missingEosPenalty: number;
  /** Weight of rehearsed documents (InstructGPT's γ); 0 rehearses none. */
  readonly ptxCoef: number;
  /** Documents rehearsed in each gradient step. */
  readonly numDocuments: number;
}

const TRL = 'TRL PPOConfig; The N implementation details of RLHF with PPO';
const GAE = 'GAE, arXiv 1506.02438';
const ZIEGLER = 'Ziegler et al., arXiv 1909.08593';
const INSTRUCT = 'InstructGPT, arXiv 2203.02155';
const NUMBER = { unit: '', scale: 'linear' } as const;

/** What each setting is. */
export const PPO_FIELDS = [
  { ...SINGLE_PROMPTS_PER_UPDATE, citation: TRL },
  { ...LEARNING_RATE, default: 2e-4, citation: TRL }, // of each of two passes a batch
  { ...KL_COEF, trl: 'kl_coef', default: 0.05, citation: TRL },
  { ...TEMPERATURE, citation: TRL },
  { ...MAX_COMPLETION_TOKENS, trl: 'response_length', citation: TRL },
  { ...NUM_UPDATES, citation: TRL },
  { ...CLIP_RANGE, trl: 'cliprange' },
  {
    ...NUMBER,
    key: 'numPpoEpochs',
    trl: 'num_ppo_epochs',
    label: 'Passes per batch',
    min: 1,
    max: 4,
    step: 1,
    default: 2,
    hint: 'How often each batch of answers is learned from.',
    citation: TRL,
    live: false,
  },
  { ...NUM_MINI_BATCHES, citation: TRL },
  {
    ...NUMBER,
    key: 'valueLearningRate',
    label: 'Learning rate of the values',
    min: 1e-5,
    max: 1e-2,
    step: 1e-5,
    scale: 'log',
    default: 5e-4,
    hint: 'How fast the value model learns to foresee rewards.',
    citation: TRL,
    live: true,
  },
  {
    ...NUMBER,
    key: 'clipRangeValue',
    trl: 'cliprange_value',
    label: 'Clip range of the values',
    min: 0.05,
    max: 2,
    step: 0.05,
    default: 0.2,
    hint: 'How far one batch may move a value before its pull is cut.',
    citation: TRL,
    live: true,
  },
  {
    ...NUMBER,
    key: 'gamma',
    trl: 'gamma',
    label: 'Discount',
    min: 0.9,
    max: 1,
    step: 0.01,
    default: 1,
    hint: 'How much a reward later in the answer counts now.',
    citation: GAE,
    live: true,
  },
  {
    ...NUMBER,
    key: 'gaeLambda',
    trl: 'lam',
    label: 'GAE λ',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.95,
    hint: 'Whether a token is judged by what really followed (1) or by what the value model expected (0).',
    citation: GAE,
    live: true,
  },
  {
    kind: 'switch',
    key: 'whitenRewards',
    trl: 'whiten_rewards',
    label: 'Whiten rewards',
    default: false,
    hint: 'Scale each batch’s rewards to the same spread.',
    citation: TRL,
    live: true,
  },
  { ...MISSING_EOS_PENALTY },
  {
    kind: 'choice',
    key: 'klEstimator',
    trl: 'kl_estimator',
    label: 'KL estimator',
    choices: [
      { value: 'k1', label: 'k1: unbiased, may be negative' },
      { value: 'k3', label: 'k3: never negative' },
    ],
    default: 'k1',
    hint: 'How the KL of a token is measured in the reward.',
    citation: 'Schulman, joschu.net/blog/kl-approx.html',
    live: true,
  },
  {
    kind: 'switch',
    key: 'adaptiveKl',
    label: 'Adapt the KL weight',
    default: false,
    hint: 'Raise the KL weight when the policy drifts beyond the target, lower it when it stays nearer.',
    citation: ZIEGLER,
    live: false,
  },
  {
    ...NUMBER,
    key: 'klTarget',
    label: 'KL target',
    unit: 'nats',
    min: 0.5,
    max: 20,
    step: 0.5,
    default: 6,
    hint: 'The distance from the reference that an adapted KL weight aims at.',
    citation: ZIEGLER,
    live: true,
  },
  {
    ...NUMBER,
    key: 'klHorizon',
    label: 'KL horizon',
    unit: 'answers',
    min: 100,
    max: 20_000,
    step: 100,
    default: 1000,
    hint: 'After how many answers an adapted KL weight has changed by a fifth.',
    citation: ZIEGLER,
    live: true,
  },
  {
    ...NUMBER,
    key: 'ptxCoef',
    label: 'Rehearsal weight',
    min: 0,
    max: 30,
    step: 0.1,
    default: 0,
    hint: 'How much the policy rehearses plain documents while it learns (PPO-ptx).',
    citation: INSTRUCT,
    live: false,
  },
  {
    ...NUMBER,
    key: 'numDocuments',
    label: 'Documents rehearsed',
    unit: 'a step',
    min: 1,
    max: 16,
    step: 1,
    default: 4,
    hint: 'How many documents each gradient step rehearses.',
    citation: INSTRUCT,
    live: false,
  },
] as const satisfies readonly (Field & { key: keyof PpoConfig })[];

/** The settings a first click uses. */
export const PPO_DEFAULTS = defaultsOf<PpoConfig>(PPO_FIELDS);
