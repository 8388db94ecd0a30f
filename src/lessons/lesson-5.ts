/** @file Lesson 5: over-optimised reward models. Gao's figure, drawn by the student: proxy and truth along √KL, for few comparisons and many. */
import { m } from '../messages/messages';
import type { Panel, Series } from './figure';
import type { Lesson, LessonFacts } from './lesson';
import { PREDICT, predicted } from './lesson';
import { fitGao, SIZES, type GaoCurve, type GaoData } from './overoptimisation';

const [FEW, MANY] = SIZES;
/** Falls and rises smaller than this, in standard deviations, are called none. */
const SAME = 0.05;
const FIT_POINTS = 24;

const dataOf = ({ made }: LessonFacts) => made.gao as GaoData | undefined;
const rlOf = (facts: LessonFacts, size: number) => dataOf(facts)?.rl.filter((curve) => curve.size === size) ?? [];
const two = (value: number) => value.toFixed(2).replace('-', '−');

/** Mean of the middle third of a curve's points and of its last third: what the end of a run is compared with. */
function thirds({ points }: GaoCurve, of: 'proxy' | 'gold'): { readonly middle: number; readonly last: number } {
  const size = Math.max(1, Math.floor(points.length / 3));
  const mean = (part: GaoCurve['points']) => part.reduce((sum, point) => sum + point[of], 0) / Math.max(1, part.length);
  return { middle: mean(points.slice(-2 * size, -size)), last: mean(points.slice(-size)) };
}

/** How much proxy and gold rise from the middle third of a run to its last. */
export const riseOf = (curve: GaoCurve, of: 'proxy' | 'gold'): number => {
  const { middle, last } = thirds(curve, of);
  return last - middle;
};

/** What a run came to. */
function saysOf(curve: GaoCurve | undefined): string | null {
  if (!curve || curve.points.length < 3) return null;
  const [proxy, gold] = [thirds(curve, 'proxy'), thirds(curve, 'gold')];
  const peak = fitGao(curve.points, 'rl')?.peak;
  return m.lesson5_says({ proxy: two(proxy.last), gold: two(gold.last), peak: two(peak?.gold ?? NaN), d: two(peak?.d ?? NaN) });
}

const nameOf = ({ size, klCoef }: GaoCurve) =>
  klCoef === null || klCoef === 0 ? m.lesson5_comparisons({ count: size }) : m.lesson5_with_kl({ count: size, kl: klCoef });

/** One curve as measured, and its fit. */
function seriesOf(curve: GaoCurve, form: 'bestOfN' | 'rl', of: 'proxy' | 'gold'): Series[] {
  const thin = curve.size === FEW;
  const hue = of === 'gold' ? 'gold' : 'reward-model';
  const name = m.lesson5_curve({ of: of === 'gold' ? m.lesson5_gold() : m.lesson5_proxy(), name: nameOf(curve) });
  const measured: Series = { name, hue, thin, dots: of === 'gold', points: curve.points.map((point) => ({ x: point.d, y: point[of] })) };
  const fit = of === 'gold' ? fitGao(curve.points, form) : null;
  if (!fit) return [measured];
  const last = Math.max(...curve.points.map(({ d }) => d));
  const points = Array.from({ length: FIT_POINTS + 1 }, (_, i) => ({ x: (last * i) / FIT_POINTS, y: fit.at((last * i) / FIT_POINTS) }));
  return [measured, { name: m.lesson5_fit({ of: name }), hue, thin, dashed: true, points }];
}

const panelOf = (title: string, curves: readonly GaoCurve[], form: 'bestOfN' | 'rl'): Panel => ({
  title,
  x: m.lesson5_x(),
  y: m.lesson5_y(),
  series: curves.flatMap((curve) => [...seriesOf(curve, form, 'gold'), ...seriesOf(curve, form, 'proxy')]),
});

