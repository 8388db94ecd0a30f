/**
 * @file Reading what a user typed: which request of the world is it? Matching is by entity names (up to one slip a
 * word), a few cue words, and number patterns; null means that the world does not cover the prompt. Acts and their
 * boundary are read in `interpret-act.ts`.
 */
import type { ChatMessage } from '../text/chat-template';
import { ADVICE } from './data/advice';
import { FOLLOW_UP_ASK } from './data/follow-ups';
import { COUNT_WORDS, GROUPS, LIST_TOPICS } from './data/lists';
import { NOTES } from './data/notes';
import { OPINIONS } from './data/opinions';
import { SMALL_TALK } from './data/small-talk';
import { followUpsOf } from './follow-ups';
import { readAct } from './interpret-act';
import { asksForTools, readStyle, withoutStyle } from './interpret-style';
import { FOLLOW_UPS, makeSum, sumInWords } from './subjects';
import type { FollowUp, Request, RequestSubject, Situation, Sum } from './subjects';
import { capitalise, phraseWords, containsPhrase, overlap, sameWord, wordsOf } from './words';
import type { World } from './world';

/** What stands around a typed prompt. */
export interface PromptContext {
  readonly system?: string;
  /** Earlier turns, without the system prompt. */
  readonly history?: readonly ChatMessage[];
}

const STOP_WORDS = new Set('a an the my own from on in of to at is and with for up i do'.split(' '));
const DISH_CUES =
  'recipe make cook bake need needs goes prepare how made ingredients want wants eat cooking making promised dinner easy simple about'.split(
    ' ',
  );
const PLACE_CUES = 'where what about know heard visit famous worth big festival town like weekend lives describe tell is see go'.split(' ');
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
const SUM_TEXT = /(\d{1,4})\s*(\+|-|−|x|\*|×|plus|minus|times|and)\s*(\d{1,4})(?:\s*(\+|-|−|plus|minus)\s*(\d{1,4}))?/i;
const OTHERS = /neighbor|stranger|somebody else|someone else|\b(?:his|her|their)\b|[a-z]'s\b/i;

const contentWords = (text: string) => wordsOf(text).filter((word) => !STOP_WORDS.has(word));

function readSum(text: string): RequestSubject | null {
  const match = SUM_TEXT.exec(text);
  if (!match) return null;
  const [, left, sign, right, thenSign, thenRight] = match;
  const isTwoStep = thenSign !== undefined && SIGNS[sign!.toLowerCase()] !== 'x';
  const then = isTwoStep ? { sign: SIGNS[thenSign.toLowerCase()] as '+' | '-', right: Number(thenRight) } : undefined;
  const sum = makeSum(Number(left), SIGNS[sign!.toLowerCase()]!, Number(right), then);
  return { kind: 'arithmetic', entity: sumInWords(sum).signs, sum, withSteps: /\bsteps?\b|show me how/i.test(text) };
}

/** The item whose every content word is in the text, the longest of them; `wanted` is the share that suffices. */
function bestBy<Item>(items: readonly Item[], textOf: (item: Item) => string, words: readonly string[], wanted: number): Item | null {
  let best: { item: Item; score: number; length: number } | null = null;
  for (const item of items) {
    const theirs = contentWords(textOf(item));
    const score = overlap(theirs, words);
    if (score < wanted) continue;
    const length = score * theirs.length;
    if (!best || length > best.length || (length === best.length && score > best.score)) best = { item, score, length };
  }
  return best?.item ?? null;
}

function readNote(text: string, words: readonly string[]): RequestSubject | null {
  if (!/\b(?:notes?|write|lines|words|letter)\b/i.test(text)) return null;
  const occasion = bestBy(NOTES, ({ whom, name }) => `${whom} ${name}`, words, 0.99);
  return occasion && { kind: 'note', entity: `${occasion.whom} about ${occasion.name}`, occasion };
}

function readOpinion(words: readonly string[]): RequestSubject | null {
  if (!['or', 'better', 'between', 'prefer', 'nicer'].some((cue) => words.includes(cue))) return null;
  const question = bestBy(OPINIONS, ({ left, right }) => `${left} ${right}`, words, 0.99);
  return question && { kind: 'opinion', entity: `${question.left} or ${question.right}`, question };
}

function readAdvice(words: readonly string[]): RequestSubject | null {
  const topic = bestBy(ADVICE, ({ problem }) => problem, words, 0.8);
  return topic && { kind: 'advice', entity: topic.name, topic };
}

function readDish(world: World, words: readonly string[]): RequestSubject | null {
  const named = world.dishes.filter((dish) => containsPhrase(words, phraseWords(dish.name))).sort((a, b) => b.name.length - a.name.length);
  const dish = named[0];
  if (!dish) return null;
  const hasCue = DISH_CUES.some((cue) => words.includes(cue));
  return hasCue || words.length <= phraseWords(dish.name).length + 2 ? { kind: 'recipe', entity: dish.name, dish } : null;
}

function readPlace(world: World, words: readonly string[]): RequestSubject | null {
  const town = world.towns.find(({ name }) => containsPhrase(words, phraseWords(name)));
  if (!town) return null;
  const hasCue = PLACE_CUES.some((cue) => words.includes(cue));
  return hasCue || words.length <= phraseWords(town.name).length + 2 ? { kind: 'place', entity: town.name, town } : null;
}

