/**
 * @file A run's memory is flat: a tiny model through the real trainer on ONNX Runtime's wasm build, in Node. Over 200
 * updates; more by `AFTERTRAIN_NUM_UPDATES=1000 npx vitest run --project unit tests/workers/memory.test.ts`, which prints.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { proxy } from 'comlink';
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import { OrtEngine } from '../../src/engine/ort-engine';
import { JobQueue } from '../../src/engine/queue';
import { watchWasmHeap } from '../../src/engine/wasm-heap';
import type { RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import { parameterLayout } from '../../src/core/model/parameters';
import { countAlive, type Alive } from '../helpers/counted-engine';
import { TINY_SHAPE } from '../helpers/tiny-family';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';

const NUM_UPDATES = Number(process.env.AFTERTRAIN_NUM_UPDATES ?? 200);
/** Readings: the first when everything has been used once, then evenly to the end. */
const READ_AT = [0.2, 0.4, 0.6, 0.8, 1].map((share) => Math.round(share * NUM_UPDATES));

/** The collector of garbage, which Node hides. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What the process holds on to. */
interface Reading extends Alive {
  readonly update: number;
  /** Objects and array buffers, after a collection, in megabytes. */
  readonly jsMb: number;
  readonly wasmMb: number;
}

const heapBytes = watchWasmHeap();
ort.env.wasm.numThreads = 1;
const engine = new OrtEngine({
  name: 'wasm',
  ort,
  queue: new JobQueue(),
  sessionOptions: { executionProviders: ['wasm'], graphOptimizationLevel: 'all', logSeverityLevel: 3 },
  gpu: null,
  heapBytes,
  placements: null,
});
const alive = countAlive(engine);

let trainer: TinyTrainer;
beforeAll(async () => {
  trainer = await startTinyTrainer(engine);
});
afterAll(() => trainer.close());

const SPEC: RunSpec = {
  stage: 'grpo',
  seed: 1,
  start: 'sft',
  reward: { typos: 1, repetition: 1, length: 1 },
  config: { ...GRPO_DEFAULTS, numUpdates: NUM_UPDATES, promptsPerUpdate: 1, groupSize: 2, maxCompletionTokens: 16 },
  fixedPrompts: ['Hello!'],
};

async function read(update: number): Promise<Reading> {
  collect();
  await new Promise((resolve) => setTimeout(resolve, 20)); // finalisers
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { update, ...alive(), jsMb: (heapUsed + arrayBuffers) / 1e6, wasmMb: heapBytes() / 1e6 };
}

/** Trains without keeping anything, and reads now and then. */
async function train(spec: RunSpec, from: RunCheckpoint | null = null): Promise<Reading[]> {
  const readings: Reading[] = [];
  const outcome = await trainer.api.run(
    spec,
    from,
    proxy(async (event: RunEvent) => {
      if (event.type === 'update' && READ_AT.includes(event.update)) readings.push(await read(event.update));
    }),
  );
  expect(outcome).toEqual({ type: 'completed', update: spec.config.numUpdates });
  return readings;
}

it(`is flat over ${NUM_UPDATES} updates`, async () => {
  const readings = await train(SPEC);
  if (process.env.AFTERTRAIN_NUM_UPDATES) console.table(readings);
  const [first, second, last] = [readings[0]!, readings[1]!, readings.at(-1)!];
  expect(readings.map(({ tensors }) => tensors)).toEqual(READ_AT.map(() => first.tensors));
  expect(readings.map(({ programs }) => programs)).toEqual(READ_AT.map(() => first.programs));
  expect(last.wasmMb).toBe(first.wasmMb);
  // Code compiled late takes a few kilobytes; feeds kept by their results took 14 an update, a theta kept would take 140.
  const growthKb = (1000 * (last.jsMb - second.jsMb)) / (last.update - second.update);
  expect(growthKb).toBeLessThan(8);
}, 600_000);

it('is given back when a run ends, and again when the trained policy is forgotten', async () => {
  const few = { ...SPEC, config: { ...SPEC.config, numUpdates: 2 } };
  await trainer.api.reset();
  const before = alive();
  await train(few);
  expect(alive()).toEqual({ ...before, tensors: before.tensors + 1 }); // `yours`
  await train(few);
  expect(alive()).toEqual({ ...before, tensors: before.tensors + 1 });
  await trainer.api.reset();
  expect(alive()).toEqual(before);
});

it('keeps nothing of runs that have ended', async () => {
  const vector = () => new Float32Array(parameterLayout(TINY_SHAPE).numParameters);
  const spec = { ...SPEC, config: { ...SPEC.config, numUpdates: 2 } };
  const again = () => train(spec, { spec, update: 1, theta: vector().fill(0.01), m: vector(), v: vector() });
  const mbs: number[] = [];
  for (let run = 0; run < 12; run++) {
    await again();
    mbs.push((await read(run)).jsMb);
  }
  // The checkpoint each began with takes 0.4 MB.
  expect(mbs.at(-1)! - mbs[3]!).toBeLessThan(1);
});

it('is given back by a run that cannot go on', async () => {
  await trainer.api.reset();
  const before = alive();
  const outcome = await trainer.api.run(
    { ...SPEC, reward: { typos: Number.NaN } },
    null,
    proxy(() => undefined),
  );
  expect(outcome).toMatchObject({ type: 'failed', code: 'non-finite-loss' });
  expect(alive()).toEqual(before);
});
