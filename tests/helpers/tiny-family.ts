/**
 * @file A family of models small enough to train in milliseconds, as the files of a site: the shipped tokenizers, random
 * weights, and a manifest. What it says is nonsense; what happens to it is real.
 */
import { thetaToSafetensors } from '../../src/core/model/checkpoint';
import { toHuggingFaceConfig, type ModelConfig } from '../../src/core/model/config';
import { familyOf, parseManifest, sha256Hex } from '../../src/core/model/manifest';
import { initialTheta, parameterLayout } from '../../src/core/model/parameters';
import { Random } from '../../src/core/random';
import type { FetchFile } from '../../workers/model-files';
import { FileFailure } from '../../workers/model-files';
import { tinyConfig } from './tiny-config';

/** Files by their path under the site's `models/`. */
export type SiteFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** The shape of the family's models; the vocabulary is that of the shipped tokenizers. */
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

/** One of the site's families, and which models it has. */
interface TinyPlan {
  readonly id: string;
  readonly shape: ModelConfig;
  readonly models: readonly ('base' | 'sft' | 'rlhf' | 'dpo')[];
}

type Read = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

/** Puts a family's files on the site. Returns its manifest, folders named from `root`. */
async function putFamily(site: Map<string, Uint8Array<ArrayBuffer>>, { id: family, shape, models }: TinyPlan, root: string, read: Read) {
  const listed: object[] = [];
  for (const id of models) {
    const config = toHuggingFaceConfig(shape, 'float32');
    const shipped = id === 'dpo' ? 'sft' : id;
    const files = new Map([
      ['config.json', bytesOf(config)],
      ['model.safetensors', thetaToSafetensors(shape, initialTheta(shape, new Random(id)), 'float32')],
      ['tokenizer.json', await read(`s/${shipped}/tokenizer.json`)],
      ['tokenizer_config.json', await read(`s/${shipped}/tokenizer_config.json`)],
    ]);
    for (const [path, bytes] of files) site.set(`${family}/${id}/${path}`, bytes);
    const sums = [...files].map(async ([path, bytes]) => ({ path, bytes: bytes.length, sha256: (await sha256Hex(bytes))! }));
    listed.push({
      id,
      folder: `${root}${id}`,
      files: await Promise.all(sums),
      numParameters: parameterLayout(shape).numParameters,
      config,
      howBuilt: { command: 'random weights', seed: id, steps: 0 },
    });
  }
  return { version: 1, family: { id: family, title: family === 'tiny' ? 'Tiny' : `Tiny ${family}` }, models: listed };
}

/** Makes the family. @param read reads a file of the shipped `models/` folder */
export async function tinyFamily(read: Read): Promise<SiteFiles> {
  const site = new Map<string, Uint8Array<ArrayBuffer>>();
  site.set(
    'manifest.json',
    bytesOf(await putFamily(site, { id: 'tiny', shape: TINY_SHAPE, models: ['base', 'sft', 'rlhf'] }, 'tiny/', read)),
  );
  return site;
}

/** A site of two families: `tiny`, with a DPO model besides, and `wide`, of twice the width. */
export async function tinyFamilies(read: Read): Promise<SiteFiles> {
  const site = new Map<string, Uint8Array<ArrayBuffer>>();
  const shape = { ...TINY_SHAPE, width: 32, headSize: 16 };
  const wide = await putFamily(site, { id: 'wide', shape, models: ['base', 'sft', 'rlhf'] }, '', read);
  site.set('wide/manifest.json', bytesOf(wide));
  const root = await putFamily(site, { id: 'tiny', shape: TINY_SHAPE, models: ['base', 'sft', 'rlhf', 'dpo'] }, 'tiny/', read);
  const listed = familyOf(parseManifest(JSON.parse(JSON.stringify(wide))), 'wide/manifest.json');
  site.set('manifest.json', bytesOf({ ...root, otherFamilies: [listed] }));
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
