/**
 * @file Several people's labels together: which judge the same pair, how far people agree beyond chance, and one verdict a pair.
 *
 * Two people: Cohen's kappa (1960). Any number: Fleiss' kappa (1971), over the pairs that all of them judged. 1 is full
 * agreement, 0 what chance would give.
 */
import { swapSides, type Comparison, type Verdict } from './comparison';

/** What is judged: a prompt and two answers, whichever side they were on. */
function pairKey({ prompt, a, b }: Comparison): string {
  return JSON.stringify(a < b ? [prompt, a, b] : [prompt, b, a]);
}

/** The same judgement with its answers in an order of their own, so that verdicts can be compared. */
const inOrder = (label: Comparison): Comparison => (label.a <= label.b ? label : swapSides(label));

/** The newest label of each annotator on each pair. Repeats, asked on purpose, are left out. */
export function newestOfEach(labels: readonly Comparison[]): readonly Comparison[] {
  const newest = new Map<string, Comparison>();
  for (const label of labels) {
    if (label.isRepeatOf !== undefined) continue;
    const key = JSON.stringify([label.annotator, pairKey(label)]);
    const other = newest.get(key);
    if (!other || label.time >= other.time) newest.set(key, label);
  }
  return [...newest.values()];
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
  /** Every two annotators who judged something in common. */
  readonly cohen: readonly { readonly first: string; readonly second: string; readonly numShared: number; readonly kappa: number }[];
  /** Over the pairs that all judged; null with fewer than three annotators or no such pair. */
  readonly fleiss: { readonly numShared: number; readonly kappa: number } | null;
}

const CATEGORIES: readonly Verdict[] = ['a', 'b', 'tie', 'both-bad'];

/** Agreement of everybody in a list of labels. */
export function annotatorAgreement(labels: readonly Comparison[]): AnnotatorAgreement {
  const verdicts = new Map<string, Map<string, Verdict>>();
  for (const label of newestOfEach(labels)) {
    const key = pairKey(label);
    const row = verdicts.get(key) ?? new Map<string, Verdict>();
    verdicts.set(key, row.set(label.annotator, inOrder(label).verdict));
  }
  const annotators = [...new Set(labels.map(({ annotator }) => annotator))].sort();
  const rows = [...verdicts.values()].filter((row) => row.size > 1);
  const cohen = annotators.flatMap((first, index) =>
    annotators.slice(index + 1).flatMap((second) => {
      const shared = rows.filter((row) => row.has(first) && row.has(second));
      if (shared.length === 0) return [];
      const kappa = cohensKappa(
        shared.map((row) => row.get(first)!),
        shared.map((row) => row.get(second)!),
      );
      return [{ first, second, numShared: shared.length, kappa }];
    }),
  );
  const byAll = rows.filter((row) => row.size === annotators.length);
  const counts = byAll.map((row) => CATEGORIES.map((category) => [...row.values()].filter((verdict) => verdict === category).length));
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
export function settleByMajority(labels: readonly Comparison[]): readonly Comparison[] {
  const byPair = new Map<string, Comparison[]>();
  for (const label of newestOfEach(labels)) byPair.set(pairKey(label), [...(byPair.get(pairKey(label)) ?? []), inOrder(label)]);
  return [...byPair.values()].map((votes) => {
    const count = (verdict: Verdict) => votes.filter((vote) => vote.verdict === verdict).length;
    const most = Math.max(...CATEGORIES.map(count));
    const leaders = CATEGORIES.filter((verdict) => count(verdict) === most);
    const latest = (among: readonly Comparison[]) => among.reduce((newest, vote) => (vote.time >= newest.time ? vote : newest));
    if (leaders.length === 1) return latest(votes.filter(({ verdict }) => verdict === leaders[0]));
    return { ...latest(votes), verdict: 'tie', strength: null };
  });
}
