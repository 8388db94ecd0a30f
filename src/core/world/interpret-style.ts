/**
 * @file Reading the style that a prompt or a system prompt asks for, and whether a system prompt offers the tools.
 */
import { STYLE_FRAMES, STYLE_WORDS } from './data/styles';
import { STYLES } from './subjects';
import type { Style } from './subjects';

const unmarked = (line: string) => line.replace(/^\*/, '');
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Words by which people ask for a style in ways the tables do not have. */
const CUES: readonly (readonly [Style, RegExp])[] = [
  ['pirate', /\bpirates?\b|\bsea dog\b/i],
  ['old-fashioned', /\bold[- ]fashioned\b|\bshakespeare/i],
  ['formal', /\bformal(?:ly)?\b|\bbutler\b/i],
  ['cheerful', /\bcheerful(?:ly)?\b/i],
  ['terse', /\bbrief(?:ly)?\b|\bterse(?:ly)?\b|\b(?:in|with) (?:as )?few words\b|\bkeep it short\b/i],
  ['plain', /\bplain (?:words|english)\b/i],
];

/** Every phrase that asks for a style, longest first. */
const ASKED = STYLES.flatMap((style) =>
  [...STYLE_WORDS[style].asked, ...STYLE_WORDS[style].systems].map((line) => ({
    style,
    phrase: unmarked(line).replace(/\.$/, '').toLowerCase(),
  })),
).sort((a, b) => b.phrase.length - a.phrase.length);

/** The words of the frames around a style, such as "Please answer", so that they can be taken out with it. */
const FRAMED = [
  ...new Set(
    STYLE_FRAMES.map((frame) => /(\b[\w ]+ )?\{as\}/.exec(unmarked(frame).replaceAll(/\{[pqm]\}/g, '|'))?.[1]?.trim() ?? '').filter(
      (words) => words !== '',
    ),
  ),
].sort((a, b) => b.length - a.length);
const AROUND = String.raw`(?:\b(?:${[...FRAMED, 'talk', 'write', 'reply', 'please answer', 'please talk'].map(escaped).join('|')}),? )?`;

/** The style a text asks for; null when it asks for none. */
export function readStyle(text: string): Style | null {
  const lower = text.toLowerCase();
  return ASKED.find(({ phrase }) => lower.includes(phrase))?.style ?? CUES.find(([, cue]) => cue.test(text))?.[0] ?? null;
}

/** The text without the words that ask for a style. */
export function withoutStyle(text: string): string {
  const style = readStyle(text);
  if (!style) return text;
  const phrase = ASKED.find((asked) => text.toLowerCase().includes(asked.phrase))?.phrase;
  const asked =
    phrase === undefined
      ? String.raw`(?:like|as|in) (?:an? )?(?:${CUES.find(([name]) => name === style)![1].source})(?: way| style)?`
      : escaped(phrase);
  // ", like a pirate?" leaves the question mark to the question.
  return text
    .replace(new RegExp(`(?:, )?${AROUND}${asked}(?:, please)?`, 'i'), '')
    .replaceAll(/(^|[.?!] )\s*[.?!]\s*/g, '$1')
    .trim();
}

/** True when a system prompt offers both tools. */
export function asksForTools(system: string): boolean {
  return /\bcalculator\b/i.test(system) && /\blookup\b/i.test(system);
}
