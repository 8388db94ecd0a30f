/** @file The page's words for kinds of entry, page and request. */
import type { EntryKind } from '../../core/world/catalogue';

/** Kinds of entry, of one and of many, in the order of the filter. */
export const KIND_WORDS: Readonly<Record<EntryKind, { readonly one: string; readonly many: string }>> = {
  person: { one: 'person', many: 'people' },
  dish: { one: 'dish', many: 'dishes' },
  town: { one: 'town', many: 'towns' },
  task: { one: 'everyday task', many: 'everyday tasks' },
  act: { one: 'mischief and its look-alike', many: 'acts' },
  opinion: { one: 'question of taste', many: 'questions of taste' },
  advice: { one: 'worry', many: 'worries' },
  note: { one: 'note to write', many: 'notes to write' },
  list: { one: 'list', many: 'lists' },
  'small-talk': { one: 'small talk', many: 'small talk' },
};

/** The keys of {@link KIND_WORDS}. */
export const KINDS = Object.keys(KIND_WORDS) as readonly EntryKind[];

/** "how-to" as it is read. */
export const spaced = (name: string) => name.replaceAll('-', ' ');
