/**
 * @file Comparisons: one judgement of two completions of one prompt, as a person or a simulated annotator gave it.
 *
 * What is kept of each label, which of the two won and by how much? Strength is the seven-point scale of Llama 2's
 * annotators turned into margins (arXiv 2307.09288, table 27); a ranking of K completions becomes all C(K, 2)
 * comparisons (InstructGPT, arXiv 2203.02155). Everything read from outside goes through {@link parseComparison}.
 */
import * as v from 'valibot';

/** Longest prompt, completion or note that is taken, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 20_000;
const text = v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH));
const shortText = v.pipe(v.string(), v.maxLength(200));

/** The words of {@link Verdict}. */
export const VERDICTS = ['a', 'b', 'tie', 'both-bad'] as const;

/** Who wins. `both-bad` is kept for the record and teaches no reward model anything. */
export type Verdict = (typeof VERDICTS)[number];

/** Shape of a comparison, as stored. Unknown keys are dropped. */
export const ComparisonSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  prompt: text,
  a: text,
  b: text,
  verdict: v.picklist(VERDICTS),
  /** 1–7 Likert: 1 = a much better, 4 = equal, 7 = b much better; null when not given. */
  strength: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7))),
  annotator: shortText,
  note: text,
  /** ISO 8601. */
  time: v.pipe(v.string(), v.maxLength(40), v.isoTimestamp()),
  /** Milliseconds spent; null when not measured. */
  durationMs: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** `me`, `import:<file>` or `simulated:<pool>`. */
  source: shortText,
  /** What the label cost, in units of one label by an average annotator. */
  cost: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** Who answered; a model may have its temperature after an `@`. */
  modelA: v.optional(shortText),
  modelB: v.optional(shortText),
  /** The comparison that this one asks again, to measure how consistent its annotator is. */
  isRepeatOf: v.optional(v.pipe(v.string(), v.maxLength(200))),
});

/** One judgement of two completions of one prompt. */
export type Comparison = Readonly<v.InferOutput<typeof ComparisonSchema>>;

/**
 * A comparison from outside.
 * @throws v.ValiError saying which field is wrong
 */
export function parseComparison(value: unknown): Comparison {
  return v.parse(ComparisonSchema, value);
}

/** The same judgement with its sides exchanged: verdict, strength and models turn round with them. */
export function swapSides(comparison: Comparison): Comparison {
  const { a, b, verdict, strength, modelA, modelB, ...rest } = comparison;
  return {
    ...rest,
    a: b,
    b: a,
    verdict: verdict === 'a' ? 'b' : verdict === 'b' ? 'a' : verdict,
    strength: strength === null ? null : 8 - strength,
    ...(modelB === undefined ? {} : { modelA: modelB }),
    ...(modelA === undefined ? {} : { modelB: modelA }),
  };
}

/** Words for each point of the scale, from "a much better" to "b much better". */
export const STRENGTH_WORDS = [
  'A is much better',
  'A is better',
  'A is slightly better',
  'About the same',
  'B is slightly better',
  'B is better',
  'B is much better',
] as const;

/**
 * Margin in reward of a strength (Llama 2, arXiv 2307.09288): much better 1, better 2/3, slightly better 1/3, the same 0;
 * 0 when no strength was given.
 */
export function marginOf(strength: number | null): number {
  return strength === null ? 0 : Math.abs(strength - 4) / 3;
}

/** All pairs of a ranking, best first in `places`; equal places are ties (InstructGPT: K completions give C(K, 2) comparisons). */
export function comparisonsOfRanking(
  places: readonly number[],
): readonly { readonly a: number; readonly b: number; readonly verdict: 'a' | 'b' | 'tie' }[] {
  const pairs: { a: number; b: number; verdict: 'a' | 'b' | 'tie' }[] = [];
  for (let a = 0; a < places.length; a++)
    for (let b = a + 1; b < places.length; b++) {
      const difference = places[b]! - places[a]!;
      pairs.push({ a, b, verdict: difference > 0 ? 'a' : difference < 0 ? 'b' : 'tie' });
    }
  return pairs;
}
