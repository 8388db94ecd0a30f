/**
 * @file A run as one file that another browser imports and continues, and its measurements as CSV and JSON.
 *
 * The file is a zip: `run.json` (record and rows) and one safetensors file for each checkpoint, float32 as it was, so that
 * a run goes on to the same bytes. Files come from anywhere: sizes are checked before anything is unpacked, every value
 * passes the schemas of `runs-schema.ts`, and nothing in a file is ever executed.
 */
import { unzipSync, zipSync, type Zippable } from 'fflate';
import * as v from 'valibot';
import { readSafetensors, tensorData, writeSafetensors, type NamedTensor } from '../core/model/safetensors';
import type { MetricName } from '../protocol/metrics';
import type { RunCheckpoint, RunSpec } from '../protocol/run';
import { checkpointSchema, MAX_UPDATES, recordSchema, rowSchema, type RunRecord, type RunRow } from './runs-schema';

/** A run with everything that was kept of it. */
export interface WholeRun {
  readonly record: RunRecord;
  readonly rows: readonly RunRow[];
  /** Ascending; the last is where the run goes on. */
  readonly checkpoints: readonly RunCheckpoint[];
}

/** A file that is no run, or a damaged one; the message says what is wrong with it. */
class RunFileError extends Error {
  override readonly name = 'RunFileError';
}

/** Largest file, packed and unpacked. */
export const MAX_RUN_FILE_BYTES = 1e9;
const MAX_JSON_BYTES = 100e6;
const MAX_ENTRIES = 1001;
const VERSION = 1;
const DATA = 'run.json';
const CHECKPOINT = /^checkpoints\/\d{6}\.safetensors$/;

const fileSchema = v.object({
  format: v.literal('aftertrain-run', 'It is not a run of Aftertrain.'),
  version: v.literal(VERSION, 'It was written by another version of this page.'),
  record: recordSchema,
  rows: v.pipe(v.array(rowSchema), v.maxLength(MAX_UPDATES + 1)),
  checkpoints: v.pipe(
    v.array(v.object({ update: v.number(), spec: v.unknown(), memory: v.optional(v.unknown()) })),
    v.maxLength(MAX_ENTRIES),
  ),
});

const fileNameOf = (update: number) => `checkpoints/${String(update).padStart(6, '0')}.safetensors`;

/** Packs a run. Numbers do not get smaller by packing, so they are only stored. */
export function writeRunFile({ record, rows, checkpoints }: WholeRun): Uint8Array<ArrayBuffer> {
  const standing = checkpoints.map(({ update, spec, memory }) => ({ update, spec, memory }));
  const kept: RunRecord = { ...record, snapshots: checkpoints.map(({ update }) => update) };
  // JSON has no word for what is not finite: such a measurement is left out.
  const finite = (_: string, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? undefined : value);
  const json = JSON.stringify({ format: 'aftertrain-run', version: VERSION, record: kept, rows, checkpoints: standing }, finite);
  const entries: Zippable = { [DATA]: new TextEncoder().encode(json) };
  for (const { update, theta, m, v: squares, critic } of checkpoints) {
    const named = (name: string, data: Float32Array): NamedTensor => ({ name, dims: [data.length], data });
    const tensors = [named('theta', theta), named('m', m), named('v', squares)];
    if (critic) tensors.push(named('critic.theta', critic.theta), named('critic.m', critic.m), named('critic.v', critic.v));
    entries[fileNameOf(update)] = [writeSafetensors(tensors, 'F32'), { level: 0 }];
  }
  return zipSync(entries) as Uint8Array<ArrayBuffer>;
}

