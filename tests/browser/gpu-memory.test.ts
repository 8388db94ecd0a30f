/**
 * @file GPU memory is flat: a tiny policy is trained by reward on WebGPU, and the buffers alive are counted, those of ONNX
 * Runtime among them. 200 updates, or as many as
 * a minute holds once all shaders are made; more by
 * `VITE_NUM_UPDATES=1000 npx vitest run --project browser tests/browser/gpu-memory.test.ts`, which prints.
 */
import { expect, it } from 'vitest';
import { GRPO_DEFAULTS, trainGrpo } from '../../src/core/algorithms/grpo';
import { TrainingState } from '../../src/core/model/training-state';
import { createWebEngine } from '../../src/engine/ort-web';
import { livelyTheta, tinyConfig } from '../helpers/tiny-config';

const asked = import.meta.env.VITE_NUM_UPDATES as string | undefined;
const NUM_UPDATES = Number(asked ?? 200);
const LIMIT_MS = asked ? 1_500_000 : 60_000;
/** By then every program has run a few times, and ONNX Runtime has the buffers it keeps for it. */
const SETTLED = 5;

it(
  'updates leave no buffer behind',
  async () => {
    const { engine, fallbackReason } = await createWebEngine('webgpu');
    if (fallbackReason) throw new Error(`no WebGPU: ${fallbackReason}`);
    // An end token that is never drawn: all answers are of one length, and all batches of one size.
    const model = tinyConfig({ numLayers: 1, eosTokenIds: [11] });
    const theta = livelyTheta(model);
    const state = new TrainingState(engine, { theta });
    const steps = trainGrpo({
      engine,
      model,
      state,
      reference: engine.upload({ dims: [theta.length], data: theta }),
      settings: () => ({ ...GRPO_DEFAULTS, numUpdates: NUM_UPDATES, promptsPerUpdate: 1, groupSize: 2, maxCompletionTokens: 4 }),
      firstUpdate: 0,
      seed: 1,
      maxPromptTokens: 3,
      samplePrompt: () => ({ promptTokens: [0, 7, 3] }),
      reward: (_prompts, rollouts) => Promise.resolve(rollouts.map(({ completionTokens }) => completionTokens[0]!)),
    });
    let startMs = performance.now();
    const readings: { update: number; numBuffers: number; bufferBytes: number }[] = [];
    for await (const { update } of steps) {
      const { numBuffers, bufferBytes } = engine.stats().memory;
      readings.push({ update, numBuffers: numBuffers!, bufferBytes: bufferBytes! });
      if (readings.length === SETTLED) startMs = performance.now(); // what was before went into making shaders
      if (readings.length > 2 * SETTLED && performance.now() - startMs > LIMIT_MS) break;
    }
    state.dispose();
    const settled = readings.slice(SETTLED);
    if (asked) {
      const at = (share: number) => readings[Math.round(share * (readings.length - 1))]!;
      console.log(JSON.stringify([0, 0.01, 0.1, 0.25, 0.5, 0.75, 1].map(at)), `${Math.round(performance.now() - startMs)} ms`);
    }
    expect(settled.length).toBeGreaterThan(3);
    const largest = (some: typeof readings) => Math.max(...some.map(({ bufferBytes }) => bufferBytes));
    const half = Math.ceil(settled.length / 2);
    expect(largest(settled.slice(half))).toBeLessThanOrEqual(largest(settled.slice(0, half)));
  },
  LIMIT_MS + 240_000,
);
