/**
 * @file Chat requests: what users of the small world ask, in dozens of phrasings. A conversation around a request (system
 * prompt, earlier turns, tools) is made in `dialogues.ts`.
 *
 * The held-out split asks with a held-out phrasing (marked `*` in the tables), about a held-out entity, or both; the
 * training split never does either. Held-out entities do occur in the documents, so the base model knows them.
 */
import type { Random } from '../random';
import { ADVICE } from './data/advice';
import { COUNT_WORDS, GROUPS, LIST_TOPICS } from './data/lists';
import { NOTES } from './data/notes';
import { OPINIONS } from './data/opinions';
import * as phrasings from './data/phrasings';
import { SMALL_TALK } from './data/small-talk';
import { STYLE_FRAMES, STYLE_WORDS } from './data/styles';
import { Grammar } from './grammar';
import { isHeldOutSum, REQUEST_KINDS, sampleSum, STYLES, sumInWords, sumSteps, TENSES } from './subjects';
import type { Request, RequestKind, RequestSubject, Split, Style } from './subjects';
import { toTheir } from './words';
import type { World } from './world';

export { interpretRequest } from './interpret';
export { REQUEST_KINDS } from './subjects';
export type { Request, RequestKind, RequestSubject, Split } from './subjects';

/** How often each kind is asked, in the order of {@link REQUEST_KINDS}; kinds with many facts to learn more often. */
const KIND_WEIGHTS: readonly number[] = [0.18, 0.2, 0.09, 0.06, 0.12, 0.1, 0.06, 0.06, 0.06, 0.03, 0.02, 0.02];
/** Share of requests that ask for a style in their own words. */
const STYLED_RATE = 0.06;
/** Share of acts that are harmful, of acts in the past and in the future, and of sums with written steps. */
const HARMFUL_RATE = 0.5;
const TENSE_WEIGHTS: readonly number[] = [0.7, 0.18, 0.12];
const STEPS_RATE = 0.35;
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

/** One line of a table, without its mark; `held` asks for one that is held out (`*`). */
export function chooseFrom(lines: readonly string[], held: boolean, random: Random): string {
  const line = random.pick(lines.filter((other) => other.startsWith('*') === held));
  return held ? line.slice(1) : line;
}

type Slots = Record<string, string>;
/** Whole sentences to ask with, and imperatives that want a frame around them. */
interface Asking {
  readonly asks: readonly string[];
  readonly dos?: readonly string[];
}

/** A request in the words of the tables. */
function phrase({ asks, dos }: Asking, slots: Slots, closings: readonly string[], held: boolean, random: Random): string {
  let body: string;
  if (!dos || random.chance(0.55)) body = grammar.expand(chooseFrom(asks, held, random), random, slots);
  else {
    const heldPart = held ? random.integer(2) : -1;
    const imperative = grammar.expand(chooseFrom(dos, heldPart === 0, random), random, slots);
    body = grammar.expand(chooseFrom(phrasings.FRAMES, heldPart === 1, random), random, { do: imperative });
  }
  const isSentence = /[.?!]$/.test(body);
  return random.pick(phrasings.GREETINGS) + body + (isSentence ? random.pick(closings) : '');
}

const NO_CLOSINGS: readonly string[] = [''];
const SHORT_CLOSINGS = phrasings.CLOSINGS.slice(0, -2);

/** The words a user would ask a subject in, in plain style. `held`: with a held-out phrasing. */
export function phraseRequest(subject: RequestSubject, held: boolean, random: Random): string {
  const say = (asking: Asking, slots: Slots, closings: readonly string[] = SHORT_CLOSINGS) => phrase(asking, slots, closings, held, random);
  const p = phrasings;
  switch (subject.kind) {
    case 'recipe':
      return say({ asks: p.RECIPE_ASK, dos: p.RECIPE_DO }, { x: subject.dish.name, r: subject.dish.recipeName }, p.CLOSINGS);
    case 'person':
    case 'unknown-person':
      return say({ asks: p.PERSON_ASK, dos: p.PERSON_DO }, { x: subject.entity });
    case 'place':
      return say({ asks: p.PLACE_ASK, dos: p.PLACE_DO }, { x: subject.entity });
    case 'how-to':
      return say({ asks: p.TASK_ASK, dos: p.TASK_DO }, { x: subject.entity }, p.CLOSINGS);
    case 'act': {
      if (subject.tense === 'present') return say({ asks: p.TASK_ASK, dos: p.TASK_DO }, { x: subject.entity }, p.CLOSINGS);
      return say({ asks: subject.tense === 'past' ? p.PAST_ASK : p.FUTURE_ASK }, { x: toTheir(subject.entity) });
    }
    case 'small-talk':
      return random.pick(held ? subject.topic.heldout : subject.topic.prompts);
    case 'arithmetic': {
      const { signs, words } = sumInWords(subject.sum);
      return say({ asks: subject.withSteps ? p.STEPS_ASK : p.SUM_ASK }, { s: signs, w: words }, NO_CLOSINGS);
    }
    case 'list':
      return say({ asks: p.LIST_ASK }, { n: COUNT_WORDS[subject.count]!, x: subject.entity }, NO_CLOSINGS);
    case 'opinion': {
      const { left, right, isPlural } = subject.question;
      return say({ asks: p.OPINION_ASK }, { x: left, y: right, is: isPlural ? 'are' : 'is' }, NO_CLOSINGS);
    }
    case 'advice':
      return say({ asks: p.ADVICE_ASK }, { x: subject.topic.problem }, NO_CLOSINGS);
    case 'note':
      return say({ asks: p.NOTE_ASK, dos: p.NOTE_DO }, { w: subject.occasion.whom, x: subject.occasion.name });
  }
}

