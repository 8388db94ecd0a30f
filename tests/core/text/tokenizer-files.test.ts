/**
 * @file Reading tokenizer files that are not ours: each fault is named, and nothing else is ever thrown.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { SPECIAL_TOKENS } from '../../../src/core/text/chat-template';
import { readTokenizer } from '../../../src/core/text/read-tokenizer';
import { parseTokenizerFiles } from '../../../src/core/text/tokenizer-files';
import { madeUpFiles } from './made-up-text';

const [json, config] = madeUpFiles({ chat: true, vocabularySize: 300 });

/** The files with one place, named by a dotted path, replaced. */
function withChange(path: string, value: unknown): unknown {
  const copy = structuredClone(json) as Record<string, unknown>;
  const keys = path.split('.');
  let place = copy;
  for (const key of keys.slice(0, -1)) place = place[key] as Record<string, unknown>;
  place[keys.at(-1)!] = value;
  return copy;
}

describe('parseTokenizerFiles', () => {
  it('reads what the trainer writes, template and roles included', () => {
    const files = parseTokenizerFiles(json, config);
    expect(files.vocabulary).toHaveLength(300);
    expect(files.merges).toHaveLength(300 - 256 - SPECIAL_TOKENS.length);
    expect([files.bosToken, files.eosToken, files.padToken]).toEqual(['<|endoftext|>', '<|end|>', '<|pad|>']);
    expect(files.chatTemplate).toContain('add_generation_prompt');
  });

  it('reads merges written as "left right" and special tokens written as objects', () => {
    const merges = parseTokenizerFiles(json, config).merges;
    const old = withChange(
      'model.merges',
      merges.map((merge) => merge.join(' ')),
    );
    expect(parseTokenizerFiles(old, { eos_token: { content: '<|end|>', lstrip: false } })).toMatchObject({
      merges,
      eosToken: '<|end|>',
      bosToken: null,
    });
  });

  it.each([
    ['normalizer', { type: 'NFC' }, /normalizer: text normalisation is not supported/],
    ['model.type', 'Unigram', /model.type: only BPE/],
    ['model.byte_fallback', true, /byte_fallback: is not supported/],
    ['model.merges', [['q', 'zzz']], /merge of "q" and "zzz" uses a token/],
    ['model.vocab.!', 7, /each once/],
    ['model.vocab.!', 1e9, /each once/],
    ['model.vocab.!', '6', /each once/],
    ['pre_tokenizer', { type: 'ByteLevel' }, /pre_tokenizer: only single digits/],
    ['decoder', null, /decoder: must be a ByteLevel decoder/],
    ['added_tokens', [{ id: 0, content: '<' }], /at least two characters/],
  ])('refuses a changed %s', (path, value, message) => {
    expect(() => parseTokenizerFiles(withChange(path, value), config)).toThrow(CheckpointError);
    expect(() => parseTokenizerFiles(withChange(path, value), config)).toThrow(message);
  });

  it('refuses a vocabulary without all bytes and a role that is no special token', () => {
    const { ['!']: _, ...vocab } = (json as { model: { vocab: Record<string, number> } }).model.vocab;
    vocab['new'] = SPECIAL_TOKENS.length; // where "!" was
    expect(() => parseTokenizerFiles(withChange('model.vocab', vocab), config)).toThrow(/the byte "!" has no token/);
    expect(() => parseTokenizerFiles(json, { eos_token: 'end' })).toThrow(/eos_token: "end" is not a special token/);
  });

  it('refuses a merge that spells a special token', () => {
    const added = [...(json as { added_tokens: object[] }).added_tokens, { id: 300, content: 'qz', special: true }];
    const changed = withChange('added_tokens', added) as { model: { merges: unknown[] } };
    changed.model.merges.push(['q', 'z']);
    expect(() => parseTokenizerFiles(changed, config)).toThrow(/spells the special token/);
  });

  it('throws nothing but CheckpointError, whatever it is given', () => {
    const paths = ['added_tokens', 'normalizer', 'pre_tokenizer', 'decoder', 'model', 'model.vocab', 'model.merges', 'model.vocab.a'];
    const damaged = fc.tuple(fc.constantFrom(...paths), fc.jsonValue()).map(([path, value]) => withChange(path, value));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.anything()), fc.oneof(fc.constant(config), fc.anything()), (tokenizerJson, tokenizerConfig) => {
        try {
          readTokenizer(tokenizerJson, tokenizerConfig);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
