/**
 * @file Writes tiny Hugging Face folders of random weights, without using any of our writers: what they read must be
 * right by the format's own rules.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/core/random';

/** A small Llama with grouped queries and a head of its own, as its `config.json` says it. */
export const TINY_SHAPE = {
  vocab_size: 2048,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  rope_theta: 10000,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
};

/** The fields of config.json that decide a model's numbers. */
export interface LlamaShape {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim?: number;
  readonly rope_theta: number;
  readonly rms_norm_eps: number;
  readonly tie_word_embeddings: boolean;
}

/** A model small enough to write and run in a test. */
export const SMALL_LLAMA: LlamaShape = {
  vocab_size: 320,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  rope_theta: 10000,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};

/** Tensors by Hugging Face name. */
export type Tensors = ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;

/** Element types of a weights file. */
export type Dtype = 'F32' | 'F16' | 'BF16';

/** Random weights, each exact in float16 and bfloat16; norms are near one, logits differ clearly. */
export function randomTensors(shape: LlamaShape, seed: number): Tensors {
  const { vocab_size: V, hidden_size: D, intermediate_size: F, num_attention_heads: H, num_key_value_heads: G } = shape;
  const K = shape.head_dim ?? D / H;
  const random = new Random(seed);
  const tensors = new Map<string, { dims: number[]; data: Float32Array }>();
  const add = (name: string, ...dims: number[]) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    const isNorm = dims.length === 1;
    const draw = () => (isNorm ? 64 + random.integer(128) : random.integer(127) - 63) / 128; // seven bits
    tensors.set(name, { dims, data: Float32Array.from({ length: size }, draw) });
  };
  add('model.embed_tokens.weight', V, D);
  for (let i = 0; i < shape.num_hidden_layers; i++) {
    const layer = `model.layers.${i}`;
    add(`${layer}.input_layernorm.weight`, D);
    add(`${layer}.self_attn.q_proj.weight`, H * K, D);
    add(`${layer}.self_attn.k_proj.weight`, G * K, D);
    add(`${layer}.self_attn.v_proj.weight`, G * K, D);
    add(`${layer}.self_attn.o_proj.weight`, D, H * K);
    add(`${layer}.post_attention_layernorm.weight`, D);
    add(`${layer}.mlp.gate_proj.weight`, F, D);
    add(`${layer}.mlp.up_proj.weight`, F, D);
    add(`${layer}.mlp.down_proj.weight`, D, F);
  }
  add('model.norm.weight', D);
  if (!shape.tie_word_embeddings) add('lm_head.weight', V, D);
  return tensors;
}

/** float16 bits of a number that float16 holds exactly and that is not tiny. */
function float16Bits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.abs(value) / 2 ** exponent - 1;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | (fraction * 1024);
}

function elementBytes(data: Float32Array, dtype: Dtype): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const halves =
    dtype === 'F16' ? Uint16Array.from(data, float16Bits) : Uint16Array.from(new Uint32Array(data.slice().buffer), (bits) => bits >>> 16);
  return new Uint8Array(halves.buffer);
}

/** A safetensors file of the tensors, in their order. */
export function safetensorsFile(tensors: Tensors, dtype: Dtype): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Uint8Array[] = [];
  let position = 0;
  for (const [name, { dims, data }] of tensors) {
    const bytes = elementBytes(data, dtype);
    header[name] = { dtype, shape: dims, data_offsets: [position, position + bytes.length] };
    position += bytes.length;
    parts.push(bytes);
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}

/** config.json of a shape. */
export function configJson(shape: LlamaShape, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    max_position_embeddings: 64,
    bos_token_id: 1,
    eos_token_id: 2,
    ...shape,
    ...changes,
  };
}

/** Contents of a folder: JSON objects, text or bytes by file name. */
export type FolderFiles = Readonly<Record<string, unknown>>;

/** The files as bytes. */
export function fileBytes(files: FolderFiles): Map<string, Uint8Array> {
  return new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      content instanceof Uint8Array ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
    ]),
  );
}

/** Writes a folder and returns its path. */
export function writeFolder(path: string, files: FolderFiles): string {
  mkdirSync(path, { recursive: true });
  for (const [name, bytes] of fileBytes(files)) writeFileSync(join(path, name), bytes);
  return path;
}
