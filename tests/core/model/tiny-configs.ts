/**
 * @file Small model shapes for tests, chosen so that no two dimensions agree by accident.
 */
import type { ModelConfig } from '../../../src/core/model/config';

/** Tied, two layers, grouped queries, and heads that do not add up to the width. */
export const TIED: ModelConfig = {
  vocabularySize: 11,
  width: 6,
  numLayers: 2,
  numHeads: 4,
  numKeyValueHeads: 2,
  headSize: 2,
  feedForwardSize: 5,
  maxPositions: 32,
  ropeTheta: 10000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  numLabels: 0,
  bosTokenId: 0,
  eosTokenIds: [5, 0],
  padTokenId: 1,
};

/** The same with its own output head. */
export const UNTIED: ModelConfig = { ...TIED, tiedEmbeddings: false };
/** The same with a scalar score instead of an output head. */
export const SCORED: ModelConfig = { ...TIED, tiedEmbeddings: false, numLabels: 1 };
