/** @file Finding labels: by words anywhere in them, and by what was said. */
import type { Comparison, Verdict } from '../core/preferences/comparison';

/** What is looked for. Empty words and null find all. */
export interface LabelQuery {
  readonly words: string;
  readonly verdict: Verdict | null;
  readonly source: string | null;
}

/** The labels that have every word of the query somewhere, newest first. */
export function findLabels(labels: readonly Comparison[], { words, verdict, source }: LabelQuery): readonly Comparison[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return labels
    .filter((label) => {
      if (verdict !== null && label.verdict !== verdict) return false;
      if (source !== null && label.source !== source) return false;
      if (wanted.length === 0) return true;
      const text = [label.prompt, label.a, label.b, label.note, label.annotator, label.modelA, label.modelB].join('\n').toLowerCase();
      return wanted.every((word) => text.includes(word));
    })
    .reverse();
}
