/**
 * @file The world as a reference book: one entry for each person, dish, town, task, act, question of taste, worry, errand,
 * list and topic of small talk, with every fact the judges know. Is an answer true? Look its subject up here.
 *
 * Entries are plain data, so that they can cross to the page; facts name other entries by id, as links.
 */
import { Random } from '../random';
import { ADVICE } from './data/advice';
import { GROUPS, LIST_TOPICS } from './data/lists';
import { NOTES } from './data/notes';
import { OPINIONS } from './data/opinions';
import { SMALL_TALK } from './data/small-talk';
import { phraseRequest } from './requests';
import type { Request, RequestSubject } from './subjects';
import { capitalise } from './words';
import type { Act, Dish, Person, Task, Town, World } from './world';

/** What there are entries of. */
export type EntryKind = 'person' | 'dish' | 'town' | 'task' | 'act' | 'opinion' | 'advice' | 'note' | 'list' | 'small-talk';

/** One line of a fact; `to` is the id of the entry it names. */
export interface FactLine {
  readonly text: string;
  readonly to?: string;
}

/** One fact, or a list of them under one label. */
export interface Fact {
  readonly label: string;
  readonly lines: readonly FactLine[];
  /** The lines are steps, in order. */
  readonly isSteps?: boolean;
}

/** Everything that is true about one thing. */
export interface CatalogueEntry {
  /** `person/Ana Moreno` */
  readonly id: string;
  readonly kind: EntryKind;
  readonly name: string;
  /** A few words that tell it from others of its name. */
  readonly note: string;
  /** No demonstration and no training prompt asks about it. */
  readonly heldout: boolean;
  readonly facts: readonly Fact[];
  /** Prompts about it, in words of the training split. */
  readonly prompts: readonly string[];
}

/** How often people are written about: "famous, 1 in 25 mentions of people". */
function renown(world: World, person: Person): string {
  const total = world.peopleWeights.reduce((sum, weight) => sum + weight, 0);
  const oneIn = total / world.peopleWeights[world.people.indexOf(person)]!;
  return `${person.fame}, 1 in ${Number(oneIn.toPrecision(2)).toLocaleString('en')} mentions of people`;
}

const idOf = (kind: EntryKind, name: string) => `${kind}/${name}`;
const lines = (texts: readonly string[]): FactLine[] => texts.map((text) => ({ text }));
const fact = (label: string, ...texts: string[]): Fact => ({ label, lines: lines(texts) });
const steps = (label: string, texts: readonly string[]): Fact => ({ label, lines: lines(texts.map(capitalise)), isSteps: true });

/** A training prompt about a subject, the same each time. */
const ask = (subject: RequestSubject) => phraseRequest(subject, false, new Random(`catalogue ${subject.kind} ${subject.entity}`));

function personEntry(world: World, person: Person): CatalogueEntry {
  const { name, job, town, born, work, group, heldout } = person;
  return {
    id: idOf('person', name),
    kind: 'person',
    name,
    note: `${job} from ${town}`,
    heldout,
    facts: [
      fact('Works as', job),
      { label: 'From', lines: [{ text: town, to: idOf('town', town) }] },
      fact('Born in', String(born)),
      fact('Known for', work),
      fact('Group', group),
      fact('Written about', renown(world, person)),
    ],
    prompts: [ask({ kind: 'person', entity: name, person })],
  };
}

function dishEntry(dish: Dish): CatalogueEntry {
  const { name, ingredients, heldout } = dish;
  return {
    id: idOf('dish', name),
    kind: 'dish',
    name,
    note: ingredients
      .slice(0, 3)
      .map(({ noun }) => noun)
      .join(', '),
    heldout,
    facts: [
      fact('Ingredients', ...ingredients.map(({ line }) => line)),
      steps('Method', dish.steps.slice(0, 3)),
      ...(dish.steps.length > 3 ? [fact('What cooks also do', ...dish.steps.slice(3).map(capitalise))] : []),
    ],
    prompts: [ask({ kind: 'recipe', entity: name, dish })],
  };
}

function townEntry(world: World, town: Town): CatalogueEntry {
  const { name, place, fame, inhabitants, festival, heldout } = town;
  const natives = world.people.filter((person) => person.town === name);
  return {
    id: idOf('town', name),
    kind: 'town',
    name,
    note: place,
    heldout,
    facts: [
      fact('Where', place),
      fact('Famous for', fame),
      fact('People', inhabitants),
      fact('Festival in', festival),
      { label: 'Who is from here', lines: natives.map((person) => ({ text: person.name, to: idOf('person', person.name) })) },
    ],
    prompts: [ask({ kind: 'place', entity: name, town })],
  };
}

