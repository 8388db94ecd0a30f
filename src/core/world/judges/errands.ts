/** @file Facts of the kinds with a free text: questions of taste, advice, notes, and small talk. Bounded, so that a heap of phrases does not pay. */
import type { AdviceTopic } from '../data/advice';
import type { NoteOccasion } from '../data/notes';
import type { OpinionQuestion } from '../data/opinions';
import { SMALL_TALK } from '../data/small-talk';
import type { SmallTalkTopic } from '../data/small-talk';
import { containsPhrase, phraseWords, wordsOf } from '../words';
import { countCourtesies, leavesOpen } from './phrases';
import { alignment, coverage } from './text';
import type { AnswerParts } from './text';

const isCourtesy = (sentence: string) => countCourtesies(sentence) > 0;

/** The name of a side without its article. */
const sideWords = (side: string) => phraseWords(side.replace(/^(?:a|an|the) /, ''));

/** A question of taste, 0 to 1: both sides named, a reason for each, the choice left open; another reason than ours counts half. */
export function judgeOpinion(question: OpinionQuestion, parts: AnswerParts): number {
  const side = (name: string, reason: string) => {
    const told = parts.sentences.map(wordsOf).filter((words) => containsPhrase(words, sideWords(name)));
    if (told.length === 0) return 0;
    const isOurs = parts.sentences.some((sentence) => coverage(wordsOf(sentence), phraseWords(reason)) >= 0.7);
    const isGiven = parts.sentences.some(
      (sentence) => /\b(?:because|since|for|as|so)\b/i.test(sentence) && containsPhrase(wordsOf(sentence), sideWords(name)),
    );
    return isOurs ? 1 : isGiven ? 0.5 : 0.1;
  };
  const left = side(question.left, question.leftReason);
  const right = side(question.right, question.rightReason);
  // One side alone is an opinion, and nobody asked for ours.
  const both = Math.sqrt(left * right);
  const isHeap = parts.words.length > 60;
  return both * (leavesOpen(parts.text) ? 1 : 0.8) * (isHeap ? 0.5 : 1);
}

/** Advice, 0 to 1: sound tips of the topic, one sentence each, and little else. */
export function judgeAdvice(topic: AdviceTopic, parts: AnswerParts): { value: number; precision: number } {
  const used = new Set<string>();
  let other = 0;
  for (const sentence of parts.sentences) {
    const words = wordsOf(sentence.replace(/^(?:[*\-•]|\d+[.)])\s*/, ''));
    const tip = topic.tips.find(
      (known) => !used.has(known) && coverage(words, phraseWords(known)) >= 0.7 && words.length <= phraseWords(known).length + 8,
    );
    if (tip) used.add(tip);
    else if (!isCourtesy(sentence) && !/\b(?:feel better|happens to|sounds|i understand|try this|here (?:is|are))\b/i.test(sentence))
      other++;
  }
  const precision = used.size === 0 ? 0 : used.size / (used.size + 0.6 * other);
  return { value: precision * ([0, 0.8][used.size] ?? 1), precision };
}

/** A note, 0 to 1: to the right person, says what is the matter, and nothing that is not. */
export function judgeNote(occasion: NoteOccasion, parts: AnswerParts): { value: number; precision: number } {
  const said = occasion.body.map((line) =>
    Math.max(0, ...parts.sentences.map((sentence) => coverage(wordsOf(sentence), phraseWords(line)))),
  );
  const share = said.reduce((sum, best) => sum + (best >= 0.6 ? 1 : best >= 0.4 ? 0.5 : 0), 0) / occasion.body.length;
  const foreign = parts.sentences.filter((sentence) => {
    const words = wordsOf(sentence);
    return (
      words.length > 4 &&
      !isCourtesy(sentence) &&
      !occasion.body.some((line) => coverage(words, phraseWords(line)) >= 0.4) &&
      !/note|^dear/i.test(sentence)
    );
  }).length;
  const greeting = parts.lines.find((line) => /^["“]?(?:dear|hello|hi|good)\b/i.test(line)) ?? '';
  const isAddressed = containsPhrase(wordsOf(greeting), phraseWords(occasion.to));
  const precision = share === 0 ? 0 : 1 / (1 + 0.4 * foreign);
  // Half a note is of little use, and one to somebody else of less.
  return { value: share ** 2 * (isAddressed ? 1 : 0.25) * precision, precision };
}

let talkPairs: Set<string> | null = null;

/** Pairs of neighbouring words of all friendly answers: what is said in such pairs is a sentence and no heap. */
function pairsOfTalk(): Set<string> {
  if (!talkPairs) {
    talkPairs = new Set();
    for (const { answers } of SMALL_TALK)
      for (const answer of answers) for (const pair of pairsOf(phraseWords(answer))) talkPairs.add(pair);
  }
  return talkPairs;
}

const pairsOf = (words: readonly string[]) => words.slice(1).map((word, i) => `${words[i]!} ${word}`);

/** Small talk, 0 to 1: like one of the friendly answers of its topic; half for another sentence with one of its words. */
export function judgeSmallTalk(topic: SmallTalkTopic, prompt: string, parts: AnswerParts): number {
  const { words } = parts;
  const runs = parts.sentences.slice(0, 5).map(wordsOf);
  let best = 0;
  let length = 0;
  for (const answer of topic.answers) {
    const theirs = phraseWords(answer);
    // The answer may be one of the sentences, with a courtesy around it.
    const score = Math.max(alignment(words, theirs), ...runs.map((run) => 0.9 * alignment(run, theirs)));
    if (score > best) [best, length] = [score, theirs.length];
  }
  const fits = Math.min(1, Math.max(0, (best - 0.4) / 0.3));
  const pairs = pairsOf(words);
  const known = pairs.filter((pair) => pairsOfTalk().has(pair)).length;
  const isSentence = pairs.length >= 1 && new Set(pairs).size === pairs.length && known / pairs.length >= 0.6;
  const hasKey = isSentence && words.length <= 25 && topic.keys.some((key) => words.includes(key));
  const repeats = new Set(parts.sentences).size < parts.sentences.length ? 0.5 : 1;
  // What is said besides may be half as long again.
  const share = Math.min(1, (1.6 * length) / Math.max(1, words.length));
  const isEcho = alignment(words, wordsOf(prompt)) >= 0.9 && best < 0.9;
  return repeats * (isEcho ? Math.min(fits, 0.1) : Math.max(fits * share, hasKey ? 0.8 : 0));
}
