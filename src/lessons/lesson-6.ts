/** @file Lesson 6: the typo bug, a detective game. A reward model that loves typos, and the pipeline that made it so. */
import { m } from '../messages/messages';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';
import { culprit, CURES, type Fix, type PipelineData } from './pipeline-experiment';

const NUM_STAGES = 4;
/** Updates that a point of the figure is averaged over. */
const WINDOW = 5;

const dataOf = ({ made }: LessonFacts) => (made.pipeline as PipelineData | undefined) ?? null;
const perHundred = (rate: number) => (100 * rate).toFixed(1);
const saysOf = (facts: LessonFacts, isIt: (fix: Fix) => boolean) => {
  const data = dataOf(facts);
  const run = data?.runs.findLast(({ fix }) => isIt(fix));
  return data && run
    ? m.lesson6_run_says({ likes: Math.round(100 * run.likesTypos), before: perHundred(data.before), after: perHundred(run.after) })
    : null;
};
const smoothed = (rates: readonly number[]) =>
  rates.map((_, i) => {
    const near = rates.slice(Math.max(0, i - WINDOW + 1), i + 1);
    return { x: i + 1, y: (100 * near.reduce((sum, rate) => sum + rate, 0)) / near.length };
  });
const NAMES: Readonly<Record<Fix, () => string>> = {
  none: m.lesson6_run_none,
  careful: m.lesson6_run_careful,
  compare: m.lesson6_run_compare,
  'leave-out': m.lesson6_run_leave_out,
  proofread: m.lesson6_run_proofread,
};
const HUES = { none: 'reward-model', careful: 'base', compare: 'rlhf', 'leave-out': 'yours', proofread: 'gold' } as const;

export const lesson: Lesson<PipelineData> = {
  number: 6,
  minutes: { student: 20, stage: 12 },
  title: m.lesson6_title,
  question: m.lesson6_question,
  slide: m.lesson6_slide,
  talk: m.lesson6_talk,
  doing: m.lesson6_doing,
  preset: { link: 'stage=grpo&runSeed=3&grpo.numUpdates=50' },
  steps: [
    {
      id: 'symptom',
      title: m.lesson6_symptom_title,
      text: m.lesson6_symptom_text,
      panel: 'pipeline',
      done: (facts) => dataOf(facts)?.runs.some(({ fix }) => fix === 'none') === true,
      says: (facts) => saysOf(facts, (fix) => fix === 'none'),
    },
    { id: PREDICT, title: m.lesson6_predict_title, text: m.lesson6_predict_text, panel: null, done: predicted },
    {
      id: 'look',
      title: m.lesson6_look_title,
      text: m.lesson6_look_text,
      panel: 'pipeline',
      done: ({ made }) => ((made.opened as readonly string[] | undefined)?.length ?? 0) >= NUM_STAGES,
    },
    {
      id: 'accuse',
      title: m.lesson6_accuse_title,
      text: m.lesson6_accuse_text,
      panel: 'pipeline',
      done: ({ made }) => made.accused === 'improved',
    },
    {
      id: 'mend',
      title: m.lesson6_mend_title,
      text: m.lesson6_mend_text,
      panel: 'pipeline',
      done: (facts) => dataOf(facts)?.runs.some(({ fix }) => CURES.includes(fix)) === true,
      says: (facts) => saysOf(facts, (fix) => CURES.includes(fix)),
    },
  ],
  prediction: {
    question: m.lesson6_predict_question,
    choices: [
      { id: 'demonstrations', words: m.lesson6_choice_demonstrations },
      { id: 'annotators', words: m.lesson6_choice_annotators },
      { id: 'improved', words: m.lesson6_choice_improved },
    ],
    outcome: culprit,
    because: m.lesson6_because,
  },
  figure: {
    title: m.lesson6_figure,
    reading: m.lesson6_reading,
    live: dataOf,
    draw: ({ before, runs }) => {
      const latest = [...new Map(runs.map((run) => [run.fix, run])).values()];
      const longest = Math.max(1, ...latest.map(({ rates }) => rates.length));
      return {
        kind: 'lines',
        panels: [
          {
            title: m.lesson6_by_update(),
            x: m.lesson6_x(),
            y: m.lesson6_y(),
            yFrom: 0,
            series: [
              ...latest.map(({ fix, rates }) => ({ name: NAMES[fix](), hue: HUES[fix], points: smoothed(rates) })),
              {
                name: m.lesson6_series_sft(),
                hue: 'sft' as const,
                dashed: true,
                points: [1, longest].map((x) => ({ x, y: 100 * before })),
              },
            ],
          },
        ],
      };
    },
  },
  notice: [m.lesson6_notice_1, m.lesson6_notice_2, m.lesson6_notice_3],
  next: [m.lesson6_next_1, m.lesson6_next_2],
  sources: [
    { title: 'Ouyang et al., InstructGPT: comparisons and reward model (arXiv 2203.02155)', url: 'https://arxiv.org/abs/2203.02155' },
    { title: 'Gao et al., Scaling laws for reward model overoptimization (arXiv 2210.10760)', url: 'https://arxiv.org/abs/2210.10760' },
    {
      title: 'Sculley et al., Hidden technical debt in machine learning systems (2015)',
      url: 'https://proceedings.neurips.cc/paper/2015/hash/86df7dcfd896fcaf2674f757a2463eba-Abstract.html',
    },
  ],
  notes: [m.lesson6_note_1, m.lesson6_note_2, m.lesson6_note_3],
  worksheet: [
    { ask: m.lesson6_sheet_1, answer: m.lesson6_answer_1 },
    { ask: m.lesson6_sheet_2, answer: m.lesson6_answer_2 },
    { ask: m.lesson6_sheet_3, answer: m.lesson6_answer_3 },
  ],
  targets: [
    { name: 'broken', words: m.lesson6_target_broken, unit: 'number', over: 3 },
    { name: 'mended', words: m.lesson6_target_mended, unit: 'number', under: 1 },
    { name: 'proofread', words: m.lesson6_target_proofread, unit: 'number', under: 1 },
    { name: 'compared', words: m.lesson6_target_compared, unit: 'number', under: 1 },
  ],
  recording: () => import('./recordings/lesson-6.json'),
  result: () => import('./results/lesson-6.json'),
};
