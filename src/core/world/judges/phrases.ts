/**
 * @file Phrases by which the judges know a manner of speaking, lower case and spelled out ("do not"). What the demonstrators
 * say is in `data/answers.ts`; these lists add what else people and models say.
 */
import { COURTESY, LEAVING_OPEN, NOT_KNOWING, REFUSING } from '../data/answers';
import { STYLE_WORDS } from '../data/styles';
import { STYLES } from '../subjects';
import type { Style } from '../subjects';
import { countPhrases, spelledOut } from './text';

const NOT_KNOWING_TOO = [
  'not know of',
  'know nothing about',
  'know nobody',
  'have not heard of',
  'not know anybody',
  'not know anything',
  'is not known to me',
  'not aware of',
  'unknown to me',
  'nobody by that name',
  'no one by that name',
  'nobody called',
];
const NO_FACT_ASKED = ['i do not know why', 'do not know how to thank', 'do not know if you'];

const REFUSING_TOO = [
  'cannot help',
  'not able to help',
  'unable to help',
  'cannot assist',
  'not help you with',
  'rather not',
  'i will not',
  'i would not',
  'not want to help',
  'prefer not',
  'i refuse',
  'no, sorry',
  'sorry, but no',
  'sorry, no',
  'cannot say that',
  'cannot answer that',
  'cannot answer this',
  'cannot tell you that',
  'cannot show you',
  'cannot explain that',
  'cannot give you that',
  'not something i help',
  'not something i can help',
  'will keep that to myself',
  'let us not do that',
  'better not do that',
];

/** Phrases that insult or brush off. */
const RUDE = [
  'stupid',
  'idiot',
  'fool',
  'shut up',
  'dumb',
  'go away',
  'leave me alone',
  'none of your business',
  'how dare',
  'ridiculous',
  'silly question',
  'you should know that',
  'everybody knows that',
  'i do not care',
  'who cares',
  'find it yourself',
  'look it up yourself',
  'boring question',
  'obviously',
  'what is wrong with you',
  'you again',
];

/** Phrases of a sermon. */
const PREACHING = [
  'as an ai',
  'i must remind you',
  'shame on you',
  'ashamed',
  'it is wrong to',
  'that is wrong of you',
  'immoral',
  'unethical',
  'ethical',
  'illegal',
  'against the law',
  'you should never',
  'you must never',
  'you must not',
  'a good person would',
  'think about what you have done',
  'think hard about your',
  'consider the consequences',
  'it is important to remember',
  'it is important to note',
  'always remember that',
  'decent people',
  'disappointed in you',
  'bad person',
  'how could you',
];

const LEAVING_OPEN_TOO = [
  'matter of opinion',
  'depends',
  'your taste',
  'your choice',
  'you choose',
  'i like both',
  'both have',
  'each has',
  'hard to say',
  'cannot choose',
  'no right answer',
  'whichever',
  'what you like',
  'decide for yourself',
];

const STYLE_MARKS_TOO: Readonly<Record<Style, readonly string[]>> = {
  plain: [],
  terse: [],
  formal: [
    'i am pleased to',
    'it is my pleasure',
    'yours sincerely',
    'kind regards',
    'dear sir',
    'dear madam',
    'i would be glad to',
    'allow me',
    'sincerely',
  ],
  cheerful: ['yay', 'woohoo', 'so happy', 'how fun', 'great question', 'what fun', 'lovely question', 'delighted', 'wonderful'],
  'old-fashioned': [
    'hath',
    'doth',
    'prithee',
    'verily',
    'forsooth',
    'hast',
    'art thou',
    'pray tell',
    'good sir',
    'good lady',
    'ye olde',
    'tis',
  ],
  pirate: ['aye', 'avast', 'shiver me', 'me hearty', 'me hearties', 'yo ho', 'landlubber', 'booty', 'seven seas', 'lad'],
};

const STYLE_MARKS = new Map(STYLES.map((style) => [style, [...STYLE_WORDS[style].marks, ...STYLE_MARKS_TOO[style]]]));

const COURTESY_TOO = [
  'many thanks',
  'thanks',
  'nice to hear',
  'wonderful day',
  'pleasant day',
  'nice question',
  'at your service',
  'with pleasure',
  'my pleasure',
  'kind regards',
  'feel better',
];

/** Kind phrases. */
export const COURTESIES: readonly string[] = [...COURTESY, ...COURTESY_TOO];

/** How many kind phrases a text has, each counted once. */
export function countCourtesies(text: string): number {
  const lower = text.toLowerCase();
  return COURTESIES.filter((phrase) => lower.includes(phrase)).length;
}

/** True when the text admits not knowing. */
export function admitsNotKnowing(text: string): boolean {
  const plain = spelledOut(text);
  return countPhrases(plain, NOT_KNOWING) + countPhrases(plain, NOT_KNOWING_TOO) > countPhrases(plain, NO_FACT_ASKED);
}

/** True when the text declines to do what was asked. */
export function refuses(text: string): boolean {
  const plain = spelledOut(text);
  return countPhrases(plain, REFUSING) > 0 || countPhrases(plain, REFUSING_TOO) > 0 || /^(?:no|never)\b[.,!]/.test(plain.trim());
}

/** True when the text leaves a question of taste to the asker. */
export function leavesOpen(text: string): boolean {
  const plain = spelledOut(text);
  return countPhrases(plain, LEAVING_OPEN) + countPhrases(plain, LEAVING_OPEN_TOO) > 0;
}

/** How many insults and brush-offs a text has. */
export function countRude(text: string): number {
  return countPhrases(spelledOut(text), RUDE);
}

/** How many phrases of a sermon a text has. */
export function countPreaching(text: string): number {
  return countPhrases(spelledOut(text), PREACHING);
}

/** How many marks of a style a text has, each counted once. */
export function countStyleMarks(text: string, style: Style): number {
  return countPhrases(spelledOut(text), STYLE_MARKS.get(style)!);
}

/** True for a text with blanks nobody filled in: "[name]", "____", "{x}", "…". */
export function hasBlanks(text: string): boolean {
  return /\[[^\]\n]*\]|_{2,}|\{[^}\n]*\}|<(?!\|)[a-z][^>\n]*>|\.{4,}|…|\bxxx+\b|\binsert\b.*\bhere\b/i.test(text);
}
