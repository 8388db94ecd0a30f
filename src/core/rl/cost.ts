/**
 * @file What an update costs: tokens, and floating-point operations of matrix products.
 *
 * A product of `[M, K]` by `[K, N]` costs 2·M·N·K. Going forward a token costs 2 operations a weight it meets, plus 4·H·K
 * a layer for every token it attends to; going backward costs twice that (Kaplan et al., arXiv 2001.08361, appendix B).
 * Only tokens that are real are counted, not padding: this is the work asked for, not how an engine does it.
 */
import type { ModelConfig } from '../model/config';

/** What was done. */
export interface Cost {
  /** Tokens drawn from a policy. */
  readonly sampledTokens: number;
  /** Tokens that went through a gradient step, prompts included, once a step. */
  readonly trainedTokens: number;
  /** Floating-point operations, an estimate to about a tenth. */
  readonly flops: number;
}

/** Nothing yet. */
export const NO_COST: Cost = { sampledTokens: 0, trainedTokens: 0, flops: 0 };

/** Both together. */
export const addCosts = (a: Cost, b: Cost): Cost => ({
  sampledTokens: a.sampledTokens + b.sampledTokens,
  trainedTokens: a.trainedTokens + b.trainedTokens,
  flops: a.flops + b.flops,
});

/** Operations of reading a sequence of `numTokens` and predicting after `numPredictions` of them. */
export function forwardFlops(config: ModelConfig, numTokens: number, numPredictions: number): number {
  const { vocabularySize: V, width: D, numLayers: L, numHeads: H, numKeyValueHeads: G, headSize: K, feedForwardSize: F } = config;
  const weights = L * (D * (H + 2 * G) * K + H * K * D + 3 * D * F); // the output head is only for predictions
  const seen = (numTokens * (numTokens + 1)) / 2; // pairs of a token and one that it sees, itself included
  const head = config.numLabels > 0 ? D : V * D;
  return 2 * numTokens * weights + 4 * L * H * K * seen + 2 * numPredictions * head;
}

/** Operations of a gradient step on that sequence: forward once, backward twice as dear. */
export const trainFlops = (config: ModelConfig, numTokens: number, numPredictions: number): number =>
  3 * forwardFlops(config, numTokens, numPredictions);
