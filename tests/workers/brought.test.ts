/**
 * @file A model that the reader brings: a small real Llama (grouped-query heads, untied head, bfloat16, two shards with an index)
 * answers, is drawn from, scored and trained in the trainer, and leaves it again; what cannot be opened says why.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import { loadModel } from '../../src/core/model/loaded-model';
import { parseHuggingFaceConfig } from '../../src/core/model/config';
import { memoryFor, memoryOf, refuseTooLarge } from '../../src/core/model/memory';
import { createNodeEngine } from '../../src/engine/ort-node';
import { broughtFamily, type BroughtFolder } from '../../src/protocol/brought';
import type { RunEvent, RunSpec } from '../../src/protocol/run';
import { ModelFiles } from '../../workers/model-files';
import { Trainer } from '../../workers/trainer';
import { configJson, fileBytes, randomTensors, safetensorsFile, TINY_SHAPE as SHAPE, type FolderFiles } from '../helpers/llama-folder';
import { fetchFromSite, tinyFamily } from '../helpers/tiny-family';

const tensors = [...randomTensors(SHAPE, 5)];
const half = Math.ceil(tensors.length / 2);
const shards = { 'model-00001-of-00002.safetensors': tensors.slice(0, half), 'model-00002-of-00002.safetensors': tensors.slice(half) };
const shipped = (name: string) => readFileSync(join('public/models/s/sft', name));
const FILES: FolderFiles = {
  'config.json': configJson(SHAPE, { max_position_embeddings: 128, bos_token_id: 0, eos_token_id: [5, 0] }),
  'tokenizer.json': new Uint8Array(shipped('tokenizer.json')),
  'tokenizer_config.json': new Uint8Array(shipped('tokenizer_config.json')),
  ...Object.fromEntries(Object.entries(shards).map(([name, part]) => [name, safetensorsFile(new Map(part), 'BF16')])),
  'model.safetensors.index.json': {
    weight_map: Object.fromEntries(Object.entries(shards).flatMap(([name, part]) => part.map(([tensor]) => [tensor, name]))),
  },
};

const folderOf = (files: FolderFiles, name = 'my llama'): BroughtFolder => ({
  name,
  files: new Map([...fileBytes(files)].map(([path, bytes]) => [path, new Blob([new Uint8Array(bytes)])])),
});

const web = {
  backend: 'wasm',
  label: 'node',
  isSoftware: false,
  numThreads: 1,
  precision: 'float32',
  offersFloat16: false,
  fallbackReason: null,
  lost: new Promise<never>(() => undefined),
} as const;

async function trainerWith(folder: BroughtFolder, family = broughtFamily(folder)) {
  const site = await tinyFamily(async (path) => new Uint8Array(await readFile(join('public/models', path))));
  const engine = createNodeEngine({ numThreads: 1 });
  const trainer = new Trainer({ createEngine: () => Promise.resolve({ engine, ...web }), modelFiles: new ModelFiles(fetchFromSite(site)) });
  return { trainer, outcome: await trainer.load('wasm', () => undefined, family, folder) };
}

describe('a model that the reader brings', () => {
  const request = { prompt: 'Who is Ana Moreno?', seed: 7, temperature: 0.8, maxTokens: 8, numAlternatives: 2 };

  it('is a family of one model beside the site’s, answers, earns rewards, is trained and leaves', async () => {
    const { trainer, outcome } = await trainerWith(folderOf(FILES));
    expect(outcome).toMatchObject({ type: 'completed', family: 'brought-my-llama', models: [{ id: 'sft' }], later: [] });
    expect(outcome.type === 'completed' && outcome.families.map(({ id }) => id)).toEqual(['tiny', 'brought-my-llama']);

    const answer = await trainer.generate({ ...request, model: 'sft' }, () => undefined);
    expect(answer).toMatchObject({ type: 'completed' });
    const group = await trainer.sampleGroup({ model: 'sft', prompt: request.prompt, seed: 1, temperature: 1, maxTokens: 8, numSamples: 4 });
    expect(group).toMatchObject({ type: 'completed' });

    const pairs = Array.from({ length: 4 }, (_, i) => ({ prompt: `p${i}`, chosen: 'yes', rejected: 'no', margin: 0 }));
    const config = { numEpochs: 1, numPairs: 2, learningRate: 1e-3, centring: 0 };
    const reward = await trainer.trainRewardModel({ id: 'r', start: 'sft', seed: 1, pairs, config, heldOutShare: 0 }, () => undefined);
    expect(reward).toMatchObject({ type: 'completed' });

    const spec = {
      stage: 'grpo',
      seed: 1,
      start: 'sft',
      family: 'brought-my-llama',
      reward: { length: -1 },
      rewardModel: { id: 'r', weight: 1 },
      config: { ...GRPO_DEFAULTS, numUpdates: 1, promptsPerUpdate: 1, groupSize: 2, maxCompletionTokens: 16 },
      fixedPrompts: [],
    } as RunSpec;
    const events: RunEvent[] = [];
    expect(await trainer.run(spec, null, (event) => void events.push(event))).toMatchObject({ type: 'completed' });
    const before = loadModel(fileBytes(FILES)).theta;
    const exported = await trainer.exportModel({ type: 'model', id: 'yours' });
    const after = exported.type === 'completed' ? loadModel(exported.files).theta : new Float32Array();
    expect(after).toHaveLength(before.length);
    expect(after).not.toEqual(before);
  });

  it('leaves the site’s own models where they are', async () => {
    const { trainer, outcome } = await trainerWith(folderOf(FILES), 'tiny');
    expect(outcome).toMatchObject({ family: 'tiny', models: [{ id: 'base' }, { id: 'sft' }, { id: 'rlhf' }] });
    expect(await trainer.generate({ ...request, model: 'rlhf' }, () => undefined)).toMatchObject({ type: 'completed' });
  });

  it.each([
    ['of another architecture', { ...FILES, 'config.json': { model_type: 'gpt2' } }, 'only "llama" is supported'],
    [
      'with scaled rotary positions',
      { ...FILES, 'config.json': { ...(FILES['config.json'] as object), rope_scaling: { rope_type: 'llama3', factor: 8 } } },
      'scaled rotary positions are not supported',
    ],
    ['without a tokenizer', { ...FILES, 'tokenizer.json': 'no' }, 'tokenizer.json is not valid JSON'],
    [
      'that lacks a shard',
      Object.fromEntries(Object.entries(FILES).filter(([name]) => !name.includes('00002-of'))),
      'which model.safetensors.index.json names',
    ],
    [
      'that only scores',
      {
        ...FILES,
        'config.json': { ...(FILES['config.json'] as object), architectures: ['LlamaForSequenceClassification'], num_labels: 1 },
      },
      'writes none',
    ],
  ] as const)('%s is refused with the reason', async (_, files, reason) => {
    const { outcome } = await trainerWith(folderOf(files as FolderFiles));
    expect(outcome).toMatchObject({ type: 'failed', code: 'bad-checkpoint' });
    expect(outcome.type === 'failed' && outcome.detail).toContain(reason);
  });

  it('that is too large is refused before it is read, with what it would take', () => {
    const large = parseHuggingFaceConfig(configJson({ ...SHAPE, hidden_size: 1024, intermediate_size: 4096, num_hidden_layers: 30 }));
    const estimate = memoryOf(large, 2.5e9);
    expect(() => refuseTooLarge(estimate, memoryFor(undefined))).toThrow(/would take .* GB to answer; this page can use about 4\.0 GB/);
    expect(() => refuseTooLarge(memoryOf(parseHuggingFaceConfig(configJson(SHAPE)), 2e5), memoryFor(2))).not.toThrow();
  });
});
