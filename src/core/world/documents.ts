/**
 * @file Documents of the made-up mini-web, for pretraining a base model: many kinds of page, noisy as the web is.
 *
 * About three in ten begin with a request in the words chat users use, and go on as the web goes on: rambling, other
 * posts, a ticket log, more questions; never as an assistant. So a base model continues a request as a document.
 */
import type { Random } from '../random';
import { SHARED_TABLES } from './data/grammar';
import { LIST_TOPICS } from './data/lists';
import { PAGE_TABLES } from './data/pages';
import { SMALL_TALK } from './data/small-talk';
import { THREAD_TABLES } from './data/threads';
import { Grammar } from './grammar';
import type { Slots } from './grammar';
import { phraseRequest, sampleRequest } from './requests';
import { sampleSum, sumInWords } from './subjects';
import type { RequestSubject } from './subjects';
import { addTypos } from './typos';
import { capitalise, withArticle } from './words';
import type { Person, World } from './world';

/** One page of the mini-web. */
export interface WorldDocument {
  readonly kind: DocumentKind;
  readonly text: string;
}

/** Kinds of page; the first two begin with a request. */
export const DOCUMENT_KINDS = [
  'question-ramble',
  'question-thread',
  'blog',
  'wiki',
  'news',
  'ticket',
  'review',
  'letter',
  'shopping',
  'ad',
  'recipe-page',
  'faq',
  'notice',
  'guide',
  'diary',
  'story',
  'homework',
] as const;
/** One of {@link DOCUMENT_KINDS}. */
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

const KIND_WEIGHTS: readonly number[] = [16, 18, 7, 13, 6, 4, 4, 5, 4, 3, 9, 3, 3, 5, 3, 3, 4];
const grammar = new Grammar({ ...SHARED_TABLES, ...THREAD_TABLES, ...PAGE_TABLES, reply: ['{agree}'] });

