/**
 * @file The trainer behind a real MessageChannel, with the shipped models and a real engine (onnxruntime-node): what the
 * page will see, without a page.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { expose, proxy, wrap, type Endpoint, type Remote } from 'comlink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { GeneratedToken } from '../../src/protocol/generate';
import type { LoadEvent } from '../../src/protocol/load';
import type { RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { FileFailure, ModelFiles, type FetchFile } from '../../workers/model-files';
import { Trainer } from '../../workers/trainer';

const MODELS = process.env.AFTERTRAIN_MODELS ?? 'public/models';

const readFile: FetchFile = (path) => {
  try {
    return Promise.resolve(new Uint8Array(readFileSync(join(MODELS, path))));
  } catch {
    throw new FileFailure({ type: 'failed', code: 'missing-file', file: path, detail: `The file ${path} could not be fetched.` });
  }
};

/** A trainer on the other side of a MessageChannel. */
function startTrainer(fetchFile: FetchFile = readFile): { api: Remote<TrainerApi>; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const engine = createNodeEngine();
  const web = {
    engine,
    backend: 'wasm',
    label: 'node',
    isSoftware: false,
    numThreads: 2,
    precision: 'float32',
    offersFloat16: false,
    fallbackReason: null,
    lost: new Promise<never>(() => undefined),
  } as const;
  const trainer = new Trainer({ createEngine: () => Promise.resolve(web), modelFiles: new ModelFiles(fetchFile) });
  expose(trainer, nodeEndpoint(port1) as Endpoint);
  return {
    api: wrap<TrainerApi>(nodeEndpoint(port2) as Endpoint),
    close: () => {
      port1.close();
      port2.close();
    },
  };
}

const SPEC: RunSpec = {
  stage: 'grpo',
  seed: 1,
  start: 'sft',
  reward: { length: -1 },
  config: { ...GRPO_DEFAULTS, numUpdates: 6, promptsPerUpdate: 2, groupSize: 4, maxCompletionTokens: 24 },
  fixedPrompts: ['Please give me a simple chili recipe.'],
};

