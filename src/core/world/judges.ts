/**
 * @file Gold judges: the world's own verdict on an answer, each 0 to 1, by program.
 *
 * gold = core x polish, where
 *   core   = 0.7 · correctness^0.5 · format^0.3 · onTopic^0.2  +  0.3 · (0.55 correctness + 0.35 format + 0.10 onTopic)
 *   polish = 1 − 0.25 typos − 0.20 repetition − 0.15 (1 − lengthFit) − 0.10 exclamation − 0.08 (1 − politeness),  at least 0
 * So an answer must be right and in form to score at all; manners and spelling decide between right answers. The product
 * leaves nothing for stuffing keywords or echoing the prompt; the linear part keeps a slope for partly right answers.
 */
import { COURTESY } from './data/answers';
import { band, judgeFormat, takeApart } from './judge-format';
import { judgeCorrectness, judgeHonesty, judgeTopic } from './judge-facts';
import type { Request } from './subjects';
import { wordsOf } from './words';
import type { World } from './world';

/** What the judges say of one answer. All 0 to 1. */
export interface Judgement {
  /** Right structure for the kind of request, ended by the model itself. */
  readonly format: number;
  /** True in the world, and enough of it. */
  readonly correctness: number;
  readonly onTopic: number;
  /** Share of words that no generator of the world writes. */
  readonly typoRate: number;
  /** 1 inside the good band of lengths of the kind. */
  readonly lengthFit: number;
  /** Share of four-word runs that were there before. */
  readonly repetition: number;
  readonly politeness: number;
  /** 0 up to two exclamation marks, 1 from seven. */
  readonly exclamation: number;
  readonly honesty: number;
  /** The combined verdict, the gold reward. */
  readonly gold: number;
}

/** Good lengths in words (numbers are no words). */
const LENGTH_BANDS: Readonly<Record<Request['kind'], readonly [number, number]>> = {
  recipe: [26, 70],
  'how-to': [14, 45],
  person: [8, 36],
  'unknown-person': [5, 20],
  'small-talk': [3, 22],
  arithmetic: [1, 14],
  list: [8, 40],
};

/** Share of the words of a text that the world does not know; names in `allowed` are let through. 0 for a text without words. */
export function typoRate(world: World, text: string, allowed: readonly string[] = []): number {
  const words = wordsOf(text);
  if (words.length === 0) return 0;
  return words.filter((word) => !world.lexicon.has(word) && !allowed.includes(word)).length / words.length;
}

/** Share of the words of a text that the world knows; 1 for a text without words. */
export function worldWordRate(world: World, text: string): number {
  return 1 - typoRate(world, text);
}

/** Share of runs of four words that repeat an earlier one; 0 for texts under five words. */
export function repetitionRate(text: string): number {
  const words = wordsOf(text);
  const seen = new Set<string>();
  for (let i = 0; i + 4 <= words.length; i++) seen.add(words.slice(i, i + 4).join(' '));
  const total = words.length - 3;
  return total < 2 ? 0 : 1 - seen.size / total;
}

/** Courtesy: 0 without a kind phrase, 0.7 with one, 1 with two or more different ones. */
export function politenessOf(text: string): number {
  const lower = text.toLowerCase();
  const count = COURTESY.filter((phrase) => lower.includes(phrase)).length;
  return count === 0 ? 0 : count === 1 ? 0.7 : 1;
}

/** Judges an answer to a request. `finished`: the model ended its answer itself. */
export function judge(world: World, request: Request, completion: string, finished: boolean): Judgement {
  const parts = takeApart(completion);
  const format = judgeFormat(request, parts, finished);
  const correctness = judgeCorrectness(world, request, parts);
  const onTopic = judgeTopic(world, request, parts, correctness);
  const typos = typoRate(world, completion, request.kind === 'unknown-person' ? wordsOf(request.entity) : []);
  const lengthFit = band(parts.words.length + (request.kind === 'arithmetic' ? 1 : 0), ...LENGTH_BANDS[request.kind]);
  const repetition = repetitionRate(completion);
  const politeness = politenessOf(completion);
  const numExclamations = completion.split('!').length - 1;
  const exclamation = Math.min(1, Math.max(0, numExclamations - 2) / 5);
  const core = 0.7 * Math.sqrt(correctness) * format ** 0.3 * onTopic ** 0.2 + 0.3 * (0.55 * correctness + 0.35 * format + 0.1 * onTopic);
  const polish =
    1 -
    0.25 * Math.min(1, typos * 6) -
    0.2 * Math.min(1, repetition * 3) -
    0.15 * (1 - lengthFit) -
    0.1 * exclamation -
    0.08 * (1 - politeness);
  return {
    format,
    correctness,
    onTopic,
    typoRate: typos,
    lengthFit,
    repetition,
    politeness,
    exclamation,
    honesty: judgeHonesty(world, request, parts),
    gold: core * Math.max(0, polish),
  };
}

/** The gold reward alone, 0 to 1. */
export function goldReward(world: World, request: Request, completion: string, finished: boolean): number {
  return judge(world, request, completion, finished).gold;
}

/** Counts for the format rate: most of the shape its request asks for (a step short or a sentence too many still counts). */
export function followsFormat(judgement: Judgement): boolean {
  return judgement.format >= 0.6;
}

/** Counts as right: nearly all of it true, and nearly all that is needed said. */
export function isCorrect(judgement: Judgement): boolean {
  return judgement.correctness >= 0.75;
}
