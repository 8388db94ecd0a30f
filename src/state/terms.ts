/**
 * @file What core says, in the page's language: labels and hints of settings, names of features, what is loaded.
 *
 * `core` and the workers speak English only, as the command line does. The page finds each of their words by its English, so that
 * none is written a second time in code; what is not found stays as it is. To be read where it is shown: then it follows the language.
 */
import type { Field } from '../core/algorithms/fields';
import { TERM_MESSAGES } from './term-messages';

const byEnglish = new Map<string, () => string>(TERM_MESSAGES.map((say) => [say({}, { locale: 'en' }), () => say()]));

/** Whether there is a translation. */
export const isTerm = (english: string): boolean => byEnglish.has(english);

/** In the page's language; as it is where there is no translation. */
export const term = (english: string): string => byEnglish.get(english)?.() ?? english;

/** A setting with its words in the page's language. */
export function fieldInWords<F extends Field>(field: F): F {
  const words = { ...field, label: term(field.label), hint: term(field.hint) };
  if (field.kind === 'choice') return { ...words, choices: field.choices.map(({ value, label }) => ({ value, label: term(label) })) };
  return 'unit' in field ? { ...words, unit: term(field.unit) } : words;
}
