/**
 * @file A model read from the files of a Hugging Face folder: shape, weights, tokenizer, and how to prompt it.
 *
 * Chat models (a chat template is present) get the conversation format; others get the start token and plain text, and
 * continue it.
 */
import { TextTokenizer } from '../text/tokenizer';
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

function json(files: ModelFiles, name: string): unknown {
  const bytes = files.get(name);
  if (!bytes) throw new CheckpointError(`The model folder has no ${name}.`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    throw new CheckpointError(`${name} is not valid JSON.`);
  }
}

/**
 * Reads a model folder. Weights are all files ending in `.safetensors`.
 * @throws CheckpointError in one clear sentence
 */
export function loadModel(files: ModelFiles): LoadedModel {
  const shape = parseHuggingFaceConfig(json(files, 'config.json'));
  const weights = [...files].filter(([name]) => name.endsWith('.safetensors')).map(([, bytes]) => bytes);
  if (weights.length === 0) throw new CheckpointError('The model folder has no .safetensors file.');
  const tokenizer = new TextTokenizer(
    json(files, 'tokenizer.json'),
    files.has('tokenizer_config.json') ? json(files, 'tokenizer_config.json') : {},
  );
  if (tokenizer.vocabularySize > shape.vocabularySize)
    throw new CheckpointError(`The tokenizer has ${tokenizer.vocabularySize} tokens, the model ${shape.vocabularySize}.`);
  const eosTokenIds = [...new Set([...shape.eosTokenIds, ...tokenizer.eosTokenIds])];
  return { config: { ...shape, eosTokenIds }, tokenizer, theta: thetaFromSafetensors(shape, weights) };
}

/** Token ids that make a model answer (chat) or continue (base) a text. */
export function promptTokens(tokenizer: TextTokenizer, bosTokenId: number, prompt: string, chat = tokenizer.hasChatTemplate): number[] {
  return chat
    ? tokenizer.encodeChat([{ role: 'user', content: prompt }], { addGenerationPrompt: true })
    : [bosTokenId, ...tokenizer.encode(prompt)];
}
