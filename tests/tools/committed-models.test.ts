/**
 * @file The models that come with the site: intact, as the manifest says, and as good as their eval cards claim.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseManifest, verifyFile, type Manifest } from '../../src/core/model/manifest';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { compareModels, evaluate, EVALUATION_DEFAULTS, type EvalCard } from '../../tools/evaluate';
import { loadModelFolder } from '../../tools/model-folder';

const folder = 'public/models';
const engine = createNodeEngine();
const world = createWorld();
const sample = { ...EVALUATION_DEFAULTS, numPrompts: 64, seed: 2 }; // other prompts than those of the cards

let manifest: Manifest;
const modelOf = (id: string) => manifest.models.find((model) => model.id === id)!;
const load = (id: string) => loadModelFolder(join(folder, modelOf(id).folder));
beforeAll(() => {
  manifest = parseManifest(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
});

describe('the committed models', () => {
  it('are four, each file with the size and hash that the manifest lists, and the folder loads', async () => {
    expect(manifest.models.map(({ id }) => id)).toEqual(['base', 'sft', 'reward-model', 'rlhf']);
    for (const model of manifest.models) {
      for (const file of model.files)
        expect(await verifyFile(file, new Uint8Array(readFileSync(join(folder, model.folder, file.path))))).toBe(true);
      const loaded = load(model.id);
      expect(loaded.config).toEqual(model.config);
      expect(loaded.theta).toHaveLength(model.numParameters);
      expect(loaded.tokenizer.hasChatTemplate).toBe(model.id !== 'base');
    }
  });

  it('share one tokenizer and one shape, so that one compiled program runs them all', () => {
    const [base, ...others] = manifest.models;
    const hashOf = ({ files }: Manifest['models'][number]) => files.find(({ path }) => path === 'tokenizer.json')!.sha256;
    for (const other of others) {
      expect(hashOf(other)).toBe(hashOf(base!));
      expect({ ...other.config, numLabels: 0, eosTokenIds: [] }).toEqual({ ...base!.config, eosTokenIds: [] });
    }
  });

  it.each(['base', 'sft', 'rlhf'])(
    'are as good on fresh prompts as the eval card of %s says',
    async (id) => {
      const recorded = modelOf(id).eval as unknown as EvalCard;
      const measured = await evaluate(engine, world, load(id), sample);
      // Three standard errors of a share among 64, at most; gold varies less.
      expect(Math.abs(measured.format_rate - recorded.format_rate)).toBeLessThan(0.15);
      expect(Math.abs(measured.correct_rate - recorded.correct_rate)).toBeLessThan(0.19);
      expect(Math.abs(measured.gold_reward_mean - recorded.gold_reward_mean)).toBeLessThan(0.06);
      if (id === 'base') expect(measured.format_rate).toBeLessThan(0.15);
      else expect(measured.format_rate).toBeGreaterThan(0.85);
    },
    120_000,
  );

  it('get better: RLHF beats SFT, and the reward model agrees with most held-out comparisons', async () => {
    expect(modelOf('rlhf').eval!.gold_reward_mean).toBeGreaterThan(modelOf('sft').eval!.gold_reward_mean!);
    expect(modelOf('reward-model').eval!.held_out_accuracy).toBeGreaterThan(0.6);
    const { win_rate } = await compareModels(engine, world, load('rlhf'), load('sft'), sample);
    expect(win_rate).toBeGreaterThan(0.5);
  }, 120_000);
});