function readTask(world: World, text: string, words: readonly string[]): RequestSubject | null {
  if (OTHERS.test(text)) return null;
  const scored = world.tasks
    .map((task) => ({ task, score: overlap(contentWords(task.name), words), length: contentWords(task.name).length }))
    .sort((a, b) => b.score - a.score || b.length - a.length);
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
  const title = best.topic.title.replace('{group}', group ?? '');
  return { kind: 'list', entity: title, topic: best.topic, count: found ?? 5, ...(group === undefined ? {} : { group }) };
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

/** How alike two texts are: twice the words they share, by all their words. */
function dice(words: readonly string[], theirs: readonly string[]): number {
  const shared = theirs.filter((word) => words.some((other) => sameWord(word, other))).length;
  return (2 * shared) / (theirs.length + words.length);
}

function readSmallTalk(words: readonly string[]): RequestSubject | null {
  let best: { topic: (typeof SMALL_TALK)[number]; score: number } | null = null;
  for (const topic of SMALL_TALK) {
    for (const prompt of [...topic.prompts, ...topic.heldout]) {
      const score = dice(words, phraseWords(prompt));
      if (score > (best?.score ?? 0)) best = { topic, score };
    }
  }
  return best && best.score >= 0.7 ? { kind: 'small-talk', entity: best.topic.name, topic: best.topic } : null;
}

/** A task or an act, whichever the text names in full; an act when neither or both. */
function readDeed(world: World, text: string, words: readonly string[]): RequestSubject | null {
  const act = readAct(world, text);
  const task = readTask(world, text, words);
  if (act?.kind !== 'act' || !task) return act ?? task;
  const share = (name: string) => overlap(contentWords(name), words);
  return share(task.entity) > share(act.entity) ? task : act;
}

function readSubject(world: World, text: string): RequestSubject | null {
  const plain = text.replaceAll('’', "'").replaceAll(/neighbour/gi, 'neighbor');
  const words = wordsOf(plain);
  const sum = readSum(plain);
  if (sum) return sum;
  const smallTalk = readSmallTalk(words);
  // Word for word what people say to pass the time, whatever else it mentions.
  if (
    smallTalk?.kind === 'small-talk' &&
    [...smallTalk.topic.prompts, ...smallTalk.topic.heldout].some((said) => dice(words, phraseWords(said)) === 1)
  )
    return smallTalk;
  return (
    readKnownName(world, words) ??
    readNote(plain, words) ??
    readOpinion(words) ??
    readList(words) ??
    (words.includes('recipe') ? readDish(world, words) : null) ??
    readDeed(world, plain, words) ??
    readDish(world, words) ??
    readPlace(world, words) ??
    readAdvice(words) ??
    readOtherName(world, plain) ??
    smallTalk
  );
}

const GENDERED: Readonly<Record<string, string>> = { he: 'she', him: 'her', his: 'her' };

/** Which follow-up of the subject the text asks, if any. */
function readFollowUp(world: World, subject: RequestSubject, text: string): FollowUp | null {
  const words = wordsOf(text).map((word) => GENDERED[word] ?? word);
  const possible = followUpsOf(world, subject);
  let best: { followUp: FollowUp; score: number } | null = null;
  for (const followUp of FOLLOW_UPS) {
    if (!possible.includes(followUp)) continue;
    for (const line of FOLLOW_UP_ASK[followUp]) {
      const score = dice(words, wordsOf(line.replaceAll(/\{(she|her)2?\}/g, '$1')));
      if (score > (best?.score ?? 0)) best = { followUp, score };
    }
  }
  return best && best.score >= 0.75 ? best.followUp : null;
}

/** What the last question before the prompt was about; follow-ups of follow-ups stay on it. */
function lastSubject(world: World, history: readonly ChatMessage[]): RequestSubject | null {
  const at = history.findLastIndex(({ role }) => role === 'user');
  if (at < 0) return null;
  const { content } = history[at]!;
  const earlier = lastSubject(world, history.slice(0, at));
  if (earlier && readFollowUp(world, earlier, content)) return earlier;
  return readSubject(world, withoutStyle(content));
}

/**
 * The request a typed prompt is, or null when the world does not cover it. Its split is 'heldout': nobody trained on it.
 * @param context the system prompt and the turns before, which may set the style, offer tools, and say who "she" is
 */
export function interpretRequest(world: World, text: string, context: PromptContext = {}): Request | null {
  const style = readStyle(text) ?? (context.system === undefined ? null : readStyle(context.system));
  const situation: Situation = {
    ...(style ? { style } : {}),
    ...(context.system === undefined ? {} : { system: context.system }),
    ...(context.history?.length ? { history: context.history } : {}),
    ...(context.system !== undefined && asksForTools(context.system) ? { tools: true } : {}),
  };
  const ending = { ...situation, prompt: text, split: 'heldout' as const };
  const asked = withoutStyle(text);
  const last = context.history?.length ? lastSubject(world, context.history) : null;
  const followUp = last && readFollowUp(world, last, asked);
  if (last && followUp) return { ...last, ...ending, followUp };
  const subject = readSubject(world, asked);
  return subject && { ...subject, ...ending };
}
