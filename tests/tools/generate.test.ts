/**
 * @file Generation from Hugging Face folders against an independent float64 forward pass, for every kind of shape and file.
 */
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/core/model/loaded-model';
import { createNodeEngine } from '../../src/engine/ort-node';
import { checkedPrompt, generateText } from '../../tools/commands/generate';
import { metaspaceConfig, metaspaceTokenizer, splitConfig, splitTokenizer } from '../helpers/foreign-tokenizers';
import {
  configJson,
  fileBytes,
  randomTensors,
  safetensorsFile,
  type Dtype,
  type FolderFiles,
  type LlamaShape,
} from '../helpers/llama-folder';
import { referenceLogprobs } from '../helpers/reference-llama';

const engine = createNodeEngine({ numThreads: 1 });

const SHAPE: LlamaShape = {
  vocab_size: 320, // padded beyond either tokenizer
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rope_theta: 10000,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};

function folder(shape: LlamaShape, dtype: Dtype, changes: FolderFiles = {}, config: Record<string, unknown> = {}) {
  const tensors = randomTensors(shape, 7);
  const files: FolderFiles = {
    'config.json': configJson(shape, config),
    'tokenizer.json': metaspaceTokenizer,
    'tokenizer_config.json': metaspaceConfig,
    'model.safetensors': safetensorsFile(tensors, dtype),
    ...changes,
  };
  return { tensors, files: fileBytes(Object.fromEntries(Object.entries(files).filter(([, content]) => content !== null))) };
}

const shapes: [string, LlamaShape, Dtype][] = [
  ['grouped queries 4:2, tied, float32', SHAPE, 'F32'],
  ['one key head, its own output head, float16', { ...SHAPE, num_key_value_heads: 1, tie_word_embeddings: false }, 'F16'],
  [
    'a key for each head, rope_theta 500000, eps 1e-6, bfloat16',
    { ...SHAPE, num_key_value_heads: 4, rope_theta: 500000, rms_norm_eps: 1e-6 },
    'BF16',
  ],
  [
    'heads that do not add up to the width, one layer',
    { ...SHAPE, head_dim: 6, hidden_size: 10, num_hidden_layers: 1, tie_word_embeddings: false },
    'F32',
  ],
  ['a norm epsilon that matters', { ...SHAPE, rms_norm_eps: 0.3, rope_theta: 100 }, 'BF16'],
];

describe('generateText', () => {
  it.each(shapes)('agrees with a float64 forward pass to 1e-4, greedily and drawn: %s', async (_, shape, dtype) => {
    const { tensors, files } = folder(shape, dtype);
    const model = loadModel(files);
    const prompt = checkedPrompt(model, 'the river and', false);
    for (const temperature of [0, 0.9]) {
      const result = await generateText(engine, model, { prompt, temperature, seed: 3, maxTokens: 20 });
      expect(result.tokens.length).toBeGreaterThan(4);
      const seen = [...prompt];
      for (const [i, token] of result.tokens.entries()) {
        const logprobs = referenceLogprobs(shape, tensors, seen);
        if (temperature === 0) expect(token).toBe(logprobs.indexOf(Math.max(...logprobs)));
        expect(Math.abs(result.logprobs[i]! - logprobs[token]!)).toBeLessThan(1e-4);
        seen.push(token);
      }
    }
  });
});

