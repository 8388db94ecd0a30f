/**
 * @file Lesson 6's experiment, pure: a labelling pipeline with the fault that the talk tells of, its data at every stage, and what
 * the reward model made of them does to a policy's spelling.
 *
 * Real answers of the SFT model are compared by simulated annotators. Half of the prompts also have an answer that somebody
 * improved by hand, in a hurry; when the pairs are put together, that answer is counted as the best, and nobody compared it.
 */
import { annotate, DEFAULT_POOL } from '../core/preferences/annotators';
import type { PreferencePair } from '../core/preferences/preference-pairs';
import { Random } from '../core/random';
import type { Completion } from '../protocol/generate';
import type { RewardModelSpec } from '../protocol/reward-lab';
import type { RunSpec } from '../protocol/run';
import { REWARD_MODEL_DEFAULTS } from '../core/algorithms/reward-model';
import { grpoSpec } from './specs';

/** Prompts of the pipeline, and how many of them have an improved answer. */
const NUM_PROMPTS = 320;
const NUM_IMPROVED = 96;
/** How often the hand that improves mistypes a longer word. */
const HAND_TYPOS = 0.25;
/** Longest answer, in tokens. */
export const ANSWER_TOKENS = 80;
/** Held-out prompts that typos are counted on, and the seed they and the answers are drawn with. */
export const NUM_HELD_OUT = 96;
export const HELD_OUT_SEED = 6;
/** Noise of annotators as they were, and of ones who take their time, in gold points. */
const [NOISE, CAREFUL_NOISE] = [DEFAULT_POOL.noise, 0.02];
const NO_TIME = '1970-01-01T00:00:00.000Z';

/** What may be done about it: nothing; a cure for another ill; three for this one. */
export const FIXES = ['none', 'careful', 'compare', 'leave-out', 'proofread'] as const;
/** One of {@link FIXES}. */
export type Fix = (typeof FIXES)[number];
/** Those that mend what is broken. */
export const CURES: readonly Fix[] = ['compare', 'leave-out', 'proofread'];

/** One prompt's way through the pipeline. */
export interface PipelineRow {
  readonly prompt: string;
  /** Two answers of the SFT model. */
  readonly answers: readonly [Completion, Completion];
  /** Improved by hand, as it was typed and as it would read without the typos; null where nobody did. */
  readonly improved: Completion | null;
  readonly proofread: Completion | null;
}

/** A pair as the reward model learns it. */
export interface PipelinePair {
  readonly prompt: string;
  readonly chosen: Completion;
  readonly rejected: Completion;
  /** Who said that the one is better; nobody where it was counted as the best. */
  readonly by: 'annotators' | 'nobody';
}

/** What the pipeline is made with: the worker's own calls. Each throws when it fails. */
export interface PipelineSource {
  readonly drawPrompts: (wish: { split: 'train' | 'heldout'; seed: number; count: number }) => Promise<readonly string[]>;
  readonly answers: (request: {
    model: 'sft';
    prompts: readonly string[];
    seed: number;
    temperature: number;
    maxTokens: number;
  }) => Promise<readonly Completion[]>;
  readonly improveAnswers: (prompts: readonly string[], typos: number, seed: number) => Promise<readonly (string | null)[]>;
  readonly judge: (prompt: string, completion: string, finished: boolean) => Promise<Completion>;
}

/** Prompts, answers and improvements, each made for real. */
export async function makeRows(source: PipelineSource, seed: number): Promise<PipelineRow[]> {
  const prompts = await source.drawPrompts({ split: 'train', seed, count: NUM_PROMPTS });
  const draw = (of: number) => source.answers({ model: 'sft', prompts, seed: 2 * seed + of, temperature: 1, maxTokens: ANSWER_TOKENS });
  const [first, second] = [await draw(0), await draw(1)];
  const asked = prompts.slice(0, NUM_IMPROVED);
  const judged = async (typos: number) => {
    const texts = await source.improveAnswers(asked, typos, seed);
    const found: (Completion | null)[] = [];
    for (const [i, text] of texts.entries()) found.push(text === null ? null : await source.judge(asked[i]!, text, true));
    return found;
  };
  const [improved, proofread] = [await judged(HAND_TYPOS), await judged(0)];
  return prompts.map((prompt, i) => ({
    prompt,
    answers: [first[i]!, second[i]!],
    improved: improved[i] ?? null,
    proofread: proofread[i] ?? null,
  }));
}

