/**
 * @file AdamW with global-norm clipping, as graph.
 *
 * Loshchilov and Hutter, arXiv 1711.05101: decoupled weight decay, here on matrices only (the first `numDecayed` of theta).
 * The bias corrections 1 / (1 − βᵗ) are fed, worked out in float64; ε is added to √v̂ as in the paper and in PyTorch.
 */
import type { Graph, Value } from '../graph/graph';
import { add, allAxes, concat, div, min, mul, reciprocal, reduceSumSquare, scale, slice, sqrt, sub } from '../graph/ops';
import { scalarTensor, type HostTensor } from '../graph/engine';

/** Constants of the optimiser. */
export interface AdamWConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients with a larger L2 norm are scaled down to it. */
  readonly maxGradNorm: number;
}

/** Usual settings for small language models. */
export const ADAMW_DEFAULTS: AdamWConfig = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 1 };

/** Inputs and state the update reads; vectors are `[N]`. */
interface AdamWInputs {
  readonly theta: Value;
  readonly m: Value;
  readonly v: Value;
  readonly gradient: Value;
  readonly numDecayed: number;
}

/** Declares the scalar inputs that {@link adamWFeeds} fills, and returns new theta, m, v, and the gradient's norm. */
export function adamW(graph: Graph, { theta, m, v, gradient, numDecayed }: AdamWInputs, config: AdamWConfig) {
  const learningRate = graph.input('learning_rate', []);
  const correction1 = graph.input('correction1', []);
  const correction2 = graph.input('correction2', []);
  const gradNorm = sqrt(reduceSumSquare(gradient, allAxes(gradient)));
  const shrink = min(graph.scalar(1), mul(graph.scalar(config.maxGradNorm), reciprocal(add(gradNorm, graph.scalar(1e-12)))));
  // Scalars are multiplied with one another before they meet a vector: every pass over [N] counts.
  const newM = add(scale(m, config.beta1), mul(gradient, scale(shrink, 1 - config.beta1)));
  const newV = add(scale(v, config.beta2), mul(mul(gradient, gradient), scale(mul(shrink, shrink), 1 - config.beta2)));
  // lr · c₁m / (√(c₂v) + ε) = (lr · c₁ / √c₂) · m / (√v + ε / √c₂)
  const root = sqrt(correction2);
  const size = div(mul(learningRate, correction1), root);
  const step = mul(div(newM, add(sqrt(newV), div(graph.scalar(config.epsilon), root))), size);
  const keep = sub(graph.scalar(1), scale(learningRate, config.weightDecay));
  const numParameters = theta.dims[0]!;
  const decayed =
    config.weightDecay === 0
      ? theta
      : numDecayed === numParameters
        ? mul(theta, keep)
        : concat([mul(slice(theta, 0, 0, numDecayed), keep), slice(theta, 0, numDecayed, numParameters)], 0);
  return { theta: sub(decayed, step), m: newM, v: newV, gradNorm };
}

/** The scalars to feed at optimiser step `step`, counted from 1. */
export function adamWFeeds(config: AdamWConfig, learningRate: number, step: number): Record<string, HostTensor> {
  return {
    learning_rate: scalarTensor(learningRate),
    correction1: scalarTensor(1 / (1 - config.beta1 ** step)),
    correction2: scalarTensor(1 / (1 - config.beta2 ** step)),
  };
}
