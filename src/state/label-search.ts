/** @file Finding labels: by words anywhere in them, and by what was said. */
import type { Comparison, Verdict } from '../core/preferences/comparison';

/** What is looked for. Empty words and null find all. */
export interface LabelQuery {
  readonly words: string;
  readonly verdict: Verdict | null;
  readonly source: string | null;
}

/** The labels that have every word of the query somewhere, newest first; in steps, as there may be tens of megabytes to look through. */
export function* findLabels(
  labels: readonly Comparison[],
  { words, verdict, source }: LabelQuery,
): Generator<undefined, readonly Comparison[]> {
  const wanted = words
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => new RegExp(word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'iu'));
  const found: Comparison[] = [];
  for (const label of labels.toReversed()) {
    if (verdict !== null && label.verdict !== verdict) continue;
    if (source !== null && label.source !== source) continue;
    if (wanted.length > 0) {
      yield;
      const { prompt, a, b, note, annotator, modelA = '', modelB = '' } = label;
      const texts = [prompt, a, b, note, annotator, modelA, modelB];
      if (!wanted.every((word) => texts.some((text) => word.test(text)))) continue;
    }
    found.push(label);
  }
  return found;
}
