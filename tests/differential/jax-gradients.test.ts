/**
 * @file Whole-model losses, gradients and one AdamW step: ONNX Runtime against jax-js, from the same Hugging Face tensors.
 *
 * Our side computes in float32, jax-js in float64, so the bounds are rounding errors of ours. They are norm-wise within
 * each tensor: the largest difference against the tensor's largest element.
 */
import { describe, expect, it } from 'vitest';
import { clippedPolicyGradient, crossEntropy as ourCrossEntropy } from '../../src/core/algorithms/objectives';
import { ADAMW_DEFAULTS, adamWFeeds } from '../../src/core/model/adamw';
import { thetaFromSafetensors, thetaToSafetensors } from '../../src/core/model/checkpoint';
import { parseHuggingFaceConfig } from '../../src/core/model/config';
import { gradientProgram, trainProgram } from '../../src/core/model/programs';
import { readSafetensors, tensorData } from '../../src/core/model/safetensors';
import { Random } from '../../src/core/random';
import { createNodeEngine } from '../../src/engine/ort-node';
import { scalarTensor } from '../../src/core/graph/engine';
import { score } from '../helpers/rollouts';
import { expectAllclose } from '../helpers/allclose';
import { floats, ints, normals, runOnce } from '../helpers/graphs';
import { crossEntropy, grpoLoss, jaxAdamW, jaxGradient } from '../helpers/jax-llama';
import { configJson, randomTensors, safetensorsFile, type LlamaShape, type Tensors } from '../helpers/llama-folder';

const engine = createNodeEngine({ numThreads: 1 });

/** Relative bound of a loss. */
const LOSS_BOUND = 1e-5;
/** Bound of a tensor's gradient, and of what AdamW makes of it. */
const TENSOR_BOUND = 2e-5;

const shapeOf = (changes: Partial<LlamaShape> = {}): LlamaShape => ({
  vocab_size: 23,
  hidden_size: 12,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rope_theta: 10_000,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  head_dim: 4,
  ...changes,
});

/** Model shapes with the batch `[rows, predictions]` they are given. */
const CASES: readonly [name: string, shape: LlamaShape, batch: readonly [number, number]][] = [
  ['two query heads to a key head, tied', shapeOf(), [2, 7]],
  ['two query heads to a key head, untied', shapeOf({ tie_word_embeddings: false }), [2, 7]],
  [
    'a key head for each query head, odd sizes',
    shapeOf({ num_key_value_heads: 3, num_attention_heads: 3, hidden_size: 7, intermediate_size: 13, head_dim: 6 }),
    [3, 5],
  ],
  ['one key head for all, untied', shapeOf({ num_attention_heads: 5, num_key_value_heads: 1, tie_word_embeddings: false }), [1, 11]],
  [
    'one layer, one head of two numbers, one prediction',
    shapeOf({ num_hidden_layers: 1, num_attention_heads: 1, num_key_value_heads: 1, head_dim: 2 }),
    [1, 1],
  ],
  [
    'four layers, longer rows, another rotary base',
    shapeOf({ num_hidden_layers: 4, hidden_size: 24, intermediate_size: 40, head_dim: 8, vocab_size: 61, rope_theta: 500 }),
    [2, 16],
  ],
];

const configOf = (shape: LlamaShape) => parseHuggingFaceConfig(configJson(shape));

/** Random weights that use all bits of a float32. */
function weightsOf(shape: LlamaShape, seed: number): Tensors {
  const random = new Random(seed);
  return new Map(
    Array.from(randomTensors(shape, seed), ([name, { dims, data }]) => [
      name,
      { dims, data: data.map((x) => x * (1 + 0.1 * random.normal())) },
    ]),
  );
}

const thetaOf = (shape: LlamaShape, tensors: Tensors) => thetaFromSafetensors(configOf(shape), safetensorsFile(tensors, 'F32'));

/** The parts of a vector laid out like theta, by Hugging Face's names. */
const tensorsOf = (shape: LlamaShape, vector: Float32Array): Tensors =>
  new Map(
    Array.from(readSafetensors(thetaToSafetensors(configOf(shape), vector, 'float32')), ([name, tensor]) => [
      name,
      { dims: tensor.dims, data: tensorData(tensor) },
    ]),
  );

function randomTokens(shape: LlamaShape, [rows, predictions]: readonly [number, number]): number[] {
  const random = new Random('tokens');
  return Array.from({ length: rows * (predictions + 1) }, () => random.integer(shape.vocab_size));
}

/** A flat list as rows of `size`. */
const chunked = (numbers: readonly number[], size: number) =>
  Array.from({ length: numbers.length / size }, (_, row) => numbers.slice(row * size, (row + 1) * size));

