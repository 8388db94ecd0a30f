/**
 * @file A run of a tiny model through the real trainer on WebGPU: what lies on the GPU does not grow, weights are read back
 * for checkpoints and for nothing else, and limits of the device are respected.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import type { EngineStats } from '../../src/core/graph/engine-stats';
import { requestOwnDevice } from '../../src/engine/device';
import { createWebEngine, type WebEngine } from '../../src/engine/ort-web';
import type { RunEvent, RunSpec } from '../../src/protocol/run';
import { ModelFiles } from '../../workers/model-files';
import { Trainer } from '../../workers/trainer';
import { fetchFromSite, tinyFamily, TINY_SHAPE } from '../helpers/tiny-family';
import { parameterLayout } from '../../src/core/model/parameters';

let web: WebEngine;
let trainer: Trainer;

beforeAll(async () => {
  web = await createWebEngine('webgpu');
  if (web.backend !== 'webgpu') throw new Error(`no WebGPU: ${web.fallbackReason}`);
  const site = await tinyFamily(async (path) => {
    const response = await fetch(`/models/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  });
  trainer = new Trainer({ createEngine: () => Promise.resolve(web), modelFiles: new ModelFiles(fetchFromSite(site)) });
  const outcome = await trainer.load('webgpu', () => undefined);
  if (outcome.type === 'failed') throw new Error(outcome.detail);
}, 120_000);

const specOf = (numUpdates: number, groupSize = 2): RunSpec => ({
  stage: 'grpo',
  seed: 1,
  start: 'sft',
  reward: { typos: 1, repetition: 1, length: 1 },
  config: { ...GRPO_DEFAULTS, numUpdates, promptsPerUpdate: 1, groupSize, maxCompletionTokens: 16 },
  fixedPrompts: [],
});

/** Runs; the engine's counters after each update. */
async function statsOf(spec: RunSpec): Promise<EngineStats[]> {
  const stats: EngineStats[] = [];
  const outcome = await trainer.run(spec, null, (event: RunEvent) => {
    if (event.type === 'update') stats.push(web.engine.stats());
  });
  expect(outcome).toEqual({ type: 'completed', update: spec.config.numUpdates });
  return stats;
}

/** Bytes of all programs together that were brought back. */
const broughtBack = ({ programs }: EngineStats) => programs.reduce((sum, { readBackBytes }) => sum + readBackBytes, 0);

describe('a run on WebGPU', () => {
  it('takes new buffers only for programs it had not run twice, and reads back the state once an update', async () => {
    const stats = await statsOf(specOf(12));
    // ONNX Runtime keeps buffers for each new program; from its third use on there must be no further ones.
    const settled = stats.filter(({ programs }) => programs.every(({ numRuns }) => numRuns === 0 || numRuns > 2));
    expect(settled.length).toBeGreaterThan(3);
    expect(new Set(settled.map(({ programs, memory }) => `${programs.length} programs, ${memory.bufferBytes} bytes`)).size).toBe(
      new Set(settled.map(({ programs }) => programs.length)).size,
    );
    const stateBytes = 3 * 4 * parameterLayout(TINY_SHAPE).numParameters;
    for (let update = 3; update <= 12; update++) {
      const [before, after] = [stats[update - 1]!, stats[update]!];
      expect(after.transfers.readBackBytes - before.transfers.readBackBytes).toBe(stateBytes);
      // Tokens, log-probabilities and scalars.
      expect(broughtBack(after) - broughtBack(before)).toBeLessThan(stateBytes / 20);
    }
  }, 240_000);
});

describe('the end of a device', () => {
  it.each([
    ['device-lost', (device: GPUDevice) => device.destroy()],
    [
      'out-of-memory',
      (device: GPUDevice) => {
        const tell = (error: GPUError) => device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
        tell(new GPUValidationError('a mistake is not the end'));
        tell(new GPUOutOfMemoryError('no room for 4 GB'));
      },
    ],
  ])('is heard: %s', async (code, end) => {
    const own = await requestOwnDevice();
    if (!own.device) throw new Error(own.reason);
    end(own.device);
    const { code: heard, reason } = await own.ended;
    expect(heard).toBe(code);
    if (code === 'out-of-memory') expect(reason).toBe('no room for 4 GB');
  });
});
