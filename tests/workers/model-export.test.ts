/** @file Models leaving the trainer: what comes is a folder that loads again, with the weights that were there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { proxy } from 'comlink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import { SFT_DEFAULTS } from '../../src/core/algorithms/sft';
import { loadModel } from '../../src/core/model/loaded-model';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { ExportOutcome, ExportWish } from '../../src/protocol/model-export';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';
import { tinyFamily } from '../helpers/tiny-family';

let trainer: TinyTrainer;
let checkpoint: RunCheckpoint;
const sizes = { numUpdates: 1, promptsPerUpdate: 1, groupSize: 2, maxCompletionTokens: 16 };
const spec = (stage: 'grpo' | 'sft', start: RunSpec['start']): RunSpec =>
  stage === 'grpo'
    ? { stage, seed: 1, start, reward: { length: -1 }, config: { ...GRPO_DEFAULTS, ...sizes }, fixedPrompts: [] }
    : { stage, seed: 1, start, reward: {}, config: { ...SFT_DEFAULTS, numUpdates: 1, demonstrationsPerUpdate: 1 }, fixedPrompts: [] };

async function train(what: RunSpec): Promise<RunCheckpoint> {
  const { events } = await trainer.run(what);
  return events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : [])).at(-1)!;
}

async function exported(wish: ExportWish): Promise<Extract<ExportOutcome, { type: 'completed' }>> {
  const outcome = await trainer.api.exportModel(wish);
  if (outcome.type === 'failed') throw new Error(outcome.detail);
  return outcome;
}

beforeAll(async () => {
  trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
  checkpoint = await train(spec('grpo', 'sft'));
}, 120_000);
afterAll(() => trainer.close());

describe('a model that leaves', () => {
  it('as it came has its own bytes, and what other programs want to be told', async () => {
    const { files, chatTemplate, endTokenIds } = await exported({ type: 'model', id: 'sft' });
    const site = await tinyFamily(async (path) => new Uint8Array(await readFile(join('public/models', path))));
    expect(files.get('model.safetensors')).toEqual(site.get('tiny/sft/model.safetensors'));
    expect([...files.keys()].sort()).toEqual(
      ['config.json', 'generation_config.json', 'model.safetensors', 'onnx/model.onnx', 'tokenizer.json', 'tokenizer_config.json'].sort(),
    );
    expect(chatTemplate).toContain('<|assistant|>');
    expect(endTokenIds).toEqual([5, 0]);
  });

  it('trained here comes back with the same weights, format and end tokens', async () => {
    const yours = loadModel((await exported({ type: 'model', id: 'yours' })).files);
    expect(yours.theta).toEqual(checkpoint.theta);
    expect(yours.tokenizer.hasChatTemplate).toBe(true);
    expect(yours.config.eosTokenIds).toEqual([5, 0]);
  });

  it('as it was at a kept moment has the weights of that moment, in the format that its run taught', async () => {
    const theta = checkpoint.theta.map((value) => value / 2);
    const moment = loadModel((await exported({ type: 'checkpoint', checkpoint: { ...checkpoint, theta } })).files);
    expect(moment.theta).toEqual(theta);
    const taught = { ...checkpoint, spec: spec('sft', 'base') };
    expect(loadModel((await exported({ type: 'checkpoint', checkpoint: taught })).files).tokenizer.hasChatTemplate).toBe(true);
  });

  it('that scores is a classifier with one label, and says the spread of its scores', async () => {
    const pairs = Array.from({ length: 4 }, (_, i) => ({ prompt: `p${i}`, chosen: 'yes', rejected: 'no', margin: 0 }));
    const config = { numEpochs: 1, numPairs: 2, learningRate: 1e-3, centring: 0 };
    const wish = { id: 'mine', start: 'sft', seed: 1, pairs, config, heldOutShare: 0 } as const;
    const outcome = await trainer.api.trainRewardModel(
      wish,
      proxy(() => undefined),
    );
    if (outcome.type === 'failed') throw new Error(outcome.detail);
    const { files, sd } = await exported({ type: 'rewardModel', id: 'mine' });
    const model = loadModel(files);
    expect(model.config.numLabels).toBe(1);
    expect(model.theta).toEqual(outcome.model.theta);
    expect(sd).toBe(outcome.model.sd);
    expect(files.has('onnx/model.onnx')).toBe(false);
  });

  it('is refused in a sentence when it is not there or of another size', async () => {
    expect(await trainer.api.exportModel({ type: 'model', id: 'dpo' })).toMatchObject({ type: 'failed', code: 'bad-request' });
    expect(await trainer.api.exportModel({ type: 'rewardModel', id: 'none' })).toMatchObject({ type: 'failed' });
    const cut = { ...checkpoint, theta: checkpoint.theta.slice(1) };
    expect(await trainer.api.exportModel({ type: 'checkpoint', checkpoint: cut })).toMatchObject({ code: 'bad-request' });
  });
});
