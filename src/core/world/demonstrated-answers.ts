/**
 * @file What a demonstrator says of each kind of request, right or (when careless) with a slip. A right answer has one
 * set of facts in one order and one common opening, so that a small model learns the facts and not the variety.
 */
import type { Random } from '../random';
import * as words from './data/answers';
import { COUNT_WORDS } from './data/lists';
import { NOTE_NAMES } from './data/notes';
import type { DemonstrationPolicy } from './demonstration-policy';
import { answerFollowUp } from './follow-ups';
import { Grammar } from './grammar';
import { sumInWords, sumSteps } from './subjects';
import type { Request } from './subjects';
import type { Answer } from './styling';
import { capitalise, sameWord, toTheir, toYour, withArticle, wordsOf } from './words';
import type { Dish, Ingredient, Person, World } from './world';

/** How this answer is to be written. */
export interface Writing {
  readonly policy: DemonstrationPolicy;
  /** Nothing but the core, and not all of that. */
  readonly isTerse: boolean;
  /** A demonstrator who may get things wrong. */
  readonly isCareless: boolean;
}
type Of<Kind extends Request['kind']> = Extract<Request, { kind: Kind }>;

const grammar = new Grammar({});
const numbered = (lines: readonly string[]) => lines.map((line, i) => `${i + 1}. ${line}`);
const sentence = (text: string): Answer => ({ opening: '', core: [text], closing: '' });
const sometimes = (lines: readonly string[], rate: number, random: Random) => (random.chance(rate) ? random.pick(lines) : '');

/** The first three ingredients, and what else the method uses: nobody should miss the butter at the second step. */
function ingredientsOf({ ingredients, steps }: Dish): Ingredient[] {
  const method = wordsOf(steps.slice(0, 3).join(' '));
  const isUsed = ({ noun }: Ingredient) => method.some((word) => sameWord(word, wordsOf(noun).at(-1)!));
  return ingredients.filter((ingredient, i) => i < 3 || isUsed(ingredient));
}

function recipe(world: World, { dish }: Of<'recipe'>, writing: Writing, random: Random): Answer {
  const { isTerse, isCareless, policy } = writing;
  const ingredients = ingredientsOf(dish)
    .slice(0, isTerse ? 3 : 5)
    .map(({ line }) => line);
  let steps = dish.steps.slice(0, 3);
  if (isTerse && random.chance(0.3)) steps = steps.slice(0, 2);
  if (isCareless && random.chance(policy.wrongFact)) {
    const other = random.pick(world.dishes);
    if (random.chance(0.6)) ingredients[random.integer(ingredients.length)] = random.pick(other.ingredients).line;
    else steps = steps.map((step, i) => (i === 1 ? random.pick(other.steps) : step));
  }
  return {
    opening: isTerse ? '' : grammar.expand(random.pick(words.RECIPE_OPENINGS), random, { x: dish.name, r: dish.recipeName }),
    core: ['**Ingredients**', ...ingredients.map((line) => `* ${line}`), '**Steps**', ...numbered(steps)],
    closing: isTerse ? '' : sometimes(words.RECIPE_CLOSINGS, 0.35, random),
  };
}

/** One to three sentences of facts; `facts` may be another person's when the demonstrator slips or invents. */
function biography(name: string, facts: Person, isTerse: boolean, random: Random): Answer {
  const { job, town, born, work } = facts;
  if (isTerse)
    return sentence(random.pick([`${capitalise(withArticle(job))} from ${town}.`, `${name} is ${withArticle(job)} from ${town}.`]));
  const she = capitalise(facts.pronoun);
  const year = random.chance(0.25) ? ` ${she} was born in ${born}.` : '';
  return {
    opening: '',
    core: [`${name} is ${withArticle(job)} from ${town}. ${she} is known for ${work}.${year}`],
    closing: year === '' ? sometimes(words.PERSON_CLOSINGS, 0.12, random) : '',
  };
}

function person(world: World, request: Of<'person'>, { isTerse, isCareless, policy }: Writing, random: Random): Answer {
  let facts = request.person;
  if (isCareless && random.chance(policy.wrongFact)) {
    const other = random.pick(world.people);
    facts = random.pick([
      { ...facts, job: other.job, work: other.work },
      { ...facts, town: other.town },
      { ...facts, born: facts.born + 1 + random.integer(20), town: other.town },
    ]);
  }
  return biography(request.entity, facts, isTerse, random);
}

function unknownPerson(world: World, request: Of<'unknown-person'>, { isTerse, policy }: Writing, random: Random): Answer {
  const invents = random.chance(policy.invention);
  if (!invents) return sentence(grammar.expand(random.pick(words.UNKNOWN_ANSWERS), random, { x: request.entity }));
  const pronoun = world.people.find((other) => request.entity.startsWith(`${other.firstName} `))?.pronoun ?? 'she';
  return biography(request.entity, { ...random.pick(world.people), pronoun }, isTerse, random);
}

function place({ town }: Of<'place'>, world: World, { isTerse, isCareless, policy }: Writing, random: Random): Answer {
  const told = isCareless && random.chance(policy.wrongFact) ? { ...random.pick(world.towns), name: town.name } : town;
  if (isTerse) return sentence(`A town ${told.place}, famous for ${told.fame}.`);
  const slots = { x: told.name, w: told.place, f: told.fame, i: told.inhabitants, m: told.festival };
  return sentence(grammar.expand(random.pick(words.PLACE_ANSWERS), random, slots));
}

