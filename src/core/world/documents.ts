/**
 * @file Documents of the made-up mini-web, for pretraining a base model: many kinds of page, noisy as the web is.
 *
 * About one in six begins with a request in the words chat users use, and goes on as the web goes on: rambling, other
 * posts, a ticket log, more questions; never as an assistant. So a base model continues a request as a document. Nearly
 * half of the text is encyclopedia, news and lists, where the facts are. The held-out split uses page templates of its own,
 * which measure how well a model predicts web text it has not seen the form of.
 */
import type { Random } from '../random';
import { FACT_TABLES } from './data/facts';
import { SHARED_TABLES } from './data/grammar';
import { GROUPS, LIST_TOPICS } from './data/lists';
import { PAGE_TABLES } from './data/pages';
import { PERSONAL_TABLES } from './data/personal';
import { PLACE_TABLES } from './data/places';
import { SMALL_TALK } from './data/small-talk';
import { THREAD_TABLES } from './data/threads';
import { listPage } from './document-lists';
import { drawSlots, samplersOf } from './document-slots';
import { Grammar, linesOf, tablesOf } from './grammar';
import type { Slots, Tables } from './grammar';
import { phraseRequest, sampleSubject } from './requests';
import { sampleSum, sumInWords, sumSteps } from './subjects';
import type { RequestKind, RequestSubject, Split } from './subjects';
import { addTypos } from './typos';
import { capitalise } from './words';
import type { World } from './world';

/** One page of the mini-web, with the kind it was made as: what a classifier of pages is judged by. */
export interface WorldDocument {
  readonly kind: DocumentKind;
  readonly text: string;
}

/** Kinds of page and how often each is drawn; the first two begin with a request. */
const KIND_WEIGHTS = {
  'question-ramble': 13,
  'question-thread': 18,
  wiki: 31,
  news: 20,
  list: 27,
  'town-page': 4,
  travel: 3,
  blog: 5,
  diary: 2,
  letter: 4,
  story: 3,
  forum: 3,
  opinion: 3,
  ticket: 3,
  changelog: 2,
  review: 3,
  shopping: 3,
  errand: 2,
  ad: 3,
  'recipe-page': 9,
  faq: 4,
  notice: 3,
  guide: 6,
  homework: 5,
} as const;

/** One kind of page. */
export type DocumentKind = keyof typeof KIND_WEIGHTS;
/** All kinds of page. */
export const DOCUMENT_KINDS = Object.keys(KIND_WEIGHTS) as readonly DocumentKind[];

const WEIGHTS = Object.values(KIND_WEIGHTS);
const TABLES: Tables = {
  ...SHARED_TABLES,
  ...THREAD_TABLES,
  ...PAGE_TABLES,
  ...PERSONAL_TABLES,
  ...PLACE_TABLES,
  ...FACT_TABLES,
  reply: ['{agree}'],
};
const GRAMMARS: Readonly<Record<Split, Grammar>> = {
  train: new Grammar(tablesOf(TABLES, 'train')),
  heldout: new Grammar(tablesOf(TABLES, 'heldout')),
};
const shape = (table: string, split: Split, random: Random) => random.pick(linesOf(TABLES[table]!, split));

const QUESTION_KINDS: Readonly<Partial<Record<RequestKind, number>>> = {
  recipe: 28,
  person: 24,
  place: 7,
  'how-to': 16,
  act: 4,
  'small-talk': 6,
  arithmetic: 4,
  list: 5,
  opinion: 3,
  advice: 2,
  note: 1,
};

/** The request a page begins with: as in chat (training phrasings), but about any entity, by its fame in documents. */
function drawQuestion(world: World, random: Random): RequestSubject {
  const kind = random.pickWeighted(Object.keys(QUESTION_KINDS) as RequestKind[], Object.values(QUESTION_KINDS));
  const draw = samplersOf(world);
  if (kind === 'recipe') {
    const dish = draw.dishes.draw(random);
    return { kind, entity: dish.name, dish };
  }
  if (kind === 'person') {
    const person = draw.people.draw(random);
    return { kind, entity: random.chance(0.85) ? person.name : person.firstName, person };
  }
  if (kind === 'place') {
    const town = random.pick(world.towns);
    return { kind, entity: town.name, town };
  }
  if (kind === 'how-to') {
    const task = draw.tasks.draw(random);
    return { kind, entity: task.name, task };
  }
  return sampleSubject(world, kind, false, random);
}

const TOPIC_OF: Readonly<Partial<Record<RequestKind, string>>> = { recipe: 'Dish', person: 'Person', place: 'Town', 'how-to': 'Task' };

