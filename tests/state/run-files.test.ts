/** @file Runs as files: back to the same bytes, and whatever is no run refused with the reason. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, STAGES } from '../../src/core/algorithms/catalogue';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import { metricsCsv, metricsJson, readRunFile, readSpecText, writeRunFile, type WholeRun } from '../../src/state/run-files';
import { recordSchema, type RunRecord } from '../../src/state/runs-schema';
import * as v from 'valibot';

function spec(stage: RunSpec['stage'] = 'ppo'): RunSpec {
  return { stage, seed: 3, start: 'sft', reward: { length: -1 }, config: ALGORITHMS[stage].defaults, fixedPrompts: ['Hello!'] } as RunSpec;
}

function vectors(seed: number) {
  const make = (scale: number) => Float32Array.from({ length: 7 }, (_, at) => Math.fround(Math.sin(seed + at) * scale));
  return { theta: make(1), m: make(1e-20), v: make(3e20) };
}

function checkpoint(update: number, stage: RunSpec['stage'] = 'ppo'): RunCheckpoint {
  return { spec: spec(stage), update, ...vectors(update), memory: { kl_coef: 0.1 + update }, critic: vectors(update + 0.5) };
}

function record(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'an id',
    name: 'Mine',
    createdAt: '2026-01-02T03:04:05.678Z',
    spec: spec(),
    numUpdates: 9,
    update: 4,
    state: 'stopped',
    parent: null,
    changes: [{ update: 2, what: ['KL weight 0.05 → 0.1'] }],
    last: { reward: 1.5 },
    snapshots: [2, 4],
    checkpointBytes: 168,
    sweep: null,
    ...changes,
  };
}

const whole: WholeRun = {
  record: record(),
  rows: [
    { update: 0, metrics: {}, updateMs: 0, samples: null },
    { update: 1, metrics: { reward: 0.1, 'objective/kl': 2 }, updateMs: 12.5, samples: null },
    { update: 2, metrics: { reward: 1 / 3 }, updateMs: 11, samples: null },
  ],
  checkpoints: [checkpoint(2), checkpoint(4)],
};

/** The file with its `run.json` changed. */
function changed(change: (json: { record: Record<string, unknown>; rows: unknown[]; [key: string]: unknown }) => void): Uint8Array {
  const entries = unzipSync(writeRunFile(whole));
  const json = JSON.parse(strFromU8(entries['run.json']!)) as Parameters<typeof change>[0];
  change(json);
  return zipSync({ ...entries, 'run.json': strToU8(JSON.stringify(json)) });
}

/** A small zip of 1 MB that would unpack to a thousand times as much: its directory lists one stored entry again and again, each "of 0 bytes". */
function bombOf(numEntries: number): Uint8Array {
  const name = 'checkpoints/000000.safetensors';
  const zip = zipSync({ [name]: [new Uint8Array(1e6), { level: 0 }] });
  const view = new DataView(zip.buffer);
  const end = zip.length - 22;
  const [size, start] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  const entry = zip.slice(start, start + size);
  new DataView(entry.buffer).setUint32(24, 0, true); // what it claims to be when unpacked
  const bytes = new Uint8Array(start + size * numEntries + 22);
  bytes.set(zip.subarray(0, start));
  for (let at = 0; at < numEntries; at++) {
    bytes.set(entry, start + at * size);
    bytes.set(strToU8(`checkpoints/${String(at).padStart(6, '0')}.safetensors`), start + at * size + 46);
  }
  bytes.set(zip.subarray(end), start + size * numEntries);
  const tail = new DataView(bytes.buffer, start + size * numEntries);
  tail.setUint16(8, numEntries, true);
  tail.setUint16(10, numEntries, true);
  tail.setUint32(12, size * numEntries, true);
  return bytes;
}

