/** @file Estimated operations against those of the graphs that do the work. */
import { describe, expect, it } from 'vitest';
import { scoreProgram } from '../../../src/core/model/programs';
import { addCosts, forwardFlops, NO_COST, trainFlops } from '../../../src/core/rl/cost';
import { productsOf, totalFlops } from '../../../tools/bench/flops';
import { VARIED_CONFIGS } from '../../helpers/tiny-config';

describe.each(VARIED_CONFIGS)('operations of a model, %s', (_, config) => {
  it.each([1, 6])('are those of the matrix products of its score program: %i tokens', (length) => {
    const counted = totalFlops(productsOf(scoreProgram(config, { batch: 1, length }, { entropies: false })));
    // The program attends to every pair of tokens and masks what must not be seen; only pairs that are seen are estimated.
    const { numLayers, numHeads, headSize } = config;
    const masked = 4 * numLayers * numHeads * headSize * ((length * (length - 1)) / 2);
    expect(forwardFlops(config, length, length)).toBe(counted - masked);
  });

  it('of a gradient step are three times those of reading', () => {
    expect(trainFlops(config, 7, 3)).toBe(3 * forwardFlops(config, 7, 3));
  });
});

it('costs add up', () => {
  const one = { sampledTokens: 1, trainedTokens: 2, flops: 3 };
  expect(addCosts(one, addCosts(one, NO_COST))).toEqual({ sampledTokens: 2, trainedTokens: 4, flops: 6 });
});
