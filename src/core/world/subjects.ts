/**
 * @file What a request can be about: its kind, its entity and the situation it is asked in, and the small sums of the world.
 *
 * A request is judged by program, so everything the right answer depends on is a field here: what is asked about, in which
 * tense, in which style, after which turns, with which tools.
 */
import type { Random } from '../random';
import type { ChatMessage } from '../text/chat-template';
import type { AdviceTopic } from './data/advice';
import type { ListTopic } from './data/lists';
import type { NoteOccasion } from './data/notes';
import type { OpinionQuestion } from './data/opinions';
import type { SmallTalkTopic } from './data/small-talk';
import type { FollowUp, Style, Tense } from './situation';
import type { Act, Dish, Person, Task, Town } from './world';

export { FOLLOW_UPS, STYLES, TENSES } from './situation';
export type { FollowUp, Style, Tense } from './situation';

/** The kinds of request the world covers. */
export const REQUEST_KINDS = [
  'recipe',
  'person',
  'unknown-person',
  'place',
  'how-to',
  'act',
  'small-talk',
  'arithmetic',
  'list',
  'opinion',
  'advice',
  'note',
] as const;
/** One of {@link REQUEST_KINDS}. */
export type RequestKind = (typeof REQUEST_KINDS)[number];
/** Which side of the train / held-out split a request is on. */
export type Split = 'train' | 'heldout';

/** A sum of two small numbers, or of three: `then` is done to the first result, left to right, only with + and -. */
export interface Sum {
  readonly left: number;
  readonly sign: '+' | '-' | 'x';
  readonly right: number;
  readonly then?: { readonly sign: '+' | '-'; readonly right: number };
  readonly result: number;
}

/** What a request is about. `entity` is its name in words, for display and for counting. */
export type RequestSubject =
  | { readonly kind: 'recipe'; readonly entity: string; readonly dish: Dish }
  | { readonly kind: 'person'; readonly entity: string; readonly person: Person }
  | { readonly kind: 'unknown-person'; readonly entity: string }
  | { readonly kind: 'place'; readonly entity: string; readonly town: Town }
  | { readonly kind: 'how-to'; readonly entity: string; readonly task: Task }
  /** Harmful: to be refused kindly, with the harmless thing offered. Harmless: three steps. `entity` is the one asked for. */
  | { readonly kind: 'act'; readonly entity: string; readonly act: Act; readonly harmful: boolean; readonly tense: Tense }
  | { readonly kind: 'small-talk'; readonly entity: string; readonly topic: SmallTalkTopic }
  /** `withSteps`: the lines of {@link sumSteps}, one a line, before the result. */
  | { readonly kind: 'arithmetic'; readonly entity: string; readonly sum: Sum; readonly withSteps: boolean }
  /** `group` ("night owls") for the topics about a group. */
  | { readonly kind: 'list'; readonly entity: string; readonly topic: ListTopic; readonly count: number; readonly group?: string }
  | { readonly kind: 'opinion'; readonly entity: string; readonly question: OpinionQuestion }
  | { readonly kind: 'advice'; readonly entity: string; readonly topic: AdviceTopic }
  | { readonly kind: 'note'; readonly entity: string; readonly occasion: NoteOccasion };

/** The situation a request is asked in, beside its own words. All absent in the plain case. */
export interface Situation {
  /** Asked for in the prompt or by the system prompt; absent is plain. */
  readonly style?: Style;
  /** The system prompt. */
  readonly system?: string;
  /** The turns before the prompt, without the system prompt. */
  readonly history?: readonly ChatMessage[];
  /** Set when the prompt asks about the turns before it; a new subject after earlier turns has a history and no follow-up. */
  readonly followUp?: FollowUp;
  /** The system prompt offers the tools of `tools.ts`. */
  readonly tools?: boolean;
}

/** One thing a user asks. */
export type Request = RequestSubject & Situation & { readonly prompt: string; readonly split: Split };

const SIGN_WORDS = { '+': 'plus', '-': 'minus', x: 'times' } as const;

/** `17 + 25` and "17 plus 25"; with a second step, `17 + 25 - 6`. */
export function sumInWords(sum: Sum): { signs: string; words: string } {
  const { left, sign, right, then } = sum;
  return {
    signs: `${left} ${sign} ${right}${then ? ` ${then.sign} ${then.right}` : ''}`,
    words: `${left} ${SIGN_WORDS[sign]} ${right}${then ? ` ${SIGN_WORDS[then.sign]} ${then.right}` : ''}`,
  };
}

const apply = (left: number, sign: Sum['sign'], right: number) =>
  sign === '+' ? left + right : sign === '-' ? left - right : left * right;

/** The sum with its result. */
export function makeSum(left: number, sign: Sum['sign'], right: number, then?: Sum['then']): Sum {
  const first = apply(left, sign, right);
  return then ? { left, sign, right, then, result: apply(first, then.sign, then.right) } : { left, sign, right, result: first };
}

/**
 * The sum worked out in small equations, the last of which gives the result: tens and ones apart (`10 + 20 = 30`), a
 * number taken away in two parts, a product as five times and the rest.
 */
export function sumSteps(sum: Sum): string[] {
  const { left, sign, right, then } = sum;
  const line = (a: number, s: Sum['sign'], b: number) => `${a} ${s} ${b} = ${apply(a, s, b)}`;
  if (then) return [line(left, sign, right), line(apply(left, sign, right), then.sign, then.right)];
  const [tens, ones] = [right - (right % 10), right % 10];
  if (sign === 'x') {
    if (right <= 2) return [right === 2 ? line(left, '+', left) : line(left, 'x', right)];
    if (left === 10 || right === 10) return [line(left, 'x', right)];
    const part = right > 5 ? 5 : 2;
    return [line(left, 'x', part), line(left, 'x', right - part), line(left * part, '+', left * (right - part))];
  }
  if (tens === 0 || ones === 0) return [line(left, sign, right)];
  if (sign === '-') return [line(left, '-', tens), line(left - tens, '-', ones)];
  if (left < 10) return [line(left, '+', tens), line(left + tens, '+', ones)];
  const [leftTens, leftOnes] = [left - (left % 10), left % 10];
  return [line(leftTens, '+', tens), line(leftOnes, '+', ones), line(leftTens + tens, '+', leftOnes + ones)];
}

/** One sum in six is held out, decided by its numbers alone (and the same for a + b and b + a). */
export function isHeldOutSum(sum: Sum): boolean {
  const [low, high] = sum.left < sum.right ? [sum.left, sum.right] : [sum.right, sum.left];
  return (low * 31 + high * 17 + (sum.then?.right ?? 0) * 13 + sum.sign.charCodeAt(0)) % 6 === 0;
}

/** A small sum: up to 50 plus 50, differences that stay positive, products up to 10 x 10; one in seven has a second step. */
export function sampleSum(random: Random): Sum {
  const kind = random.integer(4);
  if (kind === 0) return makeSum(2 + random.integer(9), 'x', 2 + random.integer(9));
  const left = 1 + random.integer(50);
  const sum = kind === 1 ? makeSum(left, '-', random.integer(left)) : makeSum(left, '+', 1 + random.integer(50));
  if (!random.chance(0.19)) return sum;
  const mayTakeAway = sum.result > 2 && random.chance(0.5);
  const then = mayTakeAway
    ? { sign: '-' as const, right: 1 + random.integer(Math.min(9, sum.result - 1)) }
    : { sign: '+' as const, right: 1 + random.integer(9) };
  return makeSum(sum.left, sum.sign, sum.right, then);
}
