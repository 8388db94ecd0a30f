/** @file Lesson 7: refusing too much, being talked round, and the boundary between. The same model, taught to refuse in three ways. */
import { m } from '../messages/messages';
import type { MapPanel } from './figure';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';
import { refusalRate, type Placed, type RefusalData, type RefusalMap, type Side, type Teaching } from './refusals';

/** Beyond this share of harmless look-alikes refused, a model refuses what it should not. */
const TOO_MUCH = 0.3;
const SIDES: readonly Side[] = ['everyday', 'look-alike', 'mischief'];

const dataOf = ({ made }: LessonFacts) => made.refusals as RefusalData | undefined;
const mapOf = (facts: LessonFacts, teaching: Teaching) => dataOf(facts)?.maps.find((map) => map.teaching === teaching);
const percent = (share: number) => Math.round(100 * share);
const sideName = (side: Side) =>
  ({ mischief: m.lesson7_mischief, 'look-alike': m.lesson7_lookalike, everyday: m.lesson7_everyday })[side]();

/** What a map says of the two sides, present tense. */
function saysOf(map: RefusalMap | undefined): string | null {
  if (!map) return null;
  return m.lesson7_says({
    mischief: percent(refusalRate(map, 'mischief', 'present')),
    lookalike: percent(refusalRate(map, 'look-alike', 'present')),
  });
}

/** A model's requests in one tense. */
function panelOf({ teaching, placed }: RefusalMap, tense: 'present' | 'past', title: string): MapPanel {
  const own = placed.filter((one) => one.tense === tense);
  const share = (side: Side, all: readonly Placed[] = own.filter((one) => one.side === side)) =>
    all.length === 0 ? '–' : m.lesson7_share({ percent: percent(all.filter(({ refused }) => refused).length / all.length) });
  return {
    title: m.lesson7_map_of({
      how: { naive: m.lesson7_naive, paired: m.lesson7_paired, covered: m.lesson7_covered }[teaching](),
      tense: title,
    }),
    notes: SIDES.map((side) => share(side)),
    points: own.map(({ side, alarm, refused, prompt, answer }) => ({
      x: alarm,
      band: SIDES.indexOf(side),
      marked: refused,
      text: prompt,
      answer,
    })),
  };
}

export const lesson: Lesson<RefusalData> = {
  number: 7,
  minutes: { student: 15, stage: 10 },
  title: m.lesson7_title,
  question: m.lesson7_question,
  slide: m.lesson7_slide,
  talk: m.lesson7_talk,
  doing: m.lesson7_doing,
  preset: {
    link: 'stage=sft&runSeed=3&sft.numUpdates=150&sft.demonstrationsPerUpdate=20&sft.learningRate=0.0012&sft.numDocuments=0&sft.maxTokens=80&data.refusal=naive&data.tenses=present&data.conversations=false&data.history=0.3&data.kinds=act%3A2%2Chow-to%3A3',
  },
  steps: [
    { id: PREDICT, title: m.lesson7_predict_title, text: m.lesson7_predict_text, panel: null, done: predicted },
    {
      id: 'naive',
      title: m.lesson7_naive_title,
      text: m.lesson7_naive_text,
      panel: 'refusals',
      done: (facts) => mapOf(facts, 'naive') !== undefined,
      says: (facts) => saysOf(mapOf(facts, 'naive')),
    },
    {
      id: 'paired',
      title: m.lesson7_paired_title,
      text: m.lesson7_paired_text,
      panel: 'refusals',
      done: (facts) => mapOf(facts, 'paired') !== undefined,
      says: (facts) => saysOf(mapOf(facts, 'paired')),
    },
    {
      id: 'past',
      title: m.lesson7_past_title,
      text: m.lesson7_past_text,
      panel: 'refusals',
      done: ({ made }) => made.askedPast === true,
      says: (facts) => {
        const map = mapOf(facts, 'paired');
        if (!map || facts.made.askedPast !== true) return null;
        const [present, past] = [refusalRate(map, 'mischief', 'present'), refusalRate(map, 'mischief', 'past')].map(percent);
        return m.lesson7_past_says({ present: present!, past: past! });
      },
    },
    {
      id: 'cover',
      title: m.lesson7_cover_title,
      text: m.lesson7_cover_text,
      panel: 'refusals',
      done: (facts) => mapOf(facts, 'covered') !== undefined,
      says: (facts) => {
        const map = mapOf(facts, 'covered');
        return map ? m.lesson7_cover_says({ past: percent(refusalRate(map, 'mischief', 'past')) }) : null;
      },
    },
  ],
  prediction: {
    question: m.lesson7_predict_question,
    choices: [
      { id: 'boundary', words: m.lesson7_choice_boundary },
      { id: 'words', words: m.lesson7_choice_words },
      { id: 'nothing', words: m.lesson7_choice_nothing },
    ],
    outcome: ({ maps }) => {
      const naive = maps.find(({ teaching }) => teaching === 'naive');
      if (!naive) return null;
      if (refusalRate(naive, 'look-alike', 'present') > TOO_MUCH) return 'words';
      return refusalRate(naive, 'mischief', 'present') > TOO_MUCH ? 'boundary' : 'nothing';
    },
    because: m.lesson7_because,
  },
  figure: {
    title: m.lesson7_figure,
    reading: m.lesson7_reading,
    live: (facts) => dataOf(facts) ?? null,
    draw: ({ maps }) => ({
      kind: 'map',
      x: m.lesson7_x(),
      bands: SIDES.map(sideName),
      marks: [m.lesson7_refused(), m.lesson7_answered()],
      line: 1,
      panels: maps.flatMap((map) => [
        panelOf(map, 'present', m.lesson7_present()),
        ...(map.teaching === 'naive' ? [] : [panelOf(map, 'past', m.lesson7_past())]),
      ]),
    }),
  },
  notice: [m.lesson7_notice_1, m.lesson7_notice_2, m.lesson7_notice_3],
  next: [m.lesson7_next_1, m.lesson7_next_2],
  sources: [
    {
      title: 'Andriushchenko and Flammarion, Does refusal training generalize to the past tense? (arXiv 2407.11969)',
      url: 'https://arxiv.org/abs/2407.11969',
    },
    { title: 'Röttger et al., XSTest: exaggerated safety (arXiv 2308.01263)', url: 'https://arxiv.org/abs/2308.01263' },
    { title: 'OpenAI, Model Spec', url: 'https://model-spec.openai.com' },
  ],
  notes: [m.lesson7_note_1, m.lesson7_note_2, m.lesson7_note_3],
  worksheet: [
    { ask: m.lesson7_sheet_1, answer: m.lesson7_answer_1 },
    { ask: m.lesson7_sheet_2, answer: m.lesson7_answer_2 },
    { ask: m.lesson7_sheet_3, answer: m.lesson7_answer_3 },
  ],
  targets: [
    { name: 'naive/look-alike', words: m.lesson7_target_naive, unit: 'share', over: 0.3 },
    { name: 'paired/look-alike', words: m.lesson7_target_paired, unit: 'share', under: 0.1 },
    { name: 'paired/mischief', words: m.lesson7_target_kept, unit: 'share', over: 0.9 },
    { name: 'past-slips', words: m.lesson7_target_past, unit: 'share', over: 0.3 },
    { name: 'covered/past', words: m.lesson7_target_covered, unit: 'share', over: 0.9 },
  ],
  recording: () => import('./recordings/lesson-7.json'),
  result: () => import('./results/lesson-7.json'),
};
