/**
 * @file Random model shapes for property tests: odd sizes, shared and unshared key heads, tied and untied, deep and shallow.
 */
import fc from 'fast-check';
import type { ModelConfig } from '../../src/core/model/config';
import { tinyConfig } from './tiny-config';

/** Any small shape. Head sizes of 16 are among them, as some of ONNX Runtime's operators take only multiples of 16. */
export const anyConfig: fc.Arbitrary<ModelConfig> = fc
  .record({
    vocabularySize: fc.integer({ min: 6, max: 19 }),
    width: fc.integer({ min: 1, max: 11 }),
    numLayers: fc.integer({ min: 1, max: 3 }),
    headsPerKey: fc.integer({ min: 1, max: 4 }),
    numKeyValueHeads: fc.integer({ min: 1, max: 3 }),
    headSize: fc.constantFrom(2, 4, 6, 16),
    feedForwardSize: fc.integer({ min: 1, max: 13 }),
    ropeTheta: fc.constantFrom(100, 10_000, 500_000),
    normEpsilon: fc.constantFrom(1e-6, 1e-5, 1e-3),
    tiedEmbeddings: fc.boolean(),
  })
  .map(({ headsPerKey, ...sizes }) => tinyConfig({ ...sizes, numHeads: headsPerKey * sizes.numKeyValueHeads }));
