/**
 * @file AdamW (Loshchilov and Hutter, arXiv 1711.05101) as plain loops in float64, after clipping by the global norm.
 */
import type { AdamWConfig } from '../../src/core/model/adamw';

export interface AdamWState {
  readonly theta: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

/** One step; `step` counts from 1. */
export function referenceAdamW(
  { beta1, beta2, epsilon, weightDecay, maxGradNorm }: AdamWConfig,
  state: AdamWState,
  gradient: Float64Array,
  { numDecayed, learningRate, step }: { numDecayed: number; learningRate: number; step: number },
): AdamWState {
  const norm = Math.hypot(...gradient);
  const clip = norm > maxGradNorm ? maxGradNorm / norm : 1;
  const g = gradient.map((number) => number * clip);
  const m = state.m.map((before, i) => beta1 * before + (1 - beta1) * g[i]!);
  const v = state.v.map((before, i) => beta2 * before + (1 - beta2) * g[i]! ** 2);
  const theta = state.theta.map((before, i) => {
    const mHat = m[i]! / (1 - beta1 ** step);
    const vHat = v[i]! / (1 - beta2 ** step);
    const decay = i < numDecayed ? weightDecay : 0;
    return before - learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + decay * before);
  });
  return { theta, m, v };
}
