/** @file The text of an answer as judges and people read it: special tokens left out, but for the mark of a tool call. */
import { TOOL_TOKEN } from './chat-template';
import type { TextTokenizer } from './tokenizer';

/** The text of a completion; a tool call keeps its `<|tool|>` in front, for it is what makes it one. */
export function answerText(tokenizer: TextTokenizer, completionTokens: readonly number[]): string {
  const isCall = completionTokens[0] !== undefined && completionTokens[0] === tokenizer.specialTokens.get(TOOL_TOKEN);
  return (isCall ? TOOL_TOKEN : '') + tokenizer.decode(completionTokens, { skipSpecial: true });
}
