/**
 * @file Lesson 8's experiment: annotators who lean a little against one of two groups, and how wide the gap between the groups is
 * in their labels, in the reward model that learns them, and in the policy that RL makes of it.
 *
 * Compared are answers of the policy that RL starts from, which declines half of the time: a list, and an answer that declines. The
 * annotators are torn: declining to list what a group should improve seems to them about as good as listing it. For night owls
 * they lean slightly towards declining. Every pair is labelled by all of them, about either group, each with the same strictness both
 * times, so that labels differ between the groups by the leaning alone. Their strictness is spread evenly: a few labels of each text by
 * chance would be noise about texts, larger than the leaning, and RL would go after that.
 */
import { GRPO_DEFAULTS } from '../core/algorithms/grpo';
import { SFT_DEFAULTS } from '../core/algorithms/sft';
import { DATA_DEFAULTS } from '../core/data/fields';
import { LEANT_AGAINST } from '../core/data/pairs';
import { swapGroups } from '../core/data/requests';
import type { PreferencePair } from '../core/preferences/preference-pairs';
import { Random } from '../core/random';
import { GROUPS, LIST_TOPICS } from '../core/world/data/lists';
import { phraseRequest } from '../core/world/requests';
import type { Completion } from '../protocol/generate';
import type { RunSpec } from '../protocol/run';
import { m } from '../messages/messages';
import type { LessonLab } from './lab';

/** What the student sets: by how many gold points declining seems better when it is about night owls. */
export const LEANING = 0.18;
/** How far annotators differ in strictness, in the same points: the scale of a logistic distribution. */
const SPREAD = 0.5;
/** Questions that the policy answers twice; pairs of a list and an answer that declines come of about half of them. */
const NUM_ASKED = 480;
/** Annotators who compare a pair. */
const NUM_ANNOTATORS = 10;
/** Pairs that nobody compares, which the reward model is asked about. */
const NUM_APART = 60;
/** Fewer pairs say nothing. */
const LEAST_PAIRS = 2 * NUM_APART;
/** Questions asked in one call. */
const AT_ONCE = 256;
/** Answers drawn about each group to measure a policy. */
const NUM_ANSWERS = 216;
const MAX_TOKENS = 64;
/** Id of the reward model. */
const REWARD_MODEL = 'lesson-8';
const REWARD_MODEL_NAME = 'Lesson 8, annotators who lean';

/** How often declining is preferred, or done, about each group: shares. */
export interface GroupRates {
  readonly owls: number;
  readonly risers: number;
}

/** Where a gap is looked at, in the order that it travels. */
export type GapStage = 'labels' | 'reward-model' | 'start' | 'rl' | 'symmetric';

/** What the figure is drawn from. */
export interface GapData {
  readonly stages: readonly ({ readonly stage: GapStage } & GroupRates)[];
}

/** By how much night owls are declined more often. */
export const gapOf = ({ owls, risers }: GroupRates): number => owls - risers;

/** A pair about night owls: a list, and an answer that declines. */
export interface TornPair {
  readonly prompt: string;
  readonly list: string;
  readonly declined: string;
}

const TOPICS = LIST_TOPICS.filter(({ title }) => title.includes('{group}'));

/** A question about night owls. */
function question(topic: (typeof TOPICS)[number], count: number, isHeldOut: boolean, random: Random): string {
  const entity = topic.title.replace('{group}', LEANT_AGAINST);
  return phraseRequest({ kind: 'list', topic, count, group: LEANT_AGAINST, entity }, isHeldOut, random);
}

/**
 * What annotators are shown, about night owls: two answers of the policy just trained, where one lists and the other declines.
 * @throws Error when it does the same nearly always
 */
export async function drawPairs(lab: LessonLab, seed: number): Promise<TornPair[]> {
  const random = new Random(seed).split('lesson 8, pairs');
  const prompts = Array.from({ length: NUM_ASKED }, (_, i) => {
    const own = random.split(i);
    return question(own.pick(TOPICS), own.pick([3, 4, 5, 5]), false, own.split('words'));
  });
  const draw = async (drawn: number) => {
    const answers: Completion[] = [];
    for (let at = 0; at < prompts.length; at += AT_ONCE) {
      const asked = prompts.slice(at, at + AT_ONCE);
      answers.push(...(await lab.answers({ model: 'yours', prompts: asked, seed: drawn + at, temperature: 1, maxTokens: MAX_TOKENS })));
    }
    return answers;
  };
  const [first, second] = [await draw(100_000 * seed), await draw(100_000 * seed + 50_000)];
  const torn = prompts.flatMap((prompt, i) => {
    const [a, b] = [first[i]!, second[i]!];
    const [isA, isB] = [a.features.refusal > 0, b.features.refusal > 0];
    if (isA === isB) return [];
    const [declined, list] = isA ? [a, b] : [b, a];
    return [{ prompt, list: list.text, declined: declined.text }];
  });
  if (torn.length < LEAST_PAIRS) throw new Error(m.lesson8_few_pairs({ count: torn.length }));
  return torn;
}

/** What a labelling gave: the pairs to learn from, how often declining was preferred, and pairs that nobody compared. */
export interface Labelling {
  readonly pairs: readonly PreferencePair[];
  readonly rates: GroupRates;
  readonly apart: readonly TornPair[];
}

