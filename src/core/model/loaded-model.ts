/**
 * @file A model read from the files of a Hugging Face folder: shape, weights, tokenizer, and how to prompt it.
 *
 * Chat models (a chat template is present) get the conversation format; others get plain text, after the start token
 * where the tokenizer says so, and continue it. The files are chosen and combined as `from_pretrained` does.
 */
import { readTokenizer } from '../text/read-tokenizer';
import type { TextTokenizer } from '../text/tokenizer';
import { thetaFromSafetensors } from './checkpoint';
import { CheckpointError } from './checkpoint-error';
import { parseHuggingFaceConfig, type ModelConfig } from './config';

/** A model ready to be put on an engine. */
export interface LoadedModel {
  readonly config: ModelConfig;
  readonly tokenizer: TextTokenizer;
  /** `[N]` */
  readonly theta: Float32Array;
}

/** Files of a model folder by name. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/** The files of a folder, beside the weights, that say something about the model; all but two may be missing. */
export const SMALL_FILES: readonly string[] = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'model.safetensors.index.json',
];

function json(files: ModelFiles, name: string): unknown {
  const bytes = files.get(name);
  if (!bytes) throw new CheckpointError(`The model folder has no ${name}.`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    throw new CheckpointError(`${name} is not valid JSON.`);
  }
}

/** A JSON object, or an empty one where the file is missing. */
function optionalJson(files: ModelFiles, name: string): Record<string, unknown> {
  if (!files.has(name)) return {};
  const value = json(files, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CheckpointError(`${name} is not a JSON object.`);
  return value as Record<string, unknown>;
}

/**
 * Which files of a folder hold the weights: `model.safetensors`, else the shards that the index names, else every
 * `.safetensors` file.
 * @param names all files of the folder
 * @param files the index, if the folder has one, is read from here
 * @throws CheckpointError when there are none, or a shard is missing
 */
export function weightFileNames(names: Iterable<string>, files: ModelFiles): string[] {
  const all = [...names].filter((name) => name.endsWith('.safetensors')).sort();
  const whole = 'model.safetensors';
  if (all.includes(whole)) return [whole];
  const index = `${whole}.index.json`;
  if (files.has(index)) {
    const { weight_map: places } = optionalJson(files, index);
    const shards = typeof places === 'object' && places !== null ? [...new Set(Object.values(places) as unknown[])] : [];
    if (shards.length === 0) throw new CheckpointError(`${index} names no files.`);
    const missing = shards.find((shard) => !(all as unknown[]).includes(shard));
    if (missing !== undefined)
      throw new CheckpointError(`The model folder has no ${String(JSON.stringify(missing)).slice(0, 100)}, which ${index} names.`);
    return shards as string[];
  }
  if (all.length === 0) throw new CheckpointError('The model folder has no .safetensors file.');
  return all;
}

/** tokenizer_config.json with what older and newer folders keep beside it. */
function tokenizerConfigOf(files: ModelFiles): Record<string, unknown> {
  const config = { ...optionalJson(files, 'special_tokens_map.json'), ...optionalJson(files, 'tokenizer_config.json') };
  const template = files.get('chat_template.jinja');
  return template ? { ...config, chat_template: new TextDecoder().decode(template) } : config;
}

/**
 * Reads a model folder.
 * @throws CheckpointError in one clear sentence
 */
export function loadModel(files: ModelFiles): LoadedModel {
  const configJson = json(files, 'config.json');
  const generation = optionalJson(files, 'generation_config.json');
  parseHuggingFaceConfig(configJson, { generation, eosTokenIds: [0] }); // Refuse another architecture before looking further.
  const tokenizer = readTokenizer(json(files, 'tokenizer.json'), tokenizerConfigOf(files));
  const shape = parseHuggingFaceConfig(configJson, { generation, eosTokenIds: tokenizer.eosTokenIds });
  if (tokenizer.vocabularySize > shape.vocabularySize)
    throw new CheckpointError(`The tokenizer has ${tokenizer.vocabularySize} tokens, the model ${shape.vocabularySize}.`);
  const bosTokenId = tokenizer.bosTokenId ?? shape.bosTokenId;
  const weights = weightFileNames(files.keys(), files).map((name) => files.get(name)!);
  return { config: { ...shape, bosTokenId }, tokenizer, theta: thetaFromSafetensors(shape, weights) };
}

/**
 * Token ids that make a model answer (chat) or continue (plain) a text.
 * @param bosTokenId put before plain text if the tokenizer does so
 */
export function promptTokens(tokenizer: TextTokenizer, bosTokenId: number, prompt: string, chat = tokenizer.hasChatTemplate): number[] {
  if (chat) return tokenizer.encodeChat([{ role: 'user', content: prompt }], { addGenerationPrompt: true });
  const ids = tokenizer.encode(prompt);
  return tokenizer.addsBosToken ? [bosTokenId, ...ids] : ids;
}
