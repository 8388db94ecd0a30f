/**
 * @file What is read of the hub's own answers, and which files of a model are chosen. Downloads themselves are tested in a real browser,
 * against a server with the hub's addresses.
 */
import { describe, expect, it } from 'vitest';
import { isRepoName, keptBytesOf, listingOf, numPieces, pieceBytes, pieceKey } from '../../src/protocol/hub-cache';
import { chooseOnnx } from '../../workers/onnx-choice';

const SHA = 'a'.repeat(40);
const HASH = 'b'.repeat(64);
const SMALL = ['config.json', 'tokenizer.json', 'tokenizer_config.json'].map((path) => ({ path, bytes: 1000 }));
const weights = (...names: string[]) => [...SMALL, ...names.map((path) => ({ path, bytes: 5e6 }))];

describe('a list of the hub', () => {
  it('gives each file its size and hash, those kept elsewhere too', () => {
    const siblings = [
      { rfilename: 'config.json', size: 700, blobId: SHA },
      { rfilename: 'onnx/model.onnx', size: 5e6, blobId: SHA, lfs: { sha256: HASH, size: 5e6, pointerSize: 132 } },
      { rfilename: 'unsized' },
    ];
    expect(listingOf('a/b', { sha: SHA, tags: ['onnx', 'license:apache-2.0'], siblings })).toEqual({
      repo: 'a/b',
      commit: SHA,
      licence: 'apache-2.0',
      files: [
        { path: 'config.json', bytes: 700, hash: SHA },
        { path: 'onnx/model.onnx', bytes: 5e6, hash: HASH },
      ],
    });
  });

  it.each([
    ['no list', null],
    ['no commit', { siblings: [] }],
    ['a commit that leads elsewhere', { sha: '../../main', siblings: [] }],
    ['a negative size', { sha: SHA, siblings: [{ rfilename: 'x', size: -1, blobId: SHA }] }],
    ['a hash that is none', { sha: SHA, siblings: [{ rfilename: 'x', size: 1, blobId: '../x' }] }],
    ['more files than any model has', { sha: SHA, siblings: Array.from({ length: 5001 }, () => ({ rfilename: 'x' })) }],
  ])('with %s is refused', (_, json) => {
    expect(() => listingOf('a/b', json)).toThrow();
  });

  it('is asked for by names that a repository can have, and no others', () => {
    for (const name of ['a/b', 'onnx-community/SmolLM2-135M-ONNX']) expect(isRepoName(name)).toBe(true);
    for (const name of ['', 'a', 'a/b/c', '../b', 'a/..', 'https://x/y', 'a/b?x', 'a /b']) expect(isRepoName(name)).toBe(false);
  });
});

it('pieces of a file add up to it, and none of another version counts', () => {
  const file = { path: 'x', bytes: 5e6 + 1, hash: HASH };
  const sizes = Array.from({ length: numPieces(file) }, (_, i) => pieceBytes(file, i));
  expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(file.bytes);
  const scope = 'https://page.example/';
  const kept = new Set([pieceKey(scope, 'a/b', file, 0), pieceKey(scope, 'a/b', { hash: SHA }, 1)]);
  expect(keptBytesOf(scope, 'a/b', [file], kept)).toBe(sizes[0]);
});

describe('of the weights that there are', () => {
  const all = weights('onnx/model.onnx', 'onnx/model_q4.onnx', 'onnx/model_q4f16.onnx', 'onnx/model_quantized.onnx');

  it.each([
    ['webgpu-float16', 'q4f16'],
    ['webgpu', 'q4'],
    ['wasm', 'q8'],
  ] as const)('%s takes %s', (device, dtype) => {
    expect(chooseOnnx(all, device)).toMatchObject({ dtype, subfolder: 'onnx', weightBytes: 5e6 });
  });

  it('float32 serves where nothing else is, at the top of a folder too', () => {
    expect(chooseOnnx(weights('model.onnx'), 'wasm')).toMatchObject({ dtype: 'fp32', subfolder: '' });
  });

  it('data that lies beside the graph comes with it', () => {
    const choice = chooseOnnx(weights('onnx/model_q4.onnx', 'onnx/model_q4.onnx_data', 'onnx/model_q4.onnx_data_1'), 'webgpu');
    expect(choice).toMatchObject({ dtype: 'q4', numDataFiles: 2, weightBytes: 15e6 });
  });

  it('a file larger than browsers hold is passed over, and where nothing is left that is said', () => {
    expect(chooseOnnx([...SMALL, { path: 'onnx/model.onnx', bytes: 3e9 }], 'wasm')).toContain('no ONNX files');
    expect(chooseOnnx([], 'wasm')).toBe('There is no config.json, no tokenizer.json, no tokenizer_config.json.');
  });
});