function question(world: World, kind: 'question-ramble' | 'question-thread', split: Split, random: Random): string {
  const grammar = GRAMMARS[split];
  const subject = drawQuestion(world, random);
  // The plainest question of all is also the commonest.
  const isPlain = subject.kind === 'recipe' && random.chance(0.12);
  const ask = isPlain ? `Please give me a simple ${subject.dish.recipeName} recipe.` : phraseRequest(subject, false, random);
  const topic = TOPIC_OF[subject.kind] ?? 'Any';
  const slots: Slots = { ...drawSlots(world, random, subject), ask };
  if (kind === 'question-thread') {
    // Each {reply} is drawn anew from the replies that fit the subject.
    let after = shape('afterQuestion', split, random);
    if (after.endsWith('wrote: {reply}')) after += '\n{who} wrote: {reply}'.repeat(random.integer(5));
    return ask + grammar.expand(after.replaceAll('{reply}', `{reply${topic}}`), random, slots);
  }
  const sentences = random.shuffle(linesOf(TABLES[`ramble${topic}`]!, 'train')).slice(0, 3 + random.integer(6));
  const joint = random.pick([' ', ' ', '\n', '\n\n']);
  const used = new Set<string>();
  const rest = [shape(`ramble${topic}First`, split, random), ...sentences]
    .map((line) => capitalise(grammar.expand(line, random, slots, used)))
    .join(' ');
  return ask + joint + rest;
}

/** A sum in a story, without its answer now and then. */
function wordSum(world: World, grammar: Grammar, random: Random): string {
  const [x, y] = [2 + random.integer(30), 2 + random.integer(20)];
  const slots = { ...drawSlots(world, random), x: String(x), y: String(y), fruit: random.pick(PAGE_TABLES['fruitList']!) };
  const task = grammar.expand('{wordSum}', random, slots);
  return random.chance(0.2) ? task : `${task}\n${x} + ${y} = ${x + y}`;
}

function homework(world: World, split: Split, random: Random): string {
  const grammar = GRAMMARS[split];
  const header = grammar.expand(shape('homework', split, random), random, drawSlots(world, random));
  const blanks = random.chance(0.2);
  const showsSteps = random.chance(0.35);
  const lines = Array.from({ length: showsSteps ? 2 + random.integer(3) : 3 + random.integer(6) }, (_, i) => {
    if (random.chance(0.12)) return wordSum(world, grammar, random);
    const sum = sampleSum(random);
    const { signs, words } = sumInWords(sum);
    if (showsSteps) return `${signs}:\n${sumSteps(sum).join('\n')}\nAnswer: ${sum.result}\n`;
    const unsolved = blanks && random.chance(0.5);
    const number = random.chance(0.1) ? `${i + 1}) ` : '';
    if (random.chance(0.15)) return unsolved ? `${number}${words} is` : `${number}${words} is ${sum.result}`;
    return `${number}${signs} =${unsolved ? '' : ` ${sum.result}`}`;
  });
  return (header + lines.join('\n')).trimEnd();
}

/** Small talk and lists turn up inside other pages now and then. */
function garnish(random: Random): string {
  const topic = random.pick(LIST_TOPICS);
  if (random.chance(0.5)) return `\n\n${random.pick(random.pick(SMALL_TALK).answers)}`;
  const items = random.shuffle(topic.items).slice(0, 3).join(', ');
  return `\n\n${capitalise(topic.title.replace('{group}', random.pick(GROUPS)))}: ${items}.`;
}

const GARNISHED: readonly DocumentKind[] = ['blog', 'diary', 'faq'];

function page(world: World, kind: DocumentKind, split: Split, random: Random): string {
  if (kind === 'question-ramble' || kind === 'question-thread') return question(world, kind, split, random);
  if (kind === 'homework') return homework(world, split, random);
  if (kind === 'list') return listPage(world, GRAMMARS[split], split, random);
  const text = GRAMMARS[split].expand(shape(kind, split, random), random, drawSlots(world, random));
  return GARNISHED.includes(kind) && random.chance(0.2) ? text + garnish(random) : text;
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
    /(^# |[.!?] |\n(?:# )?|")([a-z])(?![a-z0-9_]*(?: wrote| says)?:)/g,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

/** One page of a split. Six in ten have no typos, three a few, one many; `typos: false` switches them off. */
export function generateDocument(
  world: World,
  random: Random,
  split: Split = 'train',
  options: { readonly typos?: boolean } = {},
): WorldDocument {
  const kind = random.pickWeighted(DOCUMENT_KINDS, WEIGHTS);
  let text = capitaliseSentences(page(world, kind, split, random));
  if (random.chance(0.05)) text = cut(text, random);
  const typoRate = random.pickWeighted([0, 0.02, 0.07], [6, 3, 1]);
  if (options.typos !== false && typoRate > 0) text = addTypos(text, typoRate, random);
  return { kind, text };
}

/** A page to train on. */
export function sampleDocument(world: World, random: Random, options: { readonly typos?: boolean } = {}): WorldDocument {
  return generateDocument(world, random, 'train', options);
}
