/**
 * @file A family of models small enough to train in milliseconds, as the files of a site: the shipped tokenizers, random
 * weights, and a manifest. What it says is nonsense; what happens to it is real.
 */
import { thetaToSafetensors } from '../../src/core/model/checkpoint';
import { toHuggingFaceConfig } from '../../src/core/model/config';
import { sha256Hex } from '../../src/core/model/manifest';
import { initialTheta, parameterLayout } from '../../src/core/model/parameters';
import { Random } from '../../src/core/random';
import type { FetchFile } from '../../workers/model-files';
import { FileFailure } from '../../workers/model-files';
import { tinyConfig } from './tiny-config';

/** Files by their path under the site's `models/`. */
export type SiteFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** The shape of all three models; the vocabulary is that of the shipped tokenizers. */
export const TINY_SHAPE = tinyConfig({
  vocabularySize: 2048,
  width: 16,
  numLayers: 1,
  numHeads: 2,
  numKeyValueHeads: 1,
  headSize: 8,
  feedForwardSize: 32,
  maxPositions: 256,
  eosTokenIds: [5, 0],
});

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

/** Makes the family. @param read reads a file of the shipped `models/` folder */
export async function tinyFamily(read: (path: string) => Promise<Uint8Array<ArrayBuffer>>): Promise<SiteFiles> {
  const site = new Map<string, Uint8Array<ArrayBuffer>>();
  const models: object[] = [];
  for (const id of ['base', 'sft', 'rlhf'] as const) {
    const config = toHuggingFaceConfig(TINY_SHAPE, 'float32');
    const files = new Map([
      ['config.json', bytesOf(config)],
      ['model.safetensors', thetaToSafetensors(TINY_SHAPE, initialTheta(TINY_SHAPE, new Random(id)), 'float32')],
      ['tokenizer.json', await read(`s/${id}/tokenizer.json`)],
      ['tokenizer_config.json', await read(`s/${id}/tokenizer_config.json`)],
    ]);
    for (const [path, bytes] of files) site.set(`tiny/${id}/${path}`, bytes);
    const listed = [...files].map(async ([path, bytes]) => ({ path, bytes: bytes.length, sha256: (await sha256Hex(bytes))! }));
    const { numParameters } = parameterLayout(TINY_SHAPE);
    models.push({
      id,
      folder: `tiny/${id}`,
      files: await Promise.all(listed),
      numParameters,
      config,
      howBuilt: { command: 'random weights', seed: id, steps: 0 },
    });
  }
  site.set('manifest.json', bytesOf({ version: 1, family: { id: 'tiny', title: 'Tiny' }, models }));
  return site;
}

/** Serves such files to a trainer. */
export function fetchFromSite(site: SiteFiles): FetchFile {
  return (path) => {
    const bytes = site.get(path);
    if (bytes) return Promise.resolve(bytes);
    return Promise.reject(new FileFailure({ type: 'failed', code: 'missing-file', file: path, detail: `There is no ${path}.` }));
  };
}
