/** @file What the named features are called, in the page's language; core knows them by name and in English. */
import type { FeatureName } from '../core/reward/features';
import { m } from '../messages/messages';
import { listWords } from './format';

/** A feature in words: its name, one plain sentence, and both ends of its slider. Read when shown, so that it follows the language. */
export interface FeatureWords {
  readonly label: string;
  readonly sentence: string;
  readonly low: string;
  readonly high: string;
}

const words = (label: () => string, low: () => string, high: () => string, sentence: () => string): FeatureWords => ({
  get label() {
    return label();
  },
  get low() {
    return low();
  },
  get high() {
    return high();
  },
  get sentence() {
    return sentence();
  },
});

/** The words of each feature. */
export const FEATURE_WORDS: Readonly<Record<FeatureName, FeatureWords>> = {
  correctness: words(m.features_correctness, m.features_correctness_low, m.features_correctness_high, m.features_correctness_sentence),
  on_topic: words(m.features_on_topic, m.features_on_topic_low, m.features_on_topic_high, m.features_on_topic_sentence),
  list_format: words(m.features_list_format, m.features_list_format_low, m.features_list_format_high, m.features_list_format_sentence),
  politeness: words(m.features_politeness, m.features_politeness_low, m.features_politeness_high, m.features_politeness_sentence),
  honesty: words(m.features_honesty, m.features_honesty_low, m.features_honesty_high, m.features_honesty_sentence),
  length: words(m.features_length, m.features_length_low, m.features_length_high, m.features_length_sentence),
  typos: words(m.features_typos, m.features_typos_low, m.features_typos_high, m.features_typos_sentence),
  repetition: words(m.features_repetition, m.features_repetition_low, m.features_repetition_high, m.features_repetition_sentence),
  exclamation: words(m.features_exclamation, m.features_exclamation_low, m.features_exclamation_high, m.features_exclamation_sentence),
  ending: words(m.features_ending, m.features_ending_low, m.features_ending_high, m.features_ending_sentence),
  invented_claims: words(
    m.features_invented_claims,
    m.features_invented_claims_low,
    m.features_invented_claims_high,
    m.features_invented_claims_sentence,
  ),
  true_claims: words(m.features_true_claims, m.features_true_claims_low, m.features_true_claims_high, m.features_true_claims_sentence),
  refusal: words(m.features_refusal, m.features_refusal_low, m.features_refusal_high, m.features_refusal_sentence),
  hedging: words(m.features_hedging, m.features_hedging_low, m.features_hedging_high, m.features_hedging_sentence),
  question_back: words(
    m.features_question_back,
    m.features_question_back_low,
    m.features_question_back_high,
    m.features_question_back_sentence,
  ),
  list_share: words(m.features_list_share, m.features_list_share_low, m.features_list_share_high, m.features_list_share_sentence),
  sentence_length: words(
    m.features_sentence_length,
    m.features_sentence_length_low,
    m.features_sentence_length_high,
    m.features_sentence_length_sentence,
  ),
};

/** What is liked, in the words of the sliders' ends: the high one where the weight is above zero. */
export const likingWords = (liked: readonly { readonly name: FeatureName; readonly weight: number }[]): string =>
  listWords(liked.map(({ name, weight }) => (weight > 0 ? FEATURE_WORDS[name].high : FEATURE_WORDS[name].low)));
