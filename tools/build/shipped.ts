/**
 * @file What an earlier build shipped, taken up again: `--from sft` needs no base model built here, for the folder has one.
 *
 * The weights, the tokenizer and the evals of the stages before are put into the store as if they had been made in it, so that
 * everything after goes on as in a build that was stopped there. Weights come back rounded to float16, as they are shipped: what
 * is built on them is built on what users have.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEvals } from '../../src/core/eval/evals';
import { CheckpointError } from '../../src/core/model/checkpoint-error';
import { loadModel } from '../../src/core/model/loaded-model';
import { parseManifest, verifyFile, type ManifestFile } from '../../src/core/model/manifest';
import { ClearError } from '../ensure-dependencies.mjs';
import { keyOf, placesOf } from './places';
import type { Made, Stage } from './stages';
import type { Store } from './store';

/** @throws ClearError when the bytes are not those that the manifest lists */
async function verified(file: ManifestFile, bytes: Uint8Array<ArrayBuffer>, home: string): Promise<void> {
  try {
    await verifyFile(file, bytes);
  } catch (error) {
    throw error instanceof CheckpointError ? new ClearError(`${home}: ${error.message}`) : error;
  }
}

/**
 * Reads the models that these stages make from `folder` into the store, and lists them as made.
 * @param keepEvals take up what was measured of them too
 * @throws ClearError when one is not there, or not as the manifest says
 */
export async function adoptShipped(
  stages: readonly Stage[],
  folder: string,
  family: string,
  store: Store,
  made: Made,
  keepEvals: boolean,
): Promise<void> {
  const path = join(folder, placesOf(family).manifest);
  if (!existsSync(path)) throw new ClearError(`There is no ${path}: nothing of family ${family} has been built yet. Leave out --from.`);
  const text = readFileSync(path, 'utf8');
  const manifest = parseManifest(JSON.parse(text));
  for (const { name, makes } of stages) {
    if (!makes || made.has(makes.id)) continue;
    const model = manifest.models.find(({ id }) => id === makes.id);
    if (manifest.family.id !== family || !model)
      throw new ClearError(`${path} has no ${makes.id} of family ${family}: begin --from ${name}, or before it.`);
    const home = join(folder, family, makes.id);
    const files = new Map<string, Uint8Array>();
    for (const file of model.files) {
      const bytes = new Uint8Array(readFileSync(join(home, file.path)));
      await verified(file, bytes, home);
      files.set(file.path, bytes);
    }
    const { theta } = loadModel(files);
    const none = new Float32Array(theta.length);
    store.writeSnapshot(name, { theta, m: none, v: none, step: model.howBuilt.steps });
    store.writeJson('tokenizer.json', JSON.parse(new TextDecoder().decode(files.get('tokenizer.json'))));
    if (keepEvals)
      store.writeJson(`${makes.id}-evals.json`, {
        key: keyOf(files),
        evals: parseEvals(JSON.parse(readFileSync(join(home, 'evals.json'), 'utf8'))),
      });
    made.set(makes.id, theta, name);
  }
}
