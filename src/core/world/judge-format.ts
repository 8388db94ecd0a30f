/**
 * @file The format judge: does an answer have the shape its kind of request asks for? Also splits answers into headings,
 * bullets, numbered lines and sentences for the other judges.
 */
import { WEB_MARKS } from './data/answers';
import { wordsOf } from './words';
import type { Request } from './subjects';

/** An answer taken apart. */
export interface AnswerParts {
  readonly text: string;
  readonly words: readonly string[];
  readonly lines: readonly string[];
  /** Distinct bulleted lines without their mark, in order; `bulletRows` are their line numbers. */
  readonly bullets: readonly string[];
  readonly bulletRows: readonly number[];
  /** Distinct numbered lines without their number, counting 1, 2, 3 … without a gap. */
  readonly steps: readonly string[];
  readonly stepRows: readonly number[];
  readonly sentences: readonly string[];
}

/** Takes an answer apart. */
export function takeApart(text: string): AnswerParts {
  const lines = text.split('\n').map((line) => line.trim());
  const bullets: string[] = [];
  const bulletRows: number[] = [];
  const steps: string[] = [];
  const stepRows: number[] = [];
  lines.forEach((line, row) => {
    const bullet = /^[*\-•] +(\S.*)/.exec(line)?.[1];
    if (bullet && !bullets.includes(bullet)) {
      bullets.push(bullet);
      bulletRows.push(row);
    }
    const step = /^(\d+)[.)] +(\S.*)/.exec(line);
    if (step?.[2] && Number(step[1]) === steps.length + 1 && !steps.includes(step[2])) {
      steps.push(step[2]);
      stepRows.push(row);
    }
  });
  const sentences = text.split(/(?<=[.!?])\s+|\n+/).filter((sentence) => /[a-z0-9]/i.test(sentence));
  return { text, words: wordsOf(text), lines: lines.filter((line) => line !== ''), bullets, bulletRows, steps, stepRows, sentences };
}

/** True when the text carries marks of a web page or of chat roles: posts, tickets, replies, special tokens. */
export function looksLikeWeb(text: string): boolean {
  const lower = text.toLowerCase();
  return WEB_MARKS.some((mark) => lower.includes(mark)) || /#\d{3}/.test(text) || /^#{1,3} /m.test(text);
}

/** 1 inside [low, high], falling to 0 at half of `low` and at twice `high`. */
export function band(value: number, low: number, high: number): number {
  if (value < low) return Math.max(0, (2 * value) / low - 1);
  if (value > high) return Math.max(0, 2 - value / high);
  return 1;
}

function structure(request: Request, parts: AnswerParts): number {
  const { bullets, steps, sentences } = parts;
  const hasList = bullets.length > 0 || steps.length > 1;
  switch (request.kind) {
    case 'recipe': {
      const rows = parts.text.split('\n').map((line) => line.trim());
      const ingredients = rows.findIndex((line) => /^[*#\s]*ingredients[*:\s]*$/i.test(line));
      const method = rows.findIndex((line) => /^[*#\s]*(?:steps|method|instructions|directions)[*:\s]*$/i.test(line));
      const ordered = ingredients >= 0 && method > ingredients;
      const numBullets = parts.bulletRows.filter((row) => row > ingredients && (!ordered || row < method)).length;
      const numSteps = parts.stepRows.filter((row) => row > method).length;
      const lists = (Math.min(numBullets, 3) / 3 + Math.min(numSteps, 2) / 2) / 2;
      const headings = (ingredients >= 0 ? 0.5 : 0) + (method >= 0 ? 0.5 : 0);
      return lists * (0.4 + 0.6 * headings) * (ordered || headings < 1 ? 1 : 0.6);
    }
    case 'how-to':
      return (Math.min(steps.length, 3) / 3) * band(sentences.length, 2, 9);
    case 'list':
      // Whether there are as many as asked for is correctness.
      return Math.min(1, Math.max(steps.length, bullets.length) / 2);
    case 'person':
    case 'unknown-person':
      return (hasList ? 0.3 : 1) * band(sentences.length, 1, 4);
    case 'small-talk':
      return (hasList ? 0.3 : 1) * band(sentences.length, 1, 3) * band(parts.words.length, 1, 30);
    case 'arithmetic':
      return /\d/.test(parts.text) ? (hasList ? 0.3 : 1) * band(sentences.length, 1, 3) : 0;
  }
}

/** Format, 0 to 1: the right structure; halved when the model did not end its answer, a fifth when it reads like a web page. */
export function judgeFormat(request: Request, parts: AnswerParts, finished: boolean): number {
  if (parts.lines.length === 0) return 0;
  return structure(request, parts) * (finished ? 1 : 0.5) * (looksLikeWeb(parts.text) ? 0.2 : 1);
}
