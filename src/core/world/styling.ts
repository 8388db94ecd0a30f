/**
 * @file An answer put into a style: opening and closing words of the style, a few words in place of others. The facts and
 * the shape stay what they are.
 */
import type { Random } from '../random';
import { STYLE_WORDS } from './data/styles';
import type { Style } from './subjects';

/** An answer in its three parts; `core` is one line, or several with a list in them. */
export interface Answer {
  readonly opening: string;
  readonly core: readonly string[];
  readonly closing: string;
}

/** The lines of an answer: a list has its opening and closing on lines of their own, a sentence has not. */
export function linesOf({ opening, core, closing }: Answer): string[] {
  if (core.length > 1) return [opening, ...core, closing].filter((line) => line !== '');
  return [[opening, ...core, closing].filter((part) => part !== '').join(' ')];
}

function swapWords(text: string, swaps: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\b[A-Za-z]+\b/g, (word) => {
    const other = swaps[word.toLowerCase()];
    if (other === undefined) return word;
    return word[0] === word[0]!.toUpperCase() ? other[0]!.toUpperCase() + other.slice(1) : other;
  });
}

/** The answer as it sounds in a style. Terse answers are written tersely from the start; plain ones stay as they are. */
export function inStyle(answer: Answer, style: Style, random: Random): Answer {
  const { openings, closings, swaps } = STYLE_WORDS[style];
  if (openings.length === 0) return answer;
  const said = (text: string) => swapWords(text, swaps);
  // "Sure!" after "Ahoy!" would be one greeting too many.
  const opening = said(answer.opening.replace(/^(?:Sure!|Of course\.|Happy to help!) /, ''));
  return {
    opening: `${random.pick(openings)}${opening === '' ? '' : ` ${opening}`}`,
    core: answer.core.map(said),
    closing: random.chance(0.5) ? random.pick(closings) : '',
  };
}
