/**
 * @file Small text helpers of the world: words of a text, articles, capitals, "my" into "your", one-slip word matching.
 */

const WORD = /[a-z]+(?:'[a-z]+)*/g;

/** The words of a text: runs of letters, lower case, apostrophes kept inside ("don't"). Numbers are no words. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().replaceAll('’', "'").match(WORD) ?? [];
}

const known = new Map<string, readonly string[]>();

/** {@link wordsOf}, remembered: for the world's own names and sentences, which the judges compare again and again. */
export function phraseWords(phrase: string): readonly string[] {
  let words = known.get(phrase);
  if (!words) known.set(phrase, (words = wordsOf(phrase)));
  return words;
}

/** First letter made a capital. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "a" or "an" and the noun. */
export function withArticle(noun: string): string {
  return (/^[aeiou]/.test(noun) ? 'an ' : 'a ') + noun;
}

/** The asker's words in the answerer's mouth: "my" becomes "your", "I" becomes "you". */
export function toYour(text: string): string {
  return text.replaceAll(/\bmy\b/g, 'your').replaceAll(/\bI\b/g, 'you');
}

/** A plural without its ending ("potatoes", "eggs"); other words unchanged. */
export function singular(word: string): string {
  if (word.length > 4 && word.endsWith('oes')) return word.slice(0, -2);
  return word.length > 3 && /[^us]s$/.test(word) ? word.slice(0, -1) : word;
}

/** True when the words are equal up to a plural ending, or long enough to differ by one slip (one letter more, less, other, or two swapped). */
export function sameWord(a: string, b: string): boolean {
  if (a === b) return true;
  // Nobody slips on a first letter, and this makes most comparisons cheap.
  if (a[0] !== b[0] || Math.abs(a.length - b.length) > 2) return false;
  if (singular(a) === singular(b)) return true;
  if (Math.min(a.length, b.length) < 5 || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  if (endA - start <= 1 && endB - start <= 1) return true;
  return endA - start === 2 && endB - start === 2 && a[start] === b[start + 1] && a[start + 1] === b[start];
}

/** True when the words of `phrase` stand in `words` in a row, each up to one slip; words in `exact` are no slips of others. */
export function containsPhrase(words: readonly string[], phrase: readonly string[], exact?: ReadonlySet<string>): boolean {
  if (phrase.length === 0) return false;
  for (let i = 0; i + phrase.length <= words.length; i++) {
    let j = 0;
    while (
      j < phrase.length &&
      (exact?.has(words[i + j]!) ? singular(words[i + j]!) === singular(phrase[j]!) : sameWord(words[i + j]!, phrase[j]!))
    )
      j++;
    if (j === phrase.length) return true;
  }
  return false;
}

/** Share of the words of `a` that also occur in `b`, each counted once; 0 when `a` is empty. */
export function overlap(a: readonly string[], b: readonly string[]): number {
  const left = new Set(a);
  if (left.size === 0) return 0;
  let shared = 0;
  for (const word of left) if (b.some((other) => sameWord(word, other))) shared++;
  return shared / left.size;
}

/** The asker's words said of people in general: "my" becomes "their". */
export function toTheir(text: string): string {
  return text.replaceAll(/\bmy\b/g, 'their');
}
