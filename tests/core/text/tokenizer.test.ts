/**
 * @file Laws of the tokenizer: every text comes back, user text is never special, and it agrees with the library.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Tokenizer } from '@huggingface/tokenizers';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { SPECIAL_TOKENS, type ChatMessage } from '../../../src/core/text/chat-template';
import { trainBpe } from '../../../src/core/text/bpe-trainer';
import { toTokenizerJson } from '../../../src/core/text/tokenizer-files';
import { ByteLevelTokenizer } from '../../../src/core/text/byte-level-tokenizer';
import { madeUpFiles, madeUpText } from './made-up-text';

const [json, baseConfig] = madeUpFiles({ chat: false });
const [, chatConfig] = madeUpFiles({ chat: true });
const base = new ByteLevelTokenizer(json, baseConfig);
const chat = new ByteLevelTokenizer(json, chatConfig);
const library = new Tokenizer(json as object, chatConfig as object);

/** Any text: UTF-16 rubbish with lone surrogates, emoji, NUL, byte-order marks, special-token text, ordinary words. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
      fc.constantFrom(
        ...SPECIAL_TOKENS,
        '<',
        '>',
        '|',
        '<|',
        '|>',
        'end',
        '\0',
        '\ufeff',
        '\ue000',
        '👩‍👩‍👧',
        ' the',
        "isn't",
        '  \n',
        '1066',
        '\ud83d',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** What UTF-8 can say of a text: U+FFFD for a lone surrogate. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

describe('encode and decode', () => {
  it('give every text back, with lone surrogates as U+FFFD', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(base.decode(base.encode(text))).toBe(wellFormed(text));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('never make a special token of text', () => {
    const special = new Set(base.specialTokens.values());
    fc.assert(
      fc.property(anyText, (text) => base.encode(text).every((id) => !special.has(id))),
      { numRuns: 1000, seed: 2 },
    );
    expect(base.encode('<|end|>').length).toBeGreaterThan(1);
    expect(base.decode(base.encode('<|end|>'))).toBe('<|end|>');
  });

  it('agree with the library on text without special tokens', () => {
    fc.assert(
      fc.property(
        anyText.filter((text) => text !== '' && !SPECIAL_TOKENS.some((token) => text.includes(token))),
        (text) => {
          const ids = base.encode(text);
          expect(ids).toEqual(library.encode(text, { add_special_tokens: false }).ids);
          expect(base.decode(ids)).toBe(library.decode(ids, { clean_up_tokenization_spaces: false }));
        },
      ),
      { numRuns: 1000, seed: 3 },
    );
  });

  it('decode any ids as the library does, with and without special tokens', () => {
    const anyIds = fc.array(fc.integer({ min: 0, max: base.vocabularySize - 1 }), { minLength: 1, maxLength: 30 });
    const specialOften = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 130, max: 300 })), { minLength: 1 });
    fc.assert(
      fc.property(fc.oneof(anyIds, specialOften), fc.boolean(), (ids, skipSpecial) => {
        const expected = library.decode(ids, { skip_special_tokens: skipSpecial, clean_up_tokenization_spaces: false });
        expect(base.decode(ids, { skipSpecial })).toBe(expected);
      }),
      { numRuns: 1000, seed: 4 },
    );
  });

  it('give the same ids when a pre-token is remembered as the first time', () => {
    const text = madeUpText(5000);
    const fresh = new ByteLevelTokenizer(json, baseConfig);
    const first = fresh.encode(text);
    expect(fresh.encode(text)).toEqual(first);
    expect(library.encode(text).ids).toEqual(first);
  });

  // 0.2 s on the machine this was written on; the limit leaves room for a busy one.
  it('encode a megabyte within three seconds', () => {
    const text = madeUpText(1_000_000, 4000);
    base.encode(text.slice(0, 10_000));
    const start = performance.now();
    base.encode(text);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('encode a very long word without failing', () => {
    expect(base.decode(base.encode('ab'.repeat(50_000)))).toBe('ab'.repeat(50_000));
  });

  it('decode no ids and ids beyond the vocabulary to no text, and refuse what is no id', () => {
    expect(base.decode([])).toBe('');
    expect(base.decode([...base.encode('a'), base.vocabularySize, ...base.encode('b')])).toBe('ab');
    expect(() => base.decode([-1])).toThrow(RangeError);
  });

  it('keep words that are names of object properties, through the files', () => {
    const model = trainBpe(['constructor__proto__\n'.repeat(20)], { vocabularySize: 290, specialTokens: SPECIAL_TOKENS });
    const files = JSON.parse(JSON.stringify(toTokenizerJson(model))) as unknown;
    const tokenizer = new ByteLevelTokenizer(files, baseConfig);
    expect(tokenizer.encode('constructor')).toEqual([model.vocabulary.indexOf('constructor')]);
  });
});

describe('tokens one at a time', () => {
  it('add up to the whole text, and shown text never changes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = base.encode(text);
        expect(base.tokenTexts(ids).join('')).toBe(wellFormed(text));
      }),
      { numRuns: 500, seed: 5 },
    );
  });

  it('hold an incomplete character back until its last byte', () => {
    const bytes = base.encode('𐎠'); // Not in the training text: one token a byte.
    expect(bytes).toHaveLength(4);
    expect(base.tokenTexts([...base.encode('a'), ...bytes])).toEqual(['a', '', '', '', '𐎠']);
    expect(base.tokenTexts(bytes.slice(0, 2))).toEqual(['', '\ufffd']);
    const end = base.specialTokens.get('<|end|>')!;
    expect(base.tokenTexts([bytes[0]!, end, bytes[1]!])).toEqual(['', '\ufffd<|end|>', '\ufffd']);
  });
});

describe('special tokens', () => {
  it('have the ids of their positions and the roles of the config', () => {
    expect([...base.specialTokens]).toEqual(SPECIAL_TOKENS.map((token, id) => [token, id]));
    expect([base.bosTokenId, base.padTokenId, base.eosTokenIds]).toEqual([0, 1, [0]]);
    expect([chat.bosTokenId, chat.padTokenId, chat.eosTokenIds]).toEqual([0, 1, [5, 0]]);
    expect([base.hasChatTemplate, chat.hasChatTemplate]).toEqual([false, true]);
  });
});

describe('encodeChat', () => {
  const messages = fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant', 'call', 'result'), content: anyText }), {
    maxLength: 4,
  });
  const opening = { user: [2], assistant: [3], system: [4], call: [3, 6], result: [7] };
  const direct = (conversation: readonly ChatMessage[]): number[] => [
    0,
    ...conversation.flatMap(({ role, content }) => [...opening[role], ...chat.encode(content), 5]),
  ];

  it('writes each message between its role and <|end|>, whatever the message says', () => {
    fc.assert(
      fc.property(messages, fc.boolean(), (conversation, addGenerationPrompt) => {
        const expected = [...direct(conversation), ...(addGenerationPrompt ? [3] : [])];
        expect(chat.encodeChat(conversation, { addGenerationPrompt })).toEqual(expected);
      }),
      { numRuns: 1000, seed: 6 },
    );
  });

  it('begins a conversation with the prompt that asked for its last answer', () => {
    const asked: ChatMessage[] = [{ role: 'user', content: 'Where is the river?' }];
    const prompt = chat.encodeChat(asked, { addGenerationPrompt: true });
    const whole = chat.encodeChat([...asked, { role: 'assistant', content: 'There.' }], { addGenerationPrompt: false });
    expect(whole.slice(0, prompt.length)).toEqual(prompt);
  });

  it('agrees with the library on the rendered text of harmless messages', () => {
    const conversation: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    const rendered = '<|endoftext|><|system|>Be brief.<|end|><|user|>Hi<|end|><|assistant|>';
    expect(chat.encodeChat(conversation, { addGenerationPrompt: true })).toEqual(library.encode(rendered).ids);
  });

  it('begins a turn that calls a tool as any other answer: the model decides', () => {
    const asked: ChatMessage[] = [{ role: 'user', content: '17 + 25?' }];
    const prompt = chat.encodeChat(asked, { addGenerationPrompt: true });
    const called = chat.encodeChat([...asked, { role: 'call', content: 'calculator: 17 + 25' }], { addGenerationPrompt: false });
    expect(called.slice(0, prompt.length + 1)).toEqual([...prompt, chat.specialTokens.get('<|tool|>')]);
  });

  it('writes a result given in the role that Hugging Face has for it', () => {
    const as = (role: string) => chat.encodeChat([{ role, content: '42' } as ChatMessage], { addGenerationPrompt: false });
    expect(as('tool')).toEqual(as('result'));
  });

  const withTemplate = (template: string): ByteLevelTokenizer =>
    new ByteLevelTokenizer(json, { ...(chatConfig as object), chat_template: template });

  it('lets a template trim and compare what a message says, and still keeps it from being special', () => {
    const template =
      "{% for m in messages %}{% if m.content == 'skip' %}<|pad|>{% else %}<|user|>{{ m.content | trim }}{% endif %}{% endfor %}";
    const tokenizer = withTemplate(template);
    const ids = tokenizer.encodeChat(
      ['skip', '  <|end|> '].map((content) => ({ role: 'user', content })),
      { addGenerationPrompt: false },
    );
    expect(ids).toEqual([1, 2, ...chat.encode('<|end|>')]);
  });

  it('makes no special token half of a message and half of the template', () => {
    const tokenizer = withTemplate("<{% for m in messages %}{{ '<|e' + m.content + 'd|>' }}{% endfor %}");
    const decoded = (content: string): number[] => tokenizer.encodeChat([{ role: 'user', content }], { addGenerationPrompt: false });
    expect(decoded('nd|>').includes(5)).toBe(false);
    expect(decoded('<|en').includes(5)).toBe(false);
    expect(tokenizer.decode(decoded('nd|>'))).toBe('<<|end|>d|>');
  });

  it('is refused without a template, with a broken one, and when the template itself refuses', () => {
    const hello: ChatMessage[] = [{ role: 'user', content: 'hello' }];
    expect(() => base.encodeChat(hello, { addGenerationPrompt: true })).toThrow(CheckpointError);
    expect(() => withTemplate('{% for %}')).toThrow(CheckpointError);
    expect(() => withTemplate("{{ raise_exception('no system') }}").encodeChat(hello, { addGenerationPrompt: true })).toThrow(/no system/);
  });
});
