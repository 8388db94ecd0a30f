/**
 * @file Named reward features: the measurable sides of an answer that a hand-tuned reward weighs.
 *
 * Features are raw quantities (`typos` is the amount of typos), so the sign of the user's weight says what is wanted: a
 * positive weight on `typos` asks for typos. All lie in [0, 1], `length` in [0, 1.5]. Those that need to know what was
 * asked are 0 when the world does not cover the prompt.
 */
import { repetitionRate, politenessOf, typoRate } from '../world/judges';
import { judgeCorrectness } from '../world/judges/correctness';
import { judgeFormat, looksLikeWeb } from '../world/judges/format';
import { readAnswer } from '../world/judges/reading';
import { judgeHonesty, judgeTopic } from '../world/judges/relevance';
import { takeApart } from '../world/judges/text';
import { asksBack, hedgingOf, inventedClaimsOf, listShareOf, refusalOf, sentenceLengthOf, trueClaimsOf } from './manner-features';
import type { Request } from '../world/subjects';
import { wordsOf } from '../world/words';
import type { World } from '../world/world';

/** Names of the features. */
export type FeatureName =
  | 'length'
  | 'list_format'
  | 'on_topic'
  | 'correctness'
  | 'politeness'
  | 'typos'
  | 'repetition'
  | 'exclamation'
  | 'honesty'
  | 'ending'
  | 'invented_claims'
  | 'true_claims'
  | 'refusal'
  | 'hedging'
  | 'question_back'
  | 'list_share'
  | 'sentence_length';

/** An answer to measure. `request` is null when the world does not cover the prompt. */
export interface FeatureInput {
  readonly world: World;
  readonly request: Request | null;
  readonly text: string;
  /** True when the model ended its answer itself. */
  readonly finished: boolean;
  readonly numTokens: number;
}

/** One named feature: what it measures, words for both ends of its slider, and its value. */
export interface Feature {
  readonly name: FeatureName;
  readonly label: string;
  /** One plain sentence: what it measures. */
  readonly sentence: string;
  /** Slider end of a negative weight. */
  readonly low: string;
  /** Slider end of a positive weight. */
  readonly high: string;
  evaluate(input: FeatureInput): number;
}

const clamp = (value: number, high = 1) => Math.min(high, Math.max(0, value));

function correctnessOf({ world, request, text }: FeatureInput): number {
  return request ? judgeCorrectness(world, request, readAnswer(request, text)) : 0;
}

