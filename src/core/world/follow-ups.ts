/**
 * @file Questions that only make sense after an answer ("Where is she from?"): which ones fit a subject, how they are
 * asked, and what the right answer must name.
 */
import type { Random } from '../random';
import { FOLLOW_UP_ANSWERS, FOLLOW_UP_ASK } from './data/follow-ups';
import { Grammar } from './grammar';
import type { FollowUp, Request, RequestSubject } from './subjects';
import { withArticle } from './words';
import type { Dish, Person, World } from './world';

const grammar = new Grammar({});

/** The longest time the method of a dish names ("40 minutes"); null when it names none. */
export function durationOf(dish: Dish): string | null {
  const times = dish.steps.slice(0, 3).flatMap((step) =>
    [...step.matchAll(/\b(\d+|one) (minutes?|hours?)\b/g)].map(([text, number, unit]) => ({
      text,
      minutes: (number === 'one' ? 1 : Number(number)) * (unit!.startsWith('hour') ? 60 : 1),
    })),
  );
  return times.sort((a, b) => b.minutes - a.minutes)[0]?.text ?? null;
}

function othersOf(world: World, town: string, not?: Person): Person[] {
  return world.people.filter((person) => person.town === town && person !== not);
}

/** The follow-ups that have an answer for this subject. */
export function followUpsOf(world: World, subject: RequestSubject): FollowUp[] {
  switch (subject.kind) {
    case 'person':
      return [
        'town',
        'born',
        'job',
        'work',
        ...(othersOf(world, subject.person.town, subject.person).length > 0 ? ['who-else' as const] : []),
        'shorter',
      ];
    case 'place':
      return othersOf(world, subject.town.name).length > 0 ? ['who-else', 'shorter'] : ['shorter'];
    case 'recipe':
      return durationOf(subject.dish) ? ['how-long', 'shorter'] : ['shorter'];
    case 'how-to':
    case 'list':
    case 'opinion':
    case 'advice':
      return ['shorter'];
    default:
      return [];
  }
}

/** What a right answer to a follow-up names: at least one of these texts. Null for "shorter" and for no follow-up. */
export function followUpFacts(world: World, request: Request): readonly string[] | null {
  if (request.kind === 'recipe' && request.followUp === 'how-long') return [durationOf(request.dish) ?? ''];
  if (request.kind === 'place' && request.followUp === 'who-else') return othersOf(world, request.town.name).map(({ name }) => name);
  if (request.kind !== 'person') return null;
  const { person } = request;
  switch (request.followUp) {
    case 'town':
      return [person.town];
    case 'born':
      return [String(person.born)];
    case 'job':
      return [person.job];
    case 'work':
      return [person.work];
    case 'who-else':
      return othersOf(world, person.town, person).map(({ name }) => name);
    default:
      return null;
  }
}

const pronouns = (person: Person | null): Record<string, string> =>
  person?.pronoun === 'he' ? { she: 'he', her: 'him', her2: 'his' } : { she: 'she', her: 'her', her2: 'her' };

/** Every way of asking a follow-up of this subject, held-out ones (`*`) among them. */
export function followUpPhrasings(followUp: FollowUp, subject: RequestSubject, random: Random): string[] {
  const slots = pronouns(subject.kind === 'person' ? subject.person : null);
  return FOLLOW_UP_ASK[followUp].map((line) => grammar.expand(line, random, slots));
}

/** The right answer to a follow-up about a fact; null for "shorter", which is the last answer told again. */
export function answerFollowUp(world: World, request: Request, random: Random): string | null {
  const { followUp } = request;
  const facts = followUpFacts(world, request);
  if (!facts || !followUp || followUp === 'shorter') return null;
  const line = random.pick(FOLLOW_UP_ANSWERS[followUp]);
  if (request.kind === 'person') {
    const { person } = request;
    const { name, town, job, born, work } = person;
    // Of the others in town the famous come to mind.
    const other = random.pick(facts.slice(0, 3));
    return grammar.expand(line, random, { ...pronouns(person), p: name, o: other, t: town, j: withArticle(job), b: String(born), w: work });
  }
  return grammar.expand(line, random, { o: random.pick(facts.slice(0, 3)), t: request.entity, d: facts[0]! });
}
