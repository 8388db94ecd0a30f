/** @file What lessons are made of: names by how much there is to know, and answers improved by hand. */
import { describe, expect, it } from 'vitest';
import { improvedAnswers } from '../../../src/core/data/improved';
import { namePrompts } from '../../../src/core/data/name-prompts';
import { interpretRequest } from '../../../src/core/world/interpret';
import { goldReward, typoRate } from '../../../src/core/world/judges';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();

describe('questions about names', () => {
  const prompts = namePrompts(world, 9, 12);

  it('are as many of each group as asked for, and the world reads each as of its group', () => {
    for (const group of ['famous', 'rare', 'nobody'] as const) {
      const own = prompts.filter((one) => one.group === group);
      expect(own).toHaveLength(12);
      for (const { prompt } of own) {
        const request = interpretRequest(world, prompt);
        if (group === 'nobody') expect(request?.kind, prompt).toBe('unknown-person');
        else expect(request?.kind === 'person' && request.person.fame, prompt).toBe(group);
      }
    }
  });

  it('are the same for the same seed, and others for another', () => {
    expect(namePrompts(world, 9, 12)).toEqual(prompts);
    expect(namePrompts(world, 8, 12)).not.toEqual(prompts);
  });
});

describe('answers improved by hand', () => {
  const prompts = namePrompts(world, 1, 20).map(({ prompt }) => prompt);
  const rate = (texts: readonly (string | null)[]) => texts.reduce((sum, text) => sum + typoRate(world, text ?? ''), 0) / texts.length;

  it('are right; in a hurry they are mistyped, and the same otherwise', () => {
    const [careful, hasty] = [improvedAnswers(world, prompts, 0, 5), improvedAnswers(world, prompts, 0.2, 5)];
    const golds = careful.map((text, i) => goldReward(world, interpretRequest(world, prompts[i]!)!, text!, true));
    expect(golds.reduce((sum, gold) => sum + gold, 0) / golds.length).toBeGreaterThan(0.8);
    expect(rate(hasty)).toBeGreaterThan(rate(careful) + 0.05);
    expect(careful.every((text, i) => Math.abs(text!.length - hasty[i]!.length) < 12)).toBe(true);
  });

  it('are none where the world does not cover the prompt', () => {
    expect(improvedAnswers(world, ['What is the capital of France in the rain of 1742?'], 0, 1)).toEqual([null]);
  });
});
