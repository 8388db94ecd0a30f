/** @file Which tokens of a dialogue SFT learns from: every turn of the assistant, and nothing that others say. */
import { describe, expect, it } from 'vitest';
import { dialogueSequence } from '../../../src/core/algorithms/sft';
import { packSequences } from '../../../src/core/rl/batch';
import type { ChatMessage } from '../../../src/core/text/chat-template';
import { readTokenizer } from '../../../src/core/text/read-tokenizer';
import { madeUpFiles } from '../text/made-up-text';

const tokenizer = readTokenizer(...madeUpFiles({ chat: true }));
const dialogue: ChatMessage[] = [
  { role: 'system', content: 'You have a calculator.' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Good day.' },
  { role: 'user', content: '17 + 25?' },
  { role: 'call', content: 'calculator: 17 + 25' },
  { role: 'result', content: '42' },
  { role: 'assistant', content: 'It is 42.' },
];

/** The runs of tokens that count, as text. */
function learned(messages: readonly ChatMessage[]): string[] {
  const { promptTokens, completionTokens } = dialogueSequence(tokenizer, messages);
  const length = promptTokens.length + completionTokens.length - 1;
  const { tokens, completionMask } = packSequences([dialogueSequence(tokenizer, messages)], 1, length, 1);
  const runs: number[][] = [];
  completionMask.forEach((counts, t) => {
    if (counts === 0) return;
    if (t === 0 || completionMask[t - 1] === 0) runs.push([]);
    runs.at(-1)!.push(tokens[t + 1]!);
  });
  return runs.map((ids) => tokenizer.decode(ids));
}

describe('dialogueSequence', () => {
  it('learns every turn of the assistant with its end, calls with their token, and nothing else', () => {
    expect(learned(dialogue)).toEqual(['Good day.<|end|>', '<|tool|>calculator: 17 + 25<|end|>', 'It is 42.<|end|>']);
  });

  it('is the prompt and the answer of a single turn', () => {
    const { promptTokens, completionTokens, completionMask } = dialogueSequence(tokenizer, dialogue.slice(1, 3));
    expect(promptTokens).toEqual(tokenizer.encodeChat(dialogue.slice(1, 2), { addGenerationPrompt: true }));
    expect(tokenizer.decode(completionTokens)).toBe('Good day.<|end|>');
    expect(completionMask!.every(Boolean)).toBe(true);
  });

  it('is refused when the assistant says nothing', () => {
    expect(() => dialogueSequence(tokenizer, dialogue.slice(0, 2))).toThrow(RangeError);
  });
});