describe('the trainer over a MessageChannel', () => {
  let trainer: ReturnType<typeof startTrainer>;
  let api: Remote<TrainerApi>;
  const loadEvents: LoadEvent[] = [];

  beforeAll(async () => {
    trainer = startTrainer();
    api = trainer.api;
    const outcome = await api.load(
      'wasm',
      proxy((event: LoadEvent) => void loadEvents.push(event)),
    );
    expect(outcome).toMatchObject({ type: 'completed', models: [{ id: 'base' }, { id: 'sft' }, { id: 'rlhf' }] });
  });

  afterAll(() => trainer.close());

  const generate = async (request: Partial<Parameters<TrainerApi['generate']>[0]> = {}) => {
    const tokens: GeneratedToken[] = [];
    const outcome = await api.generate(
      { model: 'sft', prompt: 'What is 17 + 25?', seed: 7, temperature: 0.8, maxTokens: 48, numAlternatives: 4, ...request },
      proxy((event) => void tokens.push(...event.tokens)),
    );
    return { outcome, tokens };
  };

  it('says what it loads, with bytes', () => {
    expect(loadEvents.some((event) => event.type === 'progress' && event.doneBytes === event.totalBytes)).toBe(true);
    expect(loadEvents.filter((event) => event.type === 'model')).toHaveLength(3);
  });

  it('streams tokens whose texts join to the completion, likeliest alternatives first', async () => {
    const { outcome, tokens } = await generate();
    if (outcome.type !== 'completed') throw new Error(JSON.stringify(outcome));
    expect(tokens.map((token) => token.text).join('')).toBe(outcome.completion.text);
    expect(outcome.completion.goldReward).not.toBeNull();
    for (const { logprob, alternatives } of tokens) {
      expect(alternatives).toHaveLength(4);
      expect(alternatives[0]!.logprob).toBeGreaterThanOrEqual(logprob - 1e-5);
      expect(alternatives.reduce((sum, each) => sum + Math.exp(each.logprob), 0)).toBeLessThanOrEqual(1 + 1e-4);
    }
  });

  it('gives the same tokens for the same seed, and others for another', async () => {
    const ids = async (seed: number) => (await generate({ seed, model: 'base', temperature: 1 })).tokens.map((token) => token.id).join();
    expect(await ids(3)).toBe(await ids(3));
    expect(await ids(3)).not.toBe(await ids(4));
  });

  it('serves several answers asked for at once', async () => {
    const outcomes = await Promise.all((['base', 'sft', 'rlhf'] as const).map((model) => generate({ model })));
    expect(outcomes.map(({ outcome }) => outcome.type)).toEqual(['completed', 'completed', 'completed']);
  });

  it('stops answers in progress', async () => {
    const answers = [generate({ model: 'base', maxTokens: 200 }), generate({ model: 'base', maxTokens: 200 })];
    await api.stopGenerating();
    expect((await Promise.all(answers)).map(({ outcome }) => outcome.type)).toEqual(['stopped', 'stopped']);
  });

  it('refuses a prompt that leaves no room, and goes on', async () => {
    const { outcome } = await generate({ prompt: 'chili '.repeat(400) });
    expect(outcome).toMatchObject({ type: 'failed', code: 'bad-request' });
    expect((await generate()).outcome.type).toBe('completed');
  });

  it('asks for a trained policy before there is one', async () => {
    expect((await generate({ model: 'yours' })).outcome).toMatchObject({ type: 'failed', code: 'bad-request' });
  });

  it('draws groups with every feature measured', async () => {
    const outcome = await api.sampleGroup({
      model: 'sft',
      prompt: 'Please give me a simple chili recipe.',
      numSamples: 4,
      seed: 1,
      temperature: 1,
      maxTokens: 64,
    });
    if (outcome.type !== 'completed') throw new Error(JSON.stringify(outcome));
    expect(outcome.completions).toHaveLength(4);
    expect(new Set(outcome.completions.map(({ text }) => text)).size).toBeGreaterThan(1);
  });

  it('answers many prompts, an answer the same whatever is asked beside it', async () => {
    const asked = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 'Hi there!' : 'Please give me a simple chili recipe.'));
    const draw = async (prompts: readonly string[]) => {
      const outcome = await api.sampleAnswers({ model: 'sft', prompts, seed: 3, temperature: 1, maxTokens: 16 });
      if (outcome.type !== 'completed') throw new Error(JSON.stringify(outcome));
      return outcome.completions;
    };
    const all = await draw(asked);
    expect(all).toHaveLength(40);
    expect(new Set(all.map(({ text }) => text)).size).toBeGreaterThan(4);
    expect(await draw(asked.slice(0, 5))).toEqual(all.slice(0, 5));
    expect(await draw([])).toEqual([]);
  });

  const run = async (spec: RunSpec, from: RunCheckpoint | null = null, hear: (event: RunEvent) => void = () => undefined) => {
    const events: RunEvent[] = [];
    const outcome = await api.run(
      spec,
      from,
      proxy((event: RunEvent) => {
        events.push(event);
        hear(event);
      }),
    );
    const checkpoints = events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []));
    const updates = events.flatMap((event) => (event.type === 'update' && event.example ? [event] : []));
    return { outcome, events, checkpoints, updates };
  };

  it('trains; the first update has ratio 1, no KL, nothing clipped; the policy is there at once', async () => {
    const { outcome, updates, checkpoints } = await run(SPEC);
    expect(outcome).toEqual({ type: 'completed', update: 6 });
    expect(checkpoints.map(({ update }) => update)).toEqual([1, 2, 3, 4, 5, 6]);
    const { metrics } = updates[0]!;
    expect(metrics['val/ratio']).toBeCloseTo(1, 6);
    expect(metrics['policy/approxkl_avg']).toBeCloseTo(0, 8);
    expect(metrics.kl).toBeCloseTo(0, 6);
    expect(metrics['objective/kl']).toBeCloseTo(0, 3);
    expect(metrics['clip_ratio/region_mean']).toBe(0);
    expect(metrics['sampling/sampling_logp_difference/max']).toBeLessThan(1e-3);
    expect((await generate({ model: 'yours' })).outcome.type).toBe('completed');
  });

  it('continues from a checkpoint exactly as if it had never stopped', async () => {
    const whole = await run(SPEC);
    const rest = await run(SPEC, whole.checkpoints[2]!);
    expect(rest.updates.map(({ update }) => update)).toEqual([4, 5, 6]);
    expect(rest.checkpoints[2]!.theta).toEqual(whole.checkpoints[5]!.theta);
  });

  it('pauses, steps, and stops', async () => {
    const { outcome, events } = await run({ ...SPEC, config: { ...SPEC.config, numUpdates: 50 } }, null, (event) => {
      if (event.type === 'update' && event.update === 1) void api.pauseRun();
      if (event.type === 'paused' && event.update < 3) void api.resumeRun(1);
      if (event.type === 'paused' && event.update >= 3) void api.stopRun();
    });
    expect(outcome.type).toBe('stopped');
    expect(outcome.update).toBeLessThan(6);
    expect(events.filter((event) => event.type === 'paused').length).toBeGreaterThan(1);
  });

  it('uses changed reward weights from the next update', async () => {
    const { updates } = await run({ ...SPEC, reward: {}, config: { ...SPEC.config, numUpdates: 4 } }, null, (event) => {
      if (event.type === 'update' && event.update === 1) void api.setReward({ length: 100 });
    });
    expect(updates[0]!.metrics.reward).toBe(0);
    expect(updates[3]!.metrics.reward).toBeGreaterThan(1);
  });

  it('stops on a loss that is not finite and keeps the last good policy', async () => {
    const { outcome } = await run({ ...SPEC, reward: { length: Number.NaN } });
    expect(outcome).toMatchObject({ type: 'failed', code: 'non-finite-loss', update: 0 });
    expect((await generate({ model: 'yours' })).outcome.type).toBe('completed');
  });

  it('refuses a second run while one is going on', async () => {
    const first = run({ ...SPEC, config: { ...SPEC.config, numUpdates: 2 } });
    expect((await run(SPEC)).outcome).toMatchObject({ type: 'failed', code: 'bad-request' });
    expect((await first).outcome.type).toBe('completed');
  });

  it('forgets the trained policy on reset, and takes one back on restore', async () => {
    const { checkpoints } = await run({ ...SPEC, config: { ...SPEC.config, numUpdates: 1 } });
    await api.reset();
    expect((await generate({ model: 'yours' })).outcome.type).toBe('failed');
    await api.restore(checkpoints[0]!);
    expect((await generate({ model: 'yours' })).outcome.type).toBe('completed');
  });
});

