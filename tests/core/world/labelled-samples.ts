/** @file Reads `labelled-samples.txt`: answers with a careful person's labels, as requests of the world that the judges can judge. */
import { readFileSync } from 'node:fs';
import type { JudgeName } from '../../../src/core/world/judges';
import { ADVICE } from '../../../src/core/world/data/advice';
import { LIST_TOPICS } from '../../../src/core/world/data/lists';
import { NOTES } from '../../../src/core/world/data/notes';
import { OPINIONS } from '../../../src/core/world/data/opinions';
import { SMALL_TALK } from '../../../src/core/world/data/small-talk';
import { REQUEST_KINDS, STYLES, FOLLOW_UPS } from '../../../src/core/world/subjects';
import type { Request, RequestKind, RequestSubject, Situation } from '../../../src/core/world/subjects';
import { readSignedSum } from '../../../src/core/world/tools';
import { withArticle } from '../../../src/core/world/words';
import type { World } from '../../../src/core/world/world';

/** One labelled answer. `labels`: what the person says of it, judge by judge. */
export interface LabelledSample {
  readonly request: Request;
  readonly answer: string;
  readonly finished: boolean;
  readonly labels: ReadonlyMap<JudgeName | 'gold', boolean>;
}

type Options = ReadonlyMap<string, string>;

function found<Item>(item: Item | null | undefined, what: string): Item {
  if (item === null || item === undefined) throw new Error(`The world has no ${what}.`);
  return item;
}

function subjectOf(world: World, kind: RequestKind, entity: string, options: Options): RequestSubject {
  switch (kind) {
    case 'recipe':
      return {
        kind,
        entity,
        dish: found(
          world.dishes.find(({ name }) => name === entity),
          entity,
        ),
      };
    case 'person': {
      const person = entity === 'rare' ? world.people.find(({ fame }) => fame === 'rare') : world.people[Number(entity)];
      return { kind, entity: found(person, entity).name, person: found(person, entity) };
    }
    case 'unknown-person':
      return { kind, entity };
    case 'place':
      return {
        kind,
        entity,
        town: found(
          world.towns.find(({ name }) => name === entity),
          entity,
        ),
      };
    case 'how-to':
      return {
        kind,
        entity,
        task: found(
          world.tasks.find(({ name }) => name === entity),
          entity,
        ),
      };
    case 'act': {
      const harmful = options.has('harmful');
      const act = found(
        world.acts.find((other) => (harmful ? other.harmful : other.harmless) === entity),
        entity,
      );
      return { kind, entity, act, harmful, tense: options.has('past') ? 'past' : options.has('future') ? 'future' : 'present' };
    }
    case 'small-talk':
      return {
        kind,
        entity,
        topic: found(
          SMALL_TALK.find(({ name }) => name === entity),
          entity,
        ),
      };
    case 'arithmetic':
      return { kind, entity, sum: found(readSignedSum(entity), entity), withSteps: options.has('steps') };
    case 'list': {
      const topic = found(
        LIST_TOPICS.find(({ title }) => title === entity),
        entity,
      );
      const group = options.get('group');
      const about = entity.replace('{group}', group ?? '');
      return { kind, entity: about, topic, count: Number(options.get('count')), ...(group === undefined ? {} : { group }) };
    }
    case 'opinion': {
      const question = found(
        OPINIONS.find(({ left, right }) => `${left} or ${right}` === entity),
        entity,
      );
      return { kind, entity, question };
    }
    case 'advice':
      return {
        kind,
        entity,
        topic: found(
          ADVICE.find(({ name }) => name === entity),
          entity,
        ),
      };
    case 'note':
      return {
        kind,
        entity,
        occasion: found(
          NOTES.find(({ name }) => name === entity),
          entity,
        ),
      };
  }
}

function situationOf(options: Options): Situation {
  return {
    ...(options.has('style')
      ? {
          style: found(
            STYLES.find((style) => style === options.get('style')),
            'such style',
          ),
        }
      : {}),
    ...(options.has('follow')
      ? {
          followUp: found(
            FOLLOW_UPS.find((name) => name === options.get('follow')),
            'such follow-up',
          ),
        }
      : {}),
    ...(options.has('tools') ? { tools: true } : {}),
  };
}

/** Writes the world's facts into the blanks of a text; no text of a sample has blanks of its own in braces. */
function fill(world: World, subject: RequestSubject, text: string): string {
  const facts: Record<string, string> = {};
  if (subject.kind === 'person') {
    const { person } = subject;
    const other = found(
      world.people.find((p) => p.job !== person.job && p.town !== person.town && p.born !== person.born && p.pronoun === person.pronoun),
      'other',
    );
    for (const [prefix, who] of [
      ['', person],
      ['other.', other],
    ] as const)
      Object.assign(facts, {
        [`${prefix}name`]: who.name,
        [`${prefix}job`]: who.job,
        [`${prefix}a job`]: withArticle(who.job),
        [`${prefix}town`]: who.town,
        [`${prefix}born`]: String(who.born),
        [`${prefix}work`]: who.work,
      });
    facts.she = person.pronoun;
    facts.She = person.pronoun === 'she' ? 'She' : 'He';
    facts.neighbour = world.people.find((p) => p.town === person.town && p !== person)?.name ?? '';
  }
  if (subject.kind === 'place') {
    const { town } = subject;
    const other = found(
      world.towns.find((t) => t.place !== town.place && t.fame !== town.fame && t.inhabitants !== town.inhabitants),
      'other',
    );
    for (const [prefix, which] of [
      ['', town],
      ['other.', other],
    ] as const)
      for (const key of ['place', 'fame', 'inhabitants', 'festival'] as const) facts[prefix + key] = which[key];
    facts.resident = world.people.find((p) => p.town === town.name)?.name ?? '';
  }
  return text.replaceAll(/\{([^}]+)\}/g, (_, key: string) => found(facts[key], `fact ${key}`));
}

/** All samples, as requests of this world. */
export function labelledSamples(world: World): LabelledSample[] {
  const file = readFileSync(new URL('labelled-samples.txt', import.meta.url), 'utf8');
  return file
    .split(/^=== /m)
    .slice(2)
    .map((block) => {
      const [, head = '', answer = '', marks = ''] = found(/^(.*)\n([^]*?)\n?^--- (.*)$/m.exec(block), `block: ${block}`);
      const [kind = '', entity = '', optionText = '', prompt = ''] = head.split('|').map((part) => part.trim());
      const options = new Map(
        [...optionText.matchAll(/([a-z]+)(?:=(\S+(?: owls| risers)?))?/g)].map(([, key, value]) => [key!, value ?? '']),
      );
      const subject = subjectOf(
        world,
        found(
          REQUEST_KINDS.find((known) => known === kind),
          kind,
        ),
        entity,
        options,
      );
      const labels = new Map<JudgeName | 'gold', boolean>();
      let content = true;
      for (const mark of marks.trim().split(/\s+/)) {
        if (mark === '+' || mark === '-') content = mark === '+';
        else labels.set(mark as JudgeName | 'gold', content);
      }
      const request: Request = { ...subject, ...situationOf(options), prompt: fill(world, subject, prompt), split: 'heldout' };
      return { request, answer: fill(world, subject, answer), finished: !options.has('unfinished'), labels };
    });
}
