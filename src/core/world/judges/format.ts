/**
 * @file The format judge: does an answer have the shape its kind of request asks for? Headings and lists for recipes,
 * numbered steps for tasks, a greeting, a text, thanks and a name for notes, sentences for everything else.
 */
import { WEB_MARKS } from '../data/answers';
import type { Request } from '../subjects';
import { hasBlanks, refuses } from './phrases';
import { band } from './text';
import type { AnswerParts } from './text';

/** True when the text carries marks of a web page or of chat roles: posts, tickets, replies, special tokens. */
export function looksLikeWeb(text: string): boolean {
  const lower = text.toLowerCase();
  // Letters are what a chat may be asked for, so their "Dear" is no mark.
  return WEB_MARKS.some((mark) => mark !== 'dear ' && lower.includes(mark)) || /#\d{3}/.test(text) || /^#{1,3} /m.test(text);
}

/** Two lists under their headings, ingredients before steps. `lean`: fewer of each will do. */
function recipeShape(parts: AnswerParts, lean: boolean): number {
  const rows = parts.text.split('\n').map((line) => line.trim());
  const ingredients = rows.findIndex((line) => /^[*#\s]*ingredients[*:\s]*$/i.test(line));
  const method = rows.findIndex((line) => /^[*#\s]*(?:steps|method|instructions|directions)[*:\s]*$/i.test(line));
  const ordered = ingredients >= 0 && method > ingredients;
  const numBullets = parts.bulletRows.filter((row) => row > ingredients && (!ordered || row < method)).length;
  const numSteps = parts.stepRows.filter((row) => row > method).length;
  const needed = lean ? 2 : 3;
  const lists = (Math.min(numBullets, needed) / needed + Math.min(numSteps, 2) / 2) / 2;
  const headings = (ingredients >= 0 ? 0.5 : 0) + (method >= 0 ? 0.5 : 0);
  return lists * (0.4 + 0.6 * headings) * (ordered || headings < 1 ? 1 : 0.6);
}

/** A greeting, a text, thanks or a greeting at the end, and a name under it; a quarter each, a note in one lump half. */
function noteShape(parts: AnswerParts): number {
  // A word before the note ("Here is your note.") is fine.
  const start = parts.lines.findIndex((line) => /^["“]?(?:dear|hello|hi|good (?:day|morning|evening))\b/i.test(line));
  if (start < 0) return parts.lines.length >= 2 ? 0.25 : 0;
  const lines = parts.lines.slice(start);
  const text = lines.join(' ');
  const last = lines.at(-1)!;
  const isName =
    /^(?:(?:your|yours|love|best|kind|many|warm)\b.*|\p{Lu}[\p{L}']+(?: \p{Lu}[\p{L}']+)?)[.,!]?$/iu.test(last) &&
    last.split(' ').length <= 4 &&
    lines.length > 1;
  const isThanking = /\b(?:thank|thanks|please|regards|wishes|yours|love|sincerely|see you)\b/i.test(text.replace(/^\S+ \S+/, ''));
  const hasBody = parts.sentences.length >= 3;
  const shape = 0.25 + (hasBody ? 0.25 : 0) + (isThanking ? 0.25 : 0) + (isName ? 0.25 : 0);
  return shape * (lines.length >= 3 ? 1 : 0.7) * band(parts.sentences.length, 2, 9);
}

function structure(request: Request, parts: AnswerParts): number {
  const { bullets, steps, sentences } = parts;
  const hasList = bullets.length > 0 || steps.length > 1;
  const isLean = request.style === 'terse' || request.followUp === 'shorter';
  const prose = (most: number) => (hasList ? 0.3 : 1) * band(sentences.length, 1, most);
  // What is asked about the last answer is answered in a sentence or two.
  if (request.followUp !== undefined && request.followUp !== 'shorter') return prose(2);
  const stepShape = () => (Math.min(steps.length, isLean ? 2 : 3) / (isLean ? 2 : 3)) * band(sentences.length, 2, 9);
  switch (request.kind) {
    case 'recipe':
      return recipeShape(parts, isLean);
    case 'how-to':
      return stepShape();
    case 'act':
      // A refusal is prose, and may end in the steps of the harmless thing. It is as much an assistant's form as steps are:
      // whether to refuse is for the judges of refusal and correctness.
      return refuses(parts.text) ? band(sentences.length, 1, steps.length > 1 ? 9 : 5) : stepShape();
    case 'list':
      // Whether there are as many as asked for is correctness.
      return Math.min(1, Math.max(steps.length, bullets.length) / 2);
    case 'person':
    case 'unknown-person':
    case 'place':
      return prose(4);
    case 'opinion':
      return prose(5);
    case 'advice':
      return (hasList ? 0.6 : 1) * band(sentences.length, 1, 5);
    case 'note':
      return noteShape(parts);
    case 'small-talk':
      return prose(3) * band(parts.words.length, 1, 30);
    case 'arithmetic':
      if (!/\d/.test(parts.text)) return 0;
      return request.withSteps ? band(parts.lines.length, 2, 6) * (/\d\s*=\s*-?\d/.test(parts.text) ? 1 : 0.3) : prose(3);
  }
}

/**
 * Format, 0 to 1: the right structure; halved when the model did not end its answer, a fifth for a web page, unfilled
 * blanks, or a text that does not begin as an answer does but goes on after the question or leaves it behind with an empty line.
 */
export function judgeFormat(request: Request, parts: AnswerParts, finished: boolean): number {
  if (parts.lines.length === 0) return 0;
  const goesOn = /^\s/.test(parts.text);
  const spoiled = goesOn || looksLikeWeb(parts.text) || hasBlanks(parts.text);
  return structure(request, parts) * (finished ? 1 : 0.5) * (spoiled ? 0.2 : 1);
}
