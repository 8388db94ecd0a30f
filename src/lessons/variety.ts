/**
 * @file Lesson 12's measures, pure: how varied several answers to one prompt are, and where each lies among the others.
 *
 * Places are the first two principal components of what can be measured of an answer (its features, its length, how it begins),
 * over all answers at once: answers alike in manner lie close, whoever wrote them.
 */
import { selfBleu } from '../core/eval/diversity';
import { FEATURES, type FeatureName } from '../core/reward/features';
import { wordsOf } from '../core/world/words';

/** An answer as it is measured here. */
export interface VariedAnswer {
  readonly text: string;
  readonly features: Readonly<Record<FeatureName, number>>;
}

/** 1 − self-BLEU of the answers' words: 0 when they all say one thing. */
export const varietyOf = (answers: readonly { readonly text: string }[]): number =>
  answers.length < 2 ? 0 : 1 - selfBleu(answers.map(({ text }) => wordsOf(text)));

/** Words whose share tells manners of writing apart. */
const NUM_WORDS = 40;

/** What can be measured of each answer, `[answers, D]`, each column with mean 0 and standard deviation 1; those that do not vary left out. */
function measurements(answers: readonly VariedAnswer[]): number[][] {
  const words = answers.map(({ text }) => wordsOf(text));
  const counts = new Map<string, number>();
  for (const list of words) for (const word of new Set(list)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, NUM_WORDS);
  const rows = answers.map(({ features }, i) => [
    ...FEATURES.map(({ name }) => features[name]),
    Math.log1p(words[i]!.length),
    ...common.map(([word]) => (words[i]!.includes(word) ? 1 : 0)),
  ]);
  const columns = (rows[0] ?? []).map((_, column) => {
    const values = rows.map((row) => row[column]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return deviation < 1e-9 ? null : values.map((value) => (value - mean) / deviation);
  });
  const kept = columns.filter((column) => column !== null);
  return rows.map((_, i) => kept.map((column) => column[i]!));
}

const STEPS = 200;

/** The direction in which rows vary most, by power iteration; its sign is such that its largest entry is positive. */
function principal(rows: readonly (readonly number[])[]): number[] {
  const size = rows[0]?.length ?? 0;
  let direction = Array.from({ length: size }, (_, i) => 1 / (i + 1));
  for (let step = 0; step < STEPS; step++) {
    const next = new Array<number>(size).fill(0);
    for (const row of rows) {
      const along = row.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      row.forEach((value, i) => (next[i]! += along * value));
    }
    const length = Math.hypot(...next) || 1;
    direction = next.map((value) => value / length);
  }
  const largest = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? direction.map((value) => -value) : direction;
}

/** Where each answer lies, in the order given. Answers that measure alike lie on one spot. */
export function placesOf(answers: readonly VariedAnswer[]): { readonly x: number; readonly y: number }[] {
  const rows = measurements(answers);
  const first = principal(rows);
  const along = (row: readonly number[], direction: readonly number[]) => row.reduce((sum, value, i) => sum + value * direction[i]!, 0);
  const rest = rows.map((row) => {
    const x = along(row, first);
    return row.map((value, i) => value - x * first[i]!);
  });
  const second = principal(rest);
  return rows.map((row, i) => ({ x: along(row, first), y: along(rest[i]!, second) }));
}
