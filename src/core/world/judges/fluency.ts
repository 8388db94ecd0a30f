/**
 * @file Fluency: is it sentences, or a heap of words? Judged by pairs of neighbouring words, most of which are the world's
 * own in a sentence and few in a heap; pairs with a name, a town or a job fit anywhere and are left out.
 */
import { buildWordPairs } from '../lexicon';
import { phraseWords, singular, wordsOf } from '../words';
import type { World } from '../world';
import { namesOf } from './claims';

let pairs: ReadonlyMap<string, ReadonlySet<string>> | null = null;
const anywhere = new WeakMap<World, ReadonlySet<string>>();

/** Words that may stand beside any other. */
function wordsOfNames(world: World): ReadonlySet<string> {
  let words = anywhere.get(world);
  if (!words) {
    const { first, last } = namesOf(world);
    words = new Set([...first, ...last, ...[...world.towns.map(({ name }) => name), ...world.jobs].flatMap((name) => phraseWords(name))]);
    anywhere.set(world, words);
  }
  return words;
}

const FEWEST_PAIRS = 6;
/** Words that begin a sentence and so have no capital inside one; titles in quotes are left out first. */
const MISPLACED = /[a-z,] (?:He|She|It|They|The|A|An|Some|Others|Both|Here|There|This|But|And|In)\b/g;

/** Fluency, 0 to 1: full when 70 of 100 pairs of neighbours are the world's, none at 45; texts of a few words pass. */
export function fluencyOf(world: World, text: string): number {
  pairs ??= buildWordPairs();
  const names = wordsOfNames(world);
  let known = 0;
  // The beginning of a sentence in the midst of one breaks as much as three strange pairs.
  let total = 3 * (text.replaceAll(/"[^"\n]*"/g, '').match(MISPLACED) ?? []).length;
  for (const run of text.split(/[.!?:\n*]|\d+/)) {
    const words = wordsOf(run);
    for (let i = 1; i < words.length; i++) {
      const [a, b] = [words[i - 1]!, words[i]!];
      if (names.has(a) || names.has(b)) continue;
      total++;
      if (pairs.get(a)?.has(b) || pairs.get(singular(a))?.has(singular(b))) known++;
    }
  }
  return total < FEWEST_PAIRS ? 1 : Math.min(1, Math.max(0, (known / total - 0.45) / 0.25));
}
