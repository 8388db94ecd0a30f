/**
 * @file Settings that several algorithms have: written once, with the default of most; an algorithm's list may change it.
 */

const TRL_ONLINE = 'TRL GRPOConfig; DeepSeekMath, arXiv 2402.03300';

/** Answers to each prompt. */
export const GROUP_SIZE = {
  key: 'groupSize',
  trl: 'num_generations',
  label: 'Group size',
  unit: 'answers per prompt',
  min: 2,
  max: 16,
  step: 1,
  scale: 'linear',
  default: 8,
  hint: 'How many answers to each prompt are compared with one another.',
  citation: TRL_ONLINE,
  live: false,
} as const;

/** Different prompts in one update: as many answers as a wasm backend on two threads learns from in about a second. */
export const PROMPTS_PER_UPDATE = {
  key: 'promptsPerUpdate',
  label: 'Prompts per update',
  unit: 'prompts',
  min: 1,
  max: 16,
  step: 1,
  scale: 'linear',
  default: 12,
  hint: 'How many different prompts one update looks at.',
  citation: TRL_ONLINE,
  live: false,
} as const;

/** Prompts of algorithms that ask each only once: as many answers as twelve groups of eight. */
export const SINGLE_PROMPTS_PER_UPDATE = { ...PROMPTS_PER_UPDATE, min: 2, max: 128, default: 96 } as const;

/** AdamW's step size. */
export const LEARNING_RATE = {
  key: 'learningRate',
  trl: 'learning_rate',
  label: 'Learning rate',
  unit: '',
  min: 1e-5,
  max: 1e-2,
  step: 1e-5,
  scale: 'log',
  default: 2.5e-4,
  hint: 'How far each update moves the weights.',
  citation: TRL_ONLINE,
  live: true,
} as const;

/** Weight of the KL to the reference. */
export const KL_COEF = {
  key: 'klCoef',
  trl: 'beta',
  label: 'KL weight',
  unit: '',
  min: 0,
  max: 1,
  step: 0.01,
  scale: 'linear',
  default: 0.01,
  hint: 'How strongly the policy is held near where it started.',
  citation: TRL_ONLINE,
  live: true,
} as const;

/** Sampling temperature. */
export const TEMPERATURE = {
  key: 'temperature',
  trl: 'temperature',
  label: 'Temperature',
  unit: '',
  min: 0.2,
  max: 2,
  step: 0.05,
  scale: 'linear',
  default: 1,
  hint: 'How adventurous the sampled answers are.',
  citation: TRL_ONLINE,
  live: true,
} as const;

/** Longest completion. */
export const MAX_COMPLETION_TOKENS = {
  key: 'maxCompletionTokens',
  trl: 'max_completion_length',
  label: 'Longest answer',
  unit: 'tokens',
  min: 16,
  max: 128,
  step: 8,
  scale: 'linear',
  default: 96,
  hint: 'Answers are cut here.',
  citation: TRL_ONLINE,
  live: false,
} as const;

/** How long a run is. */
export const NUM_UPDATES = {
  key: 'numUpdates',
  trl: 'max_steps',
  label: 'Updates',
  unit: '',
  min: 1,
  max: 500,
  step: 1,
  scale: 'linear',
  default: 60,
  hint: 'How many updates until the run ends by itself.',
  citation: TRL_ONLINE,
  live: false,
} as const;

/** PPO's ε. */
export const CLIP_RANGE = {
  key: 'clipRange',
  trl: 'epsilon',
  label: 'Clip range',
  unit: '',
  min: 0.05,
  max: 0.5,
  step: 0.05,
  scale: 'linear',
  default: 0.2,
  hint: 'How far one batch may move a token’s probability before its pull is cut.',
  citation: 'PPO, arXiv 1707.06347',
  live: true,
} as const;

/** How often a batch is gone through. */
export const NUM_ITERATIONS = {
  key: 'numIterations',
  trl: 'num_iterations',
  label: 'Passes per batch',
  unit: '',
  min: 1,
  max: 4,
  step: 1,
  scale: 'linear',
  default: 1,
  hint: 'How often each batch of answers is learned from.',
  citation: TRL_ONLINE,
  live: false,
} as const;

/** Into how many optimiser steps a pass is cut. */
export const NUM_MINI_BATCHES = {
  key: 'numMiniBatches',
  trl: 'num_mini_batches',
  label: 'Minibatches',
  unit: '',
  min: 1,
  max: 8,
  step: 1,
  scale: 'linear',
  default: 1,
  hint: 'Into how many gradient steps one pass over a batch is cut.',
  citation: 'PPO, arXiv 1707.06347',
  live: false,
} as const;

/** What an answer loses that was cut off. */
export const MISSING_EOS_PENALTY = {
  key: 'missingEosPenalty',
  trl: 'missing_eos_penalty',
  label: 'Penalty for no ending',
  unit: 'points',
  min: 0,
  max: 5,
  step: 0.1,
  scale: 'linear',
  default: 1,
  hint: 'What an answer loses that was cut off instead of ending.',
  citation: 'TRL PPOConfig; The N implementation details of RLHF with PPO',
  live: true,
} as const;
