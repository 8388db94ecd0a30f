/**
 * @file A model as a Hugging Face folder that other programs run: the files that describe it, its weights, and beside them
 * `onnx/model.onnx` in float32 with past key values, so that `pipeline('text-generation', folder)` of transformers.js runs it.
 *
 * Weights that have not changed are copied byte for byte; JSON files gain what Hugging Face's libraries want to be told.
 */
import { thetaToSafetensors } from './checkpoint';
import { toHuggingFaceConfig, type ModelConfig } from './config';
import { SMALL_FILES, type LoadedModel, type ModelFiles } from './loaded-model';
import { exportOnnx } from './onnx-export';

const parse = (file: Uint8Array) => JSON.parse(new TextDecoder().decode(file)) as Record<string, unknown>;
const bytesOf = (json: unknown, indent = 0): Uint8Array => new TextEncoder().encode(`${JSON.stringify(json, null, indent)}\n`);

/** transformers.js looks for quantised weights on some devices unless config.json says which there are. */
function withDtype(config: Uint8Array): Uint8Array {
  const json = parse(config);
  return 'transformers.js_config' in json ? config : bytesOf({ ...json, 'transformers.js_config': { dtype: 'fp32' } }, 1);
}

/** Hugging Face's libraries put a start token before plain text only if tokenizer.json's post-processor says so. */
function withStartToken(tokenizer: Uint8Array, bosTokenId: number): Uint8Array {
  const json = parse(tokenizer);
  const added = (json.added_tokens ?? []) as readonly { readonly id: number; readonly content: string }[];
  const start = added.find(({ id }) => id === bosTokenId)?.content;
  if (start === undefined || (json.post_processor ?? null) !== null) return tokenizer;
  const special = { SpecialToken: { id: start, type_id: 0 } };
  const text = (id: 'A' | 'B') => ({ Sequence: { id, type_id: 0 } });
  const post_processor = {
    type: 'TemplateProcessing',
    single: [special, text('A')],
    pair: [special, text('A'), special, text('B')],
    special_tokens: { [start]: { id: start, ids: [bosTokenId], tokens: [start] } },
  };
  return bytesOf({ ...json, post_processor });
}

/** Where answers begin and end, for `generate` of transformers: every end token ends one. */
const generationConfig = ({ bosTokenId, eosTokenIds, padTokenId }: ModelConfig) =>
  bytesOf({ bos_token_id: bosTokenId, eos_token_id: eosTokenIds, pad_token_id: padTokenId, do_sample: true, temperature: 1 }, 1);

/** The files that describe a model, as other programs want them. */
function description(files: ModelFiles, { config, tokenizer }: Pick<LoadedModel, 'config' | 'tokenizer'>): Map<string, Uint8Array> {
  const small = new Map([...files].filter(([name]) => SMALL_FILES.includes(name) && !name.endsWith('.index.json')));
  if (tokenizer.addsBosToken) small.set('tokenizer.json', withStartToken(small.get('tokenizer.json')!, config.bosTokenId));
  if (!small.has('generation_config.json')) small.set('generation_config.json', generationConfig(config));
  return small;
}

/**
 * The folder of a language model, weights as they came.
 * @throws RangeError, CheckpointError when it cannot be ONNX
 */
export function folderOf(files: ModelFiles, { config, tokenizer, theta }: LoadedModel): Map<string, Uint8Array> {
  const written = new Map([...files, ...description(files, { config, tokenizer })]);
  written.set('config.json', withDtype(files.get('config.json')!));
  written.set('onnx/model.onnx', exportOnnx(config, theta));
  return written;
}

/**
 * The folder of a model whose weights are its own, in float32: a policy trained here, or a reward model, which has no ONNX.
 * @param files of the model whose tokenizer and chat format it shares
 * @throws RangeError when theta is of another size than the model
 */
export function folderOfWeights(files: ModelFiles, { config, tokenizer, theta }: LoadedModel): Map<string, Uint8Array> {
  const written = description(files, { config, tokenizer });
  const json = bytesOf(toHuggingFaceConfig(config, 'float32'), 1);
  written.set('config.json', config.numLabels > 0 ? json : withDtype(json));
  written.set('model.safetensors', thetaToSafetensors(config, theta, 'float32'));
  if (config.numLabels === 0) written.set('onnx/model.onnx', exportOnnx(config, theta));
  return written;
}
