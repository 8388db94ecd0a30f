/** @file What sections and rows of the models' card are called, in the page's language; what a row measures its path says. */
import { meaningOf } from '../../core/eval/evals';
import { m } from '../../messages/messages';
import type { SectionId } from '../../state/eval-sections';
import { KIND_WORDS } from '../kind-words';

type Words = () => string;

/** Headings, and what is measured beneath each, in a sentence or two. */
export const SECTION_WORDS: Readonly<Record<SectionId, { readonly title: Words; readonly about: Words }>> = {
  answers: { title: m.models_answers, about: m.models_answers_about },
  kinds: { title: m.models_kinds, about: m.models_kinds_about },
  taught: { title: m.models_taught, about: m.models_taught_about },
  refusals: { title: m.models_refusals, about: m.models_refusals_about },
  names: { title: m.models_names, about: m.models_names_about },
  groups: { title: m.models_groups, about: m.models_groups_about },
  variety: { title: m.models_variety, about: m.models_variety_about },
  pages: { title: m.models_pages, about: m.models_pages_about },
  'off-map': { title: m.models_off_map, about: m.models_off_map_about },
  'reward-model': { title: m.models_rm, about: m.models_rm_about },
  judges: { title: m.models_judges, about: m.models_judges_about },
  'gold-kinds': { title: m.models_gold_kinds, about: m.models_gold_kinds_about },
  'format-kinds': { title: m.models_format_kinds, about: m.models_format_kinds_about },
  rest: { title: m.models_rest, about: m.models_rest_about },
};

/** Parts of paths in words. */
const PARTS: Readonly<Record<string, Words>> = {
  ...KIND_WORDS,
  trained: m.models_row_trained,
  'held-out': m.models_row_other,
  gap: m.models_row_gap,
  harmful: m.models_row_harmful,
  'look-alike': m.models_row_look_alike,
  present: m.models_row_present,
  past: m.models_row_past,
  future: m.models_row_future,
  famous: m.models_row_famous,
  known: m.models_row_known,
  rare: m.models_row_rare,
  unknown: m.models_row_unknown,
  right: m.models_row_right,
  abstained: m.models_row_abstained,
  'made-up': m.models_row_made_up,
  answered: m.models_row_answered,
  gold: m.models_row_gold,
  'per-input': m.models_row_one_prompt,
  'across-input': m.models_row_many_prompts,
  ead: m.models_row_ead,
  'self-bleu': m.models_row_self_bleu,
  'style-entropy': m.models_row_style_entropy,
};

/** Judges, by the names of their figures. */
const JUDGE_WORDS: Readonly<Record<string, Words>> = {
  format: m.models_judge_format,
  relevance: m.models_judge_relevance,
  correctness: m.models_judge_correctness,
  invented: m.models_judge_invented,
  abstention: m.models_judge_abstention,
  refusal: m.models_judge_refusal,
  tone: m.models_judge_tone,
  politeness: m.models_judge_politeness,
  spelling: m.models_judge_spelling,
  repetition: m.models_judge_repetition,
  length: m.models_judge_length,
  style: m.models_judge_style,
  'tool-use': m.models_judge_tools,
  arithmetic: m.models_judge_sum,
};

/** Whole paths in words. */
const ROWS: Readonly<Record<string, Words>> = {
  format: m.models_row_format,
  correct: m.models_row_correct,
  gold: m.models_row_gold,
  'typo-rate': m.models_row_typos,
  lexicon: m.models_row_lexicon,
  length: m.models_row_length,
  wins: m.models_row_wins,
  kl: m.models_row_kl,
  'documents/bits-per-byte': m.models_row_bits,
  'documents/lexicon': m.models_row_page_lexicon,
  'documents/kind-kept': m.models_row_kind_kept,
  'documents/kind-kept-by-the-world': m.models_row_kind_kept_world,
  'off-map/limit': m.models_row_limit,
  'off-map/auroc': m.models_row_auroc,
  'off-map/sent-away-inside': m.models_row_inside,
  'off-map/sent-away-outside': m.models_row_outside,
  accuracy: m.models_row_agrees,
  labels: m.models_row_labels,
  calibration: m.models_row_calibration,
};

const inWords = (part = '') => PARTS[part]?.() ?? part.replaceAll('-', ' ');
const kindWords = (kind = '') => (KIND_WORDS as typeof PARTS)[kind]?.() ?? kind.replaceAll('-', ' ');

/** What a row is called beneath its section's heading; as core calls it where the page has no words for it. */
export function rowWords(section: SectionId, path: string): string {
  const whole = ROWS[path];
  if (whole) return whole();
  const [, first, second] = path.split('/');
  switch (section) {
    case 'kinds':
    case 'gold-kinds':
    case 'format-kinds':
      return kindWords(first);
    case 'taught':
      return second === undefined ? inWords(first) : m.models_row_part({ what: inWords(first), of: kindWords(second) });
    case 'refusals':
      return m.models_row_part({ what: inWords(first), of: second === undefined ? m.models_row_all_tenses() : inWords(second) });
    case 'names':
    case 'variety':
      return m.models_row_of({ of: inWords(first), what: inWords(second) });
    case 'groups':
      return inWords(first);
    case 'judges':
      return JUDGE_WORDS[first ?? '']?.() ?? inWords(first);
    case 'reward-model':
      return m.models_row_agrees_kind({ kind: kindWords(first) });
    default:
      return meaningOf(path).label;
  }
}