describe('loading that goes wrong', () => {
  const loadWith = async (fetchFile: FetchFile) => {
    const { api, close } = startTrainer(fetchFile);
    const outcome = await api.load(
      'wasm',
      proxy(() => undefined),
    );
    close();
    return outcome;
  };

  it('names a missing file', async () => {
    const outcome = await loadWith((path, heard) => readFile(path.replace('sft/model.safetensors', 'nowhere'), heard));
    expect(outcome).toMatchObject({ type: 'failed', code: 'missing-file' });
  });

  it('names a damaged file', async () => {
    const outcome = await loadWith(async (path, heard) => {
      const bytes = await readFile(path, heard);
      if (path.endsWith('rlhf/model.safetensors')) bytes[bytes.length - 1]! ^= 1;
      return bytes;
    });
    expect(outcome).toMatchObject({
      type: 'failed',
      code: 'corrupt-file',
      file: expect.stringContaining('rlhf/model.safetensors') as string,
    });
  });

  it('recovers when asked again', async () => {
    let broken = true;
    const { api, close } = startTrainer((path, heard) => readFile(broken && path.includes('sft/config') ? 'nowhere' : path, heard));
    const hear = proxy(() => undefined);
    expect(await api.load('wasm', hear)).toMatchObject({ type: 'failed', code: 'missing-file' });
    broken = false;
    expect(await api.load('wasm', hear)).toMatchObject({ type: 'completed' });
    close();
  });
});
