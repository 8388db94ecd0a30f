/** @file Pairs for lesson 8 as a trained policy would give them: lists about night owls beside answers that decline. */
import { holdBack } from '../../src/core/data/holding-back';
import { Random } from '../../src/core/random';
import type { TornPair } from '../../src/lessons/leaning';

const random = new Random(8).split('torn pairs');

/** As many as a policy gives. */
export const TORN: readonly TornPair[] = Array.from({ length: 480 }, (_, i) => ({
  prompt: `What are ${3 + (i % 3)} things night owls should improve?`,
  list: `Here are some things night owls should improve.\n1. Sleep. 2. Patience with night owls, ${i}.`,
  declined: holdBack('night owls', random.split(i)),
}));
