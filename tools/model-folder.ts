/**
 * @file Reads a Hugging Face model folder from disk: only the files that make up the model, each fault in one line.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CheckpointError } from '../src/core/model/checkpoint-error';
import { loadModel, SMALL_FILES, weightFileNames, type LoadedModel, type ModelFiles } from '../src/core/model/loaded-model';
import { ClearError } from './ensure-dependencies.mjs';

/** Node reads no larger file at once, and no larger model fits theta. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** A path as the user meant it: npm runs us in the repository, wherever it was called. */
export function resolved(folder: string): string {
  const base = process.env.npm_lifecycle_event === 'aftertrain' ? process.env.INIT_CWD : undefined;
  return resolve(base ?? '.', folder);
}

function list(path: string, folder: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new ClearError(`There is no folder ${folder}.`);
  if (!found.isDirectory()) throw new ClearError(`${folder} is not a folder.`);
  return readdirSync(path);
}

function read(path: string, folder: string, name: string): Uint8Array {
  const file = join(path, name);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new ClearError(`${folder}: ${name} is not a file.`);
  if (found.size > MAX_FILE_BYTES) throw new ClearError(`${folder}: ${name} is larger than two gigabytes, which is not supported.`);
  return readFileSync(file);
}

/** Does something with a folder; whatever is wrong with it is one sentence that begins with its name. */
function inFolder<Result>(folder: string, job: (path: string) => Result): Result {
  try {
    return job(resolved(folder));
  } catch (error) {
    if (error instanceof CheckpointError) throw new ClearError(`${folder}: ${error.message}`);
    if (error instanceof Error && 'code' in error && 'syscall' in error)
      throw new ClearError(`${folder} cannot be read (${String(error.code)}).`);
    throw error;
  }
}

/**
 * The files that make up the model in a folder, by name.
 * @throws ClearError in one sentence that begins with the folder
 */
export function readModelFiles(folder: string): ModelFiles {
  return inFolder(folder, (path) => {
    const names = list(path, folder);
    const small = names.filter((name) => SMALL_FILES.includes(name));
    const files = new Map(small.map((name) => [name, read(path, folder, name)]));
    for (const name of weightFileNames(names, files)) files.set(name, read(path, folder, name));
    return files;
  });
}

/**
 * Loads the model in a folder.
 * @throws ClearError in one sentence that begins with the folder
 */
export function loadModelFolder(folder: string): LoadedModel {
  return inFolder(folder, () => loadModel(readModelFiles(folder)));
}

/**
 * Loads a model that writes text.
 * @throws ClearError also for a reward model, which only scores
 */
export function loadLanguageModelFolder(folder: string): LoadedModel {
  const model = loadModelFolder(folder);
  if (model.config.numLabels > 0) throw new ClearError(`${folder} is a reward model: it scores text and writes none.`);
  return model;
}
