/** @file What verdicts, strengths, counts of labels and faults of files are called, in the page's language. */
import type { Comparison, Verdict } from '../../core/preferences/comparison';
import type { Requirement } from '../../core/preferences/preference-files';
import { m } from '../../messages/messages';
import type { ImportProblem } from '../../state/label-import';
import { formatWhole, listWords } from '../format';

/** What a verdict is called in lists and menus. */
export const VERDICT_WORDS: Readonly<Record<Verdict, () => string>> = {
  a: m.label_a_better,
  b: m.label_b_better,
  tie: m.label_verdict_tie,
  'both-bad': m.label_verdict_both_bad,
};

/** Each point of the scale, from "A is much better" to "B is much better". */
export const STRENGTH_WORDS: readonly (() => string)[] = [
  m.label_strength_1,
  m.label_strength_2,
  m.label_strength_3,
  m.label_strength_4,
  m.label_strength_5,
  m.label_strength_6,
  m.label_strength_7,
];

/** What a label says: its strength where it has one. */
export function saidBy({ verdict, strength }: Pick<Comparison, 'verdict' | 'strength'>): string {
  return strength === null || verdict === 'both-bad' ? VERDICT_WORDS[verdict]() : STRENGTH_WORDS[strength - 1]!();
}

/** "1 label", "20 000 labels". */
export const labelCount = (count: number): string =>
  count === 1 ? m.label_count_one() : m.label_count_many({ count: formatWhole(count) });

/** Why a line could not be read. */
export function problemWords({ code, field, must, detail = '' }: ImportProblem): string {
  const name = field || m.label_bad_record();
  switch (code) {
    case 'not-json':
      return m.label_bad_not_json();
    case 'missing':
      return m.label_bad_missing({ field: name });
    case 'malformed':
      return m.label_bad_malformed({ field: name, what: requirementWords(must ?? { is: 'record' }) });
    case 'too-long':
      return m.label_bad_too_long();
    case 'quotes':
      return m.label_bad_quotes();
    case 'columns':
      return m.label_bad_columns();
    case 'file':
      return detail;
    default:
      return code satisfies never;
  }
}

function requirementWords(must: Requirement): string {
  switch (must.is) {
    case 'record':
      return m.label_must_record();
    case 'text':
      return m.label_must_text({ longest: formatWhole(must.longest) });
    case 'text-or-messages':
      return m.label_must_messages({ longest: formatWhole(must.longest) });
    case 'number':
      return must.least === null ? m.label_must_number() : m.label_must_number_from({ least: must.least });
    case 'whole-number':
      return m.label_must_whole({ least: must.least, most: must.most });
    case 'one-of':
      return m.label_must_one_of({ words: listWords(must.words) });
    case 'time':
      return m.label_must_time();
    default:
      return must satisfies never;
  }
}
