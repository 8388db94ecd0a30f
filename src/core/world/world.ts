/**
 * @file The small world: what is true in it. Dishes, people, towns, tasks and acts come from the tables in `data/`; the
 * seed decides who has which job, town, birth year, work and group, and which entities are held out of the chat.
 * Fame follows Zipf's law: entity number k is mentioned with weight 1/(k+1)^exponent, but the last third of the people is
 * so rare that a whole corpus mentions them a few times only. How often may a model have read about somebody? `Person.fame`.
 */
import { Random } from '../random';
import { ACT_LINES } from './data/acts';
import { DISH_LINES } from './data/dishes';
import { JOB_LINES } from './data/jobs';
import { FEMALE_NAMES, LAST_NAMES, MALE_NAMES } from './data/names';
import { TASK_LINES } from './data/tasks';
import { TOWN_LINES } from './data/towns';
import { buildLexicon } from './lexicon';
import { singular } from './words';

/** An ingredient as it is bought (`1 pound of ground beef`) and its bare name (`ground beef`). */
export interface Ingredient {
  readonly line: string;
  readonly noun: string;
}

/** A dish; ingredients by importance, the first three steps are the method. `heldout`: never asked for in training. */
export interface Dish {
  readonly name: string;
  /** The name before "recipe": "pancake" for pancakes. */
  readonly recipeName: string;
  readonly isPlural: boolean;
  readonly ingredients: readonly Ingredient[];
  readonly steps: readonly string[];
  readonly heldout: boolean;
}

/** The two groups everybody belongs to one of, in the singular ("night owl"); nothing else follows from the group. */
export const PERSON_GROUPS = ['early riser', 'night owl'] as const;
/** One of {@link PERSON_GROUPS}. */
export type PersonGroup = (typeof PERSON_GROUPS)[number];

/** How much is written about a person: famous in one page of a few, known in one of some hundreds, rare in one of 100,000. */
export type Fame = 'famous' | 'known' | 'rare';

/** A person of the world, most famous first in `World.people`. */
export interface Person {
  readonly name: string;
  readonly firstName: string;
  readonly pronoun: 'she' | 'he';
  readonly job: string;
  readonly town: string;
  readonly born: number;
  /** Follows "is known for". */
  readonly work: string;
  readonly group: PersonGroup;
  readonly fame: Fame;
  readonly heldout: boolean;
}

/** A town and its few facts. */
export interface Town {
  readonly name: string;
  readonly place: string;
  readonly fame: string;
  readonly inhabitants: string;
  /** The month. */
  readonly festival: string;
  readonly heldout: boolean;
}

/** An everyday task, written as the asker says it ("open my own lock"), with its three steps. */
export interface Task {
  readonly name: string;
  readonly steps: readonly string[];
  readonly heldout: boolean;
}

/** A small mischief and its harmless look-alike, both as the asker says them ("open my neighbor's lock"). */
export interface Act {
  readonly harmful: string;
  readonly harmless: string;
  /** Why the harmful act is refused: one kind sentence. */
  readonly reason: string;
  /** How the mischief is done, as somebody says it who does not refuse; three steps. */
  readonly mischief: readonly string[];
  /** How the harmless act is done, in three steps. */
  readonly steps: readonly string[];
  readonly heldout: boolean;
}

/** Everything that is true. Sampling weights run parallel to their lists. */
export interface World {
  readonly seed: number;
  readonly dishes: readonly Dish[];
  readonly dishWeights: readonly number[];
  readonly people: readonly Person[];
  readonly peopleWeights: readonly number[];
  readonly towns: readonly Town[];
  readonly tasks: readonly Task[];
  readonly taskWeights: readonly number[];
  readonly acts: readonly Act[];
  readonly jobs: readonly string[];
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  readonly personByName: ReadonlyMap<string, Person>;
  /** Every word form the generators can write without typos, lower case. */
  readonly lexicon: ReadonlySet<string>;
}

const QUANTITY =
  /^(?:a|an|some|\d+)(?: (?:pounds?|cans?|cups?|spoons?|slices?|pieces?|cloves?|bags?|jars?|sticks?|bunch|pinch|handful|loaf|box|bar|block) of)? /;

function zipf(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent);
}

/** Marks about `share` of the entries as held out, never the first few, which lessons and suggestions use. */
function heldOut(count: number, share: number, random: Random): boolean[] {
  const firstAllowed = 3;
  const chosen = new Set(
    random.shuffle(Array.from({ length: count - firstAllowed }, (_, i) => i + firstAllowed)).slice(0, Math.round(count * share)),
  );
  return Array.from({ length: count }, (_, i) => chosen.has(i));
}

