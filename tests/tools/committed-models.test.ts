/**
 * @file The models that come with the site: intact, as the manifest says, and as good as their eval cards claim.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseEvals } from '../../src/core/eval/evals';
import { parseManifest, verifyFile, type Manifest } from '../../src/core/model/manifest';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { mean } from '../../src/core/rl/advantages';
import { followsFormat, isCorrect } from '../../src/core/world/judges';
import { compareModels } from '../../tools/evaluate/against';
import { Asker, EVALUATION_DEFAULTS } from '../../tools/evaluate/asker';
import { heldOutRequests } from '../../tools/evaluate/prompts';
import { loadModelFolder } from '../../tools/model-folder';

const folder = 'public/models';
const engine = createNodeEngine();
const world = createWorld();
const sample = { ...EVALUATION_DEFAULTS, numPrompts: 64, seed: 2 }; // other prompts than those of the evals

let manifest: Manifest;
const modelOf = (id: string) => manifest.models.find((model) => model.id === id)!;
const load = (id: string) => loadModelFolder(join(folder, modelOf(id).folder));
beforeAll(() => {
  manifest = parseManifest(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
});

describe('the committed models', () => {
  it('are five, each file with the size and hash that the manifest lists, and the folder loads', async () => {
    expect(manifest.models.map(({ id }) => id)).toEqual(['base', 'sft', 'reward-model', 'rlhf', 'dpo']);
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

  it.each(['base', 'sft', 'rlhf', 'dpo'])(
    'are as good on fresh prompts as the evals of %s say',
    async (id) => {
      const recorded = parseEvals(JSON.parse(readFileSync(join(folder, modelOf(id).folder, 'evals.json'), 'utf8'))).figures;
      const model = load(id);
      const asker = await Asker.create(engine, world, model, sample);
      const answers = await asker.answer(heldOutRequests(world, [model], sample), 'answers');
      await asker.release();
      const share = (holds: (judgement: (typeof answers)[number]['judgement']) => boolean) =>
        mean(answers.map(({ judgement }) => Number(holds(judgement))));
      // Three standard errors of a share among 64, at most; gold varies less.
      expect(Math.abs(share(followsFormat) - recorded.format!.value)).toBeLessThan(0.15);
      expect(Math.abs(share(isCorrect) - recorded.correct!.value)).toBeLessThan(0.19);
      expect(Math.abs(mean(answers.map(({ judgement }) => judgement.gold)) - recorded.gold!.value)).toBeLessThan(0.1);
      if (id === 'base') expect(share(followsFormat)).toBeLessThan(0.15);
      else expect(share(followsFormat)).toBeGreaterThan(0.85);
    },
    120_000,
  );

  it('get better: RLHF beats SFT, and the reward model agrees with most held-out comparisons', async () => {
    expect(modelOf('rlhf').eval!.gold).toBeGreaterThan(modelOf('sft').eval!.gold!);
    expect(modelOf('reward-model').eval!.accuracy).toBeGreaterThan(0.6);
    const { value } = await compareModels(engine, world, load('rlhf'), load('sft'), sample);
    expect(value).toBeGreaterThan(0.5);
  }, 120_000);
});
