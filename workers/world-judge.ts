/** @file Measuring completions: every reward feature, and the world's own verdict where it covers the prompt. */
import { featureValues } from '../src/core/reward/features';
import { interpretRequest } from '../src/core/world/interpret';
import { judge, typoRate } from '../src/core/world/judges';
import { wordsOf } from '../src/core/world/words';
import type { Request } from '../src/core/world/subjects';
import { createWorld } from '../src/core/world/world';
import type { Completion } from '../src/protocol/generate';

/** The world the models were trained on. */
export const world = createWorld();

/** What the world says of one completion. `request` is what the prompt asks, when it is known already. */
export function measure(
  prompt: string,
  text: string,
  numTokens: number,
  finished: boolean,
  request: Request | null = interpretRequest(world, prompt),
): Completion {
  return {
    text,
    numTokens,
    finished,
    features: featureValues({ world, request, text, finished, numTokens }),
    goldReward: request ? judge(world, request, text, finished).gold : null,
  };
}

/** Share of an answer's words that the world does not know; the name of somebody who does not exist is no typo. */
export const typoRateOf = (text: string, request: Request | null): number =>
  typoRate(world, text, request?.kind === 'unknown-person' ? wordsOf(request.entity) : []);
