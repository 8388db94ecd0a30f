/**
 * @file What gives answers points, whatever it is made of: sliders, a fit, a network. `reward-scorers.ts` makes them; report cards
 * and pools of answers ask them.
 */
import type { Completion } from '../protocol/generate';
import type { Failure } from '../protocol/load';

/** An answer to be scored. */
export interface Answer {
  readonly prompt: string;
  readonly completion: Completion;
}

/** Gives answers points. */
export interface Scorer {
  readonly kind: 'hand' | 'fitted' | 'neural';
  /** What it is called on screen: its kind, or the name under which it is kept. */
  readonly label: string;
  /** One a completion, for those that can say so at once; null for a network. */
  readonly scoreNow: ((completion: Completion) => number) | null;
  /** Points before they are brought to one spread, one an answer, or why there are none. `hear` as in `ScoreOptions`. */
  readonly score: (answers: readonly Answer[], hear?: (numDone: number) => boolean) => Promise<readonly number[] | Failure>;
}
