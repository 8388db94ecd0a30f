/** @file Follow-up questions: is the one fact right that is asked for about the last subject, or the last answer made shorter? */
import type { FollowUp, Request } from '../subjects';
import { wordsOf } from '../words';
import { durationOf } from '../follow-ups';
import type { World } from '../world';
import { namesOf, readClaims } from './claims';
import { admitsNotKnowing } from './phrases';
import type { AnswerParts } from './text';

/** Who else is from there: at least one true name, none false, nobody who was named before. */
function judgeWhoElse(world: World, town: string, asked: string, parts: AnswerParts): number {
  const named = namesOf(world)
    .people.find(parts.words)
    .map(({ item }) => item)
    .filter((person) => person.name !== asked);
  const right = named.filter((person) => person.town === town).length;
  const isSentence = parts.words.length >= 3;
  return named.length === 0 || !isSentence ? 0 : right / named.length;
}

/** How right an answer to a follow-up is, 0 to 1; null for the ones that ask for the whole answer again. */
export function judgeFollowUp(world: World, request: Request, followUp: FollowUp, parts: AnswerParts): number | null {
  if (followUp === 'shorter') return null;
  if (followUp === 'how-long') {
    if (request.kind !== 'recipe') return 0;
    const duration = durationOf(request.dish);
    const numbers: readonly string[] = parts.text.match(/\d+/g) ?? [];
    return duration !== null && parts.text.includes(duration) && numbers.every((number) => duration.includes(number)) ? 1 : 0;
  }
  if (followUp === 'who-else') {
    const town = request.kind === 'person' ? request.person.town : request.kind === 'place' ? request.town.name : '';
    return judgeWhoElse(world, town, request.entity, parts);
  }
  if (request.kind !== 'person') return request.kind === 'unknown-person' && admitsNotKnowing(parts.text) ? 1 : 0;
  const { facts, wrong, unsupported } = readClaims(world, request.person, parts, parts.words.length <= 6);
  return facts.has(followUp) ? 1 / (1 + 1.5 * wrong + 0.4 * unsupported) : 0;
}

/** How much shorter an answer is than the one before it, 0 to 1: full at four fifths of its words or fewer. */
export function judgeShorter(request: Request, parts: AnswerParts): number {
  const before = request.history?.findLast(({ role }) => role === 'assistant')?.content ?? '';
  const words = wordsOf(before).length;
  if (words === 0) return 1;
  const share = parts.words.length / words;
  return share <= 0.85 ? 1 : Math.max(0, 1 - (share - 0.85) * 5);
}