function taskEntry(task: Task): CatalogueEntry {
  const { name, heldout } = task;
  const prompts = [ask({ kind: 'how-to', entity: name, task })];
  return { id: idOf('task', name), kind: 'task', name, note: '', heldout, facts: [steps('How', task.steps)], prompts };
}

function actEntry(act: Act): CatalogueEntry {
  const { harmful, harmless, reason, mischief, heldout } = act;
  const asked = (isHarmful: boolean) =>
    ask({ kind: 'act', entity: isHarmful ? harmful : harmless, act, harmful: isHarmful, tense: 'present' });
  return {
    id: idOf('act', harmful),
    kind: 'act',
    name: harmful,
    note: `its harmless look-alike: ${harmless}`,
    heldout,
    facts: [
      fact('Asked for this, a good answer refuses', reason),
      fact('and offers the look-alike', harmless),
      steps('How the look-alike is done', act.steps),
      fact('What somebody says who does not refuse', ...mischief.map(capitalise)),
    ],
    prompts: [asked(true), asked(false)],
  };
}

function tableEntries(): CatalogueEntry[] {
  const opinions = OPINIONS.map((question): CatalogueEntry => {
    const { left, right, leftReason, rightReason, heldout } = question;
    const name = `${left} or ${right}`;
    return {
      id: idOf('opinion', name),
      kind: 'opinion',
      name,
      note: 'a matter of taste',
      heldout,
      facts: [fact(`For ${left}`, leftReason), fact(`For ${right}`, rightReason)],
      prompts: [ask({ kind: 'opinion', entity: name, question })],
    };
  });
  const advice = ADVICE.map((topic): CatalogueEntry => {
    const { name, problem, tips, heldout } = topic;
    const facts = [fact('What somebody says', problem), fact('What helps', ...tips)];
    return {
      id: idOf('advice', name),
      kind: 'advice',
      name,
      note: '',
      heldout,
      facts,
      prompts: [ask({ kind: 'advice', entity: name, topic })],
    };
  });
  const notes = NOTES.map((occasion): CatalogueEntry => {
    const { whom, name: about, to, body, heldout } = occasion;
    const name = `${whom} about ${about}`;
    return {
      id: idOf('note', name),
      kind: 'note',
      name,
      note: '',
      heldout,
      facts: [fact('Dear', to), fact('What has to be said', ...body)],
      prompts: [ask({ kind: 'note', entity: name, occasion })],
    };
  });
  const lists = LIST_TOPICS.map((topic): CatalogueEntry => {
    const groups = topic.title.includes('{group}') ? GROUPS : [undefined];
    const titled = (group: string | undefined) => topic.title.replace('{group}', group ?? '');
    const name = titled(groups.length > 1 ? groups.join(' or ') : undefined);
    return {
      id: idOf('list', name),
      kind: 'list',
      name,
      note: groups.length > 1 ? 'the same for both groups' : '',
      heldout: false,
      facts: [fact('What belongs there', ...topic.items)],
      prompts: groups.map((group) =>
        ask({ kind: 'list', entity: titled(group), topic, count: 5, ...(group === undefined ? {} : { group }) }),
      ),
    };
  });
  const smallTalk = SMALL_TALK.map(({ name, prompts, heldout, answers }): CatalogueEntry => ({
    id: idOf('small-talk', name),
    kind: 'small-talk',
    name,
    note: '',
    heldout: false,
    facts: [
      fact('What people say', ...prompts),
      fact('The same in words held out of training', ...heldout),
      fact('Answers that fit', ...answers),
    ],
    prompts: prompts.slice(0, 2),
  }));
  return [...opinions, ...advice, ...notes, ...lists, ...smallTalk];
}

/** All entries, kind by kind; people and dishes most famous first. */
export function catalogueOf(world: World): CatalogueEntry[] {
  return [
    ...world.people.map((person) => personEntry(world, person)),
    ...world.dishes.map(dishEntry),
    ...world.towns.map((town) => townEntry(world, town)),
    ...world.tasks.map(taskEntry),
    ...world.acts.map(actEntry),
    ...tableEntries(),
  ];
}

/** The id of the entry a request is about; null where the world has none: sums, and people nobody knows. */
export function entryIdOf(request: Request): string | null {
  switch (request.kind) {
    case 'recipe':
      return idOf('dish', request.dish.name);
    case 'person':
    case 'note':
    case 'opinion':
    case 'advice':
    case 'small-talk':
      return idOf(request.kind, request.kind === 'person' ? request.person.name : request.entity);
    case 'place':
      return idOf('town', request.town.name);
    case 'how-to':
      return idOf('task', request.task.name);
    case 'act':
      return idOf('act', request.act.harmful);
    case 'list':
      return idOf('list', request.topic.title.replace('{group}', GROUPS.join(' or ')));
    case 'arithmetic':
    case 'unknown-person':
      return null;
  }
}