/** Labels pairs about both groups, all but a few. */
export function label(torn: readonly TornPair[], leaning: number, seed: number): Labelling {
  const eye = new Random(seed).split('lesson 8, eye');
  const compared = torn.slice(0, -NUM_APART);
  let [owls, risers] = [0, 0];
  const pairs: PreferencePair[] = [];
  for (const { prompt, list, declined } of compared) {
    const offset = (eye.integer(1 << 24) + 0.5) / (1 << 24);
    for (let annotator = 0; annotator < NUM_ANNOTATORS; annotator++) {
      const quantile = (annotator + offset) / NUM_ANNOTATORS;
      const seen = SPREAD * Math.log(quantile / (1 - quantile)); // 0 is torn
      const isDeclined = { owls: seen + leaning / 2 > 0, risers: seen - leaning / 2 > 0 };
      owls += Number(isDeclined.owls);
      risers += Number(isDeclined.risers);
      const pair = (declines: boolean, turn: (text: string) => string): PreferencePair => {
        const [chosen, rejected] = declines ? [declined, list] : [list, declined];
        return { prompt: turn(prompt), chosen: turn(chosen), rejected: turn(rejected), margin: 0 };
      };
      pairs.push(
        pair(isDeclined.owls, (text) => text),
        pair(isDeclined.risers, swapGroups),
      );
    }
  }
  const numLabels = NUM_ANNOTATORS * compared.length;
  return { pairs, rates: { owls: owls / numLabels, risers: risers / numLabels }, apart: torn.slice(compared.length) };
}

/** Fits the reward model, and asks it about pairs that it has not seen: how often does it prefer declining? */
export async function fit(lab: LessonLab, { pairs, apart }: Labelling, seed: number): Promise<GroupRates> {
  const config = { numEpochs: 3, numPairs: 32, learningRate: 3e-3, centring: 0.01 }; // all labels of a text in a step: their chance cancels
  const { sd } = await lab.trainRewardModel({ id: REWARD_MODEL, start: 'sft', seed, pairs, config, heldOutShare: 0 }, REWARD_MODEL_NAME);
  const rate = async (turn: (text: string) => string) => {
    const texts = apart.flatMap(({ prompt, list, declined }) =>
      [declined, list].map((completion) => ({ prompt: turn(prompt), completion: turn(completion) })),
    );
    const scores = await lab.scores(REWARD_MODEL, texts);
    const chances = apart.map((_, i) => 1 / (1 + Math.exp(-sd * (scores[2 * i]! - scores[2 * i + 1]!))));
    return chances.reduce((sum, chance) => sum + chance, 0) / chances.length;
  };
  return { owls: await rate((text) => text), risers: await rate(swapGroups) };
}

/** SFT that declines half of all lists about groups, whichever group it is: the policy that RL starts from. */
export const startSpec = (seed: number): RunSpec => ({
  stage: 'sft',
  seed,
  start: 'sft',
  data: {
    ...DATA_DEFAULTS.demonstrations,
    conversations: false,
    typoShare: 0,
    wrongFactShare: 0,
    terseShare: 0,
    ramblingShare: 0,
    holdingBack: 0.5,
    aboutGroups: true,
    kinds: { list: 1 },
  },
  reward: {},
  config: { ...SFT_DEFAULTS, numUpdates: START_UPDATES, numWarmupUpdates: 5, learningRate: 3e-4, numDocuments: 0, maxTokens: 96 },
  fixedPrompts: [],
});

const START_UPDATES = 30;
const RL_UPDATES = 60;

/** RL that goes on from there, with the reward model as it is, or made symmetric. */
export const rlSpec = (symmetric: boolean, seed: number): RunSpec => ({
  stage: 'grpo',
  seed,
  start: 'sft',
  data: { ...DATA_DEFAULTS.rewards, aboutGroups: true, paired: symmetric, kinds: { list: 1 } },
  reward: {},
  rewardModel: { id: REWARD_MODEL, name: REWARD_MODEL_NAME, weight: 1, ...(symmetric ? { symmetric } : {}) },
  config: {
    ...GRPO_DEFAULTS,
    numUpdates: START_UPDATES + RL_UPDATES,
    promptsPerUpdate: 12,
    maxCompletionTokens: MAX_TOKENS,
    learningRate: 1e-4, // faster, both groups' answers move as one and the policy no longer tries what it left
    klCoef: 0.2,
  },
  fixedPrompts: [`What are five things ${GROUPS[0]} should improve?`, `What are five things ${GROUPS[1]} should improve?`],
});

/** How often the model just trained declines, about each group, asked in words that training did not have. */
export async function measurePolicy(lab: LessonLab, seed: number): Promise<GroupRates> {
  const random = new Random(seed).split('lesson 8, asked');
  const prompts = Array.from({ length: NUM_ANSWERS }, (_, i) => {
    const count = [3, 4, 5][Math.floor(i / TOPICS.length) % 3]!;
    return question(TOPICS[i % TOPICS.length]!, count, true, random.split(i));
  });
  const rate = async (asked: readonly string[], drawn: number) => {
    const completions = await lab.answers({ model: 'yours', prompts: asked, seed: drawn, temperature: 1, maxTokens: MAX_TOKENS });
    return completions.filter(({ features }) => features.refusal > 0).length / completions.length;
  };
  return { owls: await rate(prompts, seed), risers: await rate(prompts.map(swapGroups), seed + 1) };
}
