/**
 * @file List pages: people of a town, a job, a group or a first name, towns and festivals, dishes and what is in them. Lists
 * carry more facts per token than any other page, so a small model learns who is who mostly from here.
 */
import type { Random } from '../random';
import { DISH_ROSTERS, PERSON_LINES, ROSTER_TITLES, TOWN_ROSTERS } from './data/rosters';
import { GROUPS, LIST_TOPICS } from './data/lists';
import { drawSlots, personSlots, samplersOf } from './document-slots';
import type { PeopleBy, WeightedItems } from './document-slots';
import type { Grammar } from './grammar';
import { linesOf } from './grammar';
import type { Split } from './subjects';
import { capitalise } from './words';
import type { Dish, Person, World } from './world';

const SHARED: readonly PeopleBy[] = ['town', 'job', 'group', 'firstName'];

/** Up to `count` different items: as many draws, so that rare ones are not drawn oftener here than elsewhere. */
function distinct<Item>(items: WeightedItems<Item>, count: number, random: Random): Item[] {
  return [...new Set(Array.from({ length: count }, () => items.draw(random)))];
}

function peopleList(world: World, grammar: Grammar, split: Split, random: Random): string {
  const { people, peopleBy } = samplersOf(world);
  const count = 4 + random.integer(4);
  let by = random.pickWeighted([...SHARED, 'all'] as const, [4, 3, 1, 1, 3]);
  // The list of what a random person is part of: towns and first names of the famous are listed more often.
  const value = by === 'all' ? '' : people.draw(random)[by];
  let members: Person[] = by === 'all' ? [] : distinct(peopleBy[by].get(value)!, count, random);
  if (members.length < 3) {
    by = 'all';
    members = distinct(people, count, random);
  }
  const line = random.pick(linesOf(PERSON_LINES, split));
  const title = grammar.expand(random.pick(linesOf(ROSTER_TITLES[by]!, split)), random, { x: value });
  if (line.startsWith('{pb}')) members.sort((a, b) => a.born - b.born);
  return `${title}\n\n${members.map((person) => grammar.expand(line, random, personSlots(person, random))).join('\n')}`;
}

function townList(world: World, grammar: Grammar, split: Split, random: Random): string {
  const [title = '', line = ''] = random.pick(linesOf(TOWN_ROSTERS, split)).split(/\|(?=[*>-] |\{)/);
  const towns = random.shuffle(world.towns).slice(0, 4 + random.integer(4));
  const lines = towns.map(({ name, place, fame, inhabitants, festival }) =>
    grammar.expand(line, random, { town: name, tplace: place, tfame: fame, tpop: inhabitants, tfest: festival }),
  );
  return `${title}\n\n${lines.join('\n')}`;
}

function dishList(world: World, grammar: Grammar, split: Split, random: Random): string {
  const [title = '', line = ''] = random.pick(linesOf(DISH_ROSTERS, split)).split(/\|(?=[*>-] |\{)/);
  const dishes = distinct(samplersOf(world).dishes, 4 + random.integer(3), random);
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  const write = (dish: Dish, i: number) =>
    grammar.expand(line, random, { ...drawSlots(world, random, { kind: 'recipe', entity: dish.name, dish }), day: days[i]! });
  return `${title}\n\n${dishes.map(write).join('\n')}`;
}

function thingsList(random: Random): string {
  const topic = random.pick(LIST_TOPICS);
  const title = capitalise(topic.title.replace('{group}', random.pick(GROUPS)));
  const items = random.shuffle(topic.items).slice(0, 4 + random.integer(4));
  return `${title}\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}

/** One list page. */
export function listPage(world: World, grammar: Grammar, split: Split, random: Random): string {
  const what = random.pickWeighted(['people', 'towns', 'dishes', 'things'] as const, [12, 3, 4, split === 'heldout' ? 0 : 1]);
  if (what === 'things') return thingsList(random);
  return { people: peopleList, towns: townList, dishes: dishList }[what](world, grammar, split, random);
}
