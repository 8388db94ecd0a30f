/** @file Which words changed between two texts: a longest common subsequence of words, for texts of a few dozen. */

/** A word with the space before it. `changed`: not in the other text at this place. */
export interface DiffWord {
  readonly text: string;
  readonly changed: boolean;
}

const wordsOf = (text: string): string[] => text.match(/\s*\S+/g) ?? [];

/** The words of both texts, those outside their longest common subsequence marked. O(words²). */
export function diffWords(before: string, after: string): { before: DiffWord[]; after: DiffWord[] } {
  const a = wordsOf(before);
  const b = wordsOf(after);
  const same = (i: number, j: number): boolean => a[i]!.trim() === b[j]!.trim();
  // length[i][j]: longest common subsequence of a[i…] and b[j…]
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i]![j] = same(i, j) ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
    }
  }
  const keptA = new Set<number>();
  const keptB = new Set<number>();
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (same(i, j)) {
      keptA.add(i++);
      keptB.add(j++);
    } else if (length[i + 1]![j]! >= length[i]![j + 1]!) i++;
    else j++;
  }
  const marked = (words: string[], kept: Set<number>): DiffWord[] => words.map((text, i) => ({ text, changed: !kept.has(i) }));
  return { before: marked(a, keptA), after: marked(b, keptB) };
}
