/**
 * @file `aftertrain export`: a model as a Hugging Face folder that other programs run.
 *
 * What is in it is said in `core/model/written-folder.ts`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineCommand } from 'citty';
import { CheckpointError } from '../../src/core/model/checkpoint-error';
import { folderOf } from '../../src/core/model/written-folder';
import { ClearError } from '../ensure-dependencies.mjs';
import { loadLanguageModelFolder, readModelFiles, resolved } from '../model-folder';

/** One file written. */
interface WrittenFile {
  /** Within the folder. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes the folder, over what may be there.
 * @throws ClearError when the model cannot be exported or the folder not written
 */
export function exportFolder(model: string, out: string): WrittenFile[] {
  const loaded = loadLanguageModelFolder(model);
  let files: ReadonlyMap<string, Uint8Array>;
  try {
    files = folderOf(readModelFiles(model), loaded);
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