describe('a run in a file', () => {
  it('comes back whole, its vectors to the bit', () => {
    expect(readRunFile(writeRunFile(whole))).toEqual(whole);
  });

  it('brings the neural reward model that rewards it', () => {
    const body = { start: 'sft', theta: Float32Array.of(1, -2, 3), mean: 0.5, sd: 2 } as const;
    const rewardModel = { id: 'a model', name: 'Mine', createdAt: '2026-01-02T03:04:05.678Z', body };
    const file = writeRunFile({ ...whole, rewardModel });
    expect(readRunFile(file).rewardModel).toEqual(rewardModel);
    const { 'reward-model.safetensors': _, ...rest } = unzipSync(file);
    expect(() => readRunFile(zipSync(rest))).toThrow('Its reward model is damaged.');
  });

  it('comes back with the checkpoints that were put in', () => {
    const read = readRunFile(writeRunFile({ ...whole, checkpoints: [checkpoint(4)] }));
    expect(read.record.snapshots).toEqual([4]);
    expect(read.checkpoints).toEqual([checkpoint(4)]);
  });

  it('leaves out measurements that are not finite', () => {
    const rows = [{ update: 1, metrics: { reward: 1, 'val/explained_variance': NaN, loss: Infinity }, updateMs: 1, samples: null }];
    expect(readRunFile(writeRunFile({ ...whole, rows })).rows).toEqual([{ ...rows[0], metrics: { reward: 1 } }]);
  });

  it('can be of any algorithm with its defaults', () => {
    for (const stage of STAGES) expect(v.parse(recordSchema, record({ spec: spec(stage) })).spec).toEqual(spec(stage));
  });

  it.each([
    ['a text', strToU8('not a zip'), 'not a run'],
    ['a zip without a run', zipSync({ 'a.txt': strToU8('x') }), 'it has no run.json'],
    ['another format', changed((json) => (json.format = 'other')), 'It is not a run of Aftertrain'],
    ['another version', changed((json) => (json.version = 2)), 'another version'],
    ['an algorithm that is not there', changed((json) => (json.record.spec = { ...spec(), stage: 'magic' })), 'record.spec.stage'],
    [
      'a setting out of range',
      changed((json) => (json.record.spec = { ...spec(), config: { ...spec().config, learningRate: 1e9 } })),
      'Learning rate must be a number',
    ],
    [
      'a setting nobody knows',
      changed((json) => (json.record.spec = { ...spec(), config: { ...spec().config, evil: 1 } })),
      'no setting "evil"',
    ],
    ['a text that is too long', changed((json) => (json.record.name = 'x'.repeat(81))), 'record.name'],
    [
      'measurements that are no numbers',
      changed((json) => (json.rows = [{ update: 1, metrics: { reward: '1' }, updateMs: 0, samples: null }])),
      'rows.0.metrics.reward',
    ],
    [
      'measurements of a future',
      changed((json) => (json.rows = [{ update: 5, metrics: {}, updateMs: 0, samples: null }])),
      'after its last checkpoint',
    ],
    ['a checkpoint that is not there', changed((json) => (json.checkpoints = [{ update: 7, spec: spec() }])), 'update 7 is missing'],
    ['no checkpoint', changed((json) => (json.checkpoints = [])), 'no checkpoint'],
  ])('is refused when it is %s', (_, bytes, why) => {
    expect(() => readRunFile(bytes)).toThrow(why);
  });

  it('is refused before it is unpacked when its entries claim to be small and share one place', () => {
    expect(() => readRunFile(bombOf(1001))).toThrow('too large when unpacked');
  });

  it('is refused wherever it is cut, and never hangs or throws anything but a reason', () => {
    const file = writeRunFile(whole);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.length - 1 }), (length) => {
        expect(() => readRunFile(file.slice(0, length))).toThrow(/run|cut short|safetensors|weights|It /i);
      }),
      { numRuns: 60 },
    );
  });
});

describe('measurements', () => {
  it('are one line an update, by TRL’s names, to the last digit', () => {
    const lines = metricsCsv(whole.rows).trim().split('\n');
    expect(lines).toEqual(['update,update_ms,reward,objective/kl', '0,0,,', '1,12.5,0.1,2', `2,11,${1 / 3},`]);
  });

  it('come as JSON with the specification', () => {
    const { spec: written, updates } = JSON.parse(metricsJson(whole)) as { spec: unknown; updates: unknown[] };
    expect(written).toEqual(spec());
    expect(updates[1]).toEqual({ update: 1, update_ms: 12.5, reward: 0.1, 'objective/kl': 2 });
  });
});

describe('a specification as JSON', () => {
  it.each(STAGES)('of %s is read as it is, within exported measurements, and by TRL’s names', (stage) => {
    const given = spec(stage);
    expect(readSpecText(JSON.stringify(given))).toEqual(given);
    expect(readSpecText(metricsJson({ record: record({ spec: given }), rows: [] }))).toEqual(given);
    const fields = ALGORITHMS[stage].fields as readonly { key: string; trl?: string }[];
    const config = Object.fromEntries(
      Object.entries(given.config).map(([key, value]) => [fields.find((field) => field.key === key)?.trl ?? key, value as unknown]),
    );
    expect(readSpecText(JSON.stringify({ ...given, config }))).toEqual(given);
  });

  it('keeps our name where TRL’s is there too', () => {
    const config = { ...ALGORITHMS.grpo.defaults, groupSize: 6, num_generations: 4 };
    expect(readSpecText(JSON.stringify({ ...spec('grpo'), config })).config).toMatchObject({ groupSize: 6 });
  });

  it.each([
    ['hello', 'It is not JSON.'],
    ['[]', 'stage: '],
    [JSON.stringify({ ...spec('grpo'), stage: '__proto__' }), 'stage: '],
    [JSON.stringify({ ...spec('grpo'), config: { numUpdates: 3, evil: 1 } }), 'GRPO has no setting "evil".'],
    [JSON.stringify({ ...spec('grpo'), config: { numUpdates: 3, num_generations: 1e9 } }), 'Group size must be a number from 2 to 16.'],
    ['{"__proto__": {"stage": "grpo"}}', 'stage: '],
  ])('%s is refused with the reason', (text, reason) => {
    expect(() => readSpecText(text)).toThrow(reason);
  });
});

it('a run’s KL reference goes with it, and one of another length is refused', () => {
  const reference = vectors(9).theta;
  const branch = { ...whole, checkpoints: whole.checkpoints.map((one) => ({ ...one, reference })) };
  expect(readRunFile(writeRunFile(branch)).checkpoints.map((one) => one.reference)).toEqual([reference, reference]);
  const short = { ...whole, checkpoints: whole.checkpoints.map((one) => ({ ...one, reference: reference.slice(1) })) };
  expect(() => readRunFile(writeRunFile(short))).toThrow('differ in length');
});
