/**
 * @file Lesson 5's experiment: reward models from few and from many comparisons, optimised against by best of n and by RL, and what
 * becomes of the truth meanwhile (Gao, Schulman and Hilton, arXiv 2210.10760).
 *
 * Everything is counted as there: along d = √KL(policy ‖ start), proxy and gold in standard deviations of the starting model's
 * answers, 0 at the start. Best of n follows gold = d (α − β d), RL follows gold = d (α − β ln d): both are linear in α and β.
 */
import { DATA_DEFAULTS } from '../core/data/fields';
import { GRPO_DEFAULTS } from '../core/algorithms/grpo';
import { drawRequest } from '../core/data/requests';
import type { PreferencePair } from '../core/preferences/preference-pairs';
import { Random } from '../core/random';
import { bestOfN as bestOf, bestOfNKl } from '../core/reward/best-of-n';
import { mean, standardDeviation } from '../core/rl/advantages';
import type { World } from '../core/world/world';
import type { Completion } from '../protocol/generate';
import type { RunSpec } from '../protocol/run';
import type { LessonLab, TrainedRun } from './lab';

/** Comparisons that the reward models are made of: few, and ten times as many. */
export const SIZES = [48, 480] as const;
/** Gold points of noise of whoever compared. */
const NOISE = 0.1;
/** Prompts of best of n, and answers to each. */
const NUM_PROMPTS = 24;
const POOL = 32;
/** Answers of which the best is taken. */
const NS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32] as const;
const MAX_TOKENS = 96;
const LONGEST_PROMPT = 90;
/** Answers asked for in one call. */
const AT_ONCE = 256;
/** Updates whose mean is one point of a run's curve: a single one is too noisy. */
const BIN = 5;

/** Somewhere along a curve. */
export interface GaoPoint {
  /** √KL, nats to the half. */
  readonly d: number;
  readonly proxy: number;
  readonly gold: number;
}

/** What was optimised against. */
export interface GaoCurve {
  readonly size: number;
  /** Of RL; null for best of n. */
  readonly klCoef: number | null;
  readonly points: readonly GaoPoint[];
}

/** What the figure is drawn from. */
export interface GaoData {
  readonly bestOfN: readonly GaoCurve[];
  readonly rl: readonly GaoCurve[];
}

/** Mean and standard deviation of the starting model's answers, by which curves are counted. */
export interface Scale {
  readonly proxy: { readonly mean: number; readonly sd: number };
  readonly gold: { readonly mean: number; readonly sd: number };
}

/** An answer with the world's verdict. */
interface Graded {
  readonly prompt: string;
  readonly text: string;
  readonly gold: number;
}

/** Id of the reward model from so many comparisons. */
const rewardModelId = (size: number): string => `lesson-5-${size}`;

const nameOf = (size: number) => `Lesson 5, ${size} comparisons`;

/** What is asked: kinds whose answers a small reward model can learn to tell apart, and which are not all of one shape. */
const KINDS = { recipe: 1, 'how-to': 1, advice: 1, opinion: 1 } as const;
const DATA = { ...DATA_DEFAULTS.rewards, kinds: KINDS };

/** Prompts of training, short ones. */
function drawPrompts(world: World, count: number, random: Random): string[] {
  const prompts: string[] = [];
  while (prompts.length < count) {
    const { prompt } = drawRequest(world, { ...DATA, split: 'train' }, random);
    if (prompt.length <= LONGEST_PROMPT) prompts.push(prompt);
  }
  return prompts;
}

/** Answers of the starting model, each with the world's verdict. */
async function draw(lab: LessonLab, prompts: readonly string[], seed: number): Promise<Graded[]> {
  const completions: Completion[] = [];
  for (let at = 0; at < prompts.length; at += AT_ONCE) {
    const asked = prompts.slice(at, at + AT_ONCE);
    completions.push(...(await lab.answers({ model: 'sft', prompts: asked, seed: seed + at, temperature: 1, maxTokens: MAX_TOKENS })));
  }
  return completions.map(({ text, goldReward }, i) => ({ prompt: prompts[i]!, text, gold: goldReward ?? 0 }));
}

/** Two answers of the model to each prompt, compared by somebody with noise. As many as the largest size; equal ones are left out. */
export async function drawComparisons(lab: LessonLab, world: World, seed: number): Promise<PreferencePair[]> {
  const random = new Random(seed).split('lesson 5');
  const wanted = Math.max(...SIZES);
  const pairs: PreferencePair[] = [];
  for (let round = 0; pairs.length < wanted; round++) {
    const prompts = drawPrompts(world, Math.ceil(1.3 * (wanted - pairs.length)) + 8, random.split(`prompts ${round}`));
    const answers = await draw(lab, [...prompts, ...prompts], seed + 10_000 * (round + 1));
    const eye = random.split(`labels ${round}`);
    prompts.forEach((prompt, i) => {
      const [a, b] = [answers[i]!, answers[i + prompts.length]!];
      if (a.text === b.text || pairs.length >= wanted) return;
      const prefersA = eye.chance(1 / (1 + Math.exp((b.gold - a.gold) / NOISE)));
      const [chosen, rejected] = prefersA ? [a, b] : [b, a];
      pairs.push({ prompt, chosen: chosen.text, rejected: rejected.text, margin: 0 });
    });
  }
  return pairs;
}

