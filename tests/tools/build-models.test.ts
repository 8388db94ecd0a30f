/**
 * @file The whole pipeline in miniature: what it writes can be verified, loaded and measured, and a killed build goes on
 * exactly where it was.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rewardModelConfig } from '../../src/core/algorithms/reward-model';
import { parseManifest, verifyFile, type Manifest } from '../../src/core/model/manifest';
import type { TrainingSnapshot } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { initialTheta } from '../../src/core/model/parameters';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { buildModels } from '../../tools/build-models';
import { pretrainStage, sftStage, type BuildContext } from '../../tools/build/language-stages';
import { chatConfig, rlhfStage } from '../../tools/build/preference-stages';
import { RECIPES, type Recipe } from '../../tools/build/recipe';
import { Store } from '../../tools/build/store';
import { tokenizerStage } from '../../tools/build/tokenizer-stage';
import type { EvalCard } from '../../tools/evaluate';
import { loadModelFolder } from '../../tools/model-folder';

const mini = RECIPES.mini!;
let root = '';
let work = '';
let output = '';
let cards: Record<string, EvalCard> = {};
let manifest: Manifest;
const bytesOf = (folder: string, name: string) => new Uint8Array(readFileSync(join(output, folder, name)));
const modelOf = (id: string) => manifest.models.find((model) => model.id === id)!;

beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true); // its progress
  root = mkdtempSync(join(tmpdir(), 'aftertrain-build-'));
  [work, output] = [join(root, 'work'), join(root, 'models')];
  cards = await buildModels(mini, work, output);
  manifest = parseManifest(JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')));
}, 120_000);
beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true));
afterEach(() => void vi.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('buildModels', () => {
  it('lists four models, and every file is as listed', async () => {
    expect(manifest.models.map(({ id }) => id)).toEqual(['base', 'sft', 'reward-model', 'rlhf']);
    for (const { folder, files } of manifest.models) {
      for (const file of files) expect(await verifyFile(file, bytesOf(folder, file.path))).toBe(true);
      expect(readdirSync(join(output, folder)).sort()).toEqual([...files.map(({ path }) => path), 'eval.json'].sort());
    }
  });

  it('writes folders that load with the shape listed; only chat models have a template, and one scores', () => {
    for (const { id, folder, config, numParameters } of manifest.models) {
      const model = loadModelFolder(join(output, folder));
      expect(model.config).toEqual(config);
      expect(model.theta).toHaveLength(numParameters);
      expect(model.theta.every(Number.isFinite)).toBe(true);
      expect(model.tokenizer.hasChatTemplate).toBe(id !== 'base');
      expect(model.config.numLabels).toBe(id === 'reward-model' ? 1 : 0);
    }
  });

  it('every stage changes the weights', () => {
    const [base, sft, rlhf] = ['base', 'sft', 'rlhf'].map((id) => loadModelFolder(join(output, modelOf(id).folder)).theta);
    const distance = (a: Float32Array, b: Float32Array) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
    expect(distance(base!, initialTheta(mini.model, new Random(mini.seed).split('theta')))).toBeGreaterThan(0.1);
    expect(distance(sft!, base!)).toBeGreaterThan(0.1);
    expect(distance(rlhf!, sft!)).toBeGreaterThan(0.001);
  });

  it('writes the eval card it measured into the manifest and beside the model', () => {
    for (const id of ['base', 'sft', 'rlhf']) {
      const card = JSON.parse(readFileSync(join(output, modelOf(id).folder, 'eval.json'), 'utf8')) as object;
      expect(modelOf(id).eval).toMatchObject(cards[id]!);
      expect(card).toMatchObject({ ...cards[id], seed: 1, numPrompts: mini.numEvalPrompts });
      expect(cards[id]!.n).toBe(mini.numEvalPrompts);
      for (const [name, value] of Object.entries(cards[id]!) as [string, number][])
        if (name.endsWith('_rate')) expect(value).toSatisfy((rate: number) => rate >= 0 && rate <= 1);
    }
    expect(modelOf('reward-model').eval!.num_comparisons).toBeGreaterThan(0);
  });

  it('run again, makes the same files from what it kept', async () => {
    const again = join(root, 'again');
    await buildModels(mini, work, again);
    const read = (folder: string) => readFileSync(join(folder, 'manifest.json'), 'utf8');
    expect(read(again)).toBe(read(output));
  });
});

/** Dies right after its n-th checkpoint of a stage, as a process that is killed. */
class DyingStore extends Store {
  constructor(
    folder: string,
    readonly stage: string,
    public numLeft: number,
  ) {
    super(folder);
  }

  override writeSnapshot(name: string, snapshot: TrainingSnapshot): void {
    super.writeSnapshot(name, snapshot);
    if (name === this.stage && --this.numLeft === 0) throw new Error('killed');
  }
}

describe('a killed build', () => {
  const recipe: Recipe = {
    ...mini,
    pretrain: { ...mini.pretrain, numSteps: 7, batch: 2 },
    sft: { ...mini.sft, numUpdates: 7, demonstrationsPerUpdate: 2 },
    rlhf: { ...mini.rlhf, numUpdates: 22, promptsPerUpdate: 1, groupSize: 2, maxCompletionTokens: 8 },
  };
  const world = createWorld();
  const engine = createNodeEngine();

  /** A build whose tokenizer is ready. */
  function contextOf(name: string, dies?: { stage: string; after: number }): BuildContext {
    const folder = join(root, name);
    new Store(folder);
    cpSync(join(work, 'tokenizer.json'), join(folder, 'tokenizer.json'));
    const store = dies ? new DyingStore(folder, dies.stage, dies.after) : new Store(folder);
    return { recipe, world, engine, store, tokenizers: tokenizerStage(recipe, world, store) };
  }

  const start = initialTheta(mini.model, new Random('start'));
  const stages: [string, number, (context: BuildContext) => Promise<Float32Array>][] = [
    ['pretrain', 3, pretrainStage],
    ['sft', 4, (context) => sftStage(context, start)],
    ['rlhf', 1, (context) => rlhfStage(context, start, initialTheta(rewardModelConfig(chatConfig(context)), new Random('reward')))],
  ];

  it.each(stages)('goes on in %s and ends with the same bits as one never interrupted', async (stage, after, run) => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 61_000)); // time for a checkpoint at every step
    const whole = await run(contextOf(`${stage}-whole`));
    await expect(run(contextOf(`${stage}-killed`, { stage, after }))).rejects.toThrow('killed');
    const kept = new Store(join(root, `${stage}-killed`)).readSnapshot(stage)!;
    expect(kept.theta).not.toEqual(whole);
    const resumed = await run(contextOf(`${stage}-killed`));
    expect(Buffer.from(resumed.buffer).equals(Buffer.from(whole.buffer))).toBe(true);
  });
});
