/**
 * @file Small models for tests.
 */
import type { ModelConfig } from '../../src/core/model/config';
import { parameterLayout } from '../../src/core/model/parameters';
import { Random } from '../../src/core/random';
import { normals } from './graphs';

/** A model of about a thousand parameters, two query heads to a key head. */
export function tinyConfig(changes: Partial<ModelConfig> = {}): ModelConfig {
  return {
    vocabularySize: 11,
    width: 8,
    numLayers: 2,
    numHeads: 2,
    numKeyValueHeads: 1,
    headSize: 4,
    feedForwardSize: 12,
    maxPositions: 32,
    ropeTheta: 10_000,
    normEpsilon: 1e-5,
    tiedEmbeddings: true,
    numLabels: 0,
    bosTokenId: 0,
    eosTokenIds: [5],
    padTokenId: 1,
    ...changes,
  };
}

/** Shapes that differ in everything the graph builder branches on: key heads shared by 1, 2 and 4, tied and not, odd sizes. */
export const VARIED_CONFIGS: readonly [string, ModelConfig][] = [
  ['tied, two heads to a key', tinyConfig()],
  [
    'untied, a key for each head',
    tinyConfig({ tiedEmbeddings: false, numHeads: 3, numKeyValueHeads: 3, headSize: 2, width: 5, feedForwardSize: 7 }),
  ],
  ['tied, four heads to a key', tinyConfig({ numHeads: 4, numKeyValueHeads: 1, headSize: 2, width: 7, numLayers: 1, vocabularySize: 13 })],
  [
    'untied, four heads on two keys',
    tinyConfig({ tiedEmbeddings: false, numHeads: 4, numKeyValueHeads: 2, width: 6, headSize: 6, numLayers: 3 }),
  ],
];

/** Parameters larger than at initialisation, norms away from one, so that every term matters. */
export function livelyTheta(config: ModelConfig, seed: number | string = 1, scale = 0.5): Float32Array {
  const { numParameters, numDecayed } = parameterLayout(config);
  const theta = normals(new Random(seed), numParameters, scale);
  for (let i = numDecayed; i < numParameters; i++) theta[i] = 1 + 0.5 * theta[i]!;
  return theta;
}

/** Random token ids, `[rows, columns]` row by row. */
export function randomTokens(config: ModelConfig, count: number, seed: number | string = 2): Int32Array {
  const random = new Random(seed);
  return Int32Array.from({ length: count }, () => random.integer(config.vocabularySize));
}