/** Cumulative weights, and an index drawn from them by bisection: documents are drawn by the hundred thousand. */
class Weighted {
  readonly #cumulative: number[] = [];
  constructor(weights: readonly number[]) {
    let sum = 0;
    for (const weight of weights) this.#cumulative.push((sum += weight));
  }
  draw(random: Random): number {
    const target = random.uniform() * this.#cumulative.at(-1)!;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const samplers = new WeakMap<World, { dishes: Weighted; people: Weighted; tasks: Weighted }>();
function samplersOf(world: World) {
  let found = samplers.get(world);
  if (!found) {
    found = { dishes: new Weighted(world.dishWeights), people: new Weighted(world.peopleWeights), tasks: new Weighted(world.taskWeights) };
    samplers.set(world, found);
  }
  return found;
}

const inList = (person: Person) => `${person.name} (born ${person.born}), ${person.job}, known for ${person.work}`;

/** Everything a page may mention, drawn once per page so that it stays on its subject. `subject` fixes its entity. */
function drawSlots(world: World, random: Random, subject?: RequestSubject): Slots {
  const draw = samplersOf(world);
  const dish = subject?.kind === 'recipe' ? subject.dish : world.dishes[draw.dishes.draw(random)]!;
  const dish2 = world.dishes[draw.dishes.draw(random)]!;
  const dish3 = world.dishes[draw.dishes.draw(random)]!;
  const person = subject?.kind === 'person' ? subject.person : world.people[draw.people.draw(random)]!;
  const other = world.people[draw.people.draw(random)]!;
  const task = subject?.kind === 'how-to' ? subject.task : world.tasks[draw.tasks.draw(random)]!;
  const town = random.pick(world.towns);
  const lines = random.chance(0.5) ? dish.ingredients : random.shuffle(dish.ingredients);
  const slots: Slots = {
    d: dish.name,
    dr: dish.recipeName,
    d2: dish2.name,
    d3: dish3.name,
    n1: lines[0]!.noun,
    n2: lines[1]!.noun,
    n3: lines[2]!.noun,
    m1: dish2.ingredients[0]!.noun,
    m2: dish2.ingredients[1]!.noun,
    k1: dish2.ingredients[0]!.line,
    k2: dish2.ingredients[1]!.line,
    s1: dish.steps[0]!,
    s2: dish.steps[1]!,
    s3: dish.steps[2]!,
    p: person.name,
    pf: person.firstName,
    pj: withArticle(person.job),
    pjob: person.job,
    pt: person.town,
    pt2: random.chance(0.8) ? person.town : town.name,
    pb: String(person.born),
    pw: person.work,
    she: person.pronoun,
    her: person.pronoun === 'she' ? 'her' : 'him',
    her2: person.pronoun === 'she' ? 'her' : 'his',
    ...(dish.isPlural ? { was: 'were', is: 'are', have: 'have' } : { was: 'was', is: 'is', have: 'has' }),
    q: other.name,
    qj: withArticle(other.job),
    qj2: withArticle(other.job),
    qjob: other.job,
    qt: other.town,
    qw: other.work,
    r1: inList(world.people[draw.people.draw(random)]!),
    r2: inList(world.people[draw.people.draw(random)]!),
    town: town.name,
    tplace: town.place,
    tfame: town.fame,
    tpop: town.inhabitants,
    tfest: town.festival,
    t: task.name,
    t1: task.steps[0]!,
    t2: task.steps[1]!,
    t3: task.steps[2]!,
    u: random.pick(world.tasks).name,
    v: random.pick(world.tasks).name,
    sum: sumInWords(sampleSum(random)).signs,
  };
  lines.forEach((ingredient, i) => (slots[`l${i + 1}`] = ingredient.line));
  return slots;
}

/** The request a page begins with: as in chat (training phrasings), but about any entity, by its fame in documents. */
function drawQuestion(world: World, random: Random): RequestSubject {
  const kind = random.pickWeighted(['recipe', 'person', 'how-to', 'small-talk', 'arithmetic', 'list'] as const, [34, 26, 20, 9, 4, 7]);
  const draw = samplersOf(world);
  if (kind === 'recipe') {
    const dish = world.dishes[draw.dishes.draw(random)]!;
    return { kind, entity: dish.name, dish };
  }
  if (kind === 'person') {
    const person = world.people[draw.people.draw(random)]!;
    return { kind, entity: random.chance(0.85) ? person.name : person.firstName, person };
  }
  if (kind === 'how-to') {
    const task = world.tasks[draw.tasks.draw(random)]!;
    return { kind, entity: task.name, task };
  }
  return sampleRequest(world, random, 'train', kind);
}

const TOPIC_OF: Readonly<Partial<Record<RequestSubject['kind'], string>>> = { recipe: 'Dish', person: 'Person', 'how-to': 'Task' };

function question(world: World, kind: 'question-ramble' | 'question-thread', random: Random): string {
  const subject = drawQuestion(world, random);
  // The plainest question of all is also the commonest.
  const isPlain = subject.kind === 'recipe' && random.chance(0.12);
  const ask = isPlain ? `Please give me a simple ${subject.dish.recipeName} recipe.` : phraseRequest(subject, false, random);
  const topic = TOPIC_OF[subject.kind] ?? 'Any';
  const slots: Slots = { ...drawSlots(world, random, subject), ask };
  if (kind === 'question-thread') {
    // Each {reply} is drawn anew from the replies that fit the subject.
    let shape = random.pick(THREAD_TABLES['afterQuestion']!);
    if (shape.endsWith('wrote: {reply}')) shape += '\n{who} wrote: {reply}'.repeat(random.integer(5));
    shape = shape.replaceAll('{reply}', `{reply${topic}}`);
    return ask + grammar.expand(shape, random, slots);
  }
  const sentences = random.shuffle(THREAD_TABLES[`ramble${topic}`]!).slice(0, 5 + random.integer(9));
  const joint = random.pick([' ', ' ', '\n', '\n\n']);
  const used = new Set<string>();
  const rest = [random.pick(THREAD_TABLES[`ramble${topic}First`]!), ...sentences]
    .map((line) => capitalise(grammar.expand(line, random, slots, used)))
    .join(' ');
  return ask + joint + rest;
}

function homework(random: Random): string {
  const header = grammar.expand(random.pick(PAGE_TABLES['homework']!), random);
  const blanks = random.chance(0.2);
  const lines = Array.from({ length: 4 + random.integer(7) }, (_, i) => {
    const sum = sampleSum(random);
    const { signs, words } = sumInWords(sum);
    const unsolved = blanks && random.chance(0.5);
    const number = random.chance(0.1) ? `${i + 1}) ` : '';
    if (random.chance(0.15)) return unsolved ? `${number}${words} is` : `${number}${words} is ${sum.result}`;
    return `${number}${signs} =${unsolved ? '' : ` ${sum.result}`}`;
  });
  return header + lines.join('\n');
}

/** Small talk and lists turn up inside other pages now and then. */
function garnish(random: Random): string {
  const topic = random.pick(LIST_TOPICS);
  if (random.chance(0.5)) return `\n\n${random.pick(random.pick(SMALL_TALK).answers)}`;
  const items = random.shuffle(topic.items).slice(0, 3).join(', ');
  return `\n\n${capitalise(topic.title.replace('{group}', random.pick(['night owls', 'early risers'])))}: ${items}.`;
}

function page(world: World, kind: DocumentKind, random: Random): string {
  if (kind === 'question-ramble' || kind === 'question-thread') return question(world, kind, random);
  if (kind === 'homework') return homework(random);
  const shapes = PAGE_TABLES[kind === 'recipe-page' ? 'recipePage' : kind]!;
  const text = grammar.expand(random.pick(shapes), random, drawSlots(world, random));
  return random.chance(0.06) ? text + garnish(random) : text;
}

/** Half threads: the crawler stopped in the middle of a line. */
function cut(text: string, random: Random): string {
  const at = Math.floor(text.length * (0.4 + 0.5 * random.uniform()));
  const space = text.indexOf(' ', at);
  return space < 0 ? text : text.slice(0, space);
}

/** Sentences begin with a capital, whatever slot they began with. */
function capitaliseSentences(text: string): string {
  return text.replaceAll(
    /(^# |[.!?] |\n(?:# )?|")([a-z])(?![a-z0-9_]*(?: wrote)?:)/g,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

/** One page. Six in ten have no typos, three a few, one many; `typos: false` switches them off. */
export function sampleDocument(world: World, random: Random, options: { readonly typos?: boolean } = {}): WorldDocument {
  const kind = DOCUMENT_KINDS[random.pickWeighted(KIND_INDICES, KIND_WEIGHTS)]!;
  let text = capitaliseSentences(page(world, kind, random));
  if (random.chance(0.05)) text = cut(text, random);
  const typoRate = random.pickWeighted([0, 0.02, 0.07], [6, 3, 1]);
  if (options.typos !== false && typoRate > 0) text = addTypos(text, typoRate, random);
  return { kind, text };
}

const KIND_INDICES = DOCUMENT_KINDS.map((_, i) => i);
