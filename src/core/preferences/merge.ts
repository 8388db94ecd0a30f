/**
 * @file Several people's labels together: which judge the same pair, how far people agree beyond chance, and one verdict a pair.
 *
 * Two people: Cohen's kappa (1960). Any number: Fleiss' kappa (1971), over the pairs that all of them judged. 1 is full
 * agreement, 0 what chance would give.
 */
import { swapSides, type Comparison, type Verdict } from './comparison';

/** Annotators of whom every two are compared: those who judged most. A file may name a hundred thousand. */
const MAX_COMPARED = 12;

/** Keys of labels met before: people look at their agreement after every label. */
const keys = new WeakMap<Comparison, string>();

/** What is judged: a prompt and two answers, whichever side they were on. Null characters part them. */
function pairKey(label: Comparison): string {
  const known = keys.get(label);
  if (known !== undefined) return known;
  const { prompt, a, b } = label;
  const key = a < b ? `${prompt}\u0000${a}\u0000${b}` : `${prompt}\u0000${b}\u0000${a}`;
  keys.set(label, key);
  return key;
}

/** The same judgement with its answers in an order of their own, so that verdicts can be compared. */
const inOrder = (label: Comparison): Comparison => (label.a <= label.b ? label : swapSides(label));

/** What is worked out a little at a time, for a page that has other things to do between two steps. */
export type Steps<Result> = Generator<undefined, Result>;

/** The result of all steps at once. */
function whole<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** By pair, in the order met, the newest label of each annotator. Repeats, asked on purpose, are left out. */
function* votesOf(labels: readonly Comparison[]): Steps<Map<string, Map<string, Comparison>>> {
  const byPair = new Map<string, Map<string, Comparison>>();
  for (const label of labels) {
    yield;
    if (label.isRepeatOf !== undefined) continue;
    const key = pairKey(label);
    let votes = byPair.get(key);
    if (!votes) byPair.set(key, (votes = new Map<string, Comparison>()));
    const other = votes.get(label.annotator);
    if (!other || label.time >= other.time) votes.set(label.annotator, label);
  }
  return byPair;
}

/**
 * Cohen's kappa of two raters' verdicts on the same items, in the same order; NaN when there are none, 1 when both always say one
 * and the same thing.
 */
export function cohensKappa<Rating>(first: readonly Rating[], second: readonly Rating[]): number {
  const numItems = first.length;
  const share = (ratings: readonly Rating[], value: Rating) => ratings.filter((rating) => rating === value).length / numItems;
  const observed = first.filter((rating, index) => rating === second[index]).length / numItems;
  const expected = [...new Set([...first, ...second])].reduce((sum, value) => sum + share(first, value) * share(second, value), 0);
  return expected === 1 ? 1 : (observed - expected) / (1 - expected);
}

/** Fleiss' kappa of a table `[items][categories]` of counts with equal row sums (raters an item); NaN without items. */
export function fleissKappa(counts: readonly (readonly number[])[]): number {
  const numItems = counts.length;
  const numRaters = counts[0]?.reduce((sum, count) => sum + count, 0) ?? 0;
  const observed =
    counts.reduce((sum, row) => sum + row.reduce((inner, count) => inner + count * (count - 1), 0), 0) /
    (numItems * numRaters * (numRaters - 1));
  const expected = (counts[0] ?? []).reduce((sum, _, column) => {
    const share = counts.reduce((inner, row) => inner + row[column]!, 0) / (numItems * numRaters);
    return sum + share * share;
  }, 0);
  return expected === 1 ? 1 : (observed - expected) / (1 - expected);
}

/** How far annotators agree. */
export interface AnnotatorAgreement {
  readonly annotators: readonly string[];
  /** Pairs judged by more than one of them. */
  readonly numShared: number;
  /** Every two annotators who judged something in common, of the twelve who judged most. */
  readonly cohen: readonly { readonly first: string; readonly second: string; readonly numShared: number; readonly kappa: number }[];
  /** Over the pairs that all judged; null with fewer than three annotators or no such pair. */
  readonly fleiss: { readonly numShared: number; readonly kappa: number } | null;
}

const CATEGORIES: readonly Verdict[] = ['a', 'b', 'tie', 'both-bad'];

/** Agreement of everybody in a list of labels. */
export const annotatorAgreement = (labels: readonly Comparison[]): AnnotatorAgreement => whole(agreementSteps(labels));

/** The same in steps. */
export function* agreementSteps(labels: readonly Comparison[]): Steps<AnnotatorAgreement> {
  const numLabels = new Map<string, number>();
  for (const { annotator } of labels) numLabels.set(annotator, 1 + (numLabels.get(annotator) ?? 0));
  const annotators = [...numLabels.keys()].sort();
  if (annotators.length < 2) return { annotators, numShared: 0, cohen: [], fleiss: null };
  const rows: Map<string, Verdict>[] = [];
  for (const votes of (yield* votesOf(labels)).values()) {
    yield;
    if (votes.size > 1) rows.push(new Map([...votes].map(([annotator, label]) => [annotator, inOrder(label).verdict])));
  }
  const compared = annotators
    .toSorted((a, b) => numLabels.get(b)! - numLabels.get(a)!)
    .slice(0, MAX_COMPARED)
    .sort();
  const cohen: AnnotatorAgreement['cohen'][number][] = [];
  for (const [index, first] of compared.entries()) {
    for (const second of compared.slice(index + 1)) {
      yield;
      const shared = rows.filter((row) => row.has(first) && row.has(second));
      if (shared.length === 0) continue;
      const kappa = cohensKappa(
        shared.map((row) => row.get(first)!),
        shared.map((row) => row.get(second)!),
      );
      cohen.push({ first, second, numShared: shared.length, kappa });
    }
  }
  const counts: number[][] = [];
  for (const row of rows) {
    yield;
    if (row.size !== annotators.length) continue;
    const verdicts = [...row.values()];
    counts.push(CATEGORIES.map((category) => verdicts.filter((verdict) => verdict === category).length));
  }
  return {
    annotators,
    numShared: rows.length,
    cohen,
    fleiss: annotators.length > 2 && counts.length > 0 ? { numShared: counts.length, kappa: fleissKappa(counts) } : null,
  };
}

/**
 * One label a pair: what most of its annotators said, as the newest of them said it; a tie where votes are equal.
 */
export const settleByMajority = (labels: readonly Comparison[]): readonly Comparison[] => whole(settlingSteps(labels));

/** The same in steps. */
export function* settlingSteps(labels: readonly Comparison[]): Steps<readonly Comparison[]> {
  const settled: Comparison[] = [];
  for (const byAnnotator of (yield* votesOf(labels)).values()) {
    yield;
    settled.push(majorityOf([...byAnnotator.values()].map(inOrder)));
  }
  return settled;
}

function majorityOf(votes: readonly Comparison[]): Comparison {
  const count = (verdict: Verdict) => votes.filter((vote) => vote.verdict === verdict).length;
  const most = Math.max(...CATEGORIES.map(count));
  const leaders = CATEGORIES.filter((verdict) => count(verdict) === most);
  const latest = (among: readonly Comparison[]) => among.reduce((newest, vote) => (vote.time >= newest.time ? vote : newest));
  if (leaders.length === 1) return latest(votes.filter(({ verdict }) => verdict === leaders[0]));
  return { ...latest(votes), verdict: 'tie', strength: null };
}
