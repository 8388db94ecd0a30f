/** @file Files of rows: TRL's standard and conversational formats say the same, and what is wrong is named by its line. */
import { describe, expect, it } from 'vitest';
import { readRowsText } from '../../../src/core/data/rows';

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

describe('a file of rows', () => {
  it('may be conversational: messages, or prompt and completion as lists of one message', () => {
    const text = lines(
      { prompt: 'a', completion: 'b' },
      { messages: [user('a'), assistant('b')] },
      { prompt: [user('a')], completion: [assistant('b')], source: 'elsewhere' },
    );
    expect(readRowsText(text, 'demonstrations').rows).toEqual(new Array(3).fill({ prompt: 'a', completion: 'b' }));
    const pair = { prompt: [user('a')], chosen: [assistant('b')], rejected: [assistant('c')], margin: 1 };
    expect(readRowsText(lines(pair), 'pairs').rows).toEqual([{ prompt: 'a', chosen: 'b', rejected: 'c' }]);
    expect(readRowsText(JSON.stringify([{ prompt: [user('a')] }]), 'rewards').rows).toEqual([{ prompt: 'a' }]);
  });

  it.each([
    ['not JSON', '\n{"prompt": "a"}\n{', 'rewards', /^Line 3 is not JSON/],
    ['not a row', `\n\n${lines({ prompt: 'a' }, { prompt: '' })}`, 'rewards', /^Line 4, prompt: /],
    ['a longer conversation', lines({ messages: [user('a'), assistant('b'), user('c')] }), 'demonstrations', /^Line 1: “messages”/],
    ['a prompt of two messages', lines({ prompt: [user('a'), user('b')] }), 'rewards', /^Line 1: A prompt or an answer/],
    ['of another kind', lines({ prompt: 'a' }), 'pairs', /^Line 1, chosen: /],
    ['nothing', '\n', 'rewards', /There are no rows/],
  ] as const)('that is %s is refused, by line', (_, text, learnsFrom, why) => {
    expect(() => readRowsText(text, learnsFrom)).toThrow(why);
  });
});
