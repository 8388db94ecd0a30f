/**
 * @file Model folders for the benchmark: weights as we read them and as transformers.js does, one folder a size.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thetaToSafetensors } from '../../src/core/model/checkpoint';
import { toHuggingFaceConfig, type ModelConfig } from '../../src/core/model/config';
import { exportOnnx } from '../../src/core/model/onnx-export';
import { initialTheta } from '../../src/core/model/parameters';
import { Random } from '../../src/core/random';
import { createWorld } from '../../src/core/world/world';
import { sampleRequest } from '../../src/core/world/requests';
import { loadLanguageModelFolder } from '../model-folder';
import { SIZES, type SizeName } from './plan';

/** A model to measure. */
export interface BenchModel {
  readonly config: ModelConfig;
  /** `[N]` */
  readonly theta: Float32Array;
}

const SHIPPED = 'public/models/s/sft';

/** The shipped SFT model, and what users ask it. */
export function shippedModel(numPrompts: number): BenchModel & { readonly prompts: readonly (readonly number[])[] } {
  const { config, theta, tokenizer } = loadLanguageModelFolder(SHIPPED);
  const world = createWorld();
  const random = new Random('benchmark');
  const prompts = Array.from({ length: numPrompts }, () =>
    tokenizer.encodeChat([{ role: 'user', content: sampleRequest(world, random, 'train').prompt }], { addGenerationPrompt: true }),
  );
  return { config, theta, prompts };
}

/** The model of a size: the shipped one at 1 M, else fresh weights, which cost the same. */
export function modelOf(size: SizeName): BenchModel {
  if (size === '1') return shippedModel(0);
  return { config: SIZES[size], theta: initialTheta(SIZES[size], new Random(size)) };
}

/** Writes config.json, model.safetensors and onnx/model.onnx, all float32. */
export function writeModelFolder(folder: string, { config, theta }: BenchModel): void {
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const json = { ...toHuggingFaceConfig(config, 'float32'), 'transformers.js_config': { dtype: 'fp32' } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(json));
  writeFileSync(join(folder, 'model.safetensors'), thetaToSafetensors(config, theta, 'float32'));
  writeFileSync(join(folder, 'onnx', 'model.onnx'), exportOnnx(config, theta));
}
