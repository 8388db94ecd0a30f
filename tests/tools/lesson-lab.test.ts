/** @file The experiments of lessons 5, 7 and 8 from end to end on the tiny family, each run cut short; and studies that go on where they were. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld } from '../../src/core/world/world';
import type { LessonLab } from '../../src/lessons/lab';
import * as leaning from '../../src/lessons/leaning';
import * as gao from '../../src/lessons/overoptimisation';
import * as refusals from '../../src/lessons/refusals';
import type { RunSpec } from '../../src/protocol/run';
import { openNodeLab } from '../../tools/study/node-lab';
import { tinyFamily } from '../helpers/tiny-family';
import { TORN } from '../helpers/torn-pairs';

const root = mkdtempSync(join(tmpdir(), 'aftertrain-lesson-lab-'));
const models = join(root, 'models');
const world = createWorld();
const silent = () => undefined;

beforeAll(async () => {
  const site = await tinyFamily((path) => Promise.resolve(new Uint8Array(readFileSync(join('public/models', path)))));
  for (const [path, bytes] of site) {
    mkdirSync(dirname(join(models, path)), { recursive: true });
    writeFileSync(join(models, path), bytes);
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A run of a few updates, with short answers. */
function cut(spec: RunSpec, numUpdates: number): RunSpec {
  const short = 'maxCompletionTokens' in spec.config ? { maxCompletionTokens: 8 } : { demonstrationsPerUpdate: 4 };
  return { ...spec, config: { ...spec.config, ...short, numUpdates } } as RunSpec;
}

/** The same laboratory, in a hurry. */
const hurried = (lab: LessonLab): LessonLab => ({
  train: (spec, from) => lab.train(cut(spec, (from?.update ?? 0) + 2), from),
  answers: (request) => lab.answers({ ...request, maxTokens: 8 }),
  trainRewardModel: (spec, name) => lab.trainRewardModel({ ...spec, pairs: spec.pairs.slice(0, 24) }, name),
  scores: (rewardModel, texts) => lab.scores(rewardModel, texts),
});
const open = async (folder?: string) =>
  hurried(
    await openNodeLab({ models: join(models, 'tiny'), numThreads: 1, say: silent, ...(folder === undefined ? {} : { parts: folder }) }),
  );

it('lesson 7: the base model is taught in the chat format, and every request of the map is answered', async () => {
  const lab = await open();
  const asked = refusals.probes(world, 1);
  for (const teaching of ['naive', 'covered'] as const) {
    await lab.train(refusals.refusalSpec(teaching, 1));
    const map = await refusals.drawMap(lab, teaching, asked, 1);
    expect(map.placed).toHaveLength(asked.length);
    expect(refusals.refusalRate(map, 'look-alike', 'present')).toBeLessThanOrEqual(1);
  }
});

it('lesson 8: labels, reward model, SFT, and RL twice from the same start, measured against what SFT made', async () => {
  const lab = await open();
  const { checkpoint } = await lab.train(leaning.startSpec(1));
  // After two updates it declines nothing, or everything, which is said and not labelled.
  await expect(leaning.drawPairs(lab, 1)).rejects.toThrow(/^Only \d+ of the model’s answers/);
  const rates = await leaning.fit(lab, leaning.label(TORN, leaning.LEANING, 1), 1);
  for (const rate of Object.values(rates)) expect(rate > 0 && rate < 1).toBe(true);
  for (const symmetric of [false, true]) {
    const { history, checkpoint: after } = await lab.train(leaning.rlSpec(symmetric, 1), checkpoint);
    expect(after.update).toBe(checkpoint.update + 2);
    expect(after.reference).toEqual(checkpoint.theta);
    const first = history.find(({ metrics }) => metrics['objective/kl'] !== undefined)!;
    expect(first.metrics['objective/kl']).toBeCloseTo(0, 3);
    const { owls, risers } = await leaning.measurePolicy(lab, 1);
    for (const rate of [owls, risers]) expect(rate >= 0 && rate <= 1).toBe(true);
  }
});

it('lesson 5: comparisons, a reward model, best of n and RL make curves that begin at the start', async () => {
  const lab = await open();
  const pairs = await gao.drawComparisons(lab, world, 1);
  expect(pairs).toHaveLength(gao.SIZES[1]);
  const [few] = gao.SIZES;
  await gao.fitRewardModel(lab, pairs, few, 1);
  const { curve, scale } = await gao.bestOfN(lab, await gao.drawPool(lab, world, 1), few);
  expect(curve.points[0]!.d).toBe(0);
  expect(curve.points[0]!.proxy).toBeCloseTo(0, 6);
  expect(curve.points.at(-1)!.proxy).toBeGreaterThan(0.5); // the best of 32 by the reward model itself
  const { history } = await lab.train(gao.rlSpec(few, 0, 1));
  const rl = gao.curveOf(history, scale, { size: few, klCoef: 0 });
  expect(rl.points.length).toBeGreaterThan(0);
  expect(rl.points.every(({ d, proxy, gold }) => [d, proxy, gold].every(Number.isFinite))).toBe(true);
});

it('a study with a folder finds what it trained and drew, to the same bytes, and another seed does not', async () => {
  const folder = join(root, 'kept');
  const study = async (seed: number) => {
    const lab = await open(folder);
    const { checkpoint } = await lab.train(refusals.refusalSpec('naive', seed));
    const [answer] = await lab.answers({ model: 'yours', prompts: ['Hello!'], seed: 1, temperature: 1, maxTokens: 8 });
    return { theta: checkpoint.theta, text: answer!.text };
  };
  const first = await study(1);
  const numFiles = readdirSync(folder).length;
  expect(await study(1)).toEqual(first);
  expect(readdirSync(folder)).toHaveLength(numFiles);
  expect((await study(2)).theta).not.toEqual(first.theta);
  expect(readdirSync(folder).length).toBeGreaterThan(numFiles);
});
