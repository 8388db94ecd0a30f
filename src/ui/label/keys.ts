/** @file The keys of labelling, as they are told to the labeller, and the letters of the answers. */

/** A key and what it does. */
type KeyHelp = readonly (readonly [key: string, words: string])[];

const ALWAYS: KeyHelp = [
  ['Enter', 'save'],
  ['n', 'note'],
  ['s', 'skip'],
  ['u', 'take back'],
];

/** For two answers. */
export const KEYS_FOR_PAIRS: KeyHelp = [['←', 'A'], ['→', 'B'], ['↓', 'tie'], ['↑', 'both bad'], ['1 – 7', 'how much better'], ...ALWAYS];

/** For three or four. */
export const KEYS_FOR_RANKINGS: KeyHelp = [['a b c …', 'best first, then the next'], ['⌫', 'start over'], ...ALWAYS];

/** The name of an answer by its place on screen: "A", "B" … */
export const letterOf = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);
