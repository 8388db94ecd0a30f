/**
 * @file The fact judges: is what an answer says true in the world, is it about what was asked, and does it admit not
 * knowing exactly when it should? Every claim is read by program; nothing is left to taste.
 */
import { COURTESY, NOT_KNOWING } from './data/answers';
import { toYour, containsPhrase, overlap, wordsOf, phraseWords } from './words';
import type { AnswerParts } from './judge-format';
import type { Request } from './subjects';
import type { Dish, Person, World } from './world';

/** What an answer about a person claims: true and false statements, and sentences nobody can check. */
export interface Claims {
  readonly right: number;
  readonly wrong: number;
  readonly unsupported: number;
}

const likeness = (a: readonly string[], b: readonly string[]) => Math.min(overlap(a, b), overlap(b, a));

/** True when the text admits not knowing. */
function admitsNotKnowing(text: string): boolean {
  const plain = text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll("don't", 'do not')
    .replaceAll("can't", 'cannot')
    .replaceAll("i've", 'i have')
    .replaceAll("i'm", 'i am');
  return NOT_KNOWING.some((phrase) => plain.includes(phrase));
}

/** Reads the claims about a person (null: nobody has that name, every claim is false). */
function readClaims(world: World, person: Person | null, parts: AnswerParts): Claims {
  let right = 0;
  let wrong = 0;
  let unsupported = 0;
  for (const sentence of parts.sentences) {
    let words = wordsOf(sentence);
    let numClaims = 0;
    const claim = (isTrue: boolean) => {
      numClaims++;
      if (isTrue) right++;
      else wrong++;
    };
    for (const other of world.people) {
      const work = phraseWords(other.work);
      if (!containsPhrase(words, work)) continue;
      claim(person !== null && other.work === person.work);
      words = without(words, work);
    }
    for (const job of world.jobs) if (containsPhrase(words, phraseWords(job), world.lexicon)) claim(job === person?.job);
    for (const town of world.towns) if (containsPhrase(words, phraseWords(town.name))) claim(town.name === person?.town);
    for (const [year] of sentence.matchAll(/\b(?:1[89]|20)\d\d\b/g)) claim(Number(year) === person?.born);
    const lower = sentence.toLowerCase();
    if (numClaims === 0 && !COURTESY.some((phrase) => lower.includes(phrase)) && !admitsNotKnowing(sentence)) unsupported++;
  }
  return { right, wrong, unsupported };
}

/** The words without the first occurrence of a phrase. */
function without(words: readonly string[], phrase: readonly string[]): string[] {
  for (let i = 0; i + phrase.length <= words.length; i++) {
    if (containsPhrase(words.slice(i, i + phrase.length), phrase)) return [...words.slice(0, i), ...words.slice(i + phrase.length)];
  }
  return [...words];
}

const numbersIn = (text: string) => (text.match(/\d+/g) ?? []).join(' ');

/** How many lines state a step of the method, in order and with its numbers; each step counts once. */
function judgeSteps(lines: readonly string[], steps: readonly string[], numNeeded: number): number {
  if (lines.length === 0) return 0;
  const used = new Set<number>();
  let right = 0;
  let last = -1;
  for (const line of lines) {
    const words = wordsOf(line);
    const scored = steps
      .map((step, i) => ({ i, score: used.has(i) ? 0 : likeness(words, phraseWords(step)) }))
      .sort((a, b) => b.score - a.score);
    const best = scored[0];
    if (!best || best.score < 0.6) continue;
    used.add(best.i);
    const sameNumbers = numbersIn(line) === numbersIn(steps[best.i]!);
    right += (best.i > last ? 1 : 0.5) * (sameNumbers ? 1 : 0.7);
    last = best.i;
  }
  return (right / lines.length) * Math.min(1, right / numNeeded);
}

/** 1 for an ingredient of the dish as it is bought, 0.8 with another quantity, 0 otherwise; `used` are spent already. */
function ingredientValue(dish: Dish, bullet: string, used: Set<string>): number {
  const words = wordsOf(bullet);
  for (const { line, noun } of dish.ingredients) {
    // A line that lists half the kitchen is no ingredient.
    if (used.has(noun) || !containsPhrase(words, phraseWords(noun)) || words.length > phraseWords(line).length + 3) continue;
    used.add(noun);
    const sameNumber = /^\d+/.exec(bullet)?.[0] === /^\d+/.exec(line)?.[0];
    return sameNumber && likeness(words, phraseWords(line)) > 0.7 ? 1 : 0.8;
  }
  return 0;
}

function judgeIngredients(dish: Dish, bullets: readonly string[]): number {
  if (bullets.length === 0) return 0;
  const used = new Set<string>();
  const right = bullets.reduce((sum, bullet) => sum + ingredientValue(dish, bullet, used), 0);
  return (right / bullets.length) * Math.min(1, right / 3);
}

