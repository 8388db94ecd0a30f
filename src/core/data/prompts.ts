/** @file Prompts that a run answers and is rewarded for, as a description of data wants them: alone, or beside their counterparts. */
import type { Random } from '../random';
import { interpretRequest } from '../world/interpret';
import type { Request } from '../world/subjects';
import type { World } from '../world/world';
import { drawRequest, withCounterpart, type RequestWish } from './requests';
import type { RowOf } from './rows';
import type { RunDataOf } from './run-data';

/** A prompt, and what it asks; null where the world does not cover it. */
export interface DrawnPrompt {
  readonly prompt: string;
  readonly request: Request | null;
}

/** Draws the prompts of an update one after another; `index` counts them from 0. */
export type DrawPrompt = (random: Random, index: number) => DrawnPrompt;

const ofRequest = (request: Request): DrawnPrompt => ({ prompt: request.prompt, request });

/** Prompts of the world that `fits` (in length) allows, both of a pair or neither. */
export function worldPrompts(world: World, data: RunDataOf['rewards'], fits: (prompt: string) => boolean): DrawPrompt {
  const { kinds, tenses, split, paired, aboutGroups } = data;
  const wish: RequestWish = { kinds, tenses, split, aboutGroups };
  let counterpart: Request | null = null;
  const one = (random: Random): DrawnPrompt => {
    for (;;) {
      const request = drawRequest(world, wish, random);
      const pair = paired ? withCounterpart(world, request, random) : null;
      const asked = pair ?? [request];
      if (!asked.every(({ prompt }) => fits(prompt))) continue;
      counterpart = pair?.[1] ?? null;
      return ofRequest(asked[0]!);
    }
  };
  return (random, index) => {
    const waiting = index % 2 === 1 ? counterpart : null;
    counterpart = null;
    return waiting ? ofRequest(waiting) : one(random);
  };
}

/** The reader's own prompts, each as likely as the others. */
export function ownPrompts(world: World, rows: readonly RowOf<'rewards'>[]): DrawPrompt {
  return (random) => {
    const { prompt } = random.pick(rows);
    return { prompt, request: interpretRequest(world, prompt) };
  };
}
