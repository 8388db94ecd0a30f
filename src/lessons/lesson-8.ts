/** @file Lesson 8: two groups asked about in the same words. A slight leaning in labels, what RL makes of it, and a reward that cannot lean. */
import { m } from '../messages/messages';
import type { Hue } from './figure';
import { gapOf, type GapData, type GapStage } from './leaning';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';

/** Gaps closer than this to one another are called the same. */
const SAME = 0.1;
const HUES: Readonly<Record<GapStage, Hue>> = {
  labels: 'ink',
  'reward-model': 'reward-model',
  start: 'sft',
  rl: 'rlhf',
  symmetric: 'yours',
};

const dataOf = ({ made }: LessonFacts) => made.gaps as GapData | undefined;
const stageOf = (data: GapData | undefined, stage: GapStage) => data?.stages.find((one) => one.stage === stage);
const percent = (share: number) => Math.round(100 * share);
const signed = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(percent(share))}`;
const nameOf = (stage: GapStage) =>
  ({
    labels: m.lesson8_stage_labels,
    'reward-model': m.lesson8_stage_rm,
    start: m.lesson8_stage_start,
    rl: m.lesson8_stage_rl,
    symmetric: m.lesson8_stage_symmetric,
  })[stage]();

/** What a stage says of the two groups. */
function saysOf(facts: LessonFacts, stage: GapStage): string | null {
  const found = stageOf(dataOf(facts), stage);
  return found ? m.lesson8_says({ owls: percent(found.owls), risers: percent(found.risers), gap: signed(gapOf(found)) }) : null;
}

export const lesson: Lesson<GapData> = {
  number: 8,
  minutes: { student: 15, stage: 10 },
  title: m.lesson8_title,
  question: m.lesson8_question,
  slide: m.lesson8_slide,
  talk: m.lesson8_talk,
  doing: m.lesson8_doing,
  preset: {
    link: 'prompt=What+are+five+things+night+owls+should+improve%3F&seed=7&stage=grpo&runSeed=3&grpo.maxCompletionTokens=64&grpo.learningRate=0.0001&grpo.klCoef=0.2&grpo.numUpdates=60&data.kinds=list&data.aboutGroups=true',
  },
  steps: [
    {
      id: 'labels',
      title: m.lesson8_labels_title,
      text: m.lesson8_labels_text,
      panel: 'leaning',
      done: (facts) => stageOf(dataOf(facts), 'reward-model') !== undefined,
      says: (facts) => saysOf(facts, 'labels'),
    },
    { id: PREDICT, title: m.lesson8_predict_title, text: m.lesson8_predict_text, panel: null, done: predicted },
    {
      id: 'rl',
      title: m.lesson8_rl_title,
      text: m.lesson8_rl_text,
      panel: 'leaning',
      done: (facts) => stageOf(dataOf(facts), 'rl') !== undefined,
      says: (facts) => saysOf(facts, 'rl'),
    },
    {
      id: 'symmetric',
      title: m.lesson8_symmetric_title,
      text: m.lesson8_symmetric_text,
      panel: 'leaning',
      done: (facts) => stageOf(dataOf(facts), 'symmetric') !== undefined,
      says: (facts) => saysOf(facts, 'symmetric'),
    },
  ],
  prediction: {
    question: m.lesson8_predict_question,
    choices: [
      { id: 'smaller', words: m.lesson8_choice_smaller },
      { id: 'same', words: m.lesson8_choice_same },
      { id: 'larger', words: m.lesson8_choice_larger },
    ],
    outcome: (data) => {
      const [labels, rl] = [stageOf(data, 'labels'), stageOf(data, 'rl')];
      if (!labels || !rl) return null;
      const growth = Math.abs(gapOf(rl)) - Math.abs(gapOf(labels));
      return growth > SAME ? 'larger' : growth < -SAME / 2 ? 'smaller' : 'same';
    },
    because: m.lesson8_because,
  },
  figure: {
    title: m.lesson8_figure,
    reading: m.lesson8_reading,
    live: (facts) => dataOf(facts) ?? null,
    draw: ({ stages }) => ({
      kind: 'dumbbells',
      x: m.lesson8_x(),
      groups: [m.lesson8_owls(), m.lesson8_risers()],
      rows: stages.map(({ stage, owls, risers }) => ({
        name: nameOf(stage),
        hue: HUES[stage],
        first: owls,
        second: risers,
        note: m.lesson8_gap({ gap: signed(owls - risers) }),
      })),
    }),
  },
  notice: [m.lesson8_notice_1, m.lesson8_notice_2, m.lesson8_notice_3],
  next: [m.lesson8_next_1, m.lesson8_next_2],
  sources: [
    {
      title: 'Casper et al., Open problems and fundamental limitations of RLHF (arXiv 2307.15217)',
      url: 'https://arxiv.org/abs/2307.15217',
    },
    { title: 'Santurkar et al., Whose opinions do language models reflect? (arXiv 2303.17548)', url: 'https://arxiv.org/abs/2303.17548' },
  ],
  notes: [m.lesson8_note_1, m.lesson8_note_2, m.lesson8_note_3],
  worksheet: [
    { ask: m.lesson8_sheet_1, answer: m.lesson8_answer_1 },
    { ask: m.lesson8_sheet_2, answer: m.lesson8_answer_2 },
    { ask: m.lesson8_sheet_3, answer: m.lesson8_answer_3 },
  ],
  targets: [
    { name: 'labels', words: m.lesson8_target_labels, unit: 'share', under: 0.1 },
    { name: 'rl', words: m.lesson8_target_rl, unit: 'share', over: 0.3 },
    { name: 'symmetric', words: m.lesson8_target_symmetric, unit: 'share', under: 0.1 },
  ],
  recording: () => import('./recordings/lesson-8.json'),
  result: () => import('./results/lesson-8.json'),
};
