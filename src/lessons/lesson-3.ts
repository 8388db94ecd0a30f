/** @file Lesson 3: how people's comparisons become a reward model, and what more of them, and noise in them, do to it. */
import { m } from '../messages/messages';
import type { LabelData } from './label-experiment';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';

/** What the panel keeps: the student's own labels, and experiments by noise. */
export interface LabelsMade {
  /** True for each label that agreed with the world. */
  readonly own: readonly boolean[];
  readonly experiment: LabelData | null;
  /** Noises tried, in gold points. */
  readonly noises: readonly number[];
}

const NUM_OWN = 6;
/** Accuracies closer than this are called the same. */
const SAME = 0.03;
const PERFECT = 0.97;

const labelsOf = ({ made }: LessonFacts) => made.labels as LabelsMade | undefined;
const percent = (share: number) => Math.round(100 * share);

export const lesson: Lesson<LabelData> = {
  number: 3,
  minutes: { student: 15, stage: 10 },
  title: m.lesson3_title,
  question: m.lesson3_question,
  slide: m.lesson3_slide,
  talk: m.lesson3_talk,
  doing: m.lesson3_doing,
  preset: { link: '' },
  steps: [
    {
      id: 'label',
      title: m.lesson3_label_title,
      text: m.lesson3_label_text,
      panel: 'labels',
      done: (facts) => (labelsOf(facts)?.own.length ?? 0) >= NUM_OWN || (labelsOf(facts)?.experiment ?? null) !== null,
      says: (facts) => {
        const own = labelsOf(facts)?.own ?? [];
        return own.length === 0 ? null : m.lesson3_label_says({ count: own.length, agreed: own.filter(Boolean).length });
      },
    },
    { id: PREDICT, title: m.lesson3_predict_title, text: m.lesson3_predict_text, panel: null, done: predicted },
    {
      id: 'fit',
      title: m.lesson3_fit_title,
      text: m.lesson3_fit_text,
      panel: 'labels',
      done: (facts) => (labelsOf(facts)?.experiment ?? null) !== null,
      says: (facts) => {
        const bySize = labelsOf(facts)?.experiment?.bySize;
        const [first, last] = [bySize?.[0], bySize?.at(-1)];
        return first && last
          ? m.lesson3_fit_says({ few: first.size, least: percent(first.gold), many: last.size, most: percent(last.gold) })
          : null;
      },
    },
    {
      id: 'noise',
      title: m.lesson3_noise_title,
      text: m.lesson3_noise_text,
      panel: 'labels',
      done: (facts) => new Set(labelsOf(facts)?.noises ?? []).size >= 2,
      says: (facts) => {
        const experiment = labelsOf(facts)?.experiment;
        const last = experiment?.bySize.at(-1);
        return experiment && last
          ? m.lesson3_noise_says({ noise: experiment.noise, labels: percent(last.labels), ceiling: percent(last.ceiling) })
          : null;
      },
    },
  ],
  prediction: {
    question: m.lesson3_predict_question,
    choices: [
      { id: 'same', words: m.lesson3_choice_same },
      { id: 'better', words: m.lesson3_choice_better },
      { id: 'perfect', words: m.lesson3_choice_perfect },
    ],
    outcome: ({ bySize }) => {
      const [first, last] = [bySize[0], bySize.at(-1)];
      if (!first || !last) return null;
      if (last.gold >= PERFECT) return 'perfect';
      return last.gold - first.gold > SAME ? 'better' : 'same';
    },
    because: m.lesson3_because,
  },
  figure: {
    title: m.lesson3_figure,
    reading: m.lesson3_reading,
    live: (facts) => labelsOf(facts)?.experiment ?? null,
    draw: ({ noise, bySize, byNoise }) => ({
      kind: 'lines',
      panels: [
        {
          title: m.lesson3_by_size({ noise }),
          x: m.lesson3_x_size(),
          y: m.lesson3_y(),
          logarithmic: true,
          yFrom: 0.5,
          yTo: 1,
          series: [
            { name: m.lesson3_series_gold(), hue: 'gold', points: bySize.map(({ size, gold }) => ({ x: size, y: gold })) },
            { name: m.lesson3_series_labels(), hue: 'reward-model', points: bySize.map(({ size, labels }) => ({ x: size, y: labels })) },
          ],
        },
        {
          title: m.lesson3_by_noise({ count: bySize.at(-1)?.size ?? 0 }),
          x: m.lesson3_x_noise(),
          y: m.lesson3_y(),
          logarithmic: true,
          yFrom: 0.5,
          yTo: 1,
          series: [
            { name: m.lesson3_series_labels(), hue: 'reward-model', points: byNoise.map((row) => ({ x: row.noise, y: row.labels })) },
            {
              name: m.lesson3_series_ceiling(),
              hue: 'ink',
              dashed: true,
              points: byNoise.map((row) => ({ x: row.noise, y: row.ceiling })),
            },
          ],
        },
      ],
    }),
  },
  notice: [m.lesson3_notice_1, m.lesson3_notice_2, m.lesson3_notice_3],
  next: [m.lesson3_next_1, m.lesson3_next_2],
  sources: [
    { title: 'Stiennon et al., Learning to summarize (arXiv 2009.01325)', url: 'https://arxiv.org/abs/2009.01325' },
    { title: 'Dubois et al., AlpacaFarm (arXiv 2305.14387)', url: 'https://arxiv.org/abs/2305.14387' },
    { title: 'Bradley and Terry, Rank analysis of incomplete block designs (1952)', url: 'https://doi.org/10.2307/2334029' },
  ],
  notes: [m.lesson3_note_1, m.lesson3_note_2, m.lesson3_note_3],
  worksheet: [
    { ask: m.lesson3_sheet_1, answer: m.lesson3_answer_1 },
    { ask: m.lesson3_sheet_2, answer: m.lesson3_answer_2 },
    { ask: m.lesson3_sheet_3, answer: m.lesson3_answer_3 },
  ],
  targets: [
    { name: 'more-comparisons', words: m.lesson3_target_more, unit: 'points', over: 0 },
    { name: 'more-noise', words: m.lesson3_target_noise, unit: 'points', under: 0 },
    { name: 'below-ceiling', words: m.lesson3_target_ceiling, unit: 'points', under: 0.1 },
  ],
  recording: () => import('./recordings/lesson-3.json'),
  result: () => import('./results/lesson-3.json'),
};
