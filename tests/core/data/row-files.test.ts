/** @file Files of rows: TRL's standard and conversational formats say the same, and what is wrong is named by its line. */
import { describe, expect, it } from 'vitest';
import { parseRows, readPlainText, readRowsText, rowsHash, textsIn } from '../../../src/core/data/rows';

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = (content: string) => ({ role: 'system', content });

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

  it('may give a system’s message and a question as the prompt', () => {
    const said = [system('Be brief.'), user('a'), assistant('b')];
    const text = lines({ prompt: said.slice(0, 2), completion: said.slice(2) });
    expect(readRowsText(text, 'demonstrations').rows).toEqual([{ messages: said }]);
  });

  it.each([
    [
      'an assistant in the prompt',
      lines({ prompt: [user('a'), assistant('b'), user('c')], completion: [assistant('d')] }),
      'demonstrations',
      /^Line 1: The assistant speaks in the prompt/,
    ],
    ['not JSON', '\n{"prompt": "a"}\n{', 'rewards', /^Line 3 is not JSON/],
    ['not a row', `\n\n${lines({ prompt: 'a' }, { prompt: '' })}`, 'rewards', /^Line 4, prompt: /],
    [
      'a conversation that the user ends',
      lines({ messages: [user('a'), assistant('b'), user('c')] }),
      'demonstrations',
      /^Line 1, messages: .*in turns/,
    ],
    [
      'two turns of one',
      `\n${lines({ messages: [user('a'), user('b'), assistant('c'), assistant('d')] })}`,
      'demonstrations',
      /^Line 2, messages: /,
    ],
    ['a late system', lines({ messages: [user('a'), assistant('b'), system('c')] }), 'demonstrations', /^Line 1, messages: /],
    [
      'another role',
      lines({ messages: [user('a'), { role: 'tool', content: 'b' }, assistant('c')] }),
      'demonstrations',
      /^Line 1, messages: /,
    ],
    ['no messages', lines({ messages: [] }), 'demonstrations', /^Line 1, messages: /],
    ['messages of no kind', lines({ messages: 'a' }), 'demonstrations', /^Line 1: “messages” must be a list/],
    [
      'an endless conversation',
      lines({ messages: new Array(50).fill([user('a'), assistant('b')]).flat() }),
      'demonstrations',
      /at most 64/,
    ],
    [
      'a text among answers',
      lines({ text: 'a'.repeat(300) }, { prompt: 'a', completion: 'b' }),
      'demonstrations',
      /do not go into one set/,
    ],
    ['too little text', lines({ text: 'a' }), 'demonstrations', /at least 200 characters/],
    ['a prompt of two messages', lines({ prompt: [user('a'), user('b')] }), 'rewards', /^Line 1: A prompt or an answer/],
    ['of another kind', lines({ prompt: 'a' }), 'pairs', /^Line 1, chosen: /],
    ['nothing', '\n', 'rewards', /There are no rows/],
  ] as const)('that is %s is refused, by line', (_, text, learnsFrom, why) => {
    expect(() => readRowsText(text, learnsFrom)).toThrow(why);
  });
});

describe('longer conversations', () => {
  const messages = [system('Be kind.'), user('a'), assistant('b'), user('c'), assistant('d')];

  it('are taken as they are, with and without a system', () => {
    const { rows } = readRowsText(lines({ messages }, { messages: messages.slice(1) }), 'demonstrations');
    expect(rows).toEqual([{ messages }, { messages: messages.slice(1) }]);
  });

  it('are told apart by what they say, and rows of one answer keep the hash that they had', () => {
    const hashOf = (...rows: object[]) => rowsHash(parseRows({ learnsFrom: 'demonstrations', rows }));
    expect(hashOf({ messages })).not.toBe(hashOf({ messages: messages.slice(1) }));
    expect(hashOf({ prompt: 'a', completion: 'b' })).toBe('19ff07c8e31e07');
  });
});

describe('a plain text', () => {
  it('is one row, its line ends alike and its byte order mark gone', () => {
    const set = readPlainText(`\uFEFF${'Old words.\r\n'.repeat(30)}`);
    expect(textsIn(set)).toEqual(['Old words.\n'.repeat(30).trim()]);
    expect(textsIn(parseRows({ learnsFrom: 'demonstrations', rows: [{ prompt: 'a', completion: 'b' }] }))).toBeNull();
  });

  it.each([
    ['empty', ' \n', /There are no rows/],
    ['short', 'A word.', /at least 200 characters/],
    ['no text', `${'a'.repeat(300)}\0`, /not plain text/],
    ['longer than five million characters', 'word '.repeat(1_000_001), /more than 5 million/],
  ])('that is %s is refused', (_, text, why) => {
    expect(() => readPlainText(text)).toThrow(why);
  });
});
