/** @file Lesson 9: making things up. Being informative against being right, as a wrong claim costs more and more. */
import { m } from '../messages/messages';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';
import { COSTS, namesVerdict, type NamesData, type NamesOutcome } from './names-experiment';

const dataOf = ({ made }: LessonFacts) => (made.names as NamesData | undefined) ?? null;
const percent = (share: number) => Math.round(100 * share);
const runsOf = (facts: LessonFacts) => dataOf(facts)?.runs ?? [];
const costsOf = (facts: LessonFacts) => new Set(runsOf(facts).map(({ cost }) => cost));
const saysOf = (facts: LessonFacts, isIt: (cost: number) => boolean) => {
  const run = runsOf(facts).findLast(({ cost }) => isIt(cost));
  if (!run) return null;
  const { famous, nobody } = run.outcome.groups;
  return m.lesson9_run_says({ cost: run.cost, famous: percent(famous.answered), nobody: percent(nobody.answered) });
};
const point = ({ informativeness: x, correctness: y }: NamesOutcome, label: string) => ({ x, y, label });

export const lesson: Lesson<NamesData> = {
  number: 9,
  minutes: { student: 15, stage: 10 },
  title: m.lesson9_title,
  question: m.lesson9_question,
  slide: m.lesson9_slide,
  talk: m.lesson9_talk,
  doing: m.lesson9_doing,
  preset: { link: 'prompt=Who+is+Ana+Moreno%3F' },
  steps: [
    {
      id: 'teach',
      title: m.lesson9_teach_title,
      text: m.lesson9_teach_text,
      panel: 'names',
      done: (facts) => dataOf(facts) !== null,
      says: (facts) => {
        const groups = dataOf(facts)?.start.groups;
        return groups ? m.lesson9_teach_says({ nobody: percent(groups.nobody.answered), famous: percent(groups.famous.right) }) : null;
      },
    },
    { id: PREDICT, title: m.lesson9_predict_title, text: m.lesson9_predict_text, panel: null, done: predicted },
    {
      id: 'free',
      title: m.lesson9_free_title,
      text: m.lesson9_free_text,
      panel: 'names',
      done: (facts) => costsOf(facts).has(0),
      says: (facts) => saysOf(facts, (cost) => cost === 0),
    },
    {
      id: 'cost',
      title: m.lesson9_cost_title,
      text: m.lesson9_cost_text,
      panel: 'names',
      done: (facts) => [...costsOf(facts)].some((cost) => cost >= 1),
      says: (facts) => saysOf(facts, (cost) => cost >= 1),
    },
    {
      id: 'sweep',
      title: m.lesson9_sweep_title,
      text: m.lesson9_sweep_text,
      panel: 'names',
      done: (facts) => costsOf(facts).size >= 3,
    },
  ],
  prediction: {
    question: m.lesson9_predict_question,
    choices: [
      { id: 'apart', words: m.lesson9_choice_apart },
      { id: 'silent', words: m.lesson9_choice_silent },
      { id: 'guesses', words: m.lesson9_choice_guesses },
    ],
    outcome: namesVerdict,
    because: m.lesson9_because,
  },
  figure: {
    title: m.lesson9_figure,
    reading: m.lesson9_reading,
    live: dataOf,
    draw: ({ start, runs }) => {
      const byCost = [...new Map(runs.map((run) => [run.cost, run.outcome])).entries()].sort(([a], [b]) => a - b);
      const line = (of: (outcome: NamesOutcome) => number) => byCost.map(([x, outcome]) => ({ x, y: of(outcome) }));
      const tradeOff = {
        title: m.lesson9_trade_off(),
        x: m.lesson9_x_informative(),
        y: m.lesson9_y_correct(),
        yFrom: 0,
        yTo: 1,
        xFrom: 0,
        xTo: 1,
        series: [
          { name: m.lesson9_series_start(), hue: 'sft' as const, points: [point(start, m.lesson9_label_start())] },
          ...(byCost.length > 0
            ? [
                {
                  name: m.lesson9_series_rewarded(),
                  hue: 'yours' as const,
                  points: byCost.map(([cost, outcome]) => point(outcome, `c = ${cost}`)),
                },
              ]
            : []),
        ],
      };
      if (byCost.length === 0) return { kind: 'lines', panels: [tradeOff] };
      return {
        kind: 'lines',
        panels: [
          tradeOff,
          {
            title: m.lesson9_by_group(),
            x: m.lesson9_x_cost(),
            y: m.lesson9_y_answered(),
            yFrom: 0,
            yTo: 1,
            xFrom: 0,
            xTo: COSTS.at(-1)!,
            series: [
              { name: m.lesson9_group_famous(), hue: 'gold', points: line(({ groups }) => groups.famous.answered) },
              { name: m.lesson9_group_rare(), hue: 'ink', points: line(({ groups }) => groups.rare.answered) },
              { name: m.lesson9_group_nobody(), hue: 'reward-model', points: line(({ groups }) => groups.nobody.answered) },
            ],
          },
        ],
      };
    },
  },
  notice: [m.lesson9_notice_1, m.lesson9_notice_2, m.lesson9_notice_3],
  next: [m.lesson9_next_1, m.lesson9_next_2],
  sources: [
    {
      title: 'Schulman, Reinforcement learning from human feedback: progress and challenges (2023)',
      url: 'https://www.youtube.com/watch?v=hhiLw5Q_UFg',
    },
    { title: 'Kadavath et al., Language models (mostly) know what they know (arXiv 2207.05221)', url: 'https://arxiv.org/abs/2207.05221' },
    { title: 'Kalai et al., Why language models hallucinate (arXiv 2509.04664)', url: 'https://arxiv.org/abs/2509.04664' },
  ],
  notes: [m.lesson9_note_1, m.lesson9_note_2, m.lesson9_note_3],
  worksheet: [
    { ask: m.lesson9_sheet_1, answer: m.lesson9_answer_1 },
    { ask: m.lesson9_sheet_2, answer: m.lesson9_answer_2 },
    { ask: m.lesson9_sheet_3, answer: m.lesson9_answer_3 },
  ],
  targets: [
    { name: 'invents', words: m.lesson9_target_invents, unit: 'share', over: 0.9 },
    { name: 'wrong-left', words: m.lesson9_target_wrong, unit: 'share', under: 0.5 },
    { name: 'famous', words: m.lesson9_target_famous, unit: 'share', over: 0.8 },
    { name: 'trade-off', words: m.lesson9_target_trade, unit: 'points', over: 0 },
  ],
  recording: () => import('./recordings/lesson-9.json'),
  result: () => import('./results/lesson-9.json'),
};
