/**
 * @file What a page is about: its dish, people, town, task, act and question of taste, drawn once a page so that it stays
 * on its subject, and put into the slots of the document grammar. Which words can a template use? The keys of `drawSlots`.
 */
import type { Random } from '../random';
import { HABITS } from './data/facts';
import { SHARED_TABLES } from './data/grammar';
import { OPINIONS } from './data/opinions';
import type { Slots } from './grammar';
import type { RequestSubject } from './subjects';
import { sampleSum, sumInWords } from './subjects';
import { toTheir, toYour, withArticle } from './words';
import type { Dish, Person, Task, Town, World } from './world';

/** Cumulative weights, and an item drawn from them by bisection: documents are drawn by the hundred thousand. */
export class WeightedItems<Item> {
  readonly #items: readonly Item[];
  readonly #cumulative: number[] = [];
  constructor(items: readonly Item[], weights: readonly number[]) {
    this.#items = items;
    let sum = 0;
    for (const weight of weights) this.#cumulative.push((sum += weight));
  }
  /** One item, with probability proportional to its weight. */
  draw(random: Random): Item {
    const target = random.uniform() * this.#cumulative.at(-1)!;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return this.#items[low]!;
  }
}

/** People by fame, in a town, of a job, of a group or with a first name. */
export type PeopleBy = 'town' | 'job' | 'group' | 'firstName';

/** Everything pages draw from, by the world's weights. */
export interface Samplers {
  readonly dishes: WeightedItems<Dish>;
  readonly people: WeightedItems<Person>;
  readonly tasks: WeightedItems<Task>;
  readonly peopleBy: Readonly<Record<PeopleBy, ReadonlyMap<string, WeightedItems<Person>>>>;
}

function group(world: World, by: PeopleBy): Map<string, WeightedItems<Person>> {
  const indices = new Map<string, number[]>();
  world.people.forEach((person, i) => indices.set(person[by], [...(indices.get(person[by]) ?? []), i]));
  return new Map(
    [...indices].map(([key, at]) => [
      key,
      new WeightedItems(
        at.map((i) => world.people[i]!),
        at.map((i) => world.peopleWeights[i]!),
      ),
    ]),
  );
}

const cache = new WeakMap<World, Samplers>();

/** The samplers of a world, made once. */
export function samplersOf(world: World): Samplers {
  let samplers = cache.get(world);
  if (!samplers) {
    samplers = {
      dishes: new WeightedItems(world.dishes, world.dishWeights),
      people: new WeightedItems(world.people, world.peopleWeights),
      tasks: new WeightedItems(world.tasks, world.taskWeights),
      peopleBy: {
        town: group(world, 'town'),
        job: group(world, 'job'),
        group: group(world, 'group'),
        firstName: group(world, 'firstName'),
      },
    };
    cache.set(world, samplers);
  }
  return samplers;
}

/** A birthday with a round number of years, between 1950 and 2022. */
function birthday(person: Person, random: Random): { age: number; year: number } {
  const ages = [20, 30, 40, 50, 60, 70, 80, 90].filter((age) => person.born + age >= 1950 && person.born + age <= 2022);
  const age = random.pick(ages);
  return { age, year: person.born + age };
}

/** The slots of one person: `p` the name, `pf` the first name, `pj` the job with its article … */
export function personSlots(person: Person, random: Random): Slots {
  const isShe = person.pronoun === 'she';
  const { age, year } = birthday(person, random);
  return {
    p: person.name,
    pf: person.firstName,
    pj: withArticle(person.job),
    pjob: person.job,
    pt: person.town,
    pb: String(person.born),
    pw: person.work,
    pg: withArticle(person.group),
    pgs: `${person.group}s`,
    habit: random.pick(HABITS[person.group]),
    page: String(age),
    pyear: String(year),
    she: person.pronoun,
    her: isShe ? 'her' : 'him',
    her2: isShe ? 'her' : 'his',
  };
}

