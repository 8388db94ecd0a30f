/**
 * @file `aftertrain export`: a model as a Hugging Face folder that other programs run.
 *
 * The folder has the model's own files and beside them `onnx/model.onnx` in float32 with past key values, so that
 * `pipeline('text-generation', folder)` of transformers.js runs it. The weights are copied byte for byte; two JSON files
 * gain what Hugging Face's libraries want to be told.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineCommand } from 'citty';
import { CheckpointError } from '../../src/core/model/checkpoint-error';
import { exportOnnx } from '../../src/core/model/onnx-export';
import { ClearError } from '../ensure-dependencies.mjs';
import { loadLanguageModelFolder, readModelFiles, resolved } from '../model-folder';

/** One file written. */
interface WrittenFile {
  /** Within the folder. */
  readonly path: string;
  readonly bytes: number;
}

const parse = (file: Uint8Array) => JSON.parse(new TextDecoder().decode(file)) as Record<string, unknown>;
const bytesOf = (json: unknown, indent = 0) => new TextEncoder().encode(`${JSON.stringify(json, null, indent)}\n`);

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

/**
 * Writes the folder, over what may be there.
 * @throws ClearError when the model cannot be exported or the folder not written
 */
export function exportFolder(model: string, out: string): WrittenFile[] {
  const { config, tokenizer, theta } = loadLanguageModelFolder(model);
  const files = new Map(readModelFiles(model));
  files.set('config.json', withDtype(files.get('config.json')!));
  if (tokenizer.addsBosToken) files.set('tokenizer.json', withStartToken(files.get('tokenizer.json')!, config.bosTokenId));
  try {
    files.set('onnx/model.onnx', exportOnnx(config, theta));
    for (const [path, bytes] of files) {
      const file = join(resolved(out), path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  } catch (error) {
    if (error instanceof CheckpointError) throw new ClearError(`${model}: ${error.message}`);
    if (error instanceof Error && 'code' in error && 'syscall' in error)
      throw new ClearError(`${out} cannot be written (${String(error.code)}).`);
    throw error;
  }
  return Array.from(files, ([path, { length }]) => ({ path, bytes: length }));
}

/** The command. */
export const exportCommand = defineCommand({
  meta: { name: 'export', description: 'Write a model as a folder that transformers.js and ONNX Runtime run.' },
  args: {
    model: { type: 'string', required: true, valueHint: 'folder', description: 'a Hugging Face folder of the Llama architecture' },
    out: { type: 'string', required: true, valueHint: 'folder', description: 'where to write; made if it is not there' },
    json: { type: 'boolean', description: 'print {folder, files: [{path, bytes}]} instead of a list' },
  },
  run({ args }) {
    const files = exportFolder(args.model, args.out);
    const lines = files.map(({ path, bytes }) => `${args.out}/${path}  ${bytes} bytes`);
    process.stdout.write(`${args.json ? JSON.stringify({ folder: args.out, files }) : lines.join('\n')}\n`);
  },
});
