/** @file What a verdict is called in lists and menus. */
import type { Verdict } from '../../core/preferences/comparison';

/** Words for each verdict. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = { a: 'A is better', b: 'B is better', tie: 'tie', 'both-bad': 'both bad' };
