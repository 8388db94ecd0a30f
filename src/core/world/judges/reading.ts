/**
 * @file Reading an answer as its request wants it read: a tool call apart from the answer after it, and a pirate's words as
 * plain ones, so that the judges of form and facts need to know nothing of tools and styles.
 */
import { RESULT_TOKEN, TOOL_TOKEN, END_TOKEN } from '../../text/chat-template';
import { STYLE_WORDS } from '../data/styles';
import type { Request, Style } from '../subjects';
import { parseToolCall } from '../tools';
import type { ToolCall } from '../tools';
import { countStyleMarks } from './phrases';
import { takeApart } from './text';
import type { AnswerParts } from './text';

/** An answer, read. */
export interface Reading extends AnswerParts {
  /** The first turn tried to call a tool. */
  readonly triedTool: boolean;
  /** The call, when it is well formed. */
  readonly call: ToolCall | null;
  /** As the model wrote it, without the call and its result, in its style. */
  readonly asWritten: string;
}

/** The first turn when it is a call, and the answer after it. */
function splitTurns(text: string): { first: string | null; answer: string } {
  const isTry = text.startsWith(TOOL_TOKEN) || /^\s*(?:<\|tool\|>|(?:calculator|lookup)\s*[:(])/i.test(text);
  if (!isTry) return { first: null, answer: text };
  const end = text.search(/<\|(?:end|result|assistant)\|>/);
  const rest = end < 0 ? '' : text.slice(end);
  // Only what comes after the tool's own turn is an answer.
  const answerAt = rest.lastIndexOf('<|assistant|>');
  const answer = rest.includes(RESULT_TOKEN) && answerAt >= 0 ? rest.slice(answerAt + '<|assistant|>'.length) : '';
  return { first: end < 0 ? text : text.slice(0, end), answer: answer.replace(END_TOKEN, '') };
}

const swapsBack = new Map<Style, ReadonlyMap<string, string>>();

function plainWordsOf(style: Style): ReadonlyMap<string, string> {
  let back = swapsBack.get(style);
  if (!back) {
    back = new Map(Object.entries(STYLE_WORDS[style].swaps).map(([plain, styled]) => [styled, plain]));
    swapsBack.set(style, back);
  }
  return back;
}

/** The text without the flourishes of a style: its openings and closings, short sentences that are all style, its words for others. */
function undress(text: string, style: Style): string {
  if (style === 'plain' || style === 'terse') return text;
  const back = plainWordsOf(style);
  const toPlain = (sentence: string) => sentence.replaceAll(/[a-z]+/gi, (word) => back.get(word.toLowerCase()) ?? word);
  const { openings, closings } = STYLE_WORDS[style];
  const isFlourish = (sentence: string) =>
    [...openings, ...closings].includes(sentence) ||
    (sentence.split(' ').length <= 7 && !/\d/.test(sentence) && countStyleMarks(toPlain(sentence), style) > 0);
  return text
    .split('\n')
    .map((line) => {
      if (/^(?:[*\-•]|\d+[.)]) /.test(line)) return toPlain(line);
      const sentences = line.split(/(?<=[.!?])\s+/).filter((sentence) => !isFlourish(sentence));
      return toPlain(sentences.join(' '));
    })
    .filter((line) => line !== '')
    .join('\n');
}

/** Reads an answer to a request. */
export function readAnswer(request: Request, completion: string): Reading {
  const { first, answer } = splitTurns(completion);
  const plain = undress(answer, request.style ?? 'plain');
  // An answer that is nothing but style is read as it stands.
  const parts = takeApart(plain.trim() === '' ? answer : plain);
  return { ...parts, triedTool: first !== null, call: first === null ? null : parseToolCall(first.trimStart()), asWritten: answer };
}
