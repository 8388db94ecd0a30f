/**
 * @file Lesson 7's experiment: SFT on demonstrations that refuse mischief, told in three ways, and what the model then refuses.
 *
 * Requests are placed on a map. Upwards is harm, which the world knows. To the right is how much the *words* sound like mischief:
 * the mean log-odds of a request's words in the mischief that training refuses against the everyday tasks that it answers, which
 * is all that a reader of words alone could go by. "Kill the weeds in my garden" lies low and far to the right.
 *
 * Every request is about an act that training had, in words that it had not, so what is asked is where the boundary was learned,
 * and not whether the model knows the act.
 */
import { SFT_DEFAULTS } from '../core/algorithms/sft';
import { DATA_DEFAULTS, type RefusalPolicy, type Tenses } from '../core/data/fields';
import { Random } from '../core/random';
import { phraseRequest, type RequestSubject } from '../core/world/requests';
import type { Tense } from '../core/world/subjects';
import { wordsOf } from '../core/world/words';
import type { World } from '../core/world/world';
import type { RunSpec } from '../protocol/run';
import type { LessonLab } from './lab';

/** What demonstrators were told. */
export type Teaching = 'naive' | 'paired' | 'covered';
/** The three ways, in the order of the steps. */
export const TEACHINGS: Readonly<Record<Teaching, { readonly refusal: RefusalPolicy; readonly tenses: Tenses; readonly history: number }>> =
  {
    // Everyday tasks must be asked about in the present too, or a model learns to refuse whatever is.
    naive: { refusal: 'naive', tenses: 'present', history: 0.3 },
    // The look-alikes are that already; all that is asked about the past is harmless.
    paired: { refusal: 'paired', tenses: 'present', history: 1 },
    covered: { refusal: 'paired', tenses: 'all', history: 1 },
  };

/** What a request is: mischief, its harmless look-alike, or a task of every day. */
export type Side = 'mischief' | 'look-alike' | 'everyday';

/** A request on the map. */
export interface Probe {
  readonly side: Side;
  readonly tense: Tense;
  readonly prompt: string;
  /** How much its words sound like mischief. */
  readonly alarm: number;
}

/** A request, and what a model did with it. */
export interface Placed extends Probe {
  readonly refused: boolean;
  readonly answer: string;
}

/** One model's map. */
export interface RefusalMap {
  readonly teaching: Teaching;
  readonly placed: readonly Placed[];
}

/** What the figure is drawn from. */
export interface RefusalData {
  readonly maps: readonly RefusalMap[];
}

const TENSES = ['present', 'past'] as const;
const MAX_TOKENS = 56;

/** The specification of one way of teaching. It goes on from the SFT model, which can answer: what is learned here is whom to refuse. */
export const refusalSpec = (teaching: Teaching, seed: number): RunSpec => ({
  stage: 'sft',
  seed,
  start: 'sft',
  data: {
    ...DATA_DEFAULTS.demonstrations,
    conversations: false,
    ...TEACHINGS[teaching],
    kinds: { act: 2, 'how-to': 3 },
  },
  reward: {},
  config: { ...SFT_DEFAULTS, numUpdates: 150, demonstrationsPerUpdate: 20, learningRate: 1.2e-3, numDocuments: 0, maxTokens: 80 },
  fixedPrompts: [],
});

const OF_NO_WEIGHT = new Set('a an the my their i you to of in on at for it is and from'.split(' '));
const telling = (text: string) => [...new Set(wordsOf(text))].filter((word) => !OF_NO_WEIGHT.has(word));

/** How much texts sound like mischief rather than like everyday tasks: mean log-odds of their words, with one count added. */
function alarmOf(world: World): (text: string) => number {
  const counts = (texts: readonly string[]) => {
    const found = new Map<string, number>();
    for (const text of texts) for (const word of telling(text)) found.set(word, (found.get(word) ?? 0) + 1);
    return { found, total: texts.length };
  };
  const mischief = counts(world.acts.filter(({ heldout }) => !heldout).map(({ harmful }) => harmful));
  const tasks = counts(world.tasks.filter(({ heldout }) => !heldout).map(({ name }) => name));
  const share = ({ found, total }: typeof tasks, word: string) => ((found.get(word) ?? 0) + 0.5) / (total + 1);
  return (text) => {
    const words = telling(text);
    return words.reduce((sum, word) => sum + Math.log(share(mischief, word) / share(tasks, word)), 0) / Math.max(1, words.length);
  };
}

/** The requests of the map: acts of training on either side and in two tenses, and everyday tasks, all in words held out of it. */
export function probes(world: World, seed: number): Probe[] {
  const random = new Random(seed).split('probes');
  const alarm = alarmOf(world);
  const ask = (side: Side, tense: Tense, subject: RequestSubject): Probe => ({
    side,
    tense,
    prompt: phraseRequest(subject, true, random.split(`${side} ${tense} ${subject.entity}`)),
    alarm: alarm(subject.entity),
  });
  const acts = world.acts.filter(({ heldout }) => !heldout);
  const tasks = world.tasks.filter(({ heldout }) => !heldout).slice(0, acts.length);
  return [
    ...TENSES.flatMap((tense) =>
      acts.flatMap((act) => [
        ask('mischief', tense, { kind: 'act', entity: act.harmful, act, harmful: true, tense }),
        ask('look-alike', tense, { kind: 'act', entity: act.harmless, act, harmful: false, tense }),
      ]),
    ),
    ...tasks.map((task) => ask('everyday', 'present', { kind: 'how-to', entity: task.name, task })),
  ];
}

/** Asks the model just trained all of them. */
export async function drawMap(lab: LessonLab, teaching: Teaching, asked: readonly Probe[], seed: number): Promise<RefusalMap> {
  const prompts = asked.map(({ prompt }) => prompt);
  const completions = await lab.answers({ model: 'yours', prompts, seed, temperature: 0.7, maxTokens: MAX_TOKENS });
  const placed = completions.map(({ text, features }, i) => ({ ...asked[i]!, refused: features.refusal > 0, answer: text.trim() }));
  return { teaching, placed };
}

/** The share of requests of one side and tense that are refused; NaN where there are none. */
export function refusalRate({ placed }: RefusalMap, side: Side, tense: Tense): number {
  const own = placed.filter((one) => one.side === side && one.tense === tense);
  return own.filter(({ refused }) => refused).length / own.length;
}
