/**
 * @file Checkpoints: nothing is lost on the way to Hugging Face's layout and back, and y = x · W means the same in both.
 */
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { thetaFromSafetensors, thetaToSafetensors } from '../../../src/core/model/checkpoint';
import { initialTheta, parameterLayout, parameterView } from '../../../src/core/model/parameters';
import { readSafetensors, tensorData, writeSafetensors, type NamedTensor } from '../../../src/core/model/safetensors';
import { Random } from '../../../src/core/random';
import { SCORED, TIED, UNTIED } from './tiny-configs';

const bits = (theta: Float32Array): number[] => [...new Uint32Array(theta.buffer, theta.byteOffset, theta.length)];
const weights = (config: typeof TIED): Float32Array => initialTheta(config, new Random('weights')).map((x) => x + 0.01);
const tensorsOf = (config: typeof TIED): NamedTensor[] =>
  Array.from(readSafetensors(thetaToSafetensors(config, weights(config), 'float32')), ([name, tensor]) => ({
    name,
    dims: tensor.dims,
    data: tensorData(tensor),
  }));

describe('checkpoints', () => {
  it.each([
    ['tied', TIED],
    ['untied', UNTIED],
    ['score', SCORED],
  ])('come back bit for bit in float32 (%s)', (_, config) => {
    const theta = weights(config);
    // A NaN with a payload, a negative zero, a subnormal: bits that arithmetic would not keep.
    new Uint32Array(theta.buffer).set([0x7fa00001, 0x80000000, 0x00000001]);
    expect(bits(thetaFromSafetensors(config, thetaToSafetensors(config, theta, 'float32')))).toEqual(bits(theta));
  });

  it('come back rounded to half precision in float16', () => {
    const theta = weights(UNTIED);
    const once = thetaFromSafetensors(UNTIED, thetaToSafetensors(UNTIED, theta, 'float16'));
    expect(bits(once)).not.toEqual(bits(theta));
    expect(once.every((x, i) => Math.abs(x - theta[i]!) <= Math.abs(theta[i]!) * 2 ** -11 + 2 ** -25)).toBe(true);
    expect(bits(thetaFromSafetensors(UNTIED, thetaToSafetensors(UNTIED, once, 'float16')))).toEqual(bits(once));
  });

  it('have the tensors that Hugging Face expects', () => {
    const shapes = (config: typeof TIED): Record<string, readonly number[]> =>
      Object.fromEntries(tensorsOf(config).map(({ name, dims }) => [name, dims]));
    const layer = (i: number): Record<string, number[]> => ({
      [`model.layers.${i}.self_attn.q_proj.weight`]: [8, 6],
      [`model.layers.${i}.self_attn.k_proj.weight`]: [4, 6],
      [`model.layers.${i}.self_attn.v_proj.weight`]: [4, 6],
      [`model.layers.${i}.self_attn.o_proj.weight`]: [6, 8],
      [`model.layers.${i}.mlp.gate_proj.weight`]: [5, 6],
      [`model.layers.${i}.mlp.up_proj.weight`]: [5, 6],
      [`model.layers.${i}.mlp.down_proj.weight`]: [6, 5],
      [`model.layers.${i}.input_layernorm.weight`]: [6],
      [`model.layers.${i}.post_attention_layernorm.weight`]: [6],
    });
    const common = { 'model.embed_tokens.weight': [11, 6], ...layer(0), ...layer(1), 'model.norm.weight': [6] };
    expect(shapes(TIED)).toEqual(common);
    expect(shapes(UNTIED)).toEqual({ ...common, 'lm_head.weight': [11, 6] });
    expect(shapes(SCORED)).toEqual({ ...common, 'score.weight': [1, 6] });
  });

  it('mean the same: W x of each projection is its share of x · W', () => {
    const theta = weights(UNTIED);
    const layout = parameterLayout(UNTIED);
    const theirs = new Map(tensorsOf(UNTIED).map((tensor) => [tensor.name, tensor]));
    const x = Array.from({ length: 8 }, (_, i) => Math.sin(i + 1));
    const apply = (name: string): number[] => {
      const { dims, data } = theirs.get(`${name}.weight`)!;
      return Array.from({ length: dims[0]! }, (_, out) =>
        x.slice(0, dims[1]).reduce((sum, value, from) => sum + value * data[out * dims[1]! + from]!, 0),
      );
    };
    const ours = (name: string, from: number): number[] => {
      const matrix = parameterView(layout, theta, name);
      const columns = matrix.length / from;
      return Array.from({ length: columns }, (_, out) =>
        x.slice(0, from).reduce((sum, value, i) => sum + value * matrix[i * columns + out]!, 0),
      );
    };
    const attention = 'model.layers.1.self_attn';
    expect(ours('layers.1.attention.qkv', 6)).toEqual(['q_proj', 'k_proj', 'v_proj'].flatMap((name) => apply(`${attention}.${name}`)));
    expect(ours('layers.1.attention.output', 8)).toEqual(apply(`${attention}.o_proj`));
    expect(ours('layers.1.feedForward.gateUp', 6)).toEqual([
      ...apply('model.layers.1.mlp.gate_proj'),
      ...apply('model.layers.1.mlp.up_proj'),
    ]);
    expect(ours('layers.1.feedForward.down', 5)).toEqual(apply('model.layers.1.mlp.down_proj'));
    expect(ours('head', 6)).toEqual(apply('lm_head'));
    expect(theirs.get('model.embed_tokens.weight')!.data).toEqual(parameterView(layout, theta, 'embedding'));
    expect(theirs.get('model.layers.1.post_attention_layernorm.weight')!.data).toEqual(
      parameterView(layout, theta, 'layers.1.feedForward.norm'),
    );
  });

  it('may come in several files', () => {
    const tensors = tensorsOf(TIED);
    const shards = [tensors.slice(0, 5), tensors.slice(5)].map((part) => writeSafetensors(part, 'F32'));
    expect(thetaFromSafetensors(TIED, shards)).toEqual(weights(TIED));
    expect(() => thetaFromSafetensors(TIED, [...shards, shards[0]!])).toThrow(/is in two of the weights files/);
  });

  const fileWithout = (name: string): Uint8Array =>
    writeSafetensors(
      tensorsOf(TIED).filter((tensor) => tensor.name !== name),
      'F32',
    );
  const fileWith = (tensor: NamedTensor): Uint8Array => writeSafetensors([...tensorsOf(TIED), tensor], 'F32');

  it('are refused when a tensor is missing, unknown or of another shape', () => {
    expect(() => thetaFromSafetensors(TIED, fileWithout('model.norm.weight'))).toThrow(/lack the tensor "model.norm.weight"/);
    const bias = { name: 'model.layers.0.self_attn.q_proj.bias', dims: [1], data: new Float32Array(1) };
    expect(() => thetaFromSafetensors(TIED, fileWith(bias))).toThrow(/have a tensor "model.layers.0.self_attn.q_proj.bias"/);
    const wider = { ...TIED, vocabularySize: 12 };
    expect(() => thetaFromSafetensors(wider, fileWithout(''))).toThrow(
      /"model.embed_tokens.weight" has shape \[11, 6\]; the configuration wants \[12, 6\]/,
    );
    expect(() => thetaFromSafetensors(UNTIED, fileWithout(''))).toThrow(CheckpointError);
  });

  it('may repeat a tied head and the rotary frequencies, which say nothing new', () => {
    const head = { name: 'lm_head.weight', dims: [11, 6], data: new Float32Array(66) };
    const rotary = { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', dims: [1], data: new Float32Array(1) };
    expect(thetaFromSafetensors(TIED, fileWith(head))).toEqual(weights(TIED));
    expect(thetaFromSafetensors(TIED, fileWith(rotary))).toEqual(weights(TIED));
  });

  it('are not written from a theta of another length', () => {
    expect(() => thetaToSafetensors(TIED, new Float32Array(3), 'float32')).toThrow(RangeError);
  });
});
