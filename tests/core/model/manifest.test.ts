/**
 * @file The manifest: what it accepts, what it refuses, and the check of fetched files.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import { toHuggingFaceConfig } from '../../../src/core/model/config';
import { familyOf, parseManifest, readManifest, sha256Hex, verifyFile } from '../../../src/core/model/manifest';
import { TIED } from './tiny-configs';

/** SHA-256 of "abc", from FIPS 180-2. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const file = { path: 'model.safetensors', bytes: 3, sha256: ABC };
const model = {
  id: 'base',
  folder: 'small-town/base',
  files: [file],
  numParameters: 1000,
  config: toHuggingFaceConfig(TIED, 'float16'),
  howBuilt: { command: 'npm run build-models', seed: 1, steps: 2000, learningRate: 0.003 },
  eval: { perplexity: 7.5 },
};
const manifest = { version: 1, family: { id: 'small-town', title: 'Small town' }, models: [model] };
const withModel = (change: object): object => ({ ...manifest, models: [{ ...model, ...change }] });

afterEach(() => vi.unstubAllGlobals());

describe('parseManifest', () => {
  it('reads a manifest, with the configuration parsed', () => {
    const parsed = parseManifest(JSON.parse(JSON.stringify(manifest)));
    expect(parsed.models[0]).toEqual({ ...model, config: TIED });
    expect(parsed.family.title).toBe('Small town');
  });

  it.each([
    [{ ...manifest, version: 2 }, /version: must be 1/],
    [withModel({ id: 'rlaif' }), /models.0.id: must be base, sft/],
    [withModel({ folder: '../secrets' }), /models.0.folder: must be a relative path/],
    [withModel({ folder: '/etc' }), /relative path/],
    [withModel({ folder: 'https://elsewhere.example' }), /relative path/],
    [withModel({ folder: 'a//b' }), /relative path/],
    [withModel({ files: [{ ...file, path: 'a/../../b' }] }), /models.0.files.0.path: must be a relative path/],
    [withModel({ files: [{ ...file, sha256: ABC.toUpperCase() }] }), /64 hexadecimal digits/],
    [withModel({ files: [{ ...file, bytes: -1 }] }), /bytes: must not be negative/],
    [withModel({ files: [] }), /files: must not be empty/],
    [withModel({ eval: { perplexity: 'low' } }), /models.0.eval.perplexity: must be a number/],
    [withModel({ config: { ...model.config, hidden_act: 'gelu' } }), /models.0.config: config.json: hidden_act: only "silu"/],
    [{ ...manifest, models: [model, model] }, /two models with the id "base"/],
  ])('refuses a fault by name (%#)', (json, message) => {
    expect(() => parseManifest(json)).toThrow(CheckpointError);
    expect(() => parseManifest(json)).toThrow(message);
  });

  it('throws nothing but CheckpointError, whatever it is given', () => {
    const damaged = fc.tuple(fc.constantFrom(...Object.keys(model)), fc.jsonValue()).map(([key, value]) => withModel({ [key]: value }));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.jsonValue(), fc.anything()), (json) => {
        try {
          parseManifest(json);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
});

describe('fetched files', () => {
  const abc = new TextEncoder().encode('abc');

  it('have the SHA-256 of the standard', async () => {
    expect(await sha256Hex(abc)).toBe(ABC);
  });

  it('are verified by size and hash', async () => {
    expect(await verifyFile(file, abc)).toBe(true);
    await expect(verifyFile(file, new TextEncoder().encode('abd'))).rejects.toThrow(/model.safetensors is damaged/);
    await expect(verifyFile(file, new Uint8Array(2))).rejects.toThrow(/2 bytes instead of 3/);
  });

  it('are called unverified, not wrong, where the browser offers no WebCrypto', async () => {
    vi.stubGlobal('crypto', {});
    expect(await sha256Hex(abc)).toBeNull();
    expect(await verifyFile(file, abc)).toBe(false);
    await expect(verifyFile(file, new Uint8Array(2))).rejects.toThrow(CheckpointError);
  });
});

describe('a site with several families', () => {
  const other = { ...manifest, family: { id: 'big-town', title: 'Big town' }, models: [{ ...model, folder: 'base' }] };
  const root = {
    ...manifest,
    otherFamilies: [{ id: 'big-town', title: 'Big town', manifest: 'big-town/manifest.json', numParameters: 4000, bytes: 9000 }],
  };
  const files: Record<string, unknown> = { 'manifest.json': root, 'big-town/manifest.json': other };
  const asked: string[] = [];
  const read = (path: string) => {
    asked.push(path);
    return Promise.resolve(structuredClone(files[path]));
  };

  it.each([undefined, 'small-town', 'nowhere'])('reads the first when asked for %s, and fetches no other', async (family) => {
    asked.length = 0;
    const site = await readManifest(read, family);
    expect(site.models[0]!.folder).toBe('small-town/base');
    expect(site.families.map(({ id }) => id)).toEqual(['small-town', 'big-town']);
    expect(asked).toEqual(['manifest.json']);
  });

  it('reads another, its folders named from the root', async () => {
    const site = await readManifest(read, 'big-town');
    expect(site.family.title).toBe('Big town');
    expect(site.models[0]!.folder).toBe('big-town/base');
    expect(site.families).toHaveLength(2);
  });

  it('says what a family downloads: the models that are there from the start', () => {
    const models = ['base', 'sft', 'reward-model', 'rlhf', 'dpo'].map((id) => ({ ...model, id }));
    expect(familyOf(parseManifest({ ...manifest, models }), 'manifest.json')).toMatchObject({ bytes: 9, numParameters: 1000 });
  });

  it('refuses a list that leads out of the site', () => {
    const bad = { ...root, otherFamilies: [{ ...root.otherFamilies[0]!, manifest: '../manifest.json' }] };
    expect(() => parseManifest(bad)).toThrow(/otherFamilies.0.manifest: must be a relative path/);
  });
});
