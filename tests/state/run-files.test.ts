/** @file Runs as files: back to the same bytes, and whatever is no run refused with the reason. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, REWARD_STAGES } from '../../src/core/algorithms/catalogue';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import { metricsCsv, metricsJson, readRunFile, writeRunFile, type WholeRun } from '../../src/state/run-files';
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

describe('a run in a file', () => {
  it('comes back whole, its vectors to the bit', () => {
    expect(readRunFile(writeRunFile(whole))).toEqual(whole);
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
    for (const stage of REWARD_STAGES) expect(v.parse(recordSchema, record({ spec: spec(stage) })).spec).toEqual(spec(stage));
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