/** Fits a reward model to the first `size` comparisons. */
export async function fitRewardModel(lab: LessonLab, pairs: readonly PreferencePair[], size: number, seed: number): Promise<void> {
  const config = { numEpochs: 3, numPairs: 12, learningRate: 5e-4, centring: 0.01 };
  const spec = { id: rewardModelId(size), start: 'sft', seed, pairs: pairs.slice(0, size), config, heldOutShare: 0 } as const;
  await lab.trainRewardModel(spec, nameOf(size));
}

/** The starting model's answers to a few prompts, from which the best of n are taken. */
export function drawPool(lab: LessonLab, world: World, seed: number): Promise<Graded[]> {
  const prompts = drawPrompts(world, NUM_PROMPTS, new Random(seed).split('lesson 5, pool'));
  return draw(
    lab,
    prompts.flatMap((prompt) => Array<string>(POOL).fill(prompt)),
    seed + 1_000_000,
  );
}

/** Best of n by a reward model, and the scale of the starting model's answers under it. */
export async function bestOfN(lab: LessonLab, pool: readonly Graded[], size: number): Promise<{ curve: GaoCurve; scale: Scale }> {
  const scores = await lab.scores(
    rewardModelId(size),
    pool.map(({ prompt, text }) => ({ prompt, completion: text })),
  );
  const golds = pool.map(({ gold }) => gold);
  const scale: Scale = {
    proxy: { mean: mean(scores), sd: standardDeviation(scores) || 1 },
    gold: { mean: mean(golds), sd: standardDeviation(golds) || 1 },
  };
  const prompts = Array.from({ length: pool.length / POOL }, (_, i) =>
    Array.from({ length: POOL }, (_, j) => ({ proxy: scores[i * POOL + j]!, gold: golds[i * POOL + j]! })),
  );
  const points = NS.map((n) => {
    const best = prompts.map((answers) => bestOf(answers, n));
    return counted(scale, {
      d: Math.sqrt(bestOfNKl(n)),
      proxy: mean(best.map(({ proxy }) => proxy)),
      gold: mean(best.map(({ gold }) => gold)),
    });
  });
  return { curve: { size, klCoef: null, points }, scale };
}

const counted = ({ proxy, gold }: Scale, point: GaoPoint): GaoPoint => ({
  d: point.d,
  proxy: (point.proxy - proxy.mean) / proxy.sd,
  gold: (point.gold - gold.mean) / gold.sd,
});

/** RL against a reward model. */
export const rlSpec = (size: number, klCoef: number, seed: number): RunSpec => ({
  stage: 'grpo',
  seed,
  start: 'sft',
  data: DATA,
  reward: {},
  rewardModel: { id: rewardModelId(size), name: nameOf(size), weight: 1 },
  config: { ...GRPO_DEFAULTS, promptsPerUpdate: 6, learningRate: 1.2e-4, klCoef },
  fixedPrompts: [],
});

/** A run as a curve: means of a few updates each. Of an update its own answers are measured, so it starts at the starting model. */
export function curveOf(history: TrainedRun['history'], scale: Scale, about: Pick<GaoCurve, 'size' | 'klCoef'>): GaoCurve {
  const rows = history.flatMap(({ metrics }) => {
    const { reward, gold_reward: gold, 'objective/kl': kl } = metrics;
    return reward === undefined || gold === undefined || kl === undefined ? [] : [{ kl, proxy: reward, gold }];
  });
  const points: GaoPoint[] = [];
  for (let start = 0; start < rows.length; start += BIN) {
    const bin = rows.slice(start, start + BIN);
    if (bin.length < Math.min(BIN, rows.length)) break;
    const of = (value: (row: (typeof rows)[number]) => number) => mean(bin.map(value));
    points.push(
      counted(scale, {
        d: Math.sqrt(
          Math.max(
            0,
            of(({ kl }) => kl),
          ),
        ),
        proxy: of((row) => row.proxy),
        gold: of((row) => row.gold),
      }),
    );
  }
  return { ...about, points };
}

/** α and β of one of Gao's forms, by least squares. */
export interface GaoFit {
  readonly alpha: number;
  readonly beta: number;
  readonly at: (d: number) => number;
  /** Where gold is highest on the way so far, and how high. */
  readonly peak: { readonly d: number; readonly gold: number };
}

const FORMS = { bestOfN: (d: number) => d * d, rl: (d: number) => (d > 0 ? d * Math.log(d) : 0) } as const;

/** Fits gold = α d − β g(d), g(d) = d² for best of n and d ln d for RL; null where the points do not decide. */
export function fitGao(points: readonly GaoPoint[], form: keyof typeof FORMS): GaoFit | null {
  const g = FORMS[form];
  let [xx, xy, yy, xg, yg] = [0, 0, 0, 0, 0];
  for (const { d, gold } of points) {
    const [x, y] = [d, -g(d)];
    xx += x * x;
    xy += x * y;
    yy += y * y;
    xg += x * gold;
    yg += y * gold;
  }
  const determinant = xx * yy - xy * xy;
  if (points.length < 3 || determinant < 1e-9 * xx * yy) return null;
  const alpha = (yy * xg - xy * yg) / determinant;
  const beta = (xx * yg - xy * xg) / determinant;
  const at = (d: number) => (d > 0 ? alpha * d - beta * g(d) : 0);
  const last = Math.max(...points.map(({ d }) => d));
  const turn = beta <= 0 ? last : form === 'bestOfN' ? alpha / (2 * beta) : Math.exp(alpha / beta - 1);
  const d = Math.min(last, Math.max(0, turn));
  const ends = [0, d, last].map((one) => ({ d: one, gold: at(one) }));
  return { alpha, beta, at, peak: ends.reduce((best, one) => (one.gold > best.gold ? one : best)) };
}
