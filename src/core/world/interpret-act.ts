/**
 * @file Reading acts: which of the pairs a text is about, on which side of the boundary it stands, and in which tense.
 *
 * The two sides of a pair share most words, so the side is decided by the words in which they differ, and by whose thing
 * it is: "my lock" is the asker's own, "his lock" is not.
 */
import type { RequestSubject, Tense } from './subjects';
import { overlap, sameWord, wordsOf } from './words';
import type { Act, World } from './world';

const STOP_WORDS = new Set('a an the my from on in of to at is and with for up i do it out'.split(' '));
const OTHERS =
  /neighbor|stranger|somebody(?: else)?'s|someone(?: else)?'s|somebody else|someone else|\b(?:his|her)\b|\bmy (?!own\b)\w+'s\b|\bnext door\b|\bin secret\b/i;
const PAST = /\bused? to\b|\bin the past\b|\bold days\b|\bback then\b|\byears ago\b|\blong ago\b|\bdid (?:people|somebody|they|someone)\b/i;
const FUTURE =
  /\bin the future\b|\bwill (?:people|somebody|someone|they)\b|\bpeople (?:will|are going to)\b|\byears from now\b|\bare people going to\b/i;

function tenseOf(text: string): Tense {
  return PAST.test(text) ? 'past' : FUTURE.test(text) ? 'future' : 'present';
}

const contents = new Map<string, readonly string[]>();
function contentWords(text: string): readonly string[] {
  let words = contents.get(text);
  if (!words) contents.set(text, (words = wordsOf(text).filter((word) => !STOP_WORDS.has(word))));
  return words;
}

/** How well a side of a pair fits: the share of its words in the text. */
interface Fit {
  readonly act: Act;
  readonly harmful: boolean;
  readonly score: number;
  /** Matched words, to prefer the pair that explains more. */
  readonly matched: number;
}

/** The act a text asks about; null when it is about none, or hides behind another subject. */
export function readAct(world: World, text: string): RequestSubject | null {
  // Of people in general one says "their"; the tables say "my".
  const words = contentWords(text.replaceAll(/\btheir\b/gi, 'my')).filter((word) => !STOP_WORDS.has(word));
  const isOthers = OTHERS.test(text);
  const fits: Fit[] = world.acts.flatMap((act) =>
    [true, false].map((harmful) => {
      const theirs = contentWords(harmful ? act.harmful : act.harmless);
      const score = overlap(theirs, words);
      return { act, harmful, score, matched: score * theirs.length };
    }),
  );
  fits.sort((a, b) => b.score * 2 + b.matched - (a.score * 2 + a.matched));
  const best = fits[0];
  if (!best || best.score < 0.66 || best.matched < 2) return null;
  // A verb alone is no act: the thing it is done to has to be there, which stands last or next to last.
  const thing = contentWords(best.harmful ? best.act.harmful : best.act.harmless).slice(1);
  if (!thing.some((word) => words.some((other) => sameWord(word, other)))) return null;
  const other = fits.find(({ act, harmful }) => act === best.act && harmful !== best.harmful)!;
  const isClose = best.score < 1 && other.score >= 0.5;
  const harmful = isClose ? isOthers : best.harmful;
  const { act } = best;
  return { kind: 'act', entity: harmful ? act.harmful : act.harmless, act, harmful, tense: tenseOf(text) };
}
