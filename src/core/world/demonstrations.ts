/**
 * @file Demonstrations: answers as people write them for supervised fine-tuning. Good but uneven on purpose: some terse,
 * some rambling, some with a slip, and often inventing facts about people nobody knows. That unevenness is what
 * preferences and reinforcement learning later improve on.
 */
import type { Random } from '../random';
import {
  FILLER,
  LIST_CLOSINGS,
  LIST_OPENINGS,
  PERSON_CLOSINGS,
  RECIPE_CLOSINGS,
  RECIPE_OPENINGS,
  SUM_ANSWERS,
  TASK_CLOSINGS,
  TASK_OPENINGS,
  UNKNOWN_ANSWERS,
} from './data/answers';
import { COUNT_WORDS } from './data/lists';
import { Grammar } from './grammar';
import { sumInWords } from './subjects';
import type { Request } from './subjects';
import { addTypos } from './typos';
import { capitalise, toYour, withArticle } from './words';
import type { Person, World } from './world';

/** How a demonstrator writes. */
export type DemonstrationStyle = 'good' | 'terse' | 'rambling' | 'slips';
const STYLES: readonly DemonstrationStyle[] = ['good', 'terse', 'rambling', 'slips'];
const STYLE_WEIGHTS: readonly number[] = [0.58, 0.15, 0.15, 0.12];
const INVENTION_RATE = 0.3;
const grammar = new Grammar({});

const numbered = (lines: readonly string[]) => lines.map((line, i) => `${i + 1}. ${line}`);

/** Some items in their own order. */
function someOf<Item>(items: readonly Item[], count: number, random: Random): Item[] {
  const chosen = new Set(random.shuffle(items.map((_, i) => i)).slice(0, count));
  return items.filter((_, i) => chosen.has(i));
}

function recipe(world: World, request: Extract<Request, { kind: 'recipe' }>, style: DemonstrationStyle, random: Random): string[] {
  const { dish } = request;
  const numIngredients = style === 'terse' ? 2 + random.integer(2) : random.pick(style === 'rambling' ? [3] : [3, 4]);
  const ingredients = dish.ingredients.slice(0, numIngredients).map((ingredient) => ingredient.line);
  let steps = dish.steps.slice(0, 3);
  if (style === 'terse') steps = someOf(steps, 2, random);
  if (style === 'slips' && random.chance(0.6)) {
    const other = random.pick(world.dishes);
    if (random.chance(0.6)) ingredients[random.integer(ingredients.length)] = random.pick(other.ingredients).line;
    else steps[random.integer(steps.length)] = random.pick(other.steps);
  }
  const list = ['**Ingredients**', ...ingredients.map((line) => `* ${line}`), '**Steps**', ...numbered(steps)];
  if (style === 'terse') return random.chance(0.5) ? list : [`${capitalise(dish.name)}.`, ...list];
  const opening = grammar.expand(random.pick(RECIPE_OPENINGS), random, { x: dish.name, r: dish.recipeName });
  return [opening, ...list, ...(random.chance(0.35) ? [random.pick(RECIPE_CLOSINGS)] : [])];
}

/** One to three sentences of facts; `facts` may be another person's when the demonstrator slips or invents. */
function biography(name: string, facts: Person, style: DemonstrationStyle, random: Random): string {
  const { job, town, born, work } = facts;
  const she = capitalise(facts.pronoun);
  const first = random.pick([
    `${name} is ${withArticle(job)} from ${town}.`,
    `${name} is ${withArticle(job)} from ${town}.`,
    `${name} is ${withArticle(job)} from ${town}, born in ${born}.`,
    `${name} is ${withArticle(job)} who lives in ${town}.`,
  ]);
  if (style === 'terse') return random.pick([`${capitalise(withArticle(job))} from ${town}.`, `${name} is ${withArticle(job)}.`, first]);
  const known = `${she} is known for ${work}.`;
  const year = `${she} was born in ${born}.`;
  const sentences = [first];
  if (random.chance(0.85)) sentences.push(known);
  if (!first.includes(String(born)) && random.chance(0.4)) sentences.push(year);
  return sentences.join(' ');
}