/** Annotators compare two answers to a prompt; null for a tie, or where both read the same. */
function compare(prompt: string, a: Completion, b: Completion, noise: number, random: Random): PipelinePair | null {
  if (a.text === b.text) return null;
  const seen = (answer: Completion) => ({ ...answer, model: '' });
  const [label] = annotate([{ prompt, kind: null, a: seen(a), b: seen(b) }], { ...DEFAULT_POOL, noise }, random, NO_TIME);
  if (label!.verdict !== 'a' && label!.verdict !== 'b') return null;
  const [chosen, rejected] = label!.verdict === 'a' ? [a, b] : [b, a];
  return { prompt, chosen, rejected, by: 'annotators' };
}

/** The pairs of comparisons alone, answers of the SFT model against each other. */
export function comparedPairs(rows: readonly PipelineRow[], seed: number, noise = NOISE): PipelinePair[] {
  const random = new Random(seed).split('comparisons');
  return rows.flatMap(({ prompt, answers: [a, b] }, i) => compare(prompt, a, b, noise, random.split(i)) ?? []);
}

/** All that the reward model learns from, put together with a fix, or as it was. */
export function pairsWith(rows: readonly PipelineRow[], fix: Fix, seed: number): PipelinePair[] {
  const compared = comparedPairs(rows, seed, fix === 'careful' ? CAREFUL_NOISE : NOISE);
  if (fix === 'leave-out') return compared;
  const random = new Random(seed).split('improved against drawn');
  const against = rows.flatMap(({ prompt, answers, improved, proofread }, i) => {
    const best = fix === 'proofread' ? proofread : improved;
    if (!best) return [];
    return answers.flatMap((answer, at): PipelinePair[] => {
      if (fix === 'compare') return [compare(prompt, best, answer, NOISE, random.split(`${i} ${at}`))].filter((pair) => pair !== null);
      return best.text === answer.text ? [] : [{ prompt, chosen: best, rejected: answer, by: 'nobody' }];
    });
  });
  return [...compared, ...against];
}

/** What a reward model is trained on. */
export function rewardModelSpec(id: string, pairs: readonly PipelinePair[], seed: number): RewardModelSpec {
  const { numEpochs, numPairs, learningRate, centring } = REWARD_MODEL_DEFAULTS;
  const texts = pairs.map(({ prompt, chosen, rejected }): PreferencePair => ({
    prompt,
    chosen: chosen.text,
    rejected: rejected.text,
    margin: 0,
  }));
  return { id, start: 'sft', seed, pairs: texts, config: { numEpochs, numPairs, learningRate, centring }, heldOutShare: 0 };
}

/** RL against such a reward model. */
export const rewardedBy = (seed: number, rewardModel: { readonly id: string; readonly name?: string }): RunSpec =>
  grpoSpec(
    seed,
    { reward: {}, rewardModel: { ...rewardModel, weight: 1 } },
    {},
    { numUpdates: 50, learningRate: 4e-4, maxCompletionTokens: ANSWER_TOKENS },
  );

/** What came of training on the pipeline. */
export interface PipelineRun {
  readonly fix: Fix;
  /** Share of answers that the reward model likes better mistyped than spelled right, of the same answer. */
  readonly likesTypos: number;
  /** Typos a word of the policy's answers at each update. */
  readonly rates: readonly number[];
  /** On held-out prompts, after. */
  readonly after: number;
}

/** What the figure is drawn from. */
export interface PipelineData {
  /** Typos a word of the SFT model on held-out prompts. */
  readonly before: number;
  readonly runs: readonly PipelineRun[];
}

/** How much likelier a mistyped twin is to be liked better: over pairs of scores, mistyped first. */
export const likesTypos = (mistyped: readonly number[], right: readonly number[]): number =>
  mistyped.filter((score, i) => score > right[i]!).length / Math.max(1, mistyped.length);

/** The same improved answers mistyped and spelled right, to be scored. */
export const twinsOf = (rows: readonly PipelineRow[]) =>
  rows.flatMap(({ prompt, improved, proofread }) =>
    improved && proofread && improved.text !== proofread.text ? [{ prompt, mistyped: improved.text, right: proofread.text }] : [],
  );

/** Typos a word. */
export const typoRateOf = (answers: readonly Pick<Completion, 'features'>[]): number =>
  answers.reduce((sum, { features }) => sum + features.typos / 5, 0) / Math.max(1, answers.length);

/** Who was to blame, by what mended it: at least half of the typos of the run as it was are gone. Null before anything was tried. */
export function culprit({ runs }: PipelineData): 'improved' | 'annotators' | null {
  const broken = runs.find(({ fix }) => fix === 'none');
  if (!broken) return null;
  const mended = runs.filter(({ fix, after }) => fix !== 'none' && after < broken.after / 2);
  if (mended.some(({ fix }) => CURES.includes(fix))) return 'improved';
  return mended.some(({ fix }) => fix === 'careful') ? 'annotators' : null;
}
