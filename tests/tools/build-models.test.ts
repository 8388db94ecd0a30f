/**
 * @file The whole pipeline in miniature: its models get better from stage to stage, what it writes can be verified, loaded
 * and measured, and a killed build goes on exactly where it was.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rewardModelConfig, type TokenComparison } from '../../src/core/algorithms/reward-model';
import { parseEvals, type Evals } from '../../src/core/eval/evals';
import { parseManifest, verifyFile, type Manifest } from '../../src/core/model/manifest';
import type { TrainingSnapshot } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { initialTheta } from '../../src/core/model/parameters';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { buildModels } from '../../tools/build-models';
import { chatConfig, pretrainStage, sftStage, type BuildContext } from '../../tools/build/language-stages';
import { comparisonsOf } from '../../tools/build/comparisons';
import { dpoStage } from '../../tools/build/dpo-stage';
import { rewardModelStage, rlhfStage, secondRewardModelStage, secondRlhfStage } from '../../tools/build/preference-stages';
import { RECIPES, type Recipe } from '../../tools/build/recipe';
import { Store } from '../../tools/build/store';
import { checkTargets } from '../../tools/build/targets';
import { tokenizerStage } from '../../tools/build/tokenizer-stage';
import type { ModelId } from '../../tools/build/stages';
import { loadModelFolder } from '../../tools/model-folder';

const mini = RECIPES.mini!;
let root = '';
let work = '';
let output = '';
let evals: Map<ModelId, Evals>;
let manifest: Manifest;
const bytesOf = (folder: string, name: string) => new Uint8Array(readFileSync(join(output, folder, name)));
const modelOf = (id: string) => manifest.models.find((model) => model.id === id)!;

beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true); // its progress
  root = mkdtempSync(join(tmpdir(), 'aftertrain-build-'));
  [work, output] = [join(root, 'work'), join(root, 'models')];
  evals = await buildModels(mini, work, output);
  manifest = parseManifest(JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')));
}, 600_000);
beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true));
afterEach(() => void vi.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('buildModels', () => {
  it('lists five models, and every file is as listed', async () => {
    expect(manifest.models.map(({ id }) => id)).toEqual(['base', 'sft', 'reward-model', 'rlhf', 'dpo']);
    for (const { folder, files } of manifest.models) {
      for (const file of files) expect(await verifyFile(file, bytesOf(folder, file.path))).toBe(true);
      expect(readdirSync(join(output, folder)).sort()).toEqual([...files.map(({ path }) => path), 'evals.json'].sort());
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
    const [base, sft, rlhf, dpo] = ['base', 'sft', 'rlhf', 'dpo'].map((id) => loadModelFolder(join(output, modelOf(id).folder)).theta);
    const distance = (a: Float32Array, b: Float32Array) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
    expect(distance(base!, initialTheta(mini.model, new Random(mini.seed).split('theta')))).toBeGreaterThan(0.1);
    expect(distance(sft!, base!)).toBeGreaterThan(0.1);
    expect(distance(rlhf!, sft!)).toBeGreaterThan(0.001);
    expect(distance(dpo!, sft!)).toBeGreaterThan(0.001);
  });

  it('gets better from stage to stage by gold: base, SFT, RLHF', () => {
    const gold = (id: ModelId) => evals.get(id)!.figures.gold!;
    expect(gold('sft').low).toBeGreaterThan(gold('base').high);
    expect(gold('rlhf').value).toBeGreaterThan(gold('sft').value);
    expect(evals.get('rlhf')!.figures.wins!.low).toBeGreaterThan(0.5);
  });

  it('gets better by DPO on the same comparisons too', () => {
    expect(evals.get('dpo')!.figures.gold!.value).toBeGreaterThan(evals.get('sft')!.figures.gold!.value);
    expect(evals.get('dpo')!.figures.wins!.low).toBeGreaterThan(0.5);
  });

  it('counts the updates that each model took', () => {
    const updates = Object.fromEntries(manifest.models.map(({ id, howBuilt }) => [id, howBuilt.steps]));
    expect(updates).toMatchObject({ base: 250, sft: 700, rlhf: 40, dpo: mini.dpo.numUpdates });
    expect(updates['reward-model']).toBeGreaterThan(mini.rewardModel.numEpochs);
  });

  it('is a miniature: a fortieth of the tokens that family s reads, and a seventh of its parameters', () => {
    // Counted, not timed: how long that takes depends on the machine (70 s of one core when it had no DPO).
    const tokensOf = ({ pretrain, sft }: Recipe) =>
      pretrain.numSteps * pretrain.batch * pretrain.length + sft.numUpdates * sft.demonstrationsPerUpdate * sft.maxTokens;
    expect(tokensOf(mini) / tokensOf(RECIPES.s!)).toBeLessThan(0.03);
    expect(modelOf('base').numParameters).toBeLessThan(150_000);
  });

  it('writes what it measured beside each model, and the headline into the manifest', () => {
    for (const id of ['base', 'sft', 'reward-model', 'rlhf', 'dpo'] as const) {
      const written = parseEvals(JSON.parse(readFileSync(join(output, modelOf(id).folder, 'evals.json'), 'utf8')));
      expect(written).toEqual(evals.get(id));
      expect(written).toMatchObject({ seed: 1, numPrompts: mini.numEvalPrompts });
      expect(Object.keys(modelOf(id).eval!).length).toBeGreaterThan(1);
      for (const [name, value] of Object.entries(modelOf(id).eval!)) expect(value).toBe(written.figures[name]!.value);
    }
    expect(evals.get('sft')!.figures.gold!.n).toBe(mini.numEvalPrompts);
    expect(evals.get('reward-model')!.reliability!.length).toBeGreaterThan(0);
    expect(modelOf('base').offMapLimit).toBe(evals.get('base')!.figures['off-map/limit']!.value);
  });

  it('checks what is expected of a family against its evals', () => {
    const results = checkTargets('mini', evals);
    expect(results).toHaveLength(11);
    const format = results.find(({ words }) => words.startsWith('sft: in form'))!;
    expect(format).toMatchObject({ value: evals.get('sft')!.figures.format!.value, holds: format.value > 0.95 });
    expect(checkTargets('mini', new Map([['base', evals.get('base')!]])).every(({ words }) => words.startsWith('base'))).toBe(true);
  });

  it('keeps a log and a loss curve of each stage', () => {
    const losses = JSON.parse(readFileSync(join(work, 'pretrain-loss.json'), 'utf8')) as [number, number][];
    expect(losses.at(-1)![0]).toBe(mini.pretrain.numSteps);
    expect(losses.at(-1)![1]).toBeLessThan(losses[0]![1]);
    expect(readFileSync(join(work, 'log.txt'), 'utf8')).toMatch(/Z pretrain .* took /);
  });

  it('stops after the stage it is told to', async () => {
    const some = await buildModels(mini, work, join(root, 'until'), { until: 'sft' });
    expect([...some.keys()]).toEqual(['base', 'sft']);
    expect(readdirSync(join(root, 'until', 'mini')).sort()).toEqual(['base', 'sft']);
  });

  it('builds on what was shipped, in a folder that has none of the earlier stages’ checkpoints', async () => {
    const shipped = join(root, 'shipped');
    cpSync(output, shipped, { recursive: true });
    const fresh = join(root, 'fresh-work');
    const short = { ...mini, dpo: { ...mini.dpo, numUpdates: 2 }, preferences: { ...mini.preferences, numPrompts: 16 } };
    const some = await buildModels(short, fresh, shipped, { from: 'dpo' });
    expect([...some.keys()]).toEqual(['base', 'sft', 'reward-model', 'rlhf', 'dpo']);
    const list = (folder: string) => parseManifest(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).models;
    // Of the stages before, every byte and figure is as it was; DPO's is new.
    expect(list(shipped).slice(0, 4)).toEqual(manifest.models.slice(0, 4));
    expect(list(shipped)[4]!.howBuilt.steps).toBe(2);
    for (const id of ['base', 'sft', 'reward-model', 'rlhf'] as const) expect(some.get(id)).toEqual(evals.get(id));
  });

  it.each([
    ['nothing is there', () => rmSync(join(root, 'bad'), { recursive: true, force: true }), 'nothing of family mini has been built yet'],
    ['a model is missing', () => cpSync(join(root, 'until'), join(root, 'bad'), { recursive: true }), 'has no reward-model of family mini'],
    [
      'a file is another',
      () => {
        cpSync(output, join(root, 'bad'), { recursive: true });
        cpSync(join(output, 'mini', 'sft', 'model.safetensors'), join(root, 'bad', 'mini', 'base', 'model.safetensors'));
      },
      'is damaged or of another version',
    ],
  ])('says so when %s', async (_, arrange, words) => {
    arrange();
    await expect(buildModels(mini, join(root, 'bad-work'), join(root, 'bad'), { from: 'dpo' })).rejects.toThrow(words);
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
    dpo: { ...mini.dpo, numUpdates: 5, pairsPerUpdate: 4 },
    preferences: { ...mini.preferences, numPrompts: 24 },
    secondRound: { numPrompts: 24, rewardModelRate: 1e-3, numUpdates: 22 },
  };
  const world = createWorld();
  const engine = createNodeEngine();

  /** A build whose tokenizer is ready. */
  function contextOf(name: string, dies?: { stage: string; after: number }): BuildContext {
    const folder = join(root, name);
    new Store(folder);
    cpSync(join(work, 'tokenizer.json'), join(folder, 'tokenizer.json'));
    const groups = Array.from({ length: 24 }, (_, i) => ({
      promptTokens: [0, 2, 40 + i, 5, 3],
      answers: [
        [50, 5],
        [60 + i, 5],
      ],
      pairs: [[0, 1]],
    }));
    for (const round of ['preferences', 'preferences-2']) new Store(folder).writeJson(`${round}.json`, groups);
    const store = dies ? new DyingStore(folder, dies.stage, dies.after) : new Store(folder);
    return { recipe, world, engine, store, tokenizers: tokenizerStage(recipe, world, store) };
  }

  const start = initialTheta(mini.model, new Random('start'));
  const sequence = { promptTokens: [0, 2, 40, 5, 3], completionTokens: [50, 5] };
  const comparisons: TokenComparison[] = Array.from({ length: 24 }, (_, i) => ({
    chosen: sequence,
    rejected: { ...sequence, completionTokens: [60 + i, 5] },
    margin: 0,
  }));
  const reward = (context: BuildContext) => initialTheta(rewardModelConfig(chatConfig(context)), new Random('reward'));
  let sft: Float32Array;
  beforeAll(() => void (sft = loadModelFolder(join(output, modelOf('sft').folder)).theta));
  const moved = start.map((value) => value * 1.01);
  const stages: [string, number, (context: BuildContext) => Promise<Float32Array>][] = [
    ['pretrain', 3, pretrainStage],
    ['sft', 4, (context) => sftStage(context, start)],
    ['reward-model', 3, (context) => rewardModelStage(context, start, comparisons)],
    ['dpo', 2, (context) => dpoStage(context, start, comparisons)],
    ['rlhf', 1, (context) => rlhfStage(context, start, reward(context))],
    ['reward-model-2', 1, (context) => secondRewardModelStage(context, { sft: start, rlhf: start, rewardModel: reward(context) })],
    ['rlhf-2', 1, (context) => secondRlhfStage(context, { sft: start, rlhf: moved, rewardModel: reward(context) })],
  ];

  it('goes on with comparisons, and has the same as one never interrupted', async () => {
    const [whole, killed] = [contextOf('compared'), contextOf('compared-killed')];
    const compare = (context: BuildContext, numPrompts: number) => comparisonsOf(context, 'fresh', sft, numPrompts);
    const all = await compare(whole, 16);
    expect(all.length).toBeGreaterThan(10);
    const some = await compare(killed, 8);
    expect(some.length).toBeLessThan(all.length);
    expect(await compare(killed, 16)).toEqual(all);
    expect(await compare(killed, 16)).toEqual(all); // kept
  });

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
