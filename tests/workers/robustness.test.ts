/** @file What a run does when it is interfered with: settings changed under it, limits too small, a device that ends. */
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS, GRPO_FIELDS, type GrpoConfig } from '../../src/core/algorithms/grpo';
import type { DeviceEnd } from '../../src/engine/device';
import type { BufferLimits } from '../../src/engine/limits';
import { OrtEngine } from '../../src/engine/ort-engine';
import { createNodeEngine } from '../../src/engine/ort-node';
import { JobQueue } from '../../src/engine/queue';
import type { LiveConfig, RunEvent, RunSpec } from '../../src/protocol/run';
import { failureOf } from '../../workers/failures';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';

const specOf = (changes: Partial<GrpoConfig> = {}): Extract<RunSpec, { stage: 'grpo' }> => ({
  stage: 'grpo',
  seed: 1,
  start: 'sft',
  reward: { typos: 1, repetition: 1, length: 1 },
  config: { ...GRPO_DEFAULTS, numUpdates: 4, promptsPerUpdate: 2, groupSize: 2, maxCompletionTokens: 16, ...changes },
  fixedPrompts: ['Hello!'],
});

const updatesOf = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'update' && event.update > 0 ? [event] : []));
const checkpointsOf = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []));

describe('a run', () => {
  let trainer: TinyTrainer;
  beforeAll(async () => {
    trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
  });
  afterAll(() => trainer.close());

  /** Runs, changing settings when update 1 is told of. */
  const runWith = (changes: LiveConfig, config: Partial<GrpoConfig> = {}) =>
    trainer.run(specOf(config), null, (event) => {
      if (event.type === 'update' && event.update === 1) void trainer.api.setConfig(changes);
    });

  // A large step and three passes over each batch, so that ratios leave the clip range.
  const lively = { learningRate: 0.01, numIterations: 3, clipRange: 0.2, klCoef: 0.5, promptsPerUpdate: 4, groupSize: 4 };
  it.each([
    ['learningRate', 0.001],
    ['klCoef', 0],
    ['temperature', 0.5],
    ['clipRange', 0.05],
  ] as const)('takes another %s from the next update on, and no sooner', async (key, value) => {
    const [changed, unchanged] = [await runWith({ [key]: value }, lively), await runWith({}, lively)];
    const [found, expected] = [checkpointsOf(changed.events), checkpointsOf(unchanged.events)];
    expect(found[0]!.theta).toEqual(expected[0]!.theta);
    expect(found.at(-1)!.theta).not.toEqual(expected.at(-1)!.theta);
    expect(found.at(-1)!.spec.config).toMatchObject({ [key]: value });
    if (key === 'learningRate')
      expect(updatesOf(changed.events).map(({ metrics }) => metrics.learning_rate)).toEqual([0.01, 0.001, 0.001, 0.001]);
  });

  it('can be changed in exactly the settings marked live', () => {
    expect(GRPO_FIELDS.filter(({ live }) => live).map(({ key }) => key)).toEqual(['learningRate', 'klCoef', 'temperature', 'clipRange']);
  });

  it.each([
    [{ groupSize: 4 }, '"groupSize" cannot be changed while a run goes on.'],
    [{ learningRate: Number.NaN }, 'Learning rate must be a number from 0.00001 to 0.01.'],
    [{ klCoef: 1.5 }, 'KL weight must be a number from 0 to 1.'],
    [{ temperature: '1' }, 'Temperature must be a number from 0.2 to 2.'],
    [{ klCoef: 0.1, clipRange: -1 }, 'Clip range must be a number from 0.05 to 0.5.'],
  ])('refuses %j and stays as it was', async (changes, detail) => {
    const answers: unknown[] = [];
    const { events } = await trainer.run(specOf({ numUpdates: 2 }), null, (event) => {
      if (event.type === 'update' && event.update === 1)
        void trainer.api.setConfig(changes as LiveConfig).then((answer) => answers.push(answer));
    });
    expect(answers).toEqual([{ type: 'failed', code: 'bad-request', detail }]);
    expect(checkpointsOf(events).at(-1)!.spec.config).toEqual(specOf({ numUpdates: 2 }).config);
  });

  it('tells of no update before the checkpoint of the one before has come, and of no end before the last', async () => {
    const { outcome, events } = await trainer.run(specOf({ numUpdates: 6 }));
    expect(outcome).toEqual({ type: 'completed', update: 6 });
    let kept = 0;
    for (const event of events) {
      if (event.type === 'checkpoint') kept = event.checkpoint.update;
      if (event.type === 'update') expect(kept).toBeGreaterThanOrEqual(event.update - 1);
    }
    expect(kept).toBe(6);
    expect(checkpointsOf(events).map(({ update }) => update)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('sends its checkpoint when it is held', async () => {
    const kept: number[] = [];
    const { outcome } = await trainer.run(specOf({ numUpdates: 50 }), null, (event) => {
      if (event.type === 'update' && event.update === 2) void trainer.api.pauseRun();
      if (event.type === 'checkpoint') kept.push(event.checkpoint.update);
      if (event.type === 'paused') setTimeout(() => void (kept.push(-1), trainer.api.stopRun()), 200);
    });
    expect(outcome).toEqual({ type: 'stopped', update: 2 });
    expect(kept).toEqual([1, 2, -1]);
  });

  it('given more updates, goes where a longer run would have gone', async () => {
    const whole = checkpointsOf((await trainer.run(specOf({ numUpdates: 5 }))).events);
    const first = checkpointsOf((await trainer.run(specOf({ numUpdates: 3 }))).events).at(-1)!;
    const rest = await trainer.run({ ...first.spec, config: { ...first.spec.config, numUpdates: 5 } } as RunSpec, first);
    expect(rest.outcome).toEqual({ type: 'completed', update: 5 });
    expect(checkpointsOf(rest.events).at(-1)!.theta).toEqual(whole.at(-1)!.theta);
  });
});

/** An engine in Node that is told to be as small as some GPU. */
const limitedEngine = (limits: BufferLimits) =>
  new OrtEngine({
    name: 'node',
    ort,
    queue: new JobQueue(),
    sessionOptions: { intraOpNumThreads: 1, interOpNumThreads: 1 },
    gpu: null,
    limits,
    heapBytes: null,
    placements: null,
  });

describe('on a device with small buffers', () => {
  const bytes = (maxBufferSize: number, maxStorageBufferBindingSize = maxBufferSize) => ({ maxBufferSize, maxStorageBufferBindingSize });

  it('a model too large is refused with the size that fits', async () => {
    await expect(startTinyTrainer(limitedEngine(bytes(100_000, 80_000)))).rejects.toThrow(
      /^The base model has [\d,]+ parameters; this device holds models of at most 20,000\.$/,
    );
  });

  it('too many answers at once are refused before anything runs, and what is named instead does run', async () => {
    const trainer = await startTinyTrainer(limitedEngine(bytes(1_000_000)));
    const { outcome, events } = await trainer.run(specOf({ promptsPerUpdate: 2, groupSize: 4 }));
    if (outcome.type !== 'failed') throw new Error('it ran');
    expect(outcome.code).toBe('too-large');
    expect(updatesOf(events)).toEqual([]);
    expect(outcome.detail).toMatch(/^8 answers of 16 tokens at once are too many for this device: at most \d+ fit, for example /);
    const [, prompts, groupSize] = /(\d+) prompts? with a group size of (\d+)/.exec(outcome.detail)!.map(Number);
    expect(prompts! * groupSize!).toBeLessThan(8);
    const smaller = await trainer.run(specOf({ promptsPerUpdate: prompts, groupSize, numUpdates: 1 }));
    expect(smaller.outcome).toEqual({ type: 'completed', update: 1 });
    // It is near the largest that does (answers are packed, so the very largest depends on their lengths).
    const most = Number(/at most (\d+) fit/.exec(outcome.detail)![1]);
    const larger = await trainer.run(specOf({ promptsPerUpdate: 1, groupSize: 2 * most, numUpdates: 1 }));
    expect(larger.outcome).toMatchObject({ type: 'failed', code: 'too-large' });
    trainer.close();
  });

  it('answers too long even for two say so', async () => {
    const trainer = await startTinyTrainer(limitedEngine(bytes(300_000)));
    const { outcome } = await trainer.run(specOf({ promptsPerUpdate: 1, groupSize: 4, maxCompletionTokens: 64 }));
    expect(outcome).toMatchObject({ code: 'too-large', detail: expect.stringContaining('choose a shorter longest answer') as string });
    trainer.close();
  });
});

describe('a device that ends', () => {
  it('is told of by the next ping, and ends the run', async () => {
    let end!: (why: DeviceEnd) => void;
    const lost = new Promise<DeviceEnd>((resolve) => (end = resolve));
    const trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }), lost);
    expect(await trainer.api.ping()).toBeNull();
    const { outcome } = await trainer.run(specOf({ numUpdates: 500 }), null, (event) => {
      if (event.type === 'update' && event.update === 2) end({ code: 'device-lost', reason: 'asleep' });
    });
    const failure = { type: 'failed', code: 'device-lost', detail: 'The graphics device was lost (asleep).' };
    expect(outcome).toMatchObject(failure);
    expect(await trainer.api.ping()).toEqual(failure);
    await trainer.api.stopRun();
    trainer.close();
  });
});

describe('errors as data', () => {
  it.each([
    [new RangeError('Array buffer allocation failed'), 'out-of-memory'],
    [new Error('ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc'), 'out-of-memory'],
    [new WebAssembly.RuntimeError('Aborted(OOM). Build with -sASSERTIONS for more info.'), 'out-of-memory'],
    [new WebAssembly.RuntimeError('memory access out of bounds'), 'worker-crashed'],
    [new RangeError('the prompt leaves no room in 12 positions'), 'bad-request'],
    [new Error('something else'), 'internal'],
  ])('%s is %s', (error, code) => {
    expect(failureOf(error, null)).toEqual({ type: 'failed', code, detail: error.message });
  });

  it('a device that ran out of memory explains whatever went wrong after', () => {
    expect(failureOf(new Error('anything'), { code: 'out-of-memory', reason: 'no 4 GB' }).code).toBe('out-of-memory');
  });
});
