/** @file The keys of labelling, as they are told to the labeller, and the letters of the answers. */
import { m } from '../../messages/messages';

/** A key and what it does. */
type KeyHelp = readonly (readonly [key: string, words: () => string])[];

const ALWAYS: KeyHelp = [
  ['Enter', m.label_key_save],
  ['n', m.label_key_note],
  ['s', m.label_key_skip],
  ['u', m.label_key_take_back],
];

/** For two answers. */
export const KEYS_FOR_PAIRS: KeyHelp = [
  ['←', m.label_key_a],
  ['→', m.label_key_b],
  ['↓', m.label_key_tie],
  ['↑', m.label_key_both_bad],
  ['1 – 7', m.label_key_strength],
  ...ALWAYS,
];

/** For three or four. */
export const KEYS_FOR_RANKINGS: KeyHelp = [['a b c …', m.label_key_order], ['⌫', m.label_key_clear], ...ALWAYS];

/** The name of an answer by its place on screen: "A", "B" … */
export const letterOf = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);