describe('a folder', () => {
  const greedy = async (files: Map<string, Uint8Array>, text = 'the', chat = false) => {
    const model = loadModel(files);
    return generateText(engine, model, { prompt: checkedPrompt(model, text, chat), temperature: 0, seed: 1, maxTokens: 12 });
  };

  it('gives the same text whether its weights are one file or shards named by an index, other files aside', async () => {
    const { tensors, files } = folder(SHAPE, 'F32');
    const names = [...tensors.keys()];
    const shard = (from: number, to?: number) =>
      safetensorsFile(new Map(names.slice(from, to).map((name) => [name, tensors.get(name)!])), 'F32');
    const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
    const sharded = folder(SHAPE, 'F32', {
      'model.safetensors': null,
      'consolidated.safetensors': 'not ours',
      [first]: shard(0, 5),
      [second]: shard(5),
      'model.safetensors.index.json': { weight_map: Object.fromEntries(names.map((name, i) => [name, i < 5 ? first : second])) },
    });
    expect(await greedy(sharded.files)).toEqual(await greedy(files));
    sharded.files.delete(second);
    expect(() => loadModel(sharded.files)).toThrow(/has no "model-00002-of-00002.safetensors"/);
  });

  it('ends a text where generation_config.json says, else config.json, else the tokenizer', async () => {
    const free = await greedy(folder(SHAPE, 'F32').files);
    const [, , third] = free.tokens;
    const stopAt = { 'generation_config.json': { eos_token_id: [third, 5] } };
    const stopped = await greedy(folder(SHAPE, 'F32', stopAt).files);
    expect([free.finish_reason, stopped.finish_reason]).toEqual(['length', 'stop']);
    expect(stopped.tokens).toEqual(free.tokens.slice(0, free.tokens.indexOf(third!)));
    expect(loadModel(folder(SHAPE, 'F32', stopAt).files).config.eosTokenIds).toEqual([third, 5]);
    expect(loadModel(folder(SHAPE, 'F32', {}, { eos_token_id: 7 }).files).config.eosTokenIds).toEqual([7]);
    expect(loadModel(folder(SHAPE, 'F32', {}, { eos_token_id: null }).files).config.eosTokenIds).toEqual([2]);
  });

  it('works without tokenizer_config.json, and with a byte-level tokenizer', async () => {
    const bare = folder(SHAPE, 'F32', { 'tokenizer_config.json': null });
    expect(checkedPrompt(loadModel(bare.files), 'the river', false)).toEqual(
      checkedPrompt(loadModel(folder(SHAPE, 'F32').files), 'the river', false),
    );
    const split = loadModel(folder(SHAPE, 'F32', { 'tokenizer.json': splitTokenizer, 'tokenizer_config.json': splitConfig }).files);
    const prompt = checkedPrompt(split, 'the river', false);
    expect(prompt[0]).toBe(split.tokenizer.specialTokens.get('<|begin_of_text|>'));
    expect(split.tokenizer.decode(prompt.slice(1))).toBe('the river');
  });

  it('takes its chat template from chat_template.jinja before tokenizer_config.json', () => {
    const template = "{{ bos_token }}{{ 'a' + messages[0].content }}";
    const model = loadModel(folder(SHAPE, 'F32', { 'chat_template.jinja': template }).files);
    const ids = checkedPrompt(model, ' river', true);
    expect(model.tokenizer.decode(ids)).toBe('<s> a river');
  });

  it("whose model knows more tokens than its tokenizer gives no text for them, and every text is the tokens' texts", async () => {
    const { files } = folder({ ...SHAPE, vocab_size: 4000 }, 'F32'); // nearly every token drawn is padding
    const { tokens, text } = await greedy(files);
    const { tokenizer } = loadModel(files);
    expect(tokens.filter((id) => id >= tokenizer.vocabularySize).length).toBeGreaterThan(6);
    expect(tokenizer.tokenTexts(tokens, { skipSpecial: true }).join('')).toBe(text);
    expect(text.length).toBeLessThan(12);
  });

  it('feeds a prompt of any length that fits, and says how long one may be', async () => {
    const { tensors, files } = folder(SHAPE, 'F32');
    const long = 'the river and '.repeat(18);
    const prompt = checkedPrompt(loadModel(files), long, false);
    expect(prompt.length).toBeGreaterThan(50);
    const { tokens, logprobs } = await greedy(files, long);
    expect(tokens).toHaveLength(Math.min(12, 64 - prompt.length));
    const expected = referenceLogprobs(SHAPE, tensors, prompt);
    expect(Math.abs(logprobs[0]! - Math.max(...expected))).toBeLessThan(1e-4);
    expect(() => checkedPrompt(loadModel(files), long.repeat(2), false)).toThrow(/The prompt has \d+ tokens; this model takes at most 63/);
  });

  it('draws the same tokens for a seed, and others for another', async () => {
    const model = loadModel(folder(SHAPE, 'F32').files);
    const draw = (seed: number) =>
      generateText(engine, model, { prompt: checkedPrompt(model, 'the', false), temperature: 1, seed, maxTokens: 12 });
    expect(await draw(5)).toEqual(await draw(5));
    expect((await draw(5)).tokens).not.toEqual((await draw(6)).tokens);
  });
});
