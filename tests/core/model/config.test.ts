/**
 * @file Hugging Face configurations: what is read, what is written, what is refused and why.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { parseHuggingFaceConfig, toHuggingFaceConfig } from '../../../src/core/model/config';
import { SCORED, TIED, UNTIED } from './tiny-configs';

const smallest = {
  model_type: 'llama',
  vocab_size: 100,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
};

describe('parseHuggingFaceConfig', () => {
  it.each([
    ['a tied language model', TIED],
    ['an untied language model', UNTIED],
    ['a model with a score head', SCORED],
    ['a model with one end token', { ...TIED, eosTokenIds: [5] }],
  ])('reads back what was written for %s', (_, config) => {
    const written = JSON.parse(JSON.stringify(toHuggingFaceConfig(config, 'float16'))) as unknown;
    expect(parseHuggingFaceConfig(written)).toEqual(config);
    expect(written).toMatchObject({ model_type: 'llama', torch_dtype: 'float16' });
  });

  it("takes Hugging Face's defaults for what is missing", () => {
    expect(parseHuggingFaceConfig(smallest)).toEqual({
      vocabularySize: 100,
      width: 32,
      numLayers: 2,
      numHeads: 4,
      numKeyValueHeads: 4,
      headSize: 8,
      feedForwardSize: 64,
      maxPositions: 2048,
      ropeTheta: 10000,
      normEpsilon: 1e-6,
      tiedEmbeddings: false,
      numLabels: 0,
      bosTokenId: 2,
      eosTokenIds: [2],
      padTokenId: 2,
    });
  });

  it('reads the rotary base in its old and in its new place', () => {
    expect(parseHuggingFaceConfig({ ...smallest, rope_theta: 500 }).ropeTheta).toBe(500);
    expect(parseHuggingFaceConfig({ ...smallest, rope_parameters: { rope_type: 'default', rope_theta: 700 } }).ropeTheta).toBe(700);
  });

  it('accepts the options that mean nothing when they are spelled out', () => {
    const spelled = {
      rope_scaling: null,
      attention_bias: false,
      mlp_bias: false,
      hidden_act: 'silu',
      pretraining_tp: 1,
      use_cache: true,
      pad_token_id: -1,
    };
    expect(parseHuggingFaceConfig({ ...smallest, ...spelled })).toEqual(parseHuggingFaceConfig(smallest));
  });

  it.each([
    [{ model_type: 'qwen2' }, /model_type: only "llama" is supported/],
    [{ hidden_act: 'gelu' }, /hidden_act: only "silu"/],
    [{ attention_bias: true }, /attention_bias: biases in attention are not supported/],
    [{ mlp_bias: true }, /mlp_bias: biases in the feed-forward block are not supported/],
    [{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, /rope_scaling.rope_type: scaled rotary positions are not supported/],
    [{ rope_scaling: { type: 'linear', factor: 2 } }, /rope_scaling.type: scaled/],
    [{ rope_parameters: { rope_type: 'yarn', rope_theta: 1 } }, /rope_parameters.rope_type: scaled/],
    [{ quantization_config: { bits: 4 } }, /quantised weights are not supported/],
    [{ architectures: ['LlamaForTokenClassification'] }, /architectures.0: must be LlamaForCausalLM or/],
    [{ architectures: ['LlamaForSequenceClassification'] }, /has 2 labels; only one/],
    [{ num_key_value_heads: 3 }, /must divide/],
    [{ num_attention_heads: 5 }, /head size \(6.4\)/],
    [{ head_dim: 7 }, /head size \(7\) must be an even/],
    [{ vocab_size: 1e9 }, /vocab_size: must be at most/],
    [{ hidden_size: 0 }, /hidden_size: must be at least 1/],
    [{ hidden_size: '32' }, /hidden_size: must be a number/],
    [{ num_hidden_layers: 2.5 }, /num_hidden_layers: must be a whole number/],
    [{ eos_token_id: [] }, /must be a token that ends/],
    [{ eos_token_id: 100 }, /special token id 100 is outside the vocabulary of 100/],
    [{ rope_theta: -1 }, /rope_theta: must be positive/],
  ])('refuses %j by name', (change, message) => {
    expect(() => parseHuggingFaceConfig({ ...smallest, ...change })).toThrow(CheckpointError);
    expect(() => parseHuggingFaceConfig({ ...smallest, ...change })).toThrow(message);
  });

  it('says which required field is missing', () => {
    expect(() => parseHuggingFaceConfig({ ...smallest, hidden_size: undefined })).toThrow(/config.json: hidden_size/);
    expect(() => parseHuggingFaceConfig('llama')).toThrow(CheckpointError);
  });

  it('throws nothing but CheckpointError, and what it accepts is usable', () => {
    const key = fc.constantFrom(...Object.keys(toHuggingFaceConfig(SCORED, 'float32')), 'rope_parameters', 'rope_scaling', 'num_labels');
    const change = fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.integer(), fc.constantFrom(0, -1, 1e300, 2 ** 31)), { maxKeys: 3 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          change.map((fields) => ({ ...smallest, ...fields })),
        ),
        (json) => {
          try {
            const config = parseHuggingFaceConfig(json);
            expect(config.numHeads % config.numKeyValueHeads).toBe(0);
            expect(
              Object.values(config)
                .flat()
                .every((value) => typeof value === 'boolean' || Number.isFinite(value)),
            ).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(CheckpointError);
          }
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });
});
