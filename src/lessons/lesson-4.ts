/** @file Lesson 4: RL, live. Start at SFT, optimise against the reward model, and watch reward, truth and drift together. */
import { m } from '../messages/messages';
import type { Lesson, LessonFacts, RunFacts } from './lesson';
import { PREDICT, predicted } from './lesson';

/** A run by update: proxy reward, the world's verdict, KL from the start in nats. */
export interface RunData {
  readonly updates: readonly number[];
  readonly reward: readonly number[];
  readonly gold: readonly number[];
  readonly kl: readonly number[];
}

/** Updates that make up the beginning and the end of a run, which single updates are too noisy for. */
const WINDOW = 5;
/** Gold may wander so far by chance. */
const SAME = 0.03;
const SOME_UPDATES = 10;

/** A run as data; null before its second update. */
function runData(run: RunFacts | null): RunData | null {
  const rows = (run?.history ?? []).flatMap(({ update, metrics }) => {
    const { reward, gold_reward: gold, 'objective/kl': kl } = metrics;
    return reward === undefined || gold === undefined ? [] : [{ update, reward, gold, kl: kl ?? 0 }];
  });
  if (rows.length < 2) return null;
  return {
    updates: rows.map(({ update }) => update),
    reward: rows.map(({ reward }) => reward),
    gold: rows.map(({ gold }) => gold),
    kl: rows.map(({ kl }) => kl),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** By how much a series is higher at its end than at its beginning. */
const riseOf = (values: readonly number[]): number => mean(values.slice(-WINDOW)) - mean(values.slice(0, WINDOW));

const dataOf = ({ run }: LessonFacts) => runData(run);
const signed = (value: number) => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(2);

export const lesson: Lesson<RunData> = {
  number: 4,
  minutes: { student: 15, stage: 10 },
  title: m.lesson4_title,
  question: m.lesson4_question,
  slide: m.lesson4_slide,
  talk: m.lesson4_talk,
  doing: m.lesson4_doing,
  preset: {
    link: 'stage=grpo&runSeed=3&grpo.numUpdates=60&reward.length=0&reward.correctness=0&reward.on_topic=0&reward.list_format=0&reward.politeness=0&reward.typos=0&reward.repetition=0&reward.exclamation=0&reward.honesty=0&reward.ending=0',
    rewardModel: { id: 'shipped', weight: 1 },
  },
  steps: [
    { id: PREDICT, title: m.lesson4_predict_title, text: m.lesson4_predict_text, panel: null, done: predicted },
    {
      id: 'start',
      title: m.lesson4_start_title,
      text: m.lesson4_start_text,
      panel: 'train',
      done: ({ run }) => (run?.update ?? 0) >= 1,
    },
    {
      id: 'watch',
      title: m.lesson4_watch_title,
      text: m.lesson4_watch_text,
      panel: 'train',
      done: ({ run }) => (run?.update ?? 0) >= SOME_UPDATES,
      says: (facts) => {
        const data = dataOf(facts);
        return data && facts.run
          ? m.lesson4_watch_says({ update: facts.run.update, reward: signed(riseOf(data.reward)), kl: data.kl.at(-1)!.toFixed(1) })
          : null;
      },
    },
    {
      id: 'pause',
      title: m.lesson4_pause_title,
      text: m.lesson4_pause_text,
      panel: 'train',
      done: ({ run }) => run?.paused === true || run?.ended === true,
    },
    {
      id: 'end',
      title: m.lesson4_end_title,
      text: m.lesson4_end_text,
      panel: 'train',
      done: ({ run }) => run?.ended === true && run.update >= SOME_UPDATES,
      says: (facts) => {
        const data = dataOf(facts);
        return data && facts.run?.ended
          ? m.lesson4_end_says({ gold: signed(riseOf(data.gold)), reward: signed(riseOf(data.reward)) })
          : null;
      },
    },
    {
      id: 'bend',
      title: m.lesson4_bend_title,
      text: m.lesson4_bend_text,
      panel: 'reward',
      done: ({ run, weights }) => (run?.rewardChanges.length ?? 0) > 0 || Object.values(weights).some((weight) => weight !== 0),
    },
  ],
  prediction: {
    question: m.lesson4_predict_question,
    choices: [
      { id: 'rises', words: m.lesson4_choice_rises },
      { id: 'stays', words: m.lesson4_choice_stays },
      { id: 'falls', words: m.lesson4_choice_falls },
    ],
    outcome: ({ gold }) => {
      if (gold.length < 2 * WINDOW) return null;
      const rise = riseOf(gold);
      return rise > SAME ? 'rises' : rise < -SAME ? 'falls' : 'stays';
    },
    because: m.lesson4_because,
  },
  figure: {
    title: m.lesson4_figure,
    reading: m.lesson4_reading,
    live: dataOf,
    draw: ({ updates, reward, gold, kl }) => {
      const line = (values: readonly number[]) => updates.map((x, i) => ({ x, y: values[i]! }));
      const x = m.lesson4_x();
      return {
        kind: 'lines',
        panels: [
          {
            title: m.lesson4_reward(),
            x,
            y: m.lesson4_y_reward(),
            series: [{ name: m.lesson4_reward(), hue: 'reward-model', points: line(reward) }],
          },
          { title: m.lesson4_gold(), x, y: m.lesson4_y_gold(), series: [{ name: m.lesson4_gold(), hue: 'gold', points: line(gold) }] },
          { title: m.lesson4_kl(), x, y: m.lesson4_y_kl(), yFrom: 0, series: [{ name: m.lesson4_kl(), hue: 'yours', points: line(kl) }] },
        ],
      };
    },
  },
  notice: [m.lesson4_notice_1, m.lesson4_notice_2, m.lesson4_notice_3],
  next: [m.lesson4_next_1, m.lesson4_next_2],
  sources: [
    { title: 'Schulman et al., PPO (arXiv 1707.06347)', url: 'https://arxiv.org/abs/1707.06347' },
    { title: 'Shao et al., DeepSeekMath, GRPO (arXiv 2402.03300)', url: 'https://arxiv.org/abs/2402.03300' },
    { title: 'Schulman, Approximating KL divergence', url: 'http://joschu.net/blog/kl-approx.html' },
  ],
  notes: [m.lesson4_note_1, m.lesson4_note_2, m.lesson4_note_3],
  worksheet: [
    { ask: m.lesson4_sheet_1, answer: m.lesson4_answer_1 },
    { ask: m.lesson4_sheet_2, answer: m.lesson4_answer_2 },
    { ask: m.lesson4_sheet_3, answer: m.lesson4_answer_3 },
  ],
  targets: [
    { name: 'proxy', words: m.lesson4_target_proxy, unit: 'number', over: 1 },
    { name: 'gold', words: m.lesson4_target_gold, unit: 'points', over: 0 },
    { name: 'kl', words: m.lesson4_target_kl, unit: 'nats', under: 10 },
  ],
  recording: () => import('./recordings/lesson-4.json'),
  result: () => import('./results/lesson-4.json'),
};
