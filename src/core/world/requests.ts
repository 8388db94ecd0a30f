/**
 * @file Chat requests: what users of the small world ask, in dozens of phrasings.
 *
 * The held-out split asks with a held-out phrasing (marked `*` in the tables), about a held-out entity, or both; the
 * training split never does either. Held-out entities do occur in the documents, so the base model knows them.
 */
import type { Random } from '../random';
import {
  CLOSINGS,
  FRAMES,
  GREETINGS,
  LIST_ASK,
  PERSON_ASK,
  PERSON_DO,
  RECIPE_ASK,
  RECIPE_DO,
  SUM_ASK,
  TASK_ASK,
  TASK_DO,
} from './data/phrasings';
import { COUNT_WORDS, GROUPS, LIST_TOPICS } from './data/lists';
import { SMALL_TALK } from './data/small-talk';
import { Grammar } from './grammar';
import { isHeldOutSum, REQUEST_KINDS, sampleSum, sumInWords } from './subjects';
import type { Request, RequestKind, RequestSubject, Split } from './subjects';
import type { World } from './world';

export { interpretRequest } from './interpret';
export { REQUEST_KINDS } from './subjects';
export type { Request, RequestKind, RequestSubject, Split } from './subjects';

const KIND_WEIGHTS: readonly number[] = [0.28, 0.17, 0.11, 0.18, 0.1, 0.09, 0.07];
const grammar = new Grammar({});

/** One unknown name in five is held out, decided by the name alone. */
function isHeldOutName(name: string): boolean {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % 65521;
  return hash % 5 === 0;
}

/** A first and a last name that nobody in the world has together. */
export function sampleUnknownName(world: World, random: Random): string {
  for (;;) {
    const name = `${random.pick(world.firstNames)} ${random.pick(world.lastNames)}`;
    if (!world.personByName.has(name.toLowerCase())) return name;
  }
}

const starred = (line: string) => line.startsWith('*');
const bare = (line: string) => (starred(line) ? line.slice(1) : line);
const chooseFrom = (lines: readonly string[], held: boolean, random: Random) =>
  bare(random.pick(lines.filter((line) => starred(line) === held)));

/** A phrasing from the tables; `held` asks for one that is held out. */
function phrase(kind: RequestKind, slots: Record<string, string>, held: boolean, random: Random): string {
  if (kind === 'arithmetic' || kind === 'list') {
    const body = grammar.expand(chooseFrom(kind === 'list' ? LIST_ASK : SUM_ASK, held, random), random, slots);
    return (random.chance(0.8) ? '' : random.pick(GREETINGS)) + body;
  }
  const [asks, dos] = kind === 'recipe' ? [RECIPE_ASK, RECIPE_DO] : kind === 'how-to' ? [TASK_ASK, TASK_DO] : [PERSON_ASK, PERSON_DO];
  let body: string;
  if (random.chance(0.55)) body = grammar.expand(chooseFrom(asks, held, random), random, slots);
  else {
    const heldPart = held ? random.integer(2) : -1;
    const imperative = grammar.expand(chooseFrom(dos, heldPart === 0, random), random, slots);
    body = grammar.expand(chooseFrom(FRAMES, heldPart === 1, random), random, { do: imperative });
  }
  const greeting = random.pick(GREETINGS);
  const isSentence = /[.?!]$/.test(body);
  const closing = isSentence ? random.pick(kind === 'recipe' || kind === 'how-to' ? CLOSINGS : CLOSINGS.slice(0, -2)) : '';
  return greeting + body + closing;
}

function pickEntity<Item extends { readonly heldout: boolean }>(
  items: readonly Item[],
  weights: readonly number[],
  held: boolean,
  random: Random,
): Item {
  // Chat asks for rare entities more often than documents mention them: square-rooted weights.
  const indices = items.map((_, i) => i).filter((i) => items[i]!.heldout === held);
  return items[
    random.pickWeighted(
      indices,
      indices.map((i) => Math.sqrt(weights[i]!)),
    )
  ]!;
}

function sampleSubject(world: World, kind: RequestKind, held: boolean, random: Random): RequestSubject {
  switch (kind) {
    case 'recipe': {
      const dish = pickEntity(world.dishes, world.dishWeights, held, random);
      return { kind, entity: dish.name, dish };
    }
    case 'person': {
      const person = pickEntity(world.people, world.peopleWeights, held, random);
      return { kind, entity: person.name, person };
    }
    case 'unknown-person': {
      let entity = sampleUnknownName(world, random);
      while (isHeldOutName(entity) !== held) entity = sampleUnknownName(world, random);
      return { kind, entity };
    }
    case 'how-to': {
      const task = pickEntity(world.tasks, world.taskWeights, held, random);
      return { kind, entity: task.name, task };
    }
    case 'small-talk': {
      const topic = random.pick(SMALL_TALK);
      return { kind, entity: topic.name, topic };
    }
    case 'arithmetic': {
      let sum = sampleSum(random);
      while (isHeldOutSum(sum) !== held) sum = sampleSum(random);
      return { kind, entity: sumInWords(sum).signs, sum };
    }
    case 'list': {
      const topic = random.pick(LIST_TOPICS);
      const title = topic.title.replace('{group}', random.pick(GROUPS));
      return { kind, entity: title, topic, count: random.pick([3, 4, 5, 5]) };
    }
  }
}

/** The words a user would ask a subject in. `held`: with a held-out phrasing. */
export function phraseRequest(subject: RequestSubject, held: boolean, random: Random): string {
  switch (subject.kind) {
    case 'small-talk':
      return random.pick(held ? subject.topic.heldout : subject.topic.prompts);
    case 'arithmetic': {
      const { signs, words } = sumInWords(subject.sum);
      return phrase(subject.kind, { s: signs, w: words }, held, random);
    }
    case 'list':
      return phrase(subject.kind, { n: COUNT_WORDS[subject.count]!, x: subject.entity }, held, random);
    case 'recipe':
      return phrase(subject.kind, { x: subject.dish.name, r: subject.dish.recipeName }, held, random);
    default:
      return phrase(subject.kind, { x: subject.entity }, held, random);
  }
}

/** A request of the split, or of one kind of it. */
export function sampleRequest(
  world: World,
  random: Random,
  split: Split,
  kind: RequestKind = random.pickWeighted(REQUEST_KINDS, KIND_WEIGHTS),
): Request {
  const mode = random.integer(4);
  const hasHeldOutEntities = kind !== 'small-talk' && kind !== 'list';
  const heldEntity = split === 'heldout' && hasHeldOutEntities && mode !== 0;
  const heldPhrasing = split === 'heldout' && (!heldEntity || mode === 1);
  const subject = sampleSubject(world, kind, heldEntity, random);
  return { ...subject, prompt: phraseRequest(subject, heldPhrasing, random), split };
}
