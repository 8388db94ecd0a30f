/**
 * @file Everything that reads what comes from outside, given ten thousand damaged inputs each: it answers, or refuses with its own
 * error; nothing else is thrown, nothing takes long, and nothing is allocated that the input does not hold.
 */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ALGORITHMS } from '../../src/core/algorithms/catalogue';
import type { LearnsFrom } from '../../src/core/data/run-data';
import { readPlainText, readRowsText, textsIn } from '../../src/core/data/rows';
import { encodeLong, holdOut } from '../../src/core/data/texts';
import { CheckpointError } from '../../src/core/model/checkpoint-error';
import { parseHuggingFaceConfig } from '../../src/core/model/config';
import { readSafetensors, tensorData, writeSafetensors } from '../../src/core/model/safetensors';
import { parseComparison } from '../../src/core/preferences/comparison';
import { HopelessFileError, readCsv, readJsonl, writeCsv, writeJsonl } from '../../src/core/preferences/preference-files';
import { Random } from '../../src/core/random';
import { readTokenizer } from '../../src/core/text/read-tokenizer';
import { listingOf } from '../../src/protocol/hub-cache';
import type { RunSpec } from '../../src/protocol/run';
import { readWorkspace, WorkspaceWriter, type WorkspaceRecord } from '../../src/state/backup/backup-file';
import { sortRecords } from '../../src/state/backup/backup-tables';
import { readLink, writeLink } from '../../src/state/link';
import { readRunFile, readSpecText, writeRunFile } from '../../src/state/run-files';
import { placeOf, viewOf } from '../../src/state/view.svelte';
import { chooseOnnx } from '../../workers/onnx-choice';
import { madeUpFiles } from '../core/text/made-up-text';
import { metaspaceTokenizer } from '../helpers/foreign-tokenizers';
import { configJson, SMALL_LLAMA } from '../helpers/llama-folder';
import { mutateBytes, mutateJson, mutateText } from '../helpers/mutations';

const NUM_INPUTS = 10_000;
/** One input may take so long, on a machine that does other work besides. */
const MAX_MS = 3000;
/** What may be held beyond what was held before, in bytes: garbage that waits to be collected. */
const MAX_GROWTH = 600e6;

const held = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** The library that reads CSV says on the console when two columns have one name. */
vi.setConfig({ testTimeout: 240_000 }); // on a busy machine
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterAll(() => void vi.restoreAllMocks());

