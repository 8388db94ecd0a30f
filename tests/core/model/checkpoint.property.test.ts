/**
 * @file Weights cross from files to theta and back without losing a bit, for any shape, any bits and each element type.
 *
 * The files are written and read here byte by byte, with none of our own code.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { thetaFromSafetensors, thetaToSafetensors } from '../../../src/core/model/checkpoint';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import type { ModelConfig } from '../../../src/core/model/config';
import { parameterLayout } from '../../../src/core/model/parameters';
import { anyConfig } from '../../helpers/any-config';

/** A stored tensor: its type, its shape, its bytes in hexadecimal. */
type Stored = Readonly<Record<string, { dtype: string; shape: readonly number[]; bytes: string }>>;

/** Names and shapes of the tensors in a Llama checkpoint, as Hugging Face's `modeling_llama.py` has them. */
function tensorShapes(config: ModelConfig): Map<string, number[]> {
  const { vocabularySize: V, width: D, numHeads: H, numKeyValueHeads: G, headSize: K, feedForwardSize: F } = config;
  const shapes = new Map([
    ['model.embed_tokens', [V, D]],
    ['model.norm', [D]],
  ]);
  for (let i = 0; i < config.numLayers; i++)
    for (const [name, shape] of Object.entries({
      'self_attn.q_proj': [H * K, D],
      'self_attn.k_proj': [G * K, D],
      'self_attn.v_proj': [G * K, D],
      'self_attn.o_proj': [D, H * K],
      'mlp.gate_proj': [F, D],
      'mlp.up_proj': [F, D],
      'mlp.down_proj': [D, F],
      input_layernorm: [D],
      post_attention_layernorm: [D],
    }))
      shapes.set(`model.layers.${i}.${name}`, shape);
  if (config.numLabels === 1) shapes.set('score', [1, D]);
  else if (!config.tiedEmbeddings) shapes.set('lm_head', [V, D]);
  return new Map(Array.from(shapes, ([name, shape]) => [`${name}.weight`, shape]));
}

/** The tensors of a safetensors file. */
function stored(file: Uint8Array): Stored {
  const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(file.subarray(8, start)).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  delete header.__metadata__;
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => [name, { dtype, shape, bytes: Buffer.from(file.subarray(start + from, start + to)).toString('hex') }],
    ),
  );
}

/** A safetensors file of the shapes in the order given, its numbers the bytes given. */
function fileOf(dtype: string, shapes: readonly (readonly [string, readonly number[]])[], numbers: Uint8Array): Uint8Array {
  const elementBytes = dtype === 'F32' ? 4 : 2;
  let position = 0;
  const entries = shapes.map(([name, shape]) => {
    const from = position;
    position += elementBytes * shape.reduce((product, dim) => product * dim, 1);
    return [name, { dtype, shape, data_offsets: [from, position] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, numbers.subarray(0, position)]);
}

const anyModel = fc
  .tuple(anyConfig, fc.constantFrom(0 as const, 1 as const))
  .map(([config, numLabels]): ModelConfig => ({ ...config, numLabels }));

/** Pseudo-random bytes from a seed: every bit pattern of every type, infinities and NaNs with payloads among them. */
function bytesFrom(seed: number, length: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 24;
  });
}

const TYPES = [
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
] as const;

describe('a checkpoint', () => {
  it.each(TYPES)(
    "of another's in %s comes out of theta with the same tensors, bit for bit, in whatever order they lay",
    (elementType, dtype) => {
      fc.assert(
        fc.property(
          anyModel,
          fc.integer({ min: 1 }),
          fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
          (config, seed, order) => {
            const shapes = [...tensorShapes(config)]
              .map((entry) => [entry, order.next().value] as const)
              .sort(([, a], [, b]) => a - b)
              .map(([entry]) => entry);
            const file = fileOf(elementType, shapes, bytesFrom(seed, 4 * parameterLayout(config).numParameters));
            expect(stored(thetaToSafetensors(config, thetaFromSafetensors(config, file), dtype))).toEqual(stored(file));
          },
        ),
        { numRuns: 60, seed: 5 },
      );
    },
  );

  it('of theta in float32 gives back the same theta, whatever its bits', () => {
    fc.assert(
      fc.property(anyModel, fc.integer({ min: 1 }), (config, seed) => {
        const theta = new Float32Array(bytesFrom(seed, 4 * parameterLayout(config).numParameters).buffer);
        const again = thetaFromSafetensors(config, thetaToSafetensors(config, theta, 'float32'));
        expect(Buffer.from(again.buffer).equals(Buffer.from(theta.buffer))).toBe(true);
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it.each([
    ['float16', 65_520],
    ['bfloat16', 3.4e38],
  ] as const)('in %s is refused where a finite number would become infinite, and not where infinity stands already', (dtype, tooLarge) => {
    fc.assert(
      fc.property(anyModel, fc.nat(), (config, at) => {
        const theta = new Float32Array(parameterLayout(config).numParameters);
        theta[at % theta.length] = -Infinity;
        expect(thetaFromSafetensors(config, thetaToSafetensors(config, theta, dtype))).toEqual(theta);
        theta[at % theta.length] = tooLarge;
        expect(() => thetaToSafetensors(config, theta, dtype)).toThrow(CheckpointError);
        expect(() => thetaToSafetensors(config, theta, dtype)).toThrow(`too large for ${dtype}`);
      }),
      { numRuns: 20, seed: 7 },
    );
  });
});