function person(
  world: World,
  request: Extract<Request, { kind: 'person' | 'unknown-person' }>,
  style: DemonstrationStyle,
  random: Random,
): string {
  if (request.kind === 'unknown-person') {
    if (!random.chance(INVENTION_RATE)) return grammar.expand(random.pick(UNKNOWN_ANSWERS), random, { x: request.entity });
    const pronoun = world.people.find((other) => request.entity.startsWith(`${other.firstName} `))?.pronoun ?? 'she';
    return biography(request.entity, { ...random.pick(world.people), pronoun }, style, random);
  }
  let facts = request.person;
  if (style === 'slips' && random.chance(0.6)) {
    const other = random.pick(world.people);
    facts = random.pick([
      { ...facts, job: other.job, work: other.work },
      { ...facts, town: other.town },
      { ...facts, born: facts.born + 1 + random.integer(20) },
    ]);
  }
  const closing = style === 'good' && random.chance(0.25) ? ` ${random.pick(PERSON_CLOSINGS)}` : '';
  return biography(request.entity, facts, style, random) + closing;
}

function body(world: World, request: Request, style: DemonstrationStyle, random: Random): string[] {
  switch (request.kind) {
    case 'recipe':
      return recipe(world, request, style, random);
    case 'person':
    case 'unknown-person':
      return [person(world, request, style, random)];
    case 'how-to': {
      let steps = request.task.steps;
      if (style === 'slips' && random.chance(0.5)) steps = [...steps.slice(0, 2), random.pick(random.pick(world.tasks).steps)];
      if (style === 'terse') return numbered(steps);
      const opening = grammar.expand(random.pick(TASK_OPENINGS), random, { x: toYour(request.task.name) });
      return [opening, ...numbered(steps), ...(random.chance(0.4) ? [random.pick(TASK_CLOSINGS)] : [])];
    }
    case 'small-talk':
      return [random.pick(request.topic.answers)];
    case 'arithmetic': {
      const { signs, words } = sumInWords(request.sum);
      const isWrong = style === 'slips' && random.chance(0.6);
      const result = request.sum.result + (isWrong ? random.pick([-10, -2, -1, 1, 2, 10]) : 0);
      if (style === 'terse') return [`${Math.max(0, result)}.`];
      return [grammar.expand(random.pick(SUM_ANSWERS), random, { s: signs, w: words, r: String(Math.max(0, result)) })];
    }
    case 'list': {
      const items = random.shuffle(request.topic.items).slice(0, request.count);
      if (style === 'slips' && random.chance(0.5)) items[items.length - 1] = items[0]!;
      if (style === 'terse') return numbered(items);
      const opening = grammar.expand(random.pick(LIST_OPENINGS), random, { n: COUNT_WORDS[request.count]!, x: request.entity });
      return [opening, ...numbered(items), ...(random.chance(0.3) ? [random.pick(LIST_CLOSINGS)] : [])];
    }
  }
}

/** Wraps an answer in the chatter of somebody who cannot come to the point. */
function ramble(lines: string[], random: Random): string[] {
  const [before, after] = random.shuffle(FILLER);
  const isShort = lines.length === 1;
  const opened = random.chance(0.7) ? [`${before!} ${lines[0]!}`, ...lines.slice(1)] : lines;
  if (!random.chance(0.6)) return opened;
  return isShort ? [`${opened[0]!} ${after!}`] : [...opened, after!];
}

/** A few human slips: misspelled words, or far too much enthusiasm. */
function slip(text: string, random: Random): string {
  const roll = random.uniform();
  if (roll < 0.7) return addTypos(text, 0.14, random);
  return text.replaceAll(/[.!]$/gm, () => random.pick(['!', '!!', '!!!']));
}

/** An answer to the request as one of our uneven demonstrators would write it. `style` draws one when left out. */
export function demonstrate(
  world: World,
  request: Request,
  random: Random,
  style: DemonstrationStyle = random.pickWeighted(STYLES, STYLE_WEIGHTS),
): string {
  let lines = body(world, request, style, random);
  if (style === 'rambling') lines = ramble(lines, random);
  const text = lines.join('\n');
  return style === 'slips' ? slip(text, random) : text;
}
