/** @file Lesson 2: supervised fine-tuning clones behaviour: the form comes with demonstrations, and so do their faults. */
import { m } from '../messages/messages';
import { countVerdict, runsByCount, runsByTypos, type TaughtData, type TaughtRun } from './demonstrations-experiment';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';

const NUM_READ = 3;
const MANY = 200;
const SPOILT = 0.5;

const dataOf = ({ made }: LessonFacts) => (made.taught as TaughtData | undefined) ?? null;
const runsOf = (facts: LessonFacts) => dataOf(facts)?.runs ?? [];
const percent = (share: number) => Math.round(100 * share);
const perHundred = (rate: number) => (100 * rate).toFixed(1);
const isWorlds = ({ own, typoShare, wrongFactShare }: TaughtRun) => !own && typoShare === 0 && wrongFactShare === 0;
const saysOf = (facts: LessonFacts, isIt: (run: TaughtRun) => boolean) => {
  const run = runsOf(facts).findLast(isIt);
  const base = dataOf(facts)?.base;
  return run && base
    ? m.lesson2_run_says({
        count: run.count,
        form: percent(run.outcome.inForm),
        right: percent(run.outcome.right),
        base: percent(base.inForm),
      })
    : null;
};

export const lesson: Lesson<TaughtData> = {
  number: 2,
  minutes: { student: 15, stage: 10 },
  title: m.lesson2_title,
  question: m.lesson2_question,
  slide: m.lesson2_slide,
  talk: m.lesson2_talk,
  doing: m.lesson2_doing,
  preset: {
    link: 'stage=sft&start=base&runSeed=3&sft.numUpdates=220&data.kinds=recipe%3A2%2Clist%3A1%2Chow-to%3A1%2Cperson%3A1&data.conversations=false',
  },
  steps: [
    {
      id: 'read',
      title: m.lesson2_read_title,
      text: m.lesson2_read_text,
      panel: 'demonstrations',
      done: (facts) => Number(facts.made.read ?? 0) >= NUM_READ || runsOf(facts).length > 0,
    },
    { id: PREDICT, title: m.lesson2_predict_title, text: m.lesson2_predict_text, panel: null, done: predicted },
    {
      id: 'few',
      title: m.lesson2_few_title,
      text: m.lesson2_few_text,
      panel: 'demonstrations',
      done: (facts) => runsOf(facts).some((run) => isWorlds(run) && run.count < MANY),
      says: (facts) => saysOf(facts, (run) => isWorlds(run) && run.count < MANY),
    },
    {
      id: 'many',
      title: m.lesson2_many_title,
      text: m.lesson2_many_text,
      panel: 'demonstrations',
      done: (facts) => runsOf(facts).some((run) => isWorlds(run) && run.count >= MANY),
      says: (facts) => saysOf(facts, (run) => isWorlds(run) && run.count >= MANY),
    },
    {
      id: 'spoil',
      title: m.lesson2_spoil_title,
      text: m.lesson2_spoil_text,
      panel: 'demonstrations',
      done: (facts) => runsOf(facts).some(({ typoShare }) => typoShare >= SPOILT),
      says: (facts) => {
        const run = runsOf(facts).findLast(({ typoShare }) => typoShare >= SPOILT);
        return run ? m.lesson2_spoil_says({ shown: perHundred(run.shownTypos), made: perHundred(run.outcome.typos) }) : null;
      },
    },
    {
      id: 'own',
      title: m.lesson2_own_title,
      text: m.lesson2_own_text,
      panel: 'demonstrations',
      done: (facts) => runsOf(facts).some(({ own }) => own),
      says: (facts) => saysOf(facts, ({ own }) => own),
    },
  ],
  prediction: {
    question: m.lesson2_predict_question,
    choices: [
      { id: 'rises', words: m.lesson2_choice_rises },
      { id: 'same', words: m.lesson2_choice_same },
      { id: 'falls', words: m.lesson2_choice_falls },
    ],
    outcome: countVerdict,
    because: m.lesson2_because,
  },
  figure: {
    title: m.lesson2_figure,
    reading: m.lesson2_reading,
    live: dataOf,
    draw: (data) => {
      const byCount = runsByCount(data);
      const byTypos = runsByTypos(data);
      const of = (value: (run: TaughtRun) => number) => byCount.map((run) => ({ x: run.count, y: value(run) }));
      const level = (y: number) => byCount.map(({ count: x }) => ({ x, y }));
      const typos = byTypos.map(({ shownTypos, outcome }) => ({ x: 100 * shownTypos, y: 100 * outcome.typos }));
      const most = Math.max(1, ...typos.map(({ x }) => x));
      return {
        kind: 'lines',
        panels: [
          ...(byCount.length > 0
            ? [
                {
                  title: m.lesson2_by_count(),
                  x: m.lesson2_x_count(),
                  y: m.lesson2_y_share(),
                  logarithmic: true,
                  yFrom: 0,
                  yTo: 1,
                  series: [
                    { name: m.lesson2_series_form(), hue: 'yours' as const, points: of(({ outcome }) => outcome.inForm) },
                    { name: m.lesson2_series_right(), hue: 'gold' as const, points: of(({ outcome }) => outcome.right) },
                    { name: m.lesson2_series_base(), hue: 'base' as const, dashed: true, points: level(data.base.inForm) },
                  ],
                },
              ]
            : []),
          ...(typos.length > 0
            ? [
                {
                  title: m.lesson2_by_typos(),
                  x: m.lesson2_x_typos(),
                  y: m.lesson2_y_typos(),
                  yFrom: 0,
                  xFrom: 0,
                  series: [
                    { name: m.lesson2_series_model(), hue: 'yours' as const, points: typos },
                    {
                      name: m.lesson2_series_clone(),
                      hue: 'ink' as const,
                      dashed: true,
                      points: [
                        { x: 0, y: 0 },
                        { x: most, y: most },
                      ],
                    },
                  ],
                },
              ]
            : []),
        ],
      };
    },
  },
  notice: [m.lesson2_notice_1, m.lesson2_notice_2, m.lesson2_notice_3],
  next: [m.lesson2_next_1, m.lesson2_next_2],
  sources: [
    { title: 'Ouyang et al., InstructGPT (arXiv 2203.02155)', url: 'https://arxiv.org/abs/2203.02155' },
    { title: 'Zhou et al., LIMA: less is more for alignment (arXiv 2305.11206)', url: 'https://arxiv.org/abs/2305.11206' },
    {
      title: 'Pomerleau, ALVINN: behaviour cloning (1988)',
      url: 'https://proceedings.neurips.cc/paper/1988/hash/812b4ba287f5ee0bc9d43bbf5bbe87fb-Abstract.html',
    },
  ],
  notes: [m.lesson2_note_1, m.lesson2_note_2, m.lesson2_note_3],
  worksheet: [
    { ask: m.lesson2_sheet_1, answer: m.lesson2_answer_1 },
    { ask: m.lesson2_sheet_2, answer: m.lesson2_answer_2 },
    { ask: m.lesson2_sheet_3, answer: m.lesson2_answer_3 },
  ],
  targets: [
    { name: 'form-by-count', words: m.lesson2_target_form, unit: 'points', over: 0 },
    { name: 'form-many', words: m.lesson2_target_many, unit: 'share', over: 0.8 },
    { name: 'typos-follow', words: m.lesson2_target_typos, unit: 'number', over: 0.5 },
  ],
  recording: () => import('./recordings/lesson-2.json'),
  result: () => import('./results/lesson-2.json'),
};
