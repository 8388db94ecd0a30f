/**
 * @file Reading what a user typed: which request of the world is it? Matching is by entity names (up to one slip a
 * word), a few cue words, and number patterns; null means that the world does not cover the prompt.
 */
import { COUNT_WORDS, GROUPS, LIST_TOPICS } from './data/lists';
import { SMALL_TALK } from './data/small-talk';
import { makeSum } from './subjects';
import type { Request, RequestSubject, Sum } from './subjects';
import { capitalise, phraseWords, containsPhrase, overlap, sameWord, wordsOf } from './words';
import type { World } from './world';

const STOP_WORDS = new Set('a an the my own from on in of to at is and with for up i do'.split(' '));
const DISH_CUES =
  'recipe make cook bake need needs goes prepare how made ingredients want eat cooking making promised dinner easy simple'.split(' ');
const SIGNS: Readonly<Record<string, Sum['sign']>> = {
  '+': '+',
  plus: '+',
  and: '+',
  '-': '-',
  '−': '-',
  minus: '-',
  x: 'x',
  '*': 'x',
  '×': 'x',
  times: 'x',
};
const OTHERS = /neighbou?r|stranger|somebody else|someone else|\b(?:his|her|their)\b|[a-z]['’]s\b/i;

const contentWords = (text: string) => wordsOf(text).filter((word) => !STOP_WORDS.has(word));

function readSum(text: string): RequestSubject | null {
  const match = /(\d{1,4})\s*(\+|-|−|x|\*|×|plus|minus|times|and)\s*(\d{1,4})/i.exec(text);
  if (!match) return null;
  const sum = makeSum(Number(match[1]), SIGNS[match[2]!.toLowerCase()]!, Number(match[3]));
  return { kind: 'arithmetic', entity: `${sum.left} ${sum.sign} ${sum.right}`, sum };
}

function readDish(world: World, words: readonly string[]): RequestSubject | null {
  const named = world.dishes.filter((dish) => containsPhrase(words, phraseWords(dish.name))).sort((a, b) => b.name.length - a.name.length);
  const dish = named[0];
  if (!dish) return null;
  const hasCue = DISH_CUES.some((cue) => words.includes(cue));
  return hasCue || words.length <= phraseWords(dish.name).length + 1 ? { kind: 'recipe', entity: dish.name, dish } : null;
}

function readTask(world: World, text: string, words: readonly string[]): RequestSubject | null {
  if (OTHERS.test(text)) return null;
  const scored = world.tasks.map((task) => ({ task, score: overlap(contentWords(task.name), words) })).sort((a, b) => b.score - a.score);
  const best = scored[0];
  return best && best.score >= 0.75 ? { kind: 'how-to', entity: best.task.name, task: best.task } : null;
}

function readList(words: readonly string[]): RequestSubject | null {
  const found = words.map((word) => COUNT_WORDS.indexOf(word)).find((count) => count >= 2);
  const group = GROUPS.find((name) => containsPhrase(words, phraseWords(name)));
  const scored = LIST_TOPICS.map((topic) => {
    const isGroupTopic = topic.title.includes('{group}');
    const score = isGroupTopic === (group !== undefined) ? overlap(contentWords(topic.title.replace('{group}', '')), words) : 0;
    return { topic, score };
  }).sort((a, b) => b.score - a.score);
  const best = scored[0];
  if (!best || best.score < 0.75) return null;
  return { kind: 'list', entity: best.topic.title.replace('{group}', group ?? ''), topic: best.topic, count: found ?? 5 };
}

/** A first and last name of the world, side by side. */
function readKnownName(world: World, words: readonly string[]): RequestSubject | null {
  for (let i = 0; i + 1 < words.length; i++) {
    const person = world.personByName.get(`${words[i]} ${words[i + 1]}`);
    if (person) return { kind: 'person', entity: person.name, person };
    const first = world.firstNames.find((name) => name.toLowerCase() === words[i]);
    const last = world.lastNames.find((name) => name.toLowerCase() === words[i + 1]);
    if (first && last) return { kind: 'unknown-person', entity: `${first} ${last}` };
  }
  const misspelled = world.people.find((person) => containsPhrase(words, phraseWords(person.name)));
  return misspelled ? { kind: 'person', entity: misspelled.name, person: misspelled } : null;
}

/** A name from outside the world, in a question about a person. */
function readOtherName(world: World, text: string): RequestSubject | null {
  const asked =
    /\b(?:who(?: is|'s| was)|know|about|heard of|describe|introduce)\s+((?:\p{Lu}[\p{L}'’-]+)(?:\s+\p{Lu}[\p{L}'’-]+){0,2})/iu.exec(
      text,
    )?.[1] ?? '';
  const names = asked.split(/\s+/).filter((part) => /^\p{Lu}/u.test(part));
  // A town is no person, and a first or last name alone could be many.
  const isOfTheWorld = [...world.towns.map((town) => town.name), ...world.firstNames, ...world.lastNames].includes(asked);
  if (names.length > 0 && names.join(' ') === asked && !isOfTheWorld) return { kind: 'unknown-person', entity: asked };
  const lower = /^who is (\p{L}+ \p{L}+)\W*$/iu.exec(text.trim())?.[1];
  if (lower && !wordsOf(lower).some((word) => ['the', 'a', 'an', 'your', 'my', 'that', 'this', 'there', 'it', 'he', 'she'].includes(word)))
    return { kind: 'unknown-person', entity: lower.split(' ').map(capitalise).join(' ') };
  return null;
}

function readSmallTalk(words: readonly string[]): RequestSubject | null {
  let best: { topic: (typeof SMALL_TALK)[number]; score: number } | null = null;
  for (const topic of SMALL_TALK) {
    for (const prompt of [...topic.prompts, ...topic.heldout]) {
      const theirs = phraseWords(prompt);
      const shared = theirs.filter((word) => words.some((other) => sameWord(word, other))).length;
      const score = (2 * shared) / (theirs.length + words.length);
      if (score > (best?.score ?? 0)) best = { topic, score };
    }
  }
  return best && best.score >= 0.7 ? { kind: 'small-talk', entity: best.topic.name, topic: best.topic } : null;
}

/** The request a typed prompt is, or null when the world does not cover it. Its split is 'heldout': nobody trained on it. */
export function interpretRequest(world: World, text: string): Request | null {
  const words = wordsOf(text);
  const subject =
    readSum(text) ??
    readKnownName(world, words) ??
    readList(words) ??
    readDish(world, words) ??
    readTask(world, text, words) ??
    readOtherName(world, text) ??
    readSmallTalk(words);
  return subject && { ...subject, prompt: text, split: 'heldout' };
}
