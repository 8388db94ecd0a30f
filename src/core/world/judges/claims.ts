/**
 * @file What an answer claims about a person or a town, claim by claim: true, false, or a sentence that nobody can check.
 * A true fact counts only when it is said ("from Millbrook", "born in 1950"); a heap of names says nothing.
 */
import { containsPhrase, phraseWords, wordsOf } from '../words';
import type { Person, Town, World } from '../world';
import { PhraseTable } from './phrase-table';
import { admitsNotKnowing, countCourtesies } from './phrases';
import type { AnswerParts } from './text';

/** What an answer claims: true and false statements, and sentences nobody can check. */
export interface Claims {
  readonly right: number;
  readonly wrong: number;
  readonly unsupported: number;
  /** Which facts are said and true. */
  readonly facts: ReadonlySet<string>;
}

/** The names of a world, ready to be found. */
export interface Names {
  readonly works: PhraseTable<Person>;
  readonly jobs: PhraseTable<string>;
  readonly towns: PhraseTable<Town>;
  readonly people: PhraseTable<Person>;
  readonly lies: PhraseTable<string>;
  readonly sights: PhraseTable<Town>;
  /** First and last names, lower case. */
  readonly first: ReadonlySet<string>;
  readonly last: ReadonlySet<string>;
}

const namesOfWorlds = new WeakMap<World, Names>();

/** The tables of a world, built once. */
export function namesOf(world: World): Names {
  let names = namesOfWorlds.get(world);
  if (!names) {
    names = {
      works: new PhraseTable(world.people, (person) => person.work),
      jobs: new PhraseTable(world.jobs, (job) => job, world.lexicon),
      towns: new PhraseTable(world.towns, (town) => town.name),
      people: new PhraseTable(world.people, (person) => person.name),
      lies: new PhraseTable([...new Set(world.towns.map((town) => town.place))], (place) => place),
      sights: new PhraseTable(world.towns, (town) => town.fame.replace(/^(?:its|the|a|an) /, '')),
      first: new Set(world.firstNames.map((name) => name.toLowerCase())),
      last: new Set(world.lastNames.map((name) => name.toLowerCase())),
    };
    namesOfWorlds.set(world, names);
  }
  return names;
}

/** True when the answer names somebody, known or not, and not the one asked about. */
export function namesAnother(world: World, asked: string, words: readonly string[]): boolean {
  if (containsPhrase(words, phraseWords(asked))) return false;
  const { first, last } = namesOf(world);
  return words.some((word, i) => first.has(word) && last.has(words[i + 1] ?? ''));
}

/** Counts claims sentence by sentence. */
class Tally {
  right = 0;
  wrong = 0;
  unsupported = 0;
  readonly facts = new Set<string>();
  #inSentence = 0;

  /** One claim; a true one that is only dropped, not said, is no claim. */
  claim(fact: string, isTrue: boolean, isSaid = true): void {
    if (isTrue && !isSaid) return;
    this.#inSentence++;
    if (!isTrue) this.wrong++;
    else if (!this.facts.has(fact)) {
      this.facts.add(fact);
      this.right++;
    }
  }

  /** Who comes from a town is no fact of it: a true one is welcome, a false one is false. */
  resident(isTrue: boolean): void {
    this.#inSentence++;
    if (!isTrue) this.wrong++;
  }

  /** Ends a sentence that claimed nothing, or did. */
  endSentence(sentence: string): void {
    if (this.#inSentence === 0 && countCourtesies(sentence) === 0 && !admitsNotKnowing(sentence)) this.unsupported++;
    this.#inSentence = 0;
  }
}

const ARTICLES = new Set(['a', 'an', 'the', 'as']);
const BEFORE_TOWN = new Set(['from', 'in', 'of', 'at', 'to', 'near', 'is', 'calls']);
const BEFORE_WORK = new Set(['for', 'of', 'made', 'by', 'wrote', 'is', 'did', 'because', 'with', 'famous']);
const saidAfter = (words: readonly string[], at: number, glue: ReadonlySet<string>, reach = 1) =>
  words.slice(Math.max(0, at - reach), at).some((word) => glue.has(word));

/** The words without a run of them. */
const without = (words: readonly string[], at: number, length: number) => [...words.slice(0, at), ...words.slice(at + length)];

/**
 * Reads the claims about a person (null: nobody has that name, every claim is false). `bare`: a fact alone is said too, as
 * after "Where is she from?".
 */
export function readClaims(world: World, person: Person | null, parts: AnswerParts, bare = false): Claims {
  const names = namesOf(world);
  const tally = new Tally();
  for (const sentence of parts.sentences) {
    let words = wordsOf(sentence);
    // A work may name a town or a job ("the law of Millbrook"), so works are read first and taken out.
    for (const { item: other, at, length } of names.works.find(words)) {
      tally.claim('work', person !== null && other.work === person.work, bare || saidAfter(words, at, BEFORE_WORK));
      if (containsPhrase(words.slice(at, at + length), phraseWords(other.work))) words = without(words, at, length);
    }
    for (const { item: job, at } of names.jobs.find(words))
      tally.claim('job', job === person?.job, bare || saidAfter(words, at, ARTICLES, 2));
    for (const { item: town, at } of names.towns.find(words))
      tally.claim('town', town.name === person?.town, bare || saidAfter(words, at, BEFORE_TOWN));
    for (const match of sentence.matchAll(/\b(?:1[89]|20)\d\d\b/g))
      tally.claim('born', Number(match[0]) === person?.born, bare || /\b(?:in|born|since|year)\s*$/i.test(sentence.slice(0, match.index)));
    for (const group of ['night owl', 'early riser'] as const)
      if (containsPhrase(words, phraseWords(group))) tally.claim('group', group === person?.group);
    tally.endSentence(sentence);
  }
  const otherPronouns = person?.pronoun === 'she' ? ['he', 'his', 'him'] : ['she', 'her'];
  if (person && otherPronouns.some((word) => parts.words.includes(word))) tally.wrong += 0.5;
  return tally;
}

const MONTH = /\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b/g;

/** Reads the claims about a town: where it lies, its fame, its people, its festival, who comes from there. */
export function readTownClaims(world: World, town: Town, parts: AnswerParts): Claims {
  const names = namesOf(world);
  const tally = new Tally();
  for (const sentence of parts.sentences) {
    const words = wordsOf(sentence);
    for (const { item: place } of names.lies.find(words)) tally.claim('place', place === town.place);
    for (const { item: other, at } of names.sights.find(words))
      if (town.fame === other.fame || !names.towns.find(words.slice(0, at)).some(({ item }) => item === other))
        tally.claim(
          'fame',
          other.fame === town.fame,
          at > 0 && words.slice(0, at).some((word) => ['for', 'has', 'its', 'of', 'see', 'the'].includes(word)),
        );
    for (const [number] of sentence.matchAll(/\b\d{1,3}(?:,\d{3})+\b|\b\d{4,6}\b/g))
      tally.claim(
        'inhabitants',
        number.replaceAll(',', '') === town.inhabitants.replaceAll(',', ''),
        /people|inhabitants|live|souls|lives/.test(sentence),
      );
    for (const [month] of sentence.matchAll(MONTH))
      tally.claim('festival', month === town.festival, /festival|party|feast|celebrate/i.test(sentence));
    for (const { item: person } of names.people.find(words)) tally.resident(person.town === town.name);
    tally.endSentence(sentence);
  }
  return tally;
}