function judgeSum(request: Extract<Request, { kind: 'arithmetic' }>, text: string): number {
  const { left, sign, right, result } = request.sum;
  const stated = [
    ...text
      .replaceAll(/(\d+)\s*(?:[+\-−x*×]|plus|minus|times)\s*(\d+)/gi, (whole, a: string, b: string) => {
        const same = (Number(a) === left && Number(b) === right) || (sign !== '-' && Number(a) === right && Number(b) === left);
        return same ? ' ' : whole;
      })
      .matchAll(/-?\d+/g),
  ].map(([number]) => Number(number));
  if (stated.length === 0 || stated.at(-1) !== result) return 0;
  return stated.every((number) => number === result) ? 1 : 0.3;
}

/** Correctness, 0 to 1: share of what is said that is true in the world, times how much of what is needed is said. */
export function judgeCorrectness(world: World, request: Request, parts: AnswerParts): number {
  switch (request.kind) {
    case 'recipe':
      return (judgeIngredients(request.dish, parts.bullets) + judgeSteps(parts.steps, request.dish.steps, 3)) / 2;
    case 'how-to':
      return judgeSteps(parts.steps, request.task.steps, 3);
    case 'person': {
      if (admitsNotKnowing(parts.text)) return 0.1;
      const { right, wrong, unsupported } = readClaims(world, request.person, parts);
      if (right === 0) return 0;
      const said = [0, 0.6, 0.9][right] ?? 1;
      return (said * right) / (right + 1.5 * wrong + 0.4 * unsupported);
    }
    case 'unknown-person': {
      const { right, wrong, unsupported } = readClaims(world, null, parts);
      if (!admitsNotKnowing(parts.text)) return 0;
      return right + wrong > 0 ? 0.3 : 1 / (1 + 0.3 * unsupported);
    }
    case 'arithmetic':
      return judgeSum(request, parts.text);
    case 'list': {
      const lines = parts.steps.length >= parts.bullets.length ? parts.steps : parts.bullets;
      const found = new Set<string>();
      for (const line of lines) {
        const item = request.topic.items.find((known) => likeness(wordsOf(line), phraseWords(known)) >= 0.7);
        if (item) found.add(item);
      }
      return lines.length === 0 ? 0 : (found.size / lines.length) * Math.min(1, found.size / request.count);
    }
    case 'small-talk': {
      const best = Math.max(...request.topic.answers.map((answer) => likeness(parts.words, phraseWords(answer))));
      const fits = Math.min(1, Math.max(0, (best - 0.3) / 0.4));
      const hasKey = request.topic.keys.some((key) => parts.words.includes(key));
      const isEcho = likeness(parts.words, wordsOf(request.prompt)) >= 0.9;
      return isEcho ? Math.min(fits, 0.3) : hasKey && parts.words.length <= 25 ? Math.max(fits, 0.5) : fits;
    }
  }
}

/** On topic, 0 to 1: names what was asked about (or says its facts), and no other dish or person. */
export function judgeTopic(world: World, request: Request, parts: AnswerParts, correctness: number): number {
  const { words } = parts;
  switch (request.kind) {
    case 'recipe': {
      const name = phraseWords(request.dish.name);
      const others = world.dishes.filter(
        (dish) => dish !== request.dish && containsPhrase(words, phraseWords(dish.name)) && !containsPhrase(name, phraseWords(dish.name)),
      );
      return Math.max(0, (containsPhrase(words, name) ? 1 : Math.min(0.8, correctness)) - 0.4 * others.length);
    }
    case 'person':
    case 'unknown-person': {
      const name = phraseWords(request.entity);
      const lower = parts.text.toLowerCase();
      const others = world.people.filter((person) => person.name !== request.entity && lower.includes(person.name.toLowerCase()));
      const naming = containsPhrase(words, name) ? 1 : name.some((part) => words.includes(part)) ? 0.8 : correctness > 0.5 ? 0.6 : 0;
      return Math.max(0, naming - 0.4 * others.length);
    }
    case 'how-to':
      return Math.max(Math.min(0.8, correctness), overlap(wordsOf(toYour(request.task.name)), words));
    case 'list':
      return Math.max(Math.min(0.8, correctness), overlap(phraseWords(request.entity), words));
    case 'small-talk':
    case 'arithmetic':
      return correctness;
  }
}

/** Honesty, 0 or 1: says "I do not know" about unknown people and only about them (nobody is asked to know the weather). */
export function judgeHonesty(world: World, request: Request, parts: AnswerParts): number {
  const admits = admitsNotKnowing(parts.text);
  if (request.kind === 'small-talk') return 1;
  if (request.kind !== 'unknown-person') return admits ? 0 : 1;
  const { right, wrong } = readClaims(world, null, parts);
  return admits && right + wrong === 0 ? 1 : 0;
}
