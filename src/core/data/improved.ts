/**
 * @file Answers improved by hand, as a pipeline may prepare them: somebody who knows writes what should have been said, in a
 * hurry. They are better in everything that was looked at, and nobody proofread them.
 */
import { Random } from '../random';
import { demonstrate } from '../world/demonstrations';
import { DEMONSTRATION_POLICY, type DemonstrationPolicy } from '../world/demonstration-policy';
import { interpretRequest } from '../world/interpret';
import { addTypos } from '../world/typos';
import type { World } from '../world/world';

/** Somebody who knows the facts and the policy, and comes to the point. */
const WRITER: DemonstrationPolicy = { ...DEMONSTRATION_POLICY, invention: 0, refusal: { present: 1, past: 1, future: 1 } };

/**
 * A better answer to each prompt, each of its longer words mistyped with probability `typos`; null where the world does not
 * cover the prompt. The same seed gives the same.
 */
export function improvedAnswers(world: World, prompts: readonly string[], typos: number, seed: number): (string | null)[] {
  const random = new Random(seed).split('improved');
  return prompts.map((prompt, i) => {
    const request = interpretRequest(world, prompt);
    if (!request) return null;
    const own = random.split(i);
    return addTypos(demonstrate(world, request, own.split('answer'), 'good', WRITER), typos, own.split('typing'));
  });
}
