/**
 * @file The study of neural reward models: how much of what can be known do they learn from so many noisy comparisons?
 *
 * Each prompt is answered twice, by the SFT model or by two of several; if gold tells the answers apart, the pair is labelled with
 * Bradley–Terry noise, P(a preferred) = σ((gold_a − gold_b) / noise). On prompts never seen, accuracy is the chance that such an
 * annotator agrees with the model, and nobody can do better than always naming the better answer: the ceiling.
 */
import { join } from 'node:path';
import {
  REWARD_MODEL_DEFAULTS,
  rewardModelConfig,
  rewardModelTheta,
  RewardScorer,
  trainRewardModel,
  type RewardModelConfig,
  type TokenComparison,
} from '../../src/core/algorithms/reward-model';
import type { EngineTensor } from '../../src/core/graph/engine';
import { promptTokens } from '../../src/core/model/loaded-model';
import { TrainingState } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { mean } from '../../src/core/rl/advantages';
import type { Sequence } from '../../src/core/rl/batch';
import { goldReward } from '../../src/core/world/judges';
import { loadLanguageModelFolder } from '../model-folder';
import type { Testbed, WorldPrompt } from './testbed';

const PROMPTS_AT_ONCE = 64;
const NUM_HELD_OUT = 400;
/** Answers closer in gold than this are a tie, and ties are not labelled. */
const TIE = 0.02;

/** Two answers to one prompt and the chance that an annotator prefers the first. */
interface UncertainPair {
  readonly first: Sequence;
  readonly second: Sequence;
  readonly chance: number;
}

/** What came of one training. */
export interface RewardModelRow {
  readonly numPairs: number;
  readonly noise: number;
  readonly seed: number;
  /** Chance that the annotator agrees with the model, over held-out pairs. */
  readonly accuracy: number;
  /** The same for somebody who knows gold. */
  readonly ceiling: number;
  /** Share of held-out pairs in which the model prefers what gold does. */
  readonly goldAccuracy: number;
  readonly seconds: number;
}

/** Somebody who answers: weights at a temperature. */
interface Source {
  readonly theta: EngineTensor;
  readonly temperature: number;
  /** The base model is asked in plain text. */
  readonly chat: boolean;
}

/** Who answers: the SFT model alone, or, as labellers of InstructGPT and Llama 2 had it, several models and temperatures. */
export type Answerers = 'sft' | 'mixed';

/** The sources of answers, of which each pair has two. */
export function sourcesOf(bed: Testbed, folder: string, answerers: Answerers): readonly Source[] {
  const sft = { theta: bed.reference, temperature: 1, chat: true };
  if (answerers === 'sft') return [sft, sft];
  const upload = (name: string) => {
    const { theta } = loadLanguageModelFolder(join(folder, name));
    return bed.engine.upload({ dims: [theta.length], data: theta });
  };
  return [
    { ...sft, temperature: 0.7 },
    { ...sft, temperature: 1.4 },
    { ...sft, theta: upload('rlhf') },
    { theta: upload('base'), temperature: 1, chat: false },
  ];
}

/** An answer with the world's verdict. */
interface JudgedAnswer {
  readonly sequence: Sequence;
  readonly gold: number;
}

/** Prompts answered twice, with gold; drawn once, labelled anew for each noise. */
export class JudgedAnswers {
  private constructor(readonly groups: readonly (readonly [JudgedAnswer, JudgedAnswer])[]) {}

