/** @file The style judge: is the answer in the style that was asked for? Six styles, known by their marks or by what is missing. */
import type { Request, Style } from '../subjects';
import { LENGTH_BANDS } from './manners';
import { countStyleMarks } from './phrases';
import { band, spelledOut } from './text';
import type { AnswerParts } from './text';

/** Styles nobody speaks in unasked. */
const STRONG: readonly Style[] = ['pirate', 'old-fashioned'];

/**
 * Style, 0 to 1. Plain and terse want no marks of a pirate or a knight, and terse few words; the others want a mark of their
 * own and none of those; formal wants calm, too.
 */
export function judgeStyle(request: Request, asWritten: string, parts: AnswerParts): number {
  const style = request.style ?? 'plain';
  if (parts.words.length === 0 && !/\d/.test(asWritten)) return 0;
  const foreign = STRONG.some((other) => other !== style && countStyleMarks(asWritten, other) > 0) ? 0.3 : 1;
  switch (style) {
    case 'plain':
      return foreign;
    case 'terse': {
      const high =
        LENGTH_BANDS[request.kind][1] * (request.kind === 'recipe' || request.kind === 'note' || request.kind === 'opinion' ? 0.8 : 0.6);
      const isChatty = /\b(?:let me know|i hope|happy to help|here (?:is|are)|good question|of course)\b/.test(spelledOut(asWritten));
      return foreign * band(Math.max(1, parts.words.length), 1, Math.max(6, high)) * (isChatty ? 0.7 : 1);
    }
    case 'formal': {
      const isShouting = asWritten.includes('!');
      return countStyleMarks(asWritten, style) > 0 ? foreign * (isShouting ? 0.6 : 1) : 0;
    }
    case 'cheerful':
      return countStyleMarks(asWritten, style) > 0 ? foreign : asWritten.includes('!') ? 0.4 * foreign : 0;
    default:
      return countStyleMarks(asWritten, style) > 0 ? foreign : 0;
  }
}
