/** @file The page's words for kinds of entry and page, and for what is told of an entry; what is told itself is English. */
import type { EntryKind } from '../../core/world/catalogue';
import type { DocumentKind } from '../../core/world/documents';
import { m } from '../../messages/messages';

/** Kinds of entry, of one and of many, in the order of the filter. */
export const ENTRY_WORDS: Readonly<Record<EntryKind, { readonly one: () => string; readonly many: () => string }>> = {
  person: { one: m.world_person_one, many: m.world_person_many },
  dish: { one: m.world_dish_one, many: m.world_dish_many },
  town: { one: m.world_town_one, many: m.world_town_many },
  task: { one: m.world_task_one, many: m.world_task_many },
  act: { one: m.world_act_one, many: m.world_act_many },
  opinion: { one: m.world_opinion_one, many: m.world_opinion_many },
  advice: { one: m.world_advice_one, many: m.world_advice_many },
  note: { one: m.world_note_one, many: m.world_note_many },
  list: { one: m.world_list_one, many: m.world_list_many },
  'small-talk': { one: m.world_small_talk, many: m.world_small_talk },
};

/** The keys of {@link ENTRY_WORDS}. */
export const ENTRY_KINDS = Object.keys(ENTRY_WORDS) as readonly EntryKind[];

/** Kinds of page. */
export const DOCUMENT_WORDS: Readonly<Record<DocumentKind, () => string>> = {
  'question-ramble': m.world_doc_question_ramble,
  'question-thread': m.world_doc_question_thread,
  wiki: m.world_doc_wiki,
  news: m.world_doc_news,
  list: m.world_doc_list,
  'town-page': m.world_doc_town_page,
  travel: m.world_doc_travel,
  blog: m.world_doc_blog,
  diary: m.world_doc_diary,
  letter: m.world_doc_letter,
  story: m.world_doc_story,
  forum: m.world_doc_forum,
  opinion: m.world_doc_opinion,
  ticket: m.world_doc_ticket,
  changelog: m.world_doc_changelog,
  review: m.world_doc_review,
  shopping: m.world_doc_shopping,
  errand: m.world_doc_errand,
  ad: m.world_doc_ad,
  'recipe-page': m.world_doc_recipe_page,
  faq: m.world_doc_faq,
  notice: m.world_doc_notice,
  guide: m.world_doc_guide,
  homework: m.world_doc_homework,
};

/** What core's catalogue says in English over the facts of an entry. */
const FACT_WORDS = [
  m.world_fact_job,
  m.world_fact_from,
  m.world_fact_born,
  m.world_fact_work,
  m.world_fact_group,
  m.world_fact_renown,
  m.world_fact_ingredients,
  m.world_fact_method,
  m.world_fact_cooks,
  m.world_fact_where,
  m.world_fact_fame,
  m.world_fact_people,
  m.world_fact_festival,
  m.world_fact_natives,
  m.world_fact_how,
  m.world_fact_refuses,
  m.world_fact_offers,
  m.world_fact_look_alike_steps,
  m.world_fact_mischief,
  m.world_fact_problem,
  m.world_fact_helps,
  m.world_fact_dear,
  m.world_fact_body,
  m.world_fact_items,
  m.world_fact_said,
  m.world_fact_said_held_out,
  m.world_fact_answers,
] as const;
const byEnglish = new Map<string, () => string>(FACT_WORDS.map((say) => [say({}, { locale: 'en' }), () => say()]));

/** The label of a fact; a side of a question of taste ("For cats") keeps its English name. Null for a label with no words here. */
export function factWords(label: string): string | null {
  const side = /^For (.*)$/.exec(label)?.[1];
  return side === undefined ? (byEnglish.get(label)?.() ?? null) : m.world_fact_for({ side });
}
