/** @file What the kinds of request are called, in the page's language. */
import type { RequestKind } from '../core/world/subjects';
import { m } from '../messages/messages';

/** Words of each kind; asked when shown, so that they follow the language. */
export const KIND_WORDS: Readonly<Record<RequestKind, () => string>> = {
  recipe: m.kinds_recipe,
  person: m.kinds_person,
  'unknown-person': m.kinds_unknown_person,
  place: m.kinds_place,
  'how-to': m.kinds_how_to,
  act: m.kinds_act,
  'small-talk': m.kinds_small_talk,
  arithmetic: m.kinds_arithmetic,
  list: m.kinds_list,
  opinion: m.kinds_opinion,
  advice: m.kinds_advice,
  note: m.kinds_note,
};
