/** @file Lesson 12: keeping models varied. Sixteen answers to one prompt, by each model, as a cloud; and what KL keeps of it. */
import { m } from '../messages/messages';
import type { Hue } from './figure';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';

/** Sixteen answers of one model, placed among all. */
export interface Cloud {
  /** `base`, `sft`, `rlhf`, or `yours` with the KL weight it was trained with. */
  readonly model: 'base' | 'sft' | 'rlhf' | 'yours';
  readonly klCoef: number | null;
  /** 1 − self-BLEU. */
  readonly variety: number;
  readonly points: readonly { readonly x: number; readonly y: number; readonly text: string }[];
}

/** The clouds of one prompt. */
export interface CloudData {
  readonly prompt: string;
  readonly clouds: readonly Cloud[];
}

/** Settings of the lesson's runs, live and in its study: short, so that two of them fit into a lesson. */
export const CLOUD_RUN = { numUpdates: 30, promptsPerUpdate: 4, learningRate: 4e-4 } as const;

const SHIPPED = ['base', 'sft', 'rlhf'] as const;
const HUES: Readonly<Record<Cloud['model'], Hue>> = { base: 'base', sft: 'sft', rlhf: 'rlhf', yours: 'yours' };

const dataOf = ({ made }: LessonFacts) => (made.clouds as CloudData | undefined) ?? null;
const yoursOf = (facts: LessonFacts) => (dataOf(facts)?.clouds ?? []).filter(({ model }) => model === 'yours');
const nameOf = ({ model, klCoef }: Cloud) =>
  model === 'yours'
    ? m.lesson12_yours({ kl: klCoef ?? 0 })
    : { base: m.page_model_base, sft: m.page_model_sft, rlhf: m.page_model_rlhf }[model]();

export const lesson: Lesson<CloudData> = {
  number: 12,
  minutes: { student: 15, stage: 8 },
  title: m.lesson12_title,
  question: m.lesson12_question,
  slide: m.lesson12_slide,
  talk: m.lesson12_talk,
  doing: m.lesson12_doing,
  preset: {
    link: `stage=grpo&runSeed=3&${Object.entries(CLOUD_RUN)
      .map(([key, value]) => `grpo.${key}=${value}`)
      .join(
        '&',
      )}&reward.length=0&reward.correctness=0&reward.on_topic=0&reward.list_format=0&reward.politeness=0&reward.typos=0&reward.repetition=0&reward.exclamation=0&reward.honesty=0&reward.ending=0&grpo.klCoef=0`,
    rewardModel: { id: 'shipped', weight: 1 },
  },
  steps: [
    { id: PREDICT, title: m.lesson12_predict_title, text: m.lesson12_predict_text, panel: null, done: predicted },
    {
      id: 'draw',
      title: m.lesson12_draw_title,
      text: m.lesson12_draw_text,
      panel: 'cloud',
      done: (facts) => SHIPPED.every((model) => dataOf(facts)?.clouds.some((cloud) => cloud.model === model)),
      says: (facts) => {
        const clouds = dataOf(facts)?.clouds ?? [];
        const [base, sft, rlhf] = SHIPPED.map((model) => clouds.find((cloud) => cloud.model === model)?.variety);
        return base === undefined || sft === undefined || rlhf === undefined
          ? null
          : m.lesson12_draw_says({ base: base.toFixed(2), sft: sft.toFixed(2), rlhf: rlhf.toFixed(2) });
      },
    },
    {
      id: 'free',
      title: m.lesson12_free_title,
      text: m.lesson12_free_text,
      panel: 'cloud',
      done: (facts) => yoursOf(facts).length >= 1,
    },
    {
      id: 'held',
      title: m.lesson12_held_title,
      text: m.lesson12_held_text,
      panel: 'cloud',
      done: (facts) => new Set(yoursOf(facts).map(({ klCoef }) => klCoef)).size >= 2,
      says: (facts) => {
        const clouds = [...yoursOf(facts)].sort((a, b) => (a.klCoef ?? 0) - (b.klCoef ?? 0));
        const [first, last] = [clouds[0], clouds.at(-1)];
        if (!first || !last || first === last) return null;
        return m.lesson12_held_says({
          low: first.klCoef ?? 0,
          lowVariety: first.variety.toFixed(2),
          high: last.klCoef ?? 0,
          highVariety: last.variety.toFixed(2),
        });
      },
    },
  ],
  prediction: {
    question: m.lesson12_predict_question,
    choices: [
      { id: 'base', words: m.page_model_base },
      { id: 'sft', words: m.page_model_sft },
      { id: 'rlhf', words: m.page_model_rlhf },
    ],
    outcome: ({ clouds }) => {
      const shipped = clouds.filter(({ model }) => model !== 'yours');
      if (shipped.length < SHIPPED.length) return null;
      return shipped.reduce((least, cloud) => (cloud.variety < least.variety ? cloud : least)).model;
    },
    because: m.lesson12_because,
  },
  figure: {
    title: m.lesson12_figure,
    reading: m.lesson12_reading,
    live: dataOf,
    draw: ({ clouds }) => ({
      kind: 'cloud',
      x: m.lesson12_x(),
      y: m.lesson12_y(),
      groups: clouds.map((cloud) => ({
        name: nameOf(cloud),
        hue: HUES[cloud.model],
        note: m.lesson12_variety({ value: cloud.variety.toFixed(2) }),
        points: cloud.points,
      })),
    }),
  },
  notice: [m.lesson12_notice_1, m.lesson12_notice_2, m.lesson12_notice_3],
  next: [m.lesson12_next_1, m.lesson12_next_2],
  sources: [
    { title: 'Kirk et al., Understanding the effects of RLHF (arXiv 2310.06452)', url: 'https://arxiv.org/abs/2310.06452' },
    { title: 'Zhu et al., Texygen, self-BLEU (arXiv 1802.01886)', url: 'https://arxiv.org/abs/1802.01886' },
  ],
  notes: [m.lesson12_note_1, m.lesson12_note_2, m.lesson12_note_3],
  worksheet: [
    { ask: m.lesson12_sheet_1, answer: m.lesson12_answer_1 },
    { ask: m.lesson12_sheet_2, answer: m.lesson12_answer_2 },
    { ask: m.lesson12_sheet_3, answer: m.lesson12_answer_3 },
  ],
  targets: [
    { name: 'base-over-sft', words: m.lesson12_target_base, unit: 'number', over: 0 },
    { name: 'sft-over-rlhf', words: m.lesson12_target_sft, unit: 'number', over: 0 },
    { name: 'kl-keeps', words: m.lesson12_target_kl, unit: 'number', over: 0 },
  ],
  recording: () => import('./recordings/lesson-12.json'),
  result: () => import('./results/lesson-12.json'),
};