/** Gives `read` the inputs. `refusals`: the names of the errors that it may throw. */
async function fuzz<T>(
  name: string,
  make: (random: Random, at: number) => T,
  read: (input: T) => unknown,
  refusals: readonly string[],
): Promise<void> {
  const random = new Random(`fuzz ${name}`);
  const before = held();
  let [numTaken, slowestMs, growth] = [0, 0, 0];
  for (let at = 0; at < NUM_INPUTS; at++) {
    const input = make(random.split(at), at);
    const start = performance.now();
    try {
      await read(input);
      numTaken += 1;
    } catch (error) {
      if (!(error instanceof Error) || !refusals.includes(error.name))
        throw new Error(`${name}, input ${at}: ${String(error)}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, performance.now() - start);
    if (at % 100 === 0) growth = Math.max(growth, held() - before);
  }
  expect(slowestMs).toBeLessThan(MAX_MS);
  expect(growth).toBeLessThan(MAX_GROWTH);
  expect(numTaken).toBeLessThan(NUM_INPUTS); // or nothing was damaged
}

const vector = (length: number, from = 0) => Float32Array.from({ length }, (_, at) => Math.sin(from + at));
const encoded = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const tensors = [
  { name: 'a', dims: [3, 4], data: vector(12) },
  { name: 'b', dims: [5], data: vector(5) },
  { name: 'c', dims: [], data: vector(1) },
];

describe('damaged weights', () => {
  const file = writeSafetensors(tensors, 'F32');
  const headerBytes = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes))) as unknown;

  /** The file under a header that says something else, its length told rightly. */
  function withHeader(json: unknown): Uint8Array {
    const bytes = encoded(json);
    const made = new Uint8Array(8 + bytes.length + file.length - 8 - headerBytes);
    new DataView(made.buffer).setUint32(0, bytes.length, true);
    made.set(bytes, 8);
    made.set(file.subarray(8 + headerBytes), 8 + bytes.length);
    return made;
  }

  it('in safetensors are refused or read', () =>
    fuzz(
      'safetensors',
      (random, at) => (at % 2 === 0 ? mutateBytes(file, random) : withHeader(mutateJson(header, random))),
      (bytes) => [...readSafetensors(bytes).values()].map(tensorData),
      ['CheckpointError'],
    ));
});

describe('damaged descriptions of a model', () => {
  it('in config.json are refused or read', () =>
    fuzz(
      'config.json',
      (random) => mutateJson(configJson(SMALL_LLAMA), random),
      (json) => parseHuggingFaceConfig(json),
      ['CheckpointError'],
    ));

  it('in tokenizer.json and tokenizer_config.json are refused or read, and what is read reads texts', () => {
    const [own, config] = madeUpFiles({ chat: true, vocabularySize: 280 });
    return fuzz(
      'tokenizer.json',
      (random, at) => {
        const file = at % 4 < 2 ? own : metaspaceTokenizer;
        return at % 2 === 0
          ? ([mutateJson(file, random), config] as const)
          : ([mutateJson(file, random), mutateJson(config, random)] as const);
      },
      ([json, settings]) => readTokenizer(json, settings).encode('A text, <s> and <|end|> in it.'),
      ['CheckpointError'],
    );
  });

  it('in the hub’s lists of files are refused or read', () => {
    const sibling = (rfilename: string, size: number) => ({
      rfilename,
      size,
      blobId: 'a'.repeat(40),
      lfs: { sha256: 'b'.repeat(64), size },
    });
    const names = [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'model.safetensors',
      'onnx/model_q4.onnx',
      'onnx/model_q4.onnx_data',
    ];
    const list = { sha: 'c'.repeat(40), tags: ['license:mit'], siblings: names.map((name, at) => sibling(name, at + 1)) };
    return fuzz(
      'listing',
      (random) => mutateJson(list, random),
      (json) => chooseOnnx(listingOf('a/b', json).files, 'wasm'),
      ['ValiError'],
    );
  });
});

describe('damaged rows and labels', () => {
  const ROWS: Readonly<Record<LearnsFrom, readonly object[]>> = {
    demonstrations: [
      { prompt: 'Who?', completion: 'Ana — “she”.' },
      {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hello' },
        ],
      },
      {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hello' },
          { role: 'user', content: 'How?' },
          { role: 'assistant', content: 'So.' },
        ],
      },
    ],
    pairs: [{ prompt: [{ role: 'user', content: 'a' }], chosen: [{ role: 'assistant', content: 'b' }], rejected: 'c' }],
    rewards: [{ prompt: 'x' }, { prompt: 'ü' }],
  };
  const kinds = Object.keys(ROWS) as LearnsFrom[];

  it('in JSONL of rows are refused or read', () =>
    fuzz(
      'rows',
      (random, at) => {
        const kind = kinds[at % kinds.length]!;
        const rows = at % 2 === 0 ? ROWS[kind] : (mutateJson(ROWS[kind], random) as unknown[]);
        const text = at % 4 < 2 && Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)).join('\n') : JSON.stringify(rows);
        return [at % 2 === 0 ? mutateText(text, random) : text, kind] as const;
      },
      ([text, kind]) => readRowsText(text, kind),
      ['RangeError'],
    ));

  it('in plain texts are refused or read, and what is read is cut and encoded', () => {
    const tokenizer = readTokenizer(...madeUpFiles({ chat: false, vocabularySize: 280 }));
    const sound = 'One line — “quoted”, 水 and 😀.\r\nAnother line.\n\n'.repeat(5);
    return fuzz(
      'plain text',
      (random, at) => mutateText(at % 3 === 0 ? sound.slice(0, random.integer(sound.length)) : sound, random),
      (text) => {
        const { learned, heldOut } = holdOut(textsIn(readPlainText(text))!);
        for (const part of [...learned, ...heldOut]) encodeLong(tokenizer, part);
      },
      ['RangeError'],
    );
  });

  const label = (id: string) =>
    parseComparison({
      id,
      prompt: 'Hello, "you"',
      a: 'Hi!\nThere',
      b: '=1+1',
      verdict: 'a',
      strength: 2,
      annotator: 'me',
      note: 'a, b; "c"',
      time: '2026-01-01T00:00:00.000Z',
      source: 'test',
      durationMs: null,
      cost: 0,
    });
  const labels = ['1', '2', '3'].map(label);
  const defaults = { annotator: 'file', source: 'import', time: '2026-01-01T00:00:00.000Z' };
  /** Whole, or in pieces cut anywhere. */
  const pieces = (text: string, at: number) => (at % 3 === 0 ? [text] : (text.match(/[\s\S]{1,17}/g) ?? []));

  it.each([
    ['JSONL', writeJsonl(labels), readJsonl],
    ['CSV', writeCsv(labels), readCsv],
  ] as const)('in %s of labels are told by line, or the file is given up', (kind, sound, read) =>
    fuzz(
      `labels ${kind}`,
      (random, at) => pieces(mutateText(sound, random), at),
      async (text) => {
        const { comparisons, numProblems } = await read(text, defaults);
        for (const one of comparisons) parseComparison(one);
        if (numProblems > 0) throw new HopelessFileError({ code: 'too-many', limit: 0 });
      },
      ['HopelessFileError'],
    ),
  );
});

const spec = {
  stage: 'grpo',
  seed: 3,
  start: 'sft',
  reward: { length: -1 },
  config: ALGORITHMS.grpo.defaults,
  fixedPrompts: ['Hello!'],
} as RunSpec;

describe('damaged runs', () => {
  const checkpoint = (update: number) => ({ spec, update, theta: vector(7), m: vector(7, 1), v: vector(7, 2), memory: { kl_coef: 1 } });
  const file = writeRunFile({
    record: {
      id: 'an id',
      name: 'Mine',
      createdAt: '2026-01-02T03:04:05.678Z',
      spec,
      numUpdates: 9,
      update: 4,
      state: 'stopped',
      parent: null,
      changes: [{ update: 2, what: ['x'] }],
      last: { reward: 1.5 },
      snapshots: [2, 4],
      checkpointBytes: 168,
      sweep: null,
    },
    rows: [{ update: 1, metrics: { reward: 0.1 }, updateMs: 12.5, samples: null }],
    checkpoints: [checkpoint(2), checkpoint(4)],
  });
  const entries = unzipSync(file);
  const json = JSON.parse(strFromU8(entries['run.json']!)) as unknown;

  it('in zip files are refused or read', () =>
    fuzz(
      'run',
      (random, at) => {
        if (at % 2 === 0) return mutateBytes(file, random);
        if (at % 4 === 1) return zipSync({ ...entries, 'run.json': strToU8(JSON.stringify(mutateJson(json, random))) }, { level: 0 });
        const [name, bytes] = Object.entries(entries)[random.integer(3)]!;
        return zipSync({ ...entries, [name]: mutateBytes(bytes, random) }, { level: 0 });
      },
      (bytes) => readRunFile(bytes),
      ['RunFileError', 'CheckpointError'],
    ));

  it('in specifications are refused or read', () =>
    fuzz(
      'spec',
      (random, at) => (at % 2 === 0 ? mutateText(JSON.stringify(spec), random) : JSON.stringify(mutateJson(spec, random))),
      (text) => readSpecText(text),
      ['RunFileError'],
    ));
});

describe('damaged workspaces', () => {
  const records: readonly WorkspaceRecord[] = [
    { table: 'options', value: { key: 'lesson/1', value: { done: ['a'], $odd: true } } },
    { table: 'runs', value: { id: 'r', body: { last: { reward: NaN, kl: -Infinity } } } },
    { table: 'runCheckpoints', value: { runId: 'r', update: 3, body: { theta: vector(9), bytes: Uint8Array.of(1, 2, 3) } } },
    { table: 'labels', value: { setId: 's', id: 'l', label: { prompt: 'x' } } },
  ];
  function written(all: readonly WorkspaceRecord[]): Uint8Array<ArrayBuffer> {
    const writer = new WorkspaceWriter();
    const parts = [writer.begin({ createdAt: '2026-11-29T10:00:00.000Z' }), ...all.flatMap((one) => writer.record(one)), writer.end()];
    return new Uint8Array(Buffer.concat(parts));
  }
  const sound = written(records);

  /** The workspace with one record made strange; what nobody could write is damaged instead. */
  function changed(which: number, random: Random): Uint8Array<ArrayBuffer> {
    try {
      return written(records.map((record, i) => (i === which ? { ...record, value: mutateJson(record.value, random) } : record)));
    } catch {
      return mutateBytes(sound, random);
    }
  }

  it('are refused or read', () =>
    fuzz(
      'workspace',
      (random, at) => (at % 2 === 0 ? mutateBytes(sound, random) : changed(at % 4, random)),
      async (bytes) => {
        let most = 0;
        const read = (start: number, end: number) => {
          most = Math.max(most, end - start);
          return Promise.resolve(bytes.slice(start, end));
        };
        sortRecords((await readWorkspace({ size: bytes.length, read })).records);
        expect(most).toBeLessThanOrEqual(bytes.length);
      },
      ['BackupFileError', 'RecordError'],
    ));
});

it('damaged links set up what they can, say the rest, and what was read is written and read again without a word', async () => {
  const sound =
    'lab/2&prompt=Who%20is%20Ana%3F&engine=wasm&stage=ppo&runSeed=4&ppo.numUpdates=30&ppo.klCoef=0.1&data.kinds=cook:2&reward.length=-1.5&seed=3&temperature=0.5&rewardModel=x&rewardModel.weight=2';
  await fuzz(
    'link',
    (random) => `#${mutateText(sound, random)}`,
    (hash) => {
      expect(viewOf(hash)).toMatch(/^[a-z-]+$/);
      expect(placeOf(hash).length).toBeLessThanOrEqual(80);
      const { link, notes } = readLink(hash);
      expect(readLink(writeLink(link))).toEqual({ link, notes: [] });
      if (notes.length > 0) throw new RangeError('told');
    },
    ['RangeError'],
  );
});

it('an error of another kind would be found', async () => {
  await expect(
    fuzz(
      'nothing',
      () => null,
      () => {
        throw new TypeError('x');
      },
      ['RangeError'],
    ),
  ).rejects.toThrow('input 0');
  expect(new CheckpointError('x').name).toBe('CheckpointError');
});
