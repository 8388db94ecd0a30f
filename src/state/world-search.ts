/** @file Finding entries of the world's catalogue by words anywhere in them, those with the words in their name first. */
import type { CatalogueEntry, EntryKind } from '../core/world/catalogue';

/** What is looked for. Empty words and null find all. */
export interface WorldQuery {
  readonly words: string;
  readonly kind: EntryKind | null;
}

/** Lower case, without accents, so that "muller" finds "Müller". */
const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();

const texts = new WeakMap<CatalogueEntry, string>();

/** Everything an entry says, for searching; made once. */
function textOf(entry: CatalogueEntry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    const facts = entry.facts.flatMap(({ lines }) => lines.map((line) => line.text));
    texts.set(entry, (text = plain([entry.name, entry.note, ...facts].join('\n'))));
  }
  return text;
}

/** How well an entry fits: 3 its name begins so, 2 a word of its name does, 1 it is said somewhere, 0 not at all. */
function fit(entry: CatalogueEntry, words: readonly string[]): number {
  const text = textOf(entry);
  if (!words.every((word) => text.includes(word))) return 0;
  const name = plain(entry.name);
  if (name.startsWith(words.join(' '))) return 3;
  const parts = name.split(/[\s-]+/);
  return words.every((word) => parts.some((part) => part.startsWith(word))) ? 2 : 1;
}

/** The entries that fit, best first; among equals the order of the catalogue stays. */
export function findEntries(entries: readonly CatalogueEntry[], { words, kind }: WorldQuery): readonly CatalogueEntry[] {
  const ofKind = kind === null ? entries : entries.filter((entry) => entry.kind === kind);
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return ofKind;
  const found = ofKind.map((entry) => ({ entry, score: fit(entry, wanted) })).filter(({ score }) => score > 0);
  return found.sort((a, b) => b.score - a.score).map(({ entry }) => entry);
}