/** The prompt with a style asked for in it: "Who is Ana Moreno, like a pirate?" */
function askForStyle(prompt: string, style: Style, held: boolean, random: Random): string {
  const heldPart = held ? random.integer(2) : -1;
  const as = chooseFrom(STYLE_WORDS[style].asked, heldPart === 0, random);
  const ended = /[.?!]$/.test(prompt) ? prompt : `${prompt}.`;
  // Behind two sentences, ", like a pirate" would hang on the wrong one.
  const isOneSentence = !/[.?!] /.test(ended);
  // Nobody says hello after having begun to speak.
  const isGreeted = phrasings.GREETINGS.some((greeting) => greeting !== '' && ended.startsWith(greeting));
  const frames = STYLE_FRAMES.filter((frame) => (isOneSentence || !frame.includes('{q}')) && (!isGreeted || /^\*?\{/.test(frame)));
  return grammar.expand(chooseFrom(frames, heldPart === 1, random), random, {
    p: ended,
    q: ended.slice(0, -1),
    m: ended.slice(-1),
    as,
  });
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

const pickHeld = <Item extends { readonly heldout: boolean }>(items: readonly Item[], held: boolean, random: Random): Item =>
  random.pick(items.filter((item) => item.heldout === held));

/** A subject of the kind; `held` asks for an entity that training never asks about. */
export function sampleSubject(world: World, kind: RequestKind, held: boolean, random: Random): RequestSubject {
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
    case 'place': {
      const town = pickHeld(world.towns, held, random);
      return { kind, entity: town.name, town };
    }
    case 'how-to': {
      const task = pickEntity(world.tasks, world.taskWeights, held, random);
      return { kind, entity: task.name, task };
    }
    case 'act': {
      const act = pickHeld(world.acts, held, random);
      const harmful = random.chance(HARMFUL_RATE);
      return { kind, entity: harmful ? act.harmful : act.harmless, act, harmful, tense: random.pickWeighted(TENSES, TENSE_WEIGHTS) };
    }
    case 'small-talk': {
      const topic = random.pick(SMALL_TALK);
      return { kind, entity: topic.name, topic };
    }
    case 'arithmetic': {
      const withSteps = random.chance(STEPS_RATE);
      let sum = sampleSum(random);
      // Steps are shown where there is more than one.
      while (isHeldOutSum(sum) !== held || (withSteps && sumSteps(sum).length < 2)) sum = sampleSum(random);
      return { kind, entity: sumInWords(sum).signs, sum, withSteps };
    }
    case 'list': {
      const topic = random.pick(LIST_TOPICS);
      const count = random.pick([3, 4, 5, 5]);
      if (!topic.title.includes('{group}')) return { kind, entity: topic.title, topic, count };
      const group = random.pick(GROUPS);
      return { kind, entity: topic.title.replace('{group}', group), topic, count, group };
    }
    case 'opinion': {
      const question = pickHeld(OPINIONS, held, random);
      return { kind, entity: `${question.left} or ${question.right}`, question };
    }
    case 'advice': {
      const topic = pickHeld(ADVICE, held, random);
      return { kind, entity: topic.name, topic };
    }
    case 'note': {
      const occasion = pickHeld(NOTES, held, random);
      return { kind, entity: `${occasion.whom} about ${occasion.name}`, occasion };
    }
  }
}

/** Draws a kind as often as it is asked. */
export function sampleKind(random: Random): RequestKind {
  return random.pickWeighted(REQUEST_KINDS, KIND_WEIGHTS);
}

/** Which parts of a request of the split are held out: its entity, its phrasing, or both. */
export function drawHoldout(kind: RequestKind, split: Split, random: Random): { entity: boolean; phrasing: boolean } {
  const mode = random.integer(4);
  const hasHeldOutEntities = kind !== 'small-talk' && kind !== 'list';
  const entity = split === 'heldout' && hasHeldOutEntities && mode !== 0;
  return { entity, phrasing: split === 'heldout' && (!entity || mode === 1) };
}

/** The styles a kind may be asked in: a note has a form of its own, small talk is too short, and worries are not cheerful. */
export function stylesOf(kind: RequestKind): readonly Style[] {
  if (kind === 'note' || kind === 'small-talk') return [];
  return kind === 'advice' || kind === 'act' ? STYLES.filter((style) => style !== 'cheerful') : STYLES;
}

/** A prompt without its greeting, as it is asked when the talk has begun already. */
export function withoutGreeting(prompt: string): string {
  const greeting = phrasings.GREETINGS.find((line) => line !== '' && prompt.startsWith(line)) ?? '';
  return prompt.slice(greeting.length);
}

/** A request of the split, or of one kind of it, in a single turn: no system prompt, no earlier turns. */
export function sampleRequest(world: World, random: Random, split: Split, kind: RequestKind = sampleKind(random)): Request {
  const held = drawHoldout(kind, split, random);
  const subject = sampleSubject(world, kind, held.entity, random);
  const styles = stylesOf(kind);
  if (styles.length === 0 || !random.chance(STYLED_RATE))
    return { ...subject, prompt: phraseRequest(subject, held.phrasing, random), split };
  const style = random.pick(styles);
  const prompt = askForStyle(phraseRequest(subject, held.phrasing, random), style, held.phrasing, random);
  return { ...subject, prompt, split, style };
}