  /** Draws answers until there are enough for `numPairs` comparisons. */
  static async draw(bed: Testbed, sources: readonly Source[], numPairs: number, split: 'train' | 'heldout'): Promise<JudgedAnswers> {
    const random = new Random('reward model study').split(split);
    const { tokenizer, config } = bed.sft;
    const groups: [JudgedAnswer, JudgedAnswer][] = [];
    const answer = async (source: Source, label: string, prompts: readonly WorldPrompt[]): Promise<JudgedAnswer[]> => {
      const asked = prompts.map(({ request, promptTokens: chat }) => ({
        promptTokens: source.chat ? chat : promptTokens(tokenizer, config.bosTokenId, request.prompt, false),
      }));
      const rollouts = await bed.draw(source.theta, asked, random.split(`${groups.length} ${label}`), source.temperature);
      return rollouts.map(({ completionTokens, finished }, i) => {
        const text = tokenizer.decode(completionTokens, { skipSpecial: true });
        const end = finished ? config.eosTokenIds.slice(0, 1) : []; // the base model ends texts in another way
        return {
          sequence: { promptTokens: prompts[i]!.promptTokens, completionTokens: [...tokenizer.encode(text), ...end] },
          gold: goldReward(bed.world, prompts[i]!.request, text, finished),
        };
      });
    };
    for (let count = 0; count < numPairs;) {
      // The same two for a batch of prompts, so that it is drawn in two runs.
      const [first, second] = random.shuffle(sources) as [Source, Source];
      const prompts = Array.from({ length: PROMPTS_AT_ONCE }, () => bed.samplePrompt(random, split));
      const answers = [await answer(first, 'first', prompts), await answer(second, 'second', prompts)];
      prompts.forEach((_, i) => groups.push([answers[0]![i]!, answers[1]![i]!]));
      count = new JudgedAnswers(groups).pairs(1).length;
    }
    return new JudgedAnswers(groups);
  }

  /** All pairs that gold tells apart. */
  pairs(noise: number): UncertainPair[] {
    return this.groups
      .filter(([first, second]) => Math.abs(first.gold - second.gold) >= TIE)
      .map(([first, second]) => ({
        first: first.sequence,
        second: second.sequence,
        chance: 1 / (1 + Math.exp((second.gold - first.gold) / noise)),
      }));
  }
}

/** Held-out answers to measure on. */
export const heldOutAnswers = (bed: Testbed, sources: readonly Source[]) => JudgedAnswers.draw(bed, sources, NUM_HELD_OUT, 'heldout');

/** Trains once and measures. `hear` is told of every step. */
export async function studyRewardModel(
  bed: Testbed,
  answers: { readonly train: JudgedAnswers; readonly heldOut: JudgedAnswers },
  { numPairs, noise, seed, changes }: { numPairs: number; noise: number; seed: number; changes: Partial<RewardModelConfig> },
  hear: (step: number, numSteps: number, words: string) => void,
): Promise<RewardModelRow> {
  const startedMs = performance.now();
  const { engine, sft } = bed;
  const random = new Random(seed).split('labels');
  const comparisons = answers.train
    .pairs(noise)
    .slice(0, numPairs)
    .map(({ first, second, chance }): TokenComparison => {
      const [chosen, rejected] = random.chance(chance) ? [first, second] : [second, first];
      return { chosen, rejected, margin: 0 };
    });
  const model = rewardModelConfig(sft.config);
  const state = new TrainingState(engine, { theta: rewardModelTheta(sft.config, sft.theta, new Random(seed).split('score head')) });
  const config = { ...REWARD_MODEL_DEFAULTS, length: 136, ...changes };
  for await (const { step, numSteps, loss } of trainRewardModel({ engine, model, state, config, seed, comparisons }))
    hear(step, numSteps, `loss ${loss.toFixed(3)}`);
  const scorer = await RewardScorer.create(engine, model, 32, config.length);
  const heldOut = answers.heldOut.pairs(noise);
  const scores = await scorer.score(
    state.theta,
    heldOut.flatMap(({ first, second }) => [first, second]),
  );
  await scorer.release();
  state.dispose();
  const prefersFirst = heldOut.map((_, i) => scores[2 * i]! > scores[2 * i + 1]!);
  return {
    numPairs: comparisons.length,
    noise,
    seed,
    accuracy: mean(heldOut.map(({ chance }, i) => (prefersFirst[i] ? chance : 1 - chance))),
    ceiling: mean(heldOut.map(({ chance }) => Math.max(chance, 1 - chance))),
    goldAccuracy: mean(heldOut.map(({ chance }, i) => Number(prefersFirst[i] === chance > 0.5))),
    seconds: (performance.now() - startedMs) / 1000,
  };
}