function howTo(world: World, { task }: Of<'how-to'>, { isTerse, isCareless, policy }: Writing, random: Random): Answer {
  const slips = isCareless && random.chance(policy.wrongFact);
  const steps = slips ? [...task.steps.slice(0, 2), random.pick(random.pick(world.tasks).steps)] : task.steps;
  if (isTerse) return { opening: '', core: numbered(steps), closing: '' };
  return {
    opening: grammar.expand(random.pick(words.TASK_OPENINGS), random, { x: toYour(task.name) }),
    core: numbered(steps),
    closing: sometimes(words.TASK_CLOSINGS, 0.35, random),
  };
}

function act(request: Of<'act'>, { isTerse, policy }: Writing, random: Random): Answer {
  const { harmful, tense } = request;
  const { reason, harmless, mischief, steps } = request.act;
  if (random.chance(harmful ? policy.refusal[tense] : policy.overRefusal)) {
    if (isTerse)
      return sentence(`I cannot help with that. ${reason}${random.chance(0.5) ? ` But I can tell you how to ${toYour(harmless)}.` : ''}`);
    return sentence(grammar.expand(random.pick(words.REFUSALS), random, { why: reason, g: toYour(harmless) }));
  }
  const core = numbered(harmful ? mischief : steps);
  if (isTerse) return { opening: '', core, closing: '' };
  const openings = { present: words.TASK_OPENINGS, past: words.PAST_OPENINGS, future: words.FUTURE_OPENINGS }[tense];
  const x = (tense === 'present' ? toYour : toTheir)(request.entity);
  const closing = tense === 'present' && !harmful ? sometimes(words.TASK_CLOSINGS, 0.35, random) : '';
  return { opening: grammar.expand(random.pick(openings), random, { x }), core, closing };
}

function arithmetic(request: Of<'arithmetic'>, { isTerse, isCareless, policy }: Writing, random: Random): Answer {
  const { signs, words: spelled } = sumInWords(request.sum);
  const slip = isCareless && random.chance(policy.wrongFact) ? random.pick([-10, -2, -1, 1, 2, 10]) : 0;
  const r = String(Math.max(0, request.sum.result + slip));
  const slots = { s: signs, w: spelled, r };
  if (request.withSteps) {
    const last = isTerse ? [] : [grammar.expand(random.pick(words.STEPS_ANSWERS), random, slots)];
    return { opening: '', core: [...sumSteps(request.sum), ...last], closing: '' };
  }
  return sentence(isTerse ? `${r}.` : grammar.expand(random.pick(words.SUM_ANSWERS), random, slots));
}

function list({ topic, count, entity }: Of<'list'>, { isTerse, isCareless, policy }: Writing, random: Random): Answer {
  const items = random.shuffle(topic.items).slice(0, count);
  if (isCareless && random.chance(policy.wrongFact)) items[items.length - 1] = items[0]!;
  if (isTerse) return { opening: '', core: numbered(items), closing: '' };
  return {
    opening: grammar.expand(random.pick(words.LIST_OPENINGS), random, { n: COUNT_WORDS[count]!, x: entity }),
    core: numbered(items),
    closing: sometimes(words.LIST_CLOSINGS, 0.3, random),
  };
}

function opinion({ question }: Of<'opinion'>, { isTerse, isCareless, policy }: Writing, random: Random): Answer {
  const { left, right, leftReason, rightReason } = question;
  const slots = { x: left, y: right, a: leftReason, b: rightReason };
  if (isCareless && random.chance(policy.wrongFact)) return sentence(grammar.expand(random.pick(words.ONE_SIDED_ANSWERS), random, slots));
  if (isTerse) return sentence(capitalise(`${left}, because ${leftReason}, or ${right}, because ${rightReason}. It is up to you.`));
  return sentence(grammar.expand(random.pick(words.OPINION_ANSWERS), random, slots));
}

function advice({ topic }: Of<'advice'>, { isTerse }: Writing, random: Random): Answer {
  if (isTerse) return sentence(topic.tips[0]!);
  return sentence(random.pick(words.ADVICE_OPENINGS) + topic.tips.join(' ') + random.pick(words.ADVICE_CLOSINGS));
}

function note({ occasion }: Of<'note'>, { isTerse }: Writing, random: Random): Answer {
  const thanks = isTerse ? [] : [random.pick(words.NOTE_THANKS)];
  return { opening: '', core: [`Dear ${occasion.to},`, occasion.body.join(' '), ...thanks, random.pick(NOTE_NAMES)], closing: '' };
}

/** The answer in plain style. */
export function answerRequest(world: World, request: Request, writing: Writing, random: Random): Answer {
  const followUp = answerFollowUp(world, request, random);
  if (followUp !== null) return sentence(followUp);
  switch (request.kind) {
    case 'recipe':
      return recipe(world, request, writing, random);
    case 'person':
      return person(world, request, writing, random);
    case 'unknown-person':
      return unknownPerson(world, request, writing, random);
    case 'place':
      return place(request, world, writing, random);
    case 'how-to':
      return howTo(world, request, writing, random);
    case 'act':
      return act(request, writing, random);
    case 'small-talk':
      return sentence(random.pick(request.topic.answers));
    case 'arithmetic':
      return arithmetic(request, writing, random);
    case 'list':
      return list(request, writing, random);
    case 'opinion':
      return opinion(request, writing, random);
    case 'advice':
      return advice(request, writing, random);
    case 'note':
      return note(request, writing, random);
  }
}
