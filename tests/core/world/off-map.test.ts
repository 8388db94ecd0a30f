/** @file Surprise per byte and near prompts, by hand-made numbers; how well the shipped base tells the map is in its evals. */
import { describe, expect, it } from 'vitest';
import { nearPrompts, offMapScore, surprisePerByte, unknownWordShare } from '../../../src/core/world/off-map';
import { interpretRequest } from '../../../src/core/world/requests';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const half = -Math.LN2;

describe('surprise', () => {
  it('is bits per byte', () => {
    expect(surprisePerByte([half, half, 4 * half], 3)).toBeCloseTo(2, 12);
    expect(surprisePerByte([], 0)).toBe(0);
  });

  it('is more for words that the world does not have', () => {
    expect(unknownWordShare(world, 'How do I make chili?')).toBe(0);
    expect(unknownWordShare(world, 'chili blockchain')).toBe(0.5);
    expect(unknownWordShare(world, '17 + 25')).toBe(0);
    expect(offMapScore(world, 'blockchain', [10 * half])).toBeCloseTo(1 + 4, 12);
    expect(offMapScore(world, 'chili', [10 * half])).toBeCloseTo(2, 12);
  });
});

describe('nearPrompts', () => {
  it('shares the rarest words with what was asked', () => {
    expect(nearPrompts(world, 'how does one cook a CHILI with beans', 3).join(' ').toLowerCase()).toMatch(/chili|bean/);
    const asked = nearPrompts(world, 'who was the first person in town', 4);
    expect(asked).toHaveLength(4);
  });

  it('offers different prompts, all of them on the map, for anything at all', () => {
    for (const prompt of ['Explain quantum entanglement.', '', '🙂', 'SELECT * FROM users;']) {
      const near = nearPrompts(world, prompt, 3);
      expect(new Set(near).size).toBe(3);
      for (const each of near) expect(interpretRequest(world, each)).not.toBeNull();
      expect(nearPrompts(world, prompt, 3)).toEqual(near);
    }
    expect(nearPrompts(world, 'chili', 0)).toEqual([]);
  });
});
