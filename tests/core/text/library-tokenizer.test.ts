/**
 * @file Tokenizers of other people's models: Llama 2's and Llama 3's kind, read, encoded, decoded and streamed.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Tokenizer } from '@huggingface/tokenizers';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { ByteLevelTokenizer } from '../../../src/core/text/byte-level-tokenizer';
import { LibraryTokenizer } from '../../../src/core/text/library-tokenizer';
import { readTokenizer } from '../../../src/core/text/read-tokenizer';
import { metaspaceConfig, metaspaceTokenizer, splitConfig, splitTokenizer } from '../../helpers/foreign-tokenizers';
import { madeUpFiles } from './made-up-text';

const metaspace = readTokenizer(metaspaceTokenizer, metaspaceConfig);
const split = readTokenizer(splitTokenizer, splitConfig);
const kinds = [
  ['Llama 2', metaspace, metaspaceTokenizer, metaspaceConfig],
  ['Llama 3', split, splitTokenizer, splitConfig],
] as const;
const metaspaceId = (token: string) => metaspaceTokenizer.model.vocab[token]!;
const splitId = (token: string) => splitTokenizer.model.vocab[token] ?? split.specialTokens.get(token)!;

const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.constantFrom(' the', ' river', 'and ', '  ', '\n', '1234', '</s>', '<|eot_id|>', '<0x41>', '🙂', 'é'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('readTokenizer', () => {
  it("takes our own file for ours and every other for the library's", () => {
    const [json, config] = madeUpFiles({ chat: true, vocabularySize: 300 });
    expect(readTokenizer(json, config)).toBeInstanceOf(ByteLevelTokenizer);
    expect(readTokenizer({ ...(json as object), normalizer: { type: 'NFC' } }, config)).toBeInstanceOf(LibraryTokenizer);
    expect(metaspace).toBeInstanceOf(LibraryTokenizer);
  });

  it('reads the special tokens, their roles and the size of the vocabulary', () => {
    expect([metaspace.bosTokenId, metaspace.eosTokenIds, metaspace.padTokenId]).toEqual([1, [2], null]);
    expect(metaspace.vocabularySize).toBe(Object.keys(metaspaceTokenizer.model.vocab).length);
    expect([split.bosTokenId, split.eosTokenIds]).toEqual([splitId('<|begin_of_text|>'), [splitId('<|eot_id|>')]]);
  });

  it('puts the start token before text if the post-processor, the option or the class says so', () => {
    const adds = (json: object, config: object) => readTokenizer(json, config).addsBosToken;
    const bare = { ...metaspaceTokenizer, post_processor: null };
    expect([metaspace.addsBosToken, split.addsBosToken]).toEqual([true, true]);
    expect(adds(metaspaceTokenizer, {})).toBe(true);
    expect(readTokenizer(metaspaceTokenizer, {}).bosTokenId).toBe(1);
    expect(adds(metaspaceTokenizer, { add_bos_token: false, bos_token: '<s>' })).toBe(false);
    expect(adds(bare, { bos_token: '<s>' })).toBe(false);
    expect(adds(bare, { bos_token: '<s>', add_bos_token: true })).toBe(true);
    expect(adds(bare, { bos_token: '<s>', tokenizer_class: 'LlamaTokenizer' })).toBe(true);
  });

  it('takes the default of several chat templates', () => {
    const chat_template = [
      { name: 'tool_use', template: 'no' },
      { name: 'default', template: '<s>{{ messages[0].content }}' },
    ];
    const tokenizer = readTokenizer(metaspaceTokenizer, { ...metaspaceConfig, chat_template });
    const ids = tokenizer.encodeChat([{ role: 'user', content: 'the' }], { addGenerationPrompt: true });
    expect(ids).toEqual([1, metaspaceId('▁the')]);
  });

  it('throws nothing but CheckpointError, whatever is damaged', () => {
    const sections = Object.keys(splitTokenizer);
    const damaged = fc
      .tuple(fc.constantFrom(metaspaceTokenizer, splitTokenizer), fc.constantFrom(...sections, 'vocab', 'merges', 'type'), fc.jsonValue())
      .map(([json, key, value]) => (key in json ? { ...json, [key]: value } : { ...json, model: { ...json.model, [key]: value } }));
    fc.assert(
      fc.property(damaged, fc.oneof(fc.constant(splitConfig), fc.jsonValue()), anyText, (json, config, text) => {
        try {
          const tokenizer = readTokenizer(json, config);
          expect(tokenizer.encode(text).every((id) => Number.isInteger(id) && id >= 0)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe('encode', () => {
  it('prepends and replaces spaces, merges, and falls back to bytes, as Llama 2', () => {
    expect(metaspace.encode('the river')).toEqual([metaspaceId('▁the'), metaspaceId('▁river')]);
    expect(metaspace.encode('é')).toEqual([metaspaceId('▁'), metaspaceId('<0xC3>'), metaspaceId('<0xA9>')]);
  });

  it('cuts by the regular expression and takes whole words first, as Llama 3', () => {
    expect(split.encode('in the river1234')).toEqual(['in', 'Ġthe', 'Ġriver', '123', '4'].map(splitId));
  });

  it.each(kinds)('gives the ids of the library for text without special tokens: %s', (_, tokenizer, json, config) => {
    const library = new Tokenizer(json, config);
    const names = [...tokenizer.specialTokens.keys()];
    const plain = anyText.filter((text) => text !== '' && !names.some((name) => text.includes(name)));
    fc.assert(
      fc.property(plain, (text) => {
        const ids = tokenizer.encode(text);
        expect(ids).toEqual(library.encode(text, { add_special_tokens: false }).ids);
        if (ids.length > 0) expect(tokenizer.decode(ids)).toBe(library.decode(ids, { clean_up_tokenization_spaces: false }));
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it.each(kinds)('never makes a special token of text: %s', (_, tokenizer) => {
    const special = new Set([...tokenizer.specialTokens.entries()].filter(([name]) => name !== '<unk>').map(([, id]) => id));
    fc.assert(
      fc.property(anyText, (text) => tokenizer.encode(text).every((id) => !special.has(id))),
      { numRuns: 500, seed: 3 },
    );
    const [name] = [...tokenizer.specialTokens.keys()].slice(-1);
    expect(tokenizer.decode(tokenizer.encode(name!))).toBe(name);
  });
});

describe('decode', () => {
  it.each(kinds)('streams the same text token by token, for any ids: %s', (_, tokenizer) => {
    const ids = fc.array(fc.integer({ min: 0, max: tokenizer.vocabularySize + 10 }), { maxLength: 30 });
    fc.assert(
      fc.property(ids, fc.boolean(), (drawn, skipSpecial) => {
        expect(tokenizer.tokenTexts(drawn, { skipSpecial }).join('')).toBe(tokenizer.decode(drawn, { skipSpecial }));
      }),
      { numRuns: 1000, seed: 4 },
    );
  });

  it('holds a character back until its last byte', () => {
    const bytes = (text: string) =>
      Array.from(Buffer.from(text), (byte) => metaspaceId(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`));
    expect(metaspace.tokenTexts([metaspaceId('▁the'), ...bytes('🙂'), metaspaceId('▁a')])).toEqual(['the', '', '', '', '🙂', ' a']);
    expect(metaspace.tokenTexts(bytes('é').slice(0, 1))).toEqual(['\ufffd']);
  });

  it('gives no text for ids beyond the vocabulary, and refuses what is no id', () => {
    expect(metaspace.decode([9999, metaspaceId('▁the'), 300_000])).toBe('the');
    expect(metaspace.decode([])).toBe('');
    expect(() => metaspace.decode([-1])).toThrow(RangeError);
    expect(() => metaspace.streamDecoder().push(0.5)).toThrow(RangeError);
  });

  it('leaves special tokens out only when asked', () => {
    const ids = [1, metaspaceId('▁the'), 2];
    expect([metaspace.decode(ids), metaspace.decode(ids, { skipSpecial: true })]).toEqual(['<s> the</s>', 'the']);
  });
});

describe('encodeChat', () => {
  it.each(kinds)('agrees with the library on the rendered text: %s', (_, tokenizer, json, config) => {
    const ids = tokenizer.encodeChat([{ role: 'user', content: ' the river ' }], { addGenerationPrompt: true });
    const header = (role: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
    const rendered =
      tokenizer === metaspace
        ? '<s>[INST]  the river  [/INST]'
        : `<|begin_of_text|>${header('user')}the river<|eot_id|>${header('assistant')}`;
    expect(ids).toEqual(new Tokenizer(json, config).encode(rendered, { add_special_tokens: false }).ids);
  });

  it.each(kinds)('keeps special tokens out of what a message says: %s', (_, tokenizer) => {
    const count = (content: string) => {
      const ids = tokenizer.encodeChat([{ role: 'user', content }], { addGenerationPrompt: true });
      return ids.filter((id) => [...tokenizer.specialTokens.values()].includes(id)).length;
    };
    expect(count('the </s> <s> <|eot_id|> <|begin_of_text|>')).toBe(count('the'));
  });
});