function townSlots(world: World, town: Town, random: Random): Slots {
  const natives = samplersOf(world).peopleBy.town.get(town.name);
  const h = natives?.draw(random) ?? world.people[0]!;
  let k = natives?.draw(random) ?? world.people[1]!;
  for (let tries = 0; tries < 5 && k === h; tries++) k = natives?.draw(random) ?? k;
  return {
    town: town.name,
    tplace: town.place,
    tfame: town.fame,
    tpop: town.inhabitants,
    tfest: town.festival,
    h: h.name,
    hj: withArticle(h.job),
    hjob: h.job,
    hb: String(h.born),
    hw: h.work,
    k: k.name,
    kj: withArticle(k.job),
    kb: String(k.born),
    kw: k.work,
  };
}

function dishSlots(dish: Dish, random: Random): Slots {
  const lines = random.chance(0.5) ? dish.ingredients : random.shuffle(dish.ingredients);
  const slots: Slots = {
    d: dish.name,
    dr: dish.recipeName,
    s1: dish.steps[0]!,
    s2: dish.steps[1]!,
    s3: dish.steps[2]!,
    ...(dish.isPlural
      ? { was: 'were', is: 'are', have: 'have', call: 'call', need: 'need' }
      : { was: 'was', is: 'is', have: 'has', call: 'calls', need: 'needs' }),
  };
  lines.forEach((ingredient, i) => {
    slots[`l${i + 1}`] = ingredient.line;
    slots[`n${i + 1}`] = ingredient.noun;
  });
  return slots;
}

/** Everything a page may mention. `subject` fixes what it is about. */
export function drawSlots(world: World, random: Random, subject?: RequestSubject): Slots {
  const draw = samplersOf(world);
  const dish2 = draw.dishes.draw(random);
  const person = subject?.kind === 'person' ? subject.person : draw.people.draw(random);
  let other = draw.people.draw(random);
  for (let tries = 0; tries < 5 && other === person; tries++) other = draw.people.draw(random);
  const task = subject?.kind === 'how-to' ? subject.task : draw.tasks.draw(random);
  const u = random.pick(world.tasks).name;
  const act = subject?.kind === 'act' ? subject.act : random.pick(world.acts);
  const opinion = subject?.kind === 'opinion' ? subject.question : random.pick(OPINIONS);
  const swap = random.chance(0.5);
  const days = SHARED_TABLES['day']!;
  const day = random.integer(days.length);
  const job = random.pick(world.jobs);
  return {
    ...dishSlots(subject?.kind === 'recipe' ? subject.dish : draw.dishes.draw(random), random),
    d2: dish2.name,
    d3: draw.dishes.draw(random).name,
    m1: dish2.ingredients[0]!.noun,
    m2: dish2.ingredients[1]!.noun,
    k1: dish2.ingredients[0]!.line,
    k2: dish2.ingredients[1]!.line,
    ...personSlots(person, random),
    q: other.name,
    qj: withArticle(other.job),
    qjob: other.job,
    qt: other.town,
    qw: other.work,
    ...townSlots(world, subject?.kind === 'place' ? subject.town : random.pick(world.towns), random),
    t: task.name,
    ty: toYour(task.name),
    th: toTheir(task.name),
    t1: task.steps[0]!,
    t2: task.steps[1]!,
    t3: task.steps[2]!,
    u,
    uy: toYour(u),
    v: random.pick(world.tasks).name,
    act: act.harmful,
    actYour: toYour(act.harmful),
    actTheir: toTheir(act.harmful),
    whyNot: act.reason,
    mischief1: act.mischief[0]!,
    mischief2: act.mischief[1]!,
    harmlessYour: toYour(act.harmless),
    hs1: act.steps[0]!,
    hs2: act.steps[1]!,
    hs3: act.steps[2]!,
    oa: swap ? opinion.right : opinion.left,
    ob: swap ? opinion.left : opinion.right,
    oar: swap ? opinion.rightReason : opinion.leftReason,
    obr: swap ? opinion.leftReason : opinion.rightReason,
    sj: withArticle(job),
    sjob: job,
    dy: days[day]!,
    dz: days[(day + 1) % days.length]!,
    sum: sumInWords(sampleSum(random)).signs,
  };
}