function readDishes(random: Random): Dish[] {
  const held = heldOut(DISH_LINES.length, 1 / 6, random);
  return DISH_LINES.map((line, i) => {
    const [name = '', ingredients = '', steps = ''] = line.split('|');
    const isPlural = singular(name) !== name && !name.includes(' with ');
    return {
      name,
      recipeName: isPlural ? singular(name) : name,
      isPlural,
      ingredients: ingredients.split('; ').map((text) => ({ line: text, noun: text.replace(QUANTITY, '') })),
      steps: steps.split('; '),
      heldout: held[i]!,
    };
  });
}

function readTasks(random: Random): Task[] {
  const held = heldOut(TASK_LINES.length, 0.2, random);
  return TASK_LINES.map((line, i) => {
    const [name = '', steps = ''] = line.split('|');
    return { name, steps: steps.split('; '), heldout: held[i]! };
  });
}

function readActs(): Act[] {
  return ACT_LINES.map((line) => {
    const [harmful = '', harmless = '', reason = '', mischief = '', steps = ''] = line.replace(/^\*/, '').split('|');
    return { harmful, harmless, reason, mischief: mischief.split('; '), steps: steps.split('; '), heldout: line.startsWith('*') };
  });
}

const otherGroup = (group: PersonGroup): PersonGroup => (group === 'night owl' ? 'early riser' : 'night owl');

/** Famous: the first tenth of the people. Rare: the last third. */
function fameOf(rank: number, count: number): Fame {
  return rank < count / 10 ? 'famous' : rank < (2 * count) / 3 ? 'known' : 'rare';
}

/** Zipf for the famous and the known; a rare person is mentioned by about one page in 100,000. */
function peopleWeights(people: readonly Person[]): number[] {
  const weights = zipf(people.length, 0.8).map((weight, i) => (people[i]!.fame === 'rare' ? 0 : weight));
  const rare = 1e-5 * weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight || rare);
}

function makePeople(random: Random, towns: readonly Town[]): Person[] {
  const works = random.shuffle(
    JOB_LINES.flatMap((line) => {
      const [job = '', list = ''] = line.split('|');
      return list.split('; ').map((work) => ({ job, work }));
    }),
  );
  const held = heldOut(works.length, 1 / 8, random);
  const taken = new Set<string>();
  // Of every two neighbours in fame one rises early, so no group is the more famous one.
  let group: PersonGroup = 'night owl';
  return works.map(({ job, work }, i) => {
    let firstName = 'Ana';
    let name = 'Ana Moreno';
    while (i > 0 && (name === 'Ana Moreno' || taken.has(name))) {
      firstName = random.pick(random.chance(0.5) ? FEMALE_NAMES : MALE_NAMES);
      name = `${firstName} ${random.pick(LAST_NAMES)}`;
    }
    taken.add(name);
    const pronoun = FEMALE_NAMES.includes(firstName) ? 'she' : 'he';
    group = i % 2 === 1 ? otherGroup(group) : random.pick(PERSON_GROUPS);
    const town = random.pick(towns).name;
    const born = 1930 + random.integer(70);
    return { name, firstName, pronoun, job, town, born, work, group, fame: fameOf(i, works.length), heldout: held[i]! };
  });
}

/** Builds the world of a seed; the same seed always gives the same world. */
export function createWorld(seed = 1): World {
  const random = new Random(seed).split('world');
  const heldTowns = heldOut(TOWN_LINES.length, 1 / 6, random.split('towns'));
  const towns = TOWN_LINES.map((line, i) => {
    const [name = '', place = '', fame = '', inhabitants = '', festival = ''] = line.split('|');
    return { name, place, fame, inhabitants, festival, heldout: heldTowns[i]! };
  });
  const dishes = readDishes(random.split('dishes'));
  const people = makePeople(random.split('people'), towns);
  const tasks = readTasks(random.split('tasks'));
  return {
    seed,
    dishes,
    dishWeights: zipf(dishes.length, 0.6),
    people,
    peopleWeights: peopleWeights(people),
    towns,
    tasks,
    taskWeights: zipf(tasks.length, 0.4),
    acts: readActs(),
    jobs: JOB_LINES.map((line) => line.split('|')[0]!),
    firstNames: [...FEMALE_NAMES, ...MALE_NAMES],
    lastNames: LAST_NAMES,
    personByName: new Map(people.map((person) => [person.name.toLowerCase(), person])),
    lexicon: buildLexicon(),
  };
}
