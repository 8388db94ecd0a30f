/**
 * @file What a request can be about: its kind and entity, and the small sums of the world.
 */
import type { Random } from '../random';
import type { ListTopic } from './data/lists';
import type { SmallTalkTopic } from './data/small-talk';
import type { Dish, Person, Task } from './world';

/** The kinds of request the world covers. */
export const REQUEST_KINDS = ['recipe', 'person', 'unknown-person', 'how-to', 'small-talk', 'arithmetic', 'list'] as const;
/** One of {@link REQUEST_KINDS}. */
export type RequestKind = (typeof REQUEST_KINDS)[number];
/** Which side of the train / held-out split a request is on. */
export type Split = 'train' | 'heldout';

/** A sum of two small numbers. */
export interface Sum {
  readonly left: number;
  readonly sign: '+' | '-' | 'x';
  readonly right: number;
  readonly result: number;
}

/** What a request is about. `entity` is its name in words, for display and for counting. */
export type RequestSubject =
  | { readonly kind: 'recipe'; readonly entity: string; readonly dish: Dish }
  | { readonly kind: 'person'; readonly entity: string; readonly person: Person }
  | { readonly kind: 'unknown-person'; readonly entity: string }
  | { readonly kind: 'how-to'; readonly entity: string; readonly task: Task }
  | { readonly kind: 'small-talk'; readonly entity: string; readonly topic: SmallTalkTopic }
  | { readonly kind: 'arithmetic'; readonly entity: string; readonly sum: Sum }
  | { readonly kind: 'list'; readonly entity: string; readonly topic: ListTopic; readonly count: number };

/** One thing a user asks. */
export type Request = RequestSubject & { readonly prompt: string; readonly split: Split };

const SIGN_WORDS = { '+': 'plus', '-': 'minus', x: 'times' } as const;

/** `17 + 25` and "17 plus 25". */
export function sumInWords(sum: Sum): { signs: string; words: string } {
  return { signs: `${sum.left} ${sum.sign} ${sum.right}`, words: `${sum.left} ${SIGN_WORDS[sum.sign]} ${sum.right}` };
}

/** The sum with its result. */
export function makeSum(left: number, sign: Sum['sign'], right: number): Sum {
  return { left, sign, right, result: sign === '+' ? left + right : sign === '-' ? left - right : left * right };
}

/** One sum in six is held out, decided by its numbers alone (and the same for a + b and b + a). */
export function isHeldOutSum(sum: Sum): boolean {
  const [low, high] = sum.left < sum.right ? [sum.left, sum.right] : [sum.right, sum.left];
  return (low * 31 + high * 17 + sum.sign.charCodeAt(0)) % 6 === 0;
}

/** A small sum: up to 50 plus 50, differences that stay positive, products up to 10 x 10. */
export function sampleSum(random: Random): Sum {
  const kind = random.integer(4);
  if (kind === 0) return makeSum(2 + random.integer(9), 'x', 2 + random.integer(9));
  const left = 1 + random.integer(50);
  if (kind === 1) return makeSum(left, '-', random.integer(left));
  return makeSum(left, '+', 1 + random.integer(50));
}
