/**
 * @file Generation from Hugging Face folders against an independent float64 forward pass, for every kind of shape and file.
 */
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/core/model/loaded-model';
import { createNodeEngine } from '../../src/engine/ort-node';
import { checkedPrompt, generateText } from '../../tools/commands/generate';
import { metaspaceConfig, metaspaceTokenizer } from '../helpers/foreign-tokenizers';
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
