/** @file Runs of lessons in full, from the few settings that a lesson chooses: the same for the page and for its study. */
import { GRPO_DEFAULTS, type GrpoConfig } from '../core/algorithms/grpo';
import { SFT_DEFAULTS, type SftConfig } from '../core/algorithms/sft';
import { DATA_DEFAULTS } from '../core/data/fields';
import type { RunDataOf } from '../core/data/run-data';
import type { RunCheckpoint, RunSpec } from '../protocol/run';

/** SFT of the base model. */
export function sftSpec(seed: number, data: Partial<RunDataOf['demonstrations']>, config: Partial<SftConfig>): RunSpec {
  return {
    stage: 'sft',
    seed,
    start: 'base',
    reward: {},
    data: { ...DATA_DEFAULTS.demonstrations, ...data },
    config: { ...SFT_DEFAULTS, ...config },
    fixedPrompts: [],
  };
}

/** GRPO, of the shipped SFT model unless told otherwise. */
export function grpoSpec(
  seed: number,
  reward: Pick<RunSpec, 'reward' | 'rewardModel'>,
  data: Partial<RunDataOf['rewards']>,
  config: Partial<GrpoConfig>,
): RunSpec {
  return {
    stage: 'grpo',
    seed,
    start: 'sft',
    ...reward,
    data: { ...DATA_DEFAULTS.rewards, ...data },
    config: { ...GRPO_DEFAULTS, ...config },
    fixedPrompts: [],
  };
}

/** Where what SFT made stands as the start of another algorithm: nothing done yet, and no momentum. */
export function afresh(checkpoint: RunCheckpoint): RunCheckpoint {
  const none = new Float32Array(checkpoint.theta.length);
  return { ...checkpoint, m: none, v: none, update: 0 };
}
