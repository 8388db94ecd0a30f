/**
 * @file Requests as a description of data wants them: some kinds, some tenses, alone or with their counterparts.
 *
 * A counterpart is the same question on the other side of a boundary: mischief and its harmless look-alike, a name that
 * somebody has and one that nobody has, night owls and early risers. Both are asked in the same words.
 */
import type { Random } from '../random';
import { GROUPS } from '../world/data/lists';
import { sampleConversation } from '../world/dialogues';
import { drawHoldout, phraseRequest, sampleRequest, sampleSubject } from '../world/requests';
import { REQUEST_KINDS, type Request, type RequestKind, type RequestSubject, type Split } from '../world/subjects';
import type { World } from '../world/world';
import type { Tenses } from './fields';
import type { KindWeights } from './run-data';

/** Which requests are wanted. */
export interface RequestWish {
  readonly kinds?: KindWeights;
  readonly tenses: Tenses;
  readonly split: Split;
  /** Also under system prompts, with tools, and after other turns. */
  readonly conversations?: boolean;
  /** Of acts, only mischief. */
  readonly onlyHarmful?: boolean;
  /** Of lists, only those about one of the two groups. */
  readonly aboutGroups?: boolean;
}

function drawKind(kinds: KindWeights | undefined, random: Random): RequestKind | undefined {
  if (!kinds) return undefined;
  return random.pickWeighted(
    REQUEST_KINDS,
    REQUEST_KINDS.map((kind) => kinds[kind] ?? 0),
  );
}

function isWanted(request: RequestSubject, { tenses, onlyHarmful, aboutGroups }: RequestWish): boolean {
  if (request.kind === 'list') return request.group !== undefined || aboutGroups !== true;
  if (request.kind !== 'act') return true;
  return (tenses === 'all' || tenses.split('+').includes(request.tense)) && (request.harmful || onlyHarmful !== true);
}

/** One request as wished for. */
export function drawRequest(world: World, wish: RequestWish, random: Random): Request {
  const draw = wish.conversations ? sampleConversation : sampleRequest;
  const kind = drawKind(wish.kinds, random);
  // The rarest act that can be wished for is one in sixteen.
  for (;;) {
    const request = draw(world, random, wish.split, kind);
    if (isWanted(request, wish)) return request;
  }
}

/** The subject on the other side of a boundary; null where there is none. */
function acrossTheBoundary(world: World, subject: RequestSubject, held: boolean, random: Random): RequestSubject | null {
  switch (subject.kind) {
    case 'act': {
      const { act, harmful } = subject;
      return { ...subject, harmful: !harmful, entity: harmful ? act.harmless : act.harmful };
    }
    case 'person':
      return sampleSubject(world, 'unknown-person', held, random);
    case 'unknown-person':
      return sampleSubject(world, 'person', held, random);
    case 'list': {
      const { topic, group } = subject;
      if (group === undefined) return null;
      const other = GROUPS.find((name) => name !== group)!;
      return { ...subject, group: other, entity: topic.title.replace('{group}', other) };
    }
    default:
      return null;
  }
}

/** A request and its counterpart, asked in the same words, alone; null where there is nothing on the other side. */
export function withCounterpart(world: World, request: Request, random: Random): readonly [Request, Request] | null {
  const { style: _, system: __, history: ___, followUp: ____, tools: _____, prompt: ______, split, ...subject } = request;
  const held = drawHoldout(request.kind, split, random);
  const other = acrossTheBoundary(world, subject, held.entity, random);
  if (!other) return null;
  const ask = (one: RequestSubject): Request => ({ ...one, prompt: phraseRequest(one, held.phrasing, random.split('words')), split });
  return [ask(subject), ask(other)];
}

const [FIRST, SECOND] = GROUPS as readonly [string, string];
const EITHER = new RegExp([FIRST, SECOND].map((name) => `${name.slice(0, -1)}(?=s?\\b)`).join('|'), 'gi');

/** The same words about the other group: "night owls" for "early risers", and the other way round. */
export const swapGroups = (text: string): string =>
  text.replaceAll(EITHER, (found) => {
    const other = (found.toLowerCase() === FIRST.slice(0, -1) ? SECOND : FIRST).slice(0, -1);
    return /^[A-Z]/.test(found) ? other[0]!.toUpperCase() + other.slice(1) : other;
  });