export const lesson: Lesson<GaoData> = {
  number: 5,
  minutes: { student: 20, stage: 12 },
  title: m.lesson5_title,
  question: m.lesson5_question,
  slide: m.lesson5_slide,
  talk: m.lesson5_talk,
  doing: m.lesson5_doing,
  preset: {
    link: 'stage=grpo&runSeed=3&grpo.klCoef=0&grpo.promptsPerUpdate=6&grpo.learningRate=0.00012&data.kinds=recipe%3A1%2Chow-to%3A1%2Cadvice%3A1%2Copinion%3A1',
  },
  steps: [
    {
      id: 'few',
      title: m.lesson5_few_title,
      text: m.lesson5_few_text,
      panel: 'gao',
      done: (facts) => dataOf(facts)?.bestOfN.some(({ size }) => size === FEW) ?? false,
      says: (facts) => {
        const best = dataOf(facts)
          ?.bestOfN.find(({ size }) => size === FEW)
          ?.points.at(-1);
        return best ? m.lesson5_few_says({ proxy: two(best.proxy), gold: two(best.gold) }) : null;
      },
    },
    { id: PREDICT, title: m.lesson5_predict_title, text: m.lesson5_predict_text, panel: null, done: predicted },
    {
      id: 'rl',
      title: m.lesson5_rl_title,
      text: m.lesson5_rl_text,
      panel: 'gao',
      done: (facts) => rlOf(facts, FEW).length > 0,
      says: (facts) => saysOf(rlOf(facts, FEW).at(-1)),
    },
    {
      id: 'many',
      title: m.lesson5_many_title,
      text: m.lesson5_many_text,
      panel: 'gao',
      done: (facts) => rlOf(facts, MANY).length > 0,
      says: (facts) => saysOf(rlOf(facts, MANY).at(-1)),
    },
    {
      id: 'kl',
      title: m.lesson5_kl_title,
      text: m.lesson5_kl_text,
      panel: 'gao',
      done: (facts) => dataOf(facts)?.rl.some(({ klCoef }) => (klCoef ?? 0) > 0) ?? false,
      says: (facts) => saysOf(dataOf(facts)?.rl.findLast(({ klCoef }) => (klCoef ?? 0) > 0)),
    },
  ],
  prediction: {
    question: m.lesson5_predict_question,
    choices: [
      { id: 'both', words: m.lesson5_choice_both },
      { id: 'apart', words: m.lesson5_choice_apart },
      { id: 'neither', words: m.lesson5_choice_neither },
    ],
    outcome: ({ rl }) => {
      const curve = rl.find(({ size, klCoef }) => size === FEW && klCoef === 0);
      if (!curve || curve.points.length < 3) return null;
      const proxy = thirds(curve, 'proxy').last;
      const gold = thirds(curve, 'gold').last;
      const peak = fitGao(curve.points, 'rl')?.peak.gold ?? gold;
      if (proxy < SAME) return 'neither';
      return gold < Math.max(peak, 0) - SAME ? 'apart' : 'both';
    },
    because: m.lesson5_because,
  },
  figure: {
    title: m.lesson5_figure,
    reading: m.lesson5_reading,
    live: (facts) => dataOf(facts) ?? null,
    draw: ({ bestOfN, rl }) => ({
      kind: 'lines',
      panels: [
        ...(bestOfN.length > 0 ? [panelOf(m.lesson5_best_of_n(), bestOfN, 'bestOfN')] : []),
        ...(rl.length > 0 ? [panelOf(m.lesson5_rl(), rl, 'rl')] : []),
      ],
    }),
  },
  notice: [m.lesson5_notice_1, m.lesson5_notice_2, m.lesson5_notice_3],
  next: [m.lesson5_next_1, m.lesson5_next_2],
  sources: [
    {
      title: 'Gao, Schulman and Hilton, Scaling laws for reward model overoptimization (arXiv 2210.10760)',
      url: 'https://arxiv.org/abs/2210.10760',
    },
    { title: 'Stiennon et al., Learning to summarize (arXiv 2009.01325)', url: 'https://arxiv.org/abs/2009.01325' },
    { title: 'Nakano et al., WebGPT, best of n (arXiv 2112.09332)', url: 'https://arxiv.org/abs/2112.09332' },
  ],
  notes: [m.lesson5_note_1, m.lesson5_note_2, m.lesson5_note_3],
  worksheet: [
    { ask: m.lesson5_sheet_1, answer: m.lesson5_answer_1 },
    { ask: m.lesson5_sheet_2, answer: m.lesson5_answer_2 },
    { ask: m.lesson5_sheet_3, answer: m.lesson5_answer_3 },
  ],
  targets: [
    { name: 'proxy-rises', words: m.lesson5_target_proxy, unit: 'number', over: 0 },
    { name: 'gold-falls', words: m.lesson5_target_gold, unit: 'number', under: 0 },
    { name: 'later', words: m.lesson5_target_later, unit: 'number', over: 0 },
    { name: 'higher', words: m.lesson5_target_higher, unit: 'number', over: 0 },
  ],
  recording: () => import('./recordings/lesson-5.json'),
  result: () => import('./results/lesson-5.json'),
};
