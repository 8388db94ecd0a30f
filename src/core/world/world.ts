/**
 * @file The small world: what is true in it. Dishes, people, towns and tasks come from the tables in `data/`; the seed
 * decides who has which job, town, birth year and work, and which entities are held out of the chat.
 * Fame follows Zipf's law: entity number k is mentioned with weight 1/(k+1)^exponent.
 */
import { Random } from '../random';
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
  readonly heldout: boolean;
}

/** A town and its few facts. */
export interface Town {
  readonly name: string;
  readonly place: string;
  readonly fame: string;
  readonly inhabitants: string;
  readonly festival: string;
}

/** An everyday task, written as the asker says it ("open my own lock"), with its three steps. */
export interface Task {
  readonly name: string;
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

function makePeople(random: Random, towns: readonly Town[]): Person[] {
  const works = random.shuffle(
    JOB_LINES.flatMap((line) => {
      const [job = '', list = ''] = line.split('|');
      return list.split('; ').map((work) => ({ job, work }));
    }),
  );
  const held = heldOut(works.length, 1 / 8, random);
  const taken = new Set<string>();
  return works.map(({ job, work }, i) => {
    let firstName = 'Ana';
    let name = 'Ana Moreno';
    while (i > 0 && (name === 'Ana Moreno' || taken.has(name))) {
      firstName = random.pick(random.chance(0.5) ? FEMALE_NAMES : MALE_NAMES);
      name = `${firstName} ${random.pick(LAST_NAMES)}`;
    }
    taken.add(name);
    const pronoun = FEMALE_NAMES.includes(firstName) ? 'she' : 'he';
    return { name, firstName, pronoun, job, town: random.pick(towns).name, born: 1930 + random.integer(70), work, heldout: held[i]! };
  });
}

/** Builds the world of a seed; the same seed always gives the same world. */
export function createWorld(seed = 1): World {
  const random = new Random(seed).split('world');
  const towns = TOWN_LINES.map((line) => {
    const [name = '', place = '', fame = '', inhabitants = '', festival = ''] = line.split('|');
    return { name, place, fame, inhabitants, festival };
  });
  const dishes = readDishes(random.split('dishes'));
  const people = makePeople(random.split('people'), towns);
  const tasks = readTasks(random.split('tasks'));
  return {
    seed,
    dishes,
    dishWeights: zipf(dishes.length, 0.6),
    people,
    peopleWeights: zipf(people.length, 0.9),
    towns,
    tasks,
    taskWeights: zipf(tasks.length, 0.4),
    jobs: JOB_LINES.map((line) => line.split('|')[0]!),
    firstNames: [...FEMALE_NAMES, ...MALE_NAMES],
    lastNames: LAST_NAMES,
    personByName: new Map(people.map((person) => [person.name.toLowerCase(), person])),
    lexicon: buildLexicon(),
  };
}