function expectTensorsClose(found: Tensors, expected: ReadonlyMap<string, ArrayLike<number>>, what: string): void {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, numbers] of expected) expectAllclose(found.get(name)!.data, numbers, TENSOR_BOUND, `${what} ${name}`);
}

describe.each(CASES)('a Llama with %s', (_, shape, [batch, length]) => {
  const config = configOf(shape);
  const weights = weightsOf(shape, 5);
  const theta = thetaOf(shape, weights);
  const tokens = randomTokens(shape, [batch, length]);
  const dims = [batch, length];
  const feeds = { theta: floats([theta.length], theta), tokens: ints([batch, length + 1], tokens) };
  const evenly = floats(dims, new Array<number>(batch * length).fill(1 / (batch * length)));

  it("has jax-js's cross-entropy, and its gradient in every tensor", async () => {
    const expected = jaxGradient(crossEntropy(shape, { numRows: batch, tokens }), weights);
    const found = await runOnce(engine, gradientProgram(config, { batch, length }, ourCrossEntropy), { ...feeds, weights: evenly });
    expect(Math.abs(found.loss!.data[0]! / expected.loss - 1)).toBeLessThan(LOSS_BOUND);
    expectTensorsClose(tensorsOf(shape, found.gradient!.data as Float32Array), expected.gradients, 'gradient of');
  });

  it.each([false, true])("has jax-js's GRPO loss and its gradient (batch used again: %s)", async (reusesBatch) => {
    const random = new Random('grpo');
    const temperature = 0.8;
    const { logprobs: rows } = await score(engine, config, theta, chunked(tokens, length + 1), temperature);
    const near = () => rows.flat().map((logprob) => Math.fround(logprob + 0.3 * random.normal()));
    const completionMask = Float32Array.from({ length: batch * length }, (_unused, i) => Number(i % 3 !== 0 || i === 0));
    const numTokens = completionMask.reduce((sum, counts) => sum + counts, 0);
    const given = {
      advantages: Float32Array.from({ length: batch }, () => random.normal()),
      refLogprobs: near(),
      oldLogprobs: near(),
      klCoef: 0.25,
      clipRange: 0.125,
    };
    const { oldLogprobs, ...once } = given;
    const expected = jaxGradient(
      grpoLoss(shape, { numRows: batch, tokens, temperature, completionMask, ...(reusesBatch ? given : once) }),
      weights,
    );
    const graph = gradientProgram(config, { batch, length }, clippedPolicyGradient({ reusesBatch }), { temperature: true });
    const found = await runOnce(engine, graph, {
      ...feeds,
      inverse_temperature: scalarTensor(1 / temperature),
      advantages: floats(
        [batch, length],
        Array.from({ length: batch * length }, (_unused, i) => given.advantages[Math.floor(i / length)]!),
      ),
      weights: floats(
        dims,
        completionMask.map((counts) => counts / numTokens),
      ),
      ref_logprobs: floats(dims, given.refLogprobs),
      ...(reusesBatch ? { old_logprobs: floats(dims, oldLogprobs) } : {}),
      kl_coef: scalarTensor(given.klCoef),
      clip_range: scalarTensor(given.clipRange),
    });
    expect(Math.abs(found.loss!.data[0]! - expected.loss)).toBeLessThan(LOSS_BOUND * Math.max(1, Math.abs(expected.loss)));
    expectTensorsClose(tensorsOf(shape, found.gradient!.data as Float32Array), expected.gradients, 'gradient of');
  });

  it('is where AdamW in jax-js takes it, third step, gradient clipped', async () => {
    const random = new Random('adamw');
    const optimiser = { ...ADAMW_DEFAULTS, maxGradNorm: 0.1 };
    const options = { learningRate: 0.05, step: 3 };
    const m = normals(random, theta.length, 0.01);
    const v = m.map(() => (0.01 * (1 + random.uniform())) ** 2);
    const expected = jaxAdamW(
      crossEntropy(shape, { numRows: batch, tokens }),
      { weights, m: tensorsOf(shape, m), v: tensorsOf(shape, v) },
      optimiser,
      options,
    );
    const found = await runOnce(engine, trainProgram(config, { batch, length }, optimiser, ourCrossEntropy), {
      ...feeds,
      m: floats([m.length], m),
      v: floats([v.length], v),
      weights: evenly,
      ...adamWFeeds(optimiser, options.learningRate, options.step),
    });
    for (const [ours, theirs] of [
      ['theta', 'weights'],
      ['m', 'm'],
      ['v', 'v'],
    ] as const)
      expectTensorsClose(tensorsOf(shape, found[ours]!.data as Float32Array), expected[theirs], ours);
  });
});
