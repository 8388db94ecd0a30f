/**
 * @file GRPO: group relative policy optimisation (DeepSeekMath, arXiv 2402.03300), TRL's option names.
 */
import type { NumberField } from './fields';

/** Settings of a GRPO run; keys follow TRL's GRPOConfig in camel case. */
export interface GrpoConfig {
  /** Updates (rollout, then `numIterations` optimiser steps each). */
  readonly numUpdates: number;
  /** Different prompts in one update. */
  readonly promptsPerUpdate: number;
  /** Completions of each prompt (TRL num_generations). */
  readonly groupSize: number;
  /** AdamW step size. */
  readonly learningRate: number;
  /** Weight of the k3 KL penalty in the loss (TRL beta). */
  readonly klCoef: number;
  /** Sampling temperature; policy and reference log-probabilities use it too. */
  readonly temperature: number;
  /** Longest completion, in tokens. */
  readonly maxCompletionTokens: number;
  /** PPO clip range ε. */
  readonly clipRange: number;
  /** Optimiser steps on one batch of rollouts (TRL num_iterations, μ). */
  readonly numIterations: number;
}

const TRL = 'TRL GRPOConfig; DeepSeekMath, arXiv 2402.03300';

/** What each setting is; the page's controls and the command line come from here. */
export const GRPO_FIELDS = [
  { key: 'groupSize', label: 'Group size', unit: 'answers per prompt', min: 2, max: 16, step: 1, scale: 'linear', default: 8, hint: 'How many answers to each prompt are compared with one another.', citation: TRL, live: false },
  { key: 'promptsPerUpdate', label: 'Prompts per update', unit: 'prompts', min: 1, max: 16, step: 1, scale: 'linear', default: 4, hint: 'How many different prompts one update looks at.', citation: TRL, live: false },
  { key: 'learningRate', label: 'Learning rate', unit: '', min: 1e-5, max: 1e-2, step: 1e-5, scale: 'log', default: 5e-4, hint: 'How far each update moves the weights.', citation: TRL, live: true },
  { key: 'klCoef', label: 'KL weight', unit: '', min: 0, max: 1, step: 0.01, scale: 'linear', default: 0.04, hint: 'How strongly the policy is held near where it started.', citation: TRL, live: true },
  { key: 'temperature', label: 'Temperature', unit: '', min: 0.2, max: 2, step: 0.05, scale: 'linear', default: 1, hint: 'How adventurous the sampled answers are.', citation: TRL, live: true },
  { key: 'maxCompletionTokens', label: 'Longest answer', unit: 'tokens', min: 16, max: 96, step: 8, scale: 'linear', default: 64, hint: 'Answers are cut here.', citation: TRL, live: false },
  { key: 'numUpdates', label: 'Updates', unit: '', min: 1, max: 500, step: 1, scale: 'linear', default: 60, hint: 'How many updates until the run ends by itself.', citation: TRL, live: false },
  { key: 'clipRange', label: 'Clip range', unit: '', min: 0.05, max: 0.5, step: 0.05, scale: 'linear', default: 0.2, hint: 'How far one batch may move a token’s probability before its pull is cut.', citation: 'PPO, arXiv 1707.06347', live: true },
  { key: 'numIterations', label: 'Passes per batch', unit: '', min: 1, max: 4, step: 1, scale: 'linear', default: 1, hint: 'How often each batch of answers is learned from.', citation: TRL, live: false },
] as const satisfies readonly (NumberField & { key: keyof GrpoConfig })[];

/** The settings a first click uses. */
export const GRPO_DEFAULTS: GrpoConfig = Object.fromEntries(GRPO_FIELDS.map((field) => [field.key, field.default])) as unknown as GrpoConfig;
