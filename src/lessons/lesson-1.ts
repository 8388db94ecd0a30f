/** @file Lesson 1: what post-training changes. One prompt, one seed, three models; where do they part ways? */
import { m } from '../messages/messages';
import type { Lesson } from './lesson';
import { PREDICT, predicted } from './lesson';

/** Gold of each model's answer, by prompt asked. */
export interface CompareData {
  readonly rows: readonly { readonly prompt: string; readonly base: number; readonly sft: number; readonly rlhf: number }[];
}

const MODELS = ['base', 'sft', 'rlhf'] as const;
/** Below this an answer is no answer: the base model's texts go on as pages do. */
const NO_ANSWER = 0.3;
const NUM_PROMPTS = 3;

const meanOf = (rows: CompareData['rows'], model: (typeof MODELS)[number]) =>
  rows.reduce((sum, row) => sum + row[model], 0) / Math.max(1, rows.length);

/** Prompts asked so far, as the lesson keeps them. */
const rowsOf = (made: Readonly<Record<string, unknown>>) => (made.compared as CompareData['rows'] | undefined) ?? [];

export const lesson: Lesson<CompareData> = {
  number: 1,
  minutes: { student: 12, stage: 8 },
  title: m.lesson1_title,
  question: m.lesson1_question,
  slide: m.lesson1_slide,
  talk: m.lesson1_talk,
  doing: m.lesson1_doing,
  preset: { link: 'prompt=Please+give+me+a+simple+chili+recipe.&seed=7' },
  steps: [
    { id: PREDICT, title: m.lesson1_predict_title, text: m.lesson1_predict_text, panel: null, done: predicted },
    {
      id: 'ask',
      title: m.lesson1_ask_title,
      text: m.lesson1_ask_text,
      panel: 'compare',
      done: ({ made }) => rowsOf(made).length > 0,
      says: ({ made }) => {
        const row = rowsOf(made).at(-1);
        return row ? m.lesson1_ask_says({ base: row.base.toFixed(2), sft: row.sft.toFixed(2), rlhf: row.rlhf.toFixed(2) }) : null;
      },
    },
    {
      id: 'disagree',
      title: m.lesson1_disagree_title,
      text: m.lesson1_disagree_text,
      panel: 'compare',
      done: ({ shading, made }) => shading === 'disagreement' || made.sawDisagreement === true,
      says: ({ shading }) => (shading === 'disagreement' ? m.lesson1_disagree_says() : null),
    },
    {
      id: 'more',
      title: m.lesson1_more_title,
      text: m.lesson1_more_text,
      panel: 'compare',
      done: ({ made }) => rowsOf(made).length >= NUM_PROMPTS,
      says: ({ made }) => m.lesson1_more_says({ count: rowsOf(made).length, of: NUM_PROMPTS }),
    },
  ],
  keep: ({ answered, shading, made }) => {
    const sawDisagreement = shading === 'disagreement' || made.sawDisagreement === true;
    const rows = rowsOf(made);
    const isNew = answered !== null && !rows.some(({ prompt }) => prompt === answered.prompt);
    if (!isNew && sawDisagreement === (made.sawDisagreement === true)) return null;
    const { base, sft, rlhf } = answered?.gold ?? { base: null, sft: null, rlhf: null };
    // Off the map nobody knows what is right: such a prompt is asked, but not counted.
    const known = isNew && base !== null && sft !== null && rlhf !== null;
    return { sawDisagreement, compared: known ? [...rows, { prompt: answered.prompt, base, sft, rlhf }] : rows };
  },
  prediction: {
    question: m.lesson1_predict_question,
    choices: [
      { id: 'worse', words: m.lesson1_choice_worse },
      { id: 'continues', words: m.lesson1_choice_continues },
      { id: 'refuses', words: m.lesson1_choice_refuses },
    ],
    outcome: ({ rows }) => (rows.length === 0 ? null : meanOf(rows, 'base') < NO_ANSWER ? 'continues' : 'worse'),
    because: m.lesson1_because,
  },
  figure: {
    title: m.lesson1_figure,
    reading: m.lesson1_reading,
    live: ({ made }) => (rowsOf(made).length > 0 ? { rows: rowsOf(made) } : null),
    draw: ({ rows }) => ({
      kind: 'bars',
      unit: '',
      from: 0,
      to: 1,
      bars: MODELS.map((model) => ({
        name: { base: m.page_model_base, sft: m.page_model_sft, rlhf: m.page_model_rlhf }[model](),
        hue: model,
        value: meanOf(rows, model),
        note: m.lessons_over_prompts({ count: rows.length }),
      })),
    }),
  },
  notice: [m.lesson1_notice_1, m.lesson1_notice_2, m.lesson1_notice_3],
  next: [m.lesson1_next_1, m.lesson1_next_2],
  sources: [
    { title: 'Ouyang et al., InstructGPT (arXiv 2203.02155)', url: 'https://arxiv.org/abs/2203.02155' },
    { title: 'Askell et al., A General Language Assistant (arXiv 2112.00861)', url: 'https://arxiv.org/abs/2112.00861' },
  ],
  notes: [m.lesson1_note_1, m.lesson1_note_2, m.lesson1_note_3],
  worksheet: [
    { ask: m.lesson1_sheet_1, answer: m.lesson1_answer_1 },
    { ask: m.lesson1_sheet_2, answer: m.lesson1_answer_2 },
    { ask: m.lesson1_sheet_3, answer: m.lesson1_answer_3 },
  ],
  targets: [
    { name: 'format/base', words: m.lesson1_target_base, unit: 'share', under: 0.1 },
    { name: 'format/sft', words: m.lesson1_target_sft, unit: 'share', over: 0.9 },
    { name: 'wins', words: m.lesson1_target_wins, unit: 'share', over: 0.65 },
  ],
  recording: () => import('./recordings/lesson-1.json'),
  result: () => import('./results/lesson-1.json'),
};
