/** @file Finding things in the world: every word counts, names come first, accents and case do not matter. */
import { expect, test } from 'vitest';
import type { CatalogueEntry } from '../../src/core/world/catalogue';
import { findEntries } from '../../src/state/world-search';

const entry = (name: string, kind: CatalogueEntry['kind'], ...facts: string[]): CatalogueEntry => ({
  id: `${kind}/${name}`,
  kind,
  name,
  note: '',
  heldout: false,
  facts: [{ label: 'fact', lines: facts.map((text) => ({ text })) }],
  prompts: [],
});
const ENTRIES = [
  entry('Otto Berg', 'person', 'baker', 'Millbrook'),
  entry('Ana Müller', 'person', 'miller'),
  entry('Millbrook', 'town', 'its old mill'),
  entry('apple pie', 'dish', 'apples'),
];
const find = (words: string, kind: CatalogueEntry['kind'] | null = null) => findEntries(ENTRIES, { words, kind }).map(({ name }) => name);

test('names that begin with the words come before facts that hold them', () => {
  expect(find('mill')).toEqual(['Millbrook', 'Otto Berg', 'Ana Müller']);
  expect(find('berg')).toEqual(['Otto Berg']);
});

test('all words must be there, in any order', () => {
  expect(find('berg otto')).toEqual(['Otto Berg']);
  expect(find('otto millbrook')).toEqual(['Otto Berg']);
  expect(find('otto apple')).toEqual([]);
});

test('case, accents and space at the ends do not matter; a kind narrows it', () => {
  expect(find('  MULLER ')).toEqual(['Ana Müller']);
  expect(find('mill', 'town')).toEqual(['Millbrook']);
  expect(find('', 'dish')).toEqual(['apple pie']);
  expect(find('')).toHaveLength(4);
});
