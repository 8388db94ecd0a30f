/** @file A trainer on a site of two families: what it says is there, what it fetches when, and whose runs it trains. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { LoadOutcome } from '../../src/protocol/load';
import type { RunEvent, RunSpec } from '../../src/protocol/run';
import { ModelFiles } from '../../workers/model-files';
import { Trainer } from '../../workers/trainer';
import { fetchFromSite, tinyFamilies, type SiteFiles } from '../helpers/tiny-family';

let site: SiteFiles;
beforeAll(async () => {
  site = await tinyFamilies(async (path) => new Uint8Array(await readFile(join('public/models', path))));
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

/** A trainer with a family loaded, and the files it has asked for. */
async function trainerOf(family?: string) {
  const asked: string[] = [];
  const fetchFile = fetchFromSite(site);
  const files = new ModelFiles((path, heard) => {
    asked.push(path);
    return fetchFile(path, heard);
  });
  const engine = createNodeEngine({ numThreads: 1 });
  const trainer = new Trainer({ createEngine: () => Promise.resolve({ engine, ...web }), modelFiles: files });
  const outcome = await trainer.load('wasm', () => undefined, family);
  if (outcome.type === 'failed') throw new Error(outcome.detail);
  return { trainer, outcome, asked };
}

const request = { prompt: 'What is 17 + 25?', seed: 7, temperature: 0.8, maxTokens: 8, numAlternatives: 0 };
const spec = {
  stage: 'grpo',
  seed: 1,
  start: 'sft',
  reward: { length: -1 },
  config: { ...GRPO_DEFAULTS, numUpdates: 1, promptsPerUpdate: 1, groupSize: 2, maxCompletionTokens: 16 },
  fixedPrompts: [],
} as RunSpec;

describe('a site of two families', () => {
  it('loads its first unless told otherwise, says what there is besides, and fetches none of it', async () => {
    const { outcome, asked } = await trainerOf();
    expect(outcome).toMatchObject({ family: 'tiny', families: [{ id: 'tiny' }, { id: 'wide' }], later: [{ id: 'dpo' }] });
    const [tiny, wide] = (outcome as Extract<LoadOutcome, { type: 'completed' }>).families;
    expect(wide!.numParameters).toBeGreaterThan(tiny!.numParameters);
    expect(wide!.bytes).toBe([...site].reduce((sum, [path, { length }]) => sum + (/^wide\/\w+\//.test(path) ? length : 0), 0));
    expect(asked.filter((path) => path.startsWith('wide') || path.includes('dpo'))).toEqual([]);
  });

  it('loads the other when told to, and the first for a name it does not know', async () => {
    const { outcome, asked } = await trainerOf('wide');
    expect(outcome).toMatchObject({ family: 'wide', models: [{ folder: 'wide/base' }, {}, {}], later: [] });
    expect(asked.filter((path) => path.startsWith('tiny'))).toEqual([]);
    expect((await trainerOf('nowhere')).outcome).toMatchObject({ family: 'tiny' });
  });

  it('fetches the DPO model with its first answer, once, and says when there is none', async () => {
    const { trainer, asked } = await trainerOf();
    const ask = async () => (await trainer.generate({ ...request, model: 'dpo' }, () => undefined)).type;
    expect([await ask(), await ask()]).toEqual(['completed', 'completed']);
    expect(asked.filter((path) => path === 'tiny/dpo/model.safetensors')).toHaveLength(1);
    const wide = await trainerOf('wide');
    expect(await wide.trainer.generate({ ...request, model: 'dpo' }, () => undefined)).toMatchObject({ code: 'bad-request' });
  });

  it('trains runs of its own family, and refuses those of the other and their checkpoints', async () => {
    const { trainer } = await trainerOf('wide');
    const run = async (own: RunSpec) => {
      const events: RunEvent[] = [];
      return { outcome: await trainer.run(own, null, (event) => void events.push(event)), events };
    };
    const { outcome, events } = await run({ ...spec, family: 'wide' });
    expect(outcome).toEqual({ type: 'completed', update: 1 });
    const kept = events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : [])).at(-1)!;
    expect(kept.spec.family).toBe('wide');

    const refused = (await run(spec)).outcome;
    expect(refused).toMatchObject({ type: 'failed', code: 'bad-request' });
    expect(refused).toMatchObject({ detail: 'This run is of the family "tiny", and "wide" is loaded.' });
    const first = await trainerOf();
    await expect(first.trainer.restore(kept)).rejects.toThrow('This run is of the family "wide"');
  });
});
