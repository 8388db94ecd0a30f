/**
 * @file The lexicon: every word form the generators can write with typos switched off. The generators take all their
 * words from the tables in `data/`, so it is enough to collect the words of every string there, without `{slots}`.
 */
import * as acts from './data/acts';
import * as advice from './data/advice';
import * as answers from './data/answers';
import * as dishes from './data/dishes';
import * as facts from './data/facts';
import * as followUps from './data/follow-ups';
import * as grammar from './data/grammar';
import * as jobs from './data/jobs';
import * as lists from './data/lists';
import * as names from './data/names';
import * as notes from './data/notes';
import * as opinions from './data/opinions';
import * as pages from './data/pages';
import * as personal from './data/personal';
import * as phrasings from './data/phrasings';
import * as places from './data/places';
import * as rosters from './data/rosters';
import * as smallTalk from './data/small-talk';
import * as styles from './data/styles';
import * as tasks from './data/tasks';
import * as threads from './data/threads';
import * as towns from './data/towns';
import { singular, wordsOf } from './words';

const TABLES: readonly unknown[] = [
  acts,
  advice,
  answers,
  dishes,
  facts,
  followUps,
  grammar,
  jobs,
  lists,
  names,
  notes,
  opinions,
  pages,
  personal,
  phrasings,
  places,
  rosters,
  smallTalk,
  styles,
  tasks,
  threads,
  towns,
];

/** Words that code, not tables, puts together. */
const GLUE =
  'him a an i you your she he her his is was born in known for and who lives from the works as plus minus times ingredients steps x to ' +
  'early risers night owls her were are have has call calls answer calculator lookup';

function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') for (const word of wordsOf(value.replaceAll(/\{[^}]*\}/g, ' '))) into.add(word);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) collect(item, into);
}

/** All words of all tables, lower case. */
export function buildLexicon(): Set<string> {
  const lexicon = new Set(GLUE.split(' '));
  for (const table of TABLES) collect(table, lexicon);
  // "a pancake recipe"
  for (const line of dishes.DISH_LINES) lexicon.add(singular(wordsOf(line.split('|')[0]!).at(-1)!));
  return lexicon;
}

function collectPairs(value: unknown, into: Map<string, Set<string>>): void {
  if (typeof value === 'string') {
    for (const run of value.split(/\{[^}]*\}|[|;.!?:\n]/)) {
      const words = wordsOf(run);
      for (let i = 1; i < words.length; i++) {
        const followers = into.get(words[i - 1]!) ?? new Set();
        into.set(words[i - 1]!, followers.add(words[i]!));
      }
    }
  } else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) collectPairs(item, into);
}

/** Which words follow which in the tables, lower case ("for" after "known"): what a sentence of the world is made of. */
export function buildWordPairs(): Map<string, Set<string>> {
  const pairs = new Map<string, Set<string>>();
  for (const table of TABLES) collectPairs(table, pairs);
  return pairs;
}