/** The entries of the zip. @throws RunFileError before more is unpacked than a run may have */
function unpack(bytes: Uint8Array): Record<string, Uint8Array> {
  let [numEntries, total] = [0, 0];
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        numEntries += 1;
        total += originalSize;
        if (numEntries > MAX_ENTRIES || total > MAX_RUN_FILE_BYTES) throw new RunFileError('It would be too large when unpacked.');
        if (name === DATA && originalSize > MAX_JSON_BYTES) throw new RunFileError('Its measurements are too large.');
        return name === DATA || CHECKPOINT.test(name);
      },
    });
  } catch (error) {
    if (error instanceof RunFileError) throw error;
    throw new RunFileError('It is not a run of Aftertrain, or it is cut short.');
  }
}

/** `path.to.value: what is wrong`, of the first thing that is wrong. */
function complaint(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map(({ key }) => String(key).slice(0, 40)).join('.');
  return path ? `${path}: ${issue.message.slice(0, 200)}` : issue.message.slice(0, 200);
}

function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw new RunFileError(complaint(parsed.issues[0]));
  return parsed.output;
}

/** The vectors of one checkpoint. @throws CheckpointError, RunFileError */
function readVectors(file: Uint8Array): Record<string, Float32Array> {
  const tensors = readSafetensors(file);
  return Object.fromEntries([...tensors].slice(0, 6).map(([name, tensor]) => [name, tensorData(tensor)]));
}

/**
 * Reads a run.
 * @throws RunFileError or CheckpointError saying what is wrong with the file
 */
export function readRunFile(bytes: Uint8Array): WholeRun {
  if (bytes.length > MAX_RUN_FILE_BYTES) throw new RunFileError('It is too large.');
  const entries = unpack(bytes);
  if (!entries[DATA]) throw new RunFileError(`It is not a run of Aftertrain: it has no ${DATA}.`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(entries[DATA]));
  } catch {
    throw new RunFileError(`Its ${DATA} is not JSON.`);
  }
  const { record, rows, checkpoints } = read(fileSchema, json);
  const whole = checkpoints
    .map(({ update, spec, memory }) => {
      const file = entries[fileNameOf(update)];
      if (!file) throw new RunFileError(`The checkpoint of update ${update} is missing.`);
      const { 'critic.theta': theta, 'critic.m': m, 'critic.v': squares, ...vectors } = readVectors(file);
      const critic = theta ? { critic: { theta, m, v: squares } } : {};
      return read(checkpointSchema, { ...vectors, ...critic, update, spec: spec as RunSpec, ...(memory ? { memory } : {}) });
    })
    .sort((a, b) => a.update - b.update);
  const last = whole.at(-1);
  if (!last) throw new RunFileError('It has no checkpoint to go on from.');
  if (whole.some(({ theta }) => theta.length !== last.theta.length))
    throw new RunFileError('Its checkpoints are of models of different sizes.');
  if (rows.some(({ update }) => update > last.update)) throw new RunFileError('It has measurements after its last checkpoint.');
  const snapshots = whole.map(({ update }) => update);
  return {
    record: { ...record, update: last.update, numUpdates: Math.max(record.numUpdates, last.update), snapshots },
    rows,
    checkpoints: whole,
  };
}

/** Metrics that any of the updates has, in the order they first come. */
function metricNames(rows: readonly Pick<RunRow, 'metrics'>[]): MetricName[] {
  return [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))] as MetricName[];
}

/** One line an update: its number, its duration, and each metric by TRL's name. Cells without a value are empty. */
export function metricsCsv(rows: readonly RunRow[]): string {
  const names = metricNames(rows);
  const lines = rows.map(({ update, updateMs, metrics }) => [update, updateMs, ...names.map((name) => metrics[name] ?? '')].join(','));
  return [['update', 'update_ms', ...names].join(','), ...lines].join('\n') + '\n';
}

/** Specification and metrics as JSON. */
export function metricsJson({ record, rows }: Omit<WholeRun, 'checkpoints'>): string {
  const updates = rows.map(({ update, updateMs, metrics }) => ({ update, update_ms: updateMs, ...metrics }));
  return JSON.stringify({ name: record.name, spec: record.spec, changes: record.changes, updates }, null, 2) + '\n';
}