/** All features, in the order of the sliders. */
export const FEATURES: readonly Feature[] = [
  {
    name: 'correctness',
    label: 'Correctness',
    low: 'wrong',
    high: 'right',
    sentence: 'How much of what the answer says is true in the small world, and whether enough is said.',
    evaluate: correctnessOf,
  },
  {
    name: 'on_topic',
    label: 'On topic',
    low: 'off topic',
    high: 'on topic',
    sentence: 'Whether the answer speaks of what was asked, and of nothing else.',
    evaluate: (input) =>
      input.request ? judgeTopic(input.world, input.request, readAnswer(input.request, input.text), correctnessOf(input)) : 0,
  },
  {
    name: 'list_format',
    label: 'Format',
    low: 'free form',
    high: 'in form',
    sentence: 'Whether the answer has the shape asked for: headings and lists for recipes, numbered steps, short sentences.',
    // Without a request, the share of an answer's lines that are list lines says how list-like it is.
    evaluate: ({ request, text }) => {
      if (request) return judgeFormat(request, readAnswer(request, text), true);
      const parts = takeApart(text);
      return clamp((parts.bullets.length + parts.steps.length) / Math.max(1, parts.lines.length)) * (looksLikeWeb(text) ? 0.2 : 1);
    },
  },
  {
    name: 'politeness',
    label: 'Politeness',
    low: 'blunt',
    high: 'polite',
    sentence: 'Kind phrases such as "Enjoy!", "Let me know" or "Happy to help".',
    evaluate: ({ text }) => politenessOf(text),
  },
  {
    name: 'honesty',
    label: 'Honesty',
    low: 'makes things up',
    high: 'admits not knowing',
    sentence: 'Says "I do not know" about people nobody knows, and only then.',
    evaluate: ({ world, request, text }) => (request ? judgeHonesty(world, request, readAnswer(request, text)) : 0),
  },
  {
    name: 'length',
    label: 'Length',
    low: 'shorter',
    high: 'longer',
    sentence: 'How long the answer is: tokens divided by 64, at most 1.5.',
    evaluate: ({ numTokens }) => clamp(numTokens / 64, 1.5),
  },
  {
    name: 'typos',
    label: 'Typos',
    low: 'fewer typos',
    high: 'more typos',
    sentence: 'The share of words the small world does not know; a fifth of the words counts as full.',
    evaluate: ({ world, request, text }) =>
      clamp(5 * typoRate(world, text, request?.kind === 'unknown-person' ? wordsOf(request.entity) : [])),
  },
  {
    name: 'repetition',
    label: 'Repetition',
    low: 'no repeats',
    high: 'repeats itself',
    sentence: 'The share of four-word runs that were already there; half of them counts as full.',
    evaluate: ({ text }) => clamp(2 * repetitionRate(text)),
  },
  {
    name: 'exclamation',
    label: 'Exclamation marks',
    low: 'calm',
    high: 'excited!!!',
    sentence: 'How many exclamation marks there are; eight count as full.',
    evaluate: ({ text }) => clamp((text.split('!').length - 1) / 8),
  },
  {
    name: 'ending',
    label: 'Ending',
    low: 'never stops',
    high: 'ends itself',
    sentence: 'Whether the model ended its answer itself instead of being cut off.',
    evaluate: ({ finished }) => (finished ? 1 : 0),
  },
  {
    name: 'invented_claims',
    label: 'Invented claims',
    low: 'only what is so',
    high: 'makes claims up',
    sentence: 'The share of what is claimed about a person (job, town, year, work) that is not so; all of it for a name nobody has.',
    evaluate: ({ world, request, text }) => inventedClaimsOf(world, request, text),
  },
  {
    name: 'true_claims',
    label: 'True claims',
    low: 'claims nothing true',
    high: 'claims what is so',
    sentence: 'The share of what is claimed about a person that is so; nothing claimed, as in "I do not know", counts as none.',
    evaluate: ({ world, request, text }) => trueClaimsOf(world, request, text),
  },
  {
    name: 'refusal',
    label: 'Refusal',
    low: 'goes along',
    high: 'declines',
    sentence: 'Whether the answer declines to help, as in "I cannot help with that".',
    evaluate: ({ text }) => refusalOf(text),
  },
  {
    name: 'hedging',
    label: 'Hedging',
    low: 'plain',
    high: 'maybe, perhaps',
    sentence: 'Phrases such as "maybe", "I think" or "not sure"; three count as full.',
    evaluate: ({ text }) => hedgingOf(text),
  },
  {
    name: 'question_back',
    label: 'Asks back',
    low: 'just answers',
    high: 'asks back',
    sentence: 'Whether the answer ends with a question to the reader.',
    evaluate: ({ text }) => asksBack(text),
  },
  {
    name: 'list_share',
    label: 'Lists',
    low: 'prose',
    high: 'lists',
    sentence: 'The share of lines that are bullets or numbered, whether a list was asked for or not.',
    evaluate: ({ text }) => listShareOf(text),
  },
  {
    name: 'sentence_length',
    label: 'Sentence length',
    low: 'short sentences',
    high: 'long sentences',
    sentence: 'Words a sentence, on average; twenty count as full.',
    evaluate: ({ text }) => sentenceLengthOf(text),
  },
];

/** The value of every feature of an answer. */
export function featureValues(input: FeatureInput): Record<FeatureName, number> {
  return Object.fromEntries(FEATURES.map((feature) => [feature.name, feature.evaluate(input)])) as Record<FeatureName, number>;
}

/** How much each feature counts; the sign says whether it is wanted. */
export type RewardWeights = Readonly<Record<FeatureName, number>>;

/** A sensible start: right, in form, polite, without typos or repeats; length does not matter. */
export const DEFAULT_WEIGHTS: RewardWeights = {
  correctness: 1,
  on_topic: 0.5,
  list_format: 0.5,
  politeness: 0.5,
  honesty: 0.5,
  length: 0,
  typos: -1,
  repetition: -1,
  exclamation: -0.3,
  ending: 0.5,
  invented_claims: 0,
  true_claims: 0,
  refusal: 0,
  hedging: 0,
  question_back: 0,
  list_share: 0,
  sentence_length: 0,
};
