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
import { m } from '../messages/messages';
import type { MetricName } from '../protocol/metrics';
import type { NeuralRewardModel } from '../protocol/reward-lab';
import type { RunCheckpoint, RunSpec } from '../protocol/run';
import { checkpointSchema, MAX_UPDATES, recordSchema, rowSchema, specSchema, type RunRecord, type RunRow } from './runs-schema';

/** The neural reward model that rewards a run, which goes where the run goes. */
export interface CarriedRewardModel {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly body: NeuralRewardModel;
}

/** A run with everything that was kept of it. */
export interface WholeRun {
  readonly record: RunRecord;
  readonly rows: readonly RunRow[];
  /** Ascending; the last is where the run goes on. */
  readonly checkpoints: readonly RunCheckpoint[];
  /** Where it is rewarded by one that this browser has. */
  readonly rewardModel?: CarriedRewardModel;
}

/** A file that is no run, or a damaged one; the message says what is wrong with it. */
class RunFileError extends Error {
  override readonly name = 'RunFileError';
}

/** Largest file, packed and unpacked. */
export const MAX_RUN_FILE_BYTES = 1e9;
const MAX_JSON_BYTES = 100e6;
const MAX_ENTRIES = 1002;
const VERSION = 1;
const DATA = 'run.json';
const REWARD_MODEL = 'reward-model.safetensors';
const CHECKPOINT = /^checkpoints\/\d{6}\.safetensors$/;

const finite = v.pipe(v.number(), v.finite());
const rewardModelSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: v.pipe(v.string(), v.maxLength(80)),
  createdAt: v.pipe(v.string(), v.maxLength(40), v.isoTimestamp()),
  start: v.picklist(['base', 'sft', 'rlhf']),
  mean: finite,
  sd: v.pipe(finite, v.minValue(1e-9)),
});

const fileSchema = v.object({
  format: v.literal('aftertrain-run', () => m.runs_file_not_run()),
  version: v.literal(VERSION, () => m.runs_file_version()),
  record: recordSchema,
  rows: v.pipe(v.array(rowSchema), v.maxLength(MAX_UPDATES + 1)),
  checkpoints: v.pipe(
    v.array(v.object({ update: v.number(), spec: v.unknown(), memory: v.optional(v.unknown()) })),
    v.maxLength(MAX_ENTRIES),
  ),
  rewardModel: v.optional(rewardModelSchema),
});

const fileNameOf = (update: number) => `checkpoints/${String(update).padStart(6, '0')}.safetensors`;

/** Packs a run. Numbers do not get smaller by packing, so they are only stored. */
export function writeRunFile({ record, rows, checkpoints, rewardModel }: WholeRun): Uint8Array<ArrayBuffer> {
  const standing = checkpoints.map(({ update, spec, memory }) => ({ update, spec, memory }));
  const kept: RunRecord = { ...record, snapshots: checkpoints.map(({ update }) => update) };
  // JSON has no word for what is not finite: such a measurement is left out.
  const withoutInfinities = (_: string, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? undefined : value);
  const { theta: scorer = null, ...scoring } = rewardModel?.body ?? {};
  const model = rewardModel && { id: rewardModel.id, name: rewardModel.name, createdAt: rewardModel.createdAt, ...scoring };
  const json = JSON.stringify(
    { format: 'aftertrain-run', version: VERSION, record: kept, rows, checkpoints: standing, rewardModel: model },
    withoutInfinities,
  );
  const entries: Zippable = { [DATA]: new TextEncoder().encode(json) };
  for (const { update, theta, m: means, v: squares, critic, reference } of checkpoints) {
    const named = (name: string, data: Float32Array): NamedTensor => ({ name, dims: [data.length], data });
    const tensors = [named('theta', theta), named('m', means), named('v', squares)];
    if (critic) tensors.push(named('critic.theta', critic.theta), named('critic.m', critic.m), named('critic.v', critic.v));
    if (reference) tensors.push(named('reference', reference));
    entries[fileNameOf(update)] = [writeSafetensors(tensors, 'F32'), { level: 0 }];
  }
  if (scorer) entries[REWARD_MODEL] = [writeSafetensors([{ name: 'theta', dims: [scorer.length], data: scorer }], 'F32'), { level: 0 }];
  return zipSync(entries) as Uint8Array<ArrayBuffer>;
}

/** The entries of the zip. @throws RunFileError before more is unpacked than a run may have */
function unpack(bytes: Uint8Array): Record<string, Uint8Array> {
  let [numEntries, total] = [0, 0];
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        numEntries += 1;
        total += Math.max(size, originalSize); // what is only stored is copied as long as it lies there, whatever is claimed
        if (numEntries > MAX_ENTRIES || total > MAX_RUN_FILE_BYTES) throw new RunFileError(m.runs_file_unpacked());
        if (name === DATA && Math.max(size, originalSize) > MAX_JSON_BYTES) throw new RunFileError(m.runs_file_measurements());
        return name === DATA || name === REWARD_MODEL || CHECKPOINT.test(name);
      },
    });
  } catch (error) {
    if (error instanceof RunFileError) throw error;
    throw new RunFileError(m.runs_file_cut());
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
  return Object.fromEntries([...tensors].slice(0, 7).map(([name, tensor]) => [name, tensorData(tensor)]));
}

/**
 * Reads a run.
 * @throws RunFileError or CheckpointError saying what is wrong with the file
 */
export function readRunFile(bytes: Uint8Array): WholeRun {
  if (bytes.length > MAX_RUN_FILE_BYTES) throw new RunFileError(m.runs_file_too_large());
  const entries = unpack(bytes);
  if (!entries[DATA]) throw new RunFileError(m.runs_file_no_json({ file: DATA }));
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(entries[DATA]));
  } catch {
    throw new RunFileError(m.runs_file_bad_json({ file: DATA }));
  }
  const { record, rows, checkpoints, rewardModel } = read(fileSchema, json);
  const whole = checkpoints
    .map(({ update, spec, memory }) => {
      const file = entries[fileNameOf(update)];
      if (!file) throw new RunFileError(m.runs_file_missing({ update }));
      const { 'critic.theta': theta, 'critic.m': means, 'critic.v': squares, ...vectors } = readVectors(file);
      const critic = theta ? { critic: { theta, m: means, v: squares } } : {};
      return read(checkpointSchema, { ...vectors, ...critic, update, spec: spec as RunSpec, ...(memory ? { memory } : {}) });
    })
    .sort((a, b) => a.update - b.update);
  const last = whole.at(-1);
  if (!last) throw new RunFileError(m.runs_file_none());
  if (whole.some(({ theta }) => theta.length !== last.theta.length)) throw new RunFileError(m.runs_file_sizes());
  if (rows.some(({ update }) => update > last.update)) throw new RunFileError(m.runs_file_after());
  const snapshots = whole.map(({ update }) => update);
  return {
    record: { ...record, update: last.update, numUpdates: Math.max(record.numUpdates, last.update), snapshots },
    rows,
    checkpoints: whole,
    ...(rewardModel ? { rewardModel: carried(rewardModel, entries[REWARD_MODEL]) } : {}),
  };
}

/** A reward model as it came. @throws RunFileError, CheckpointError */
function carried({ id, name, createdAt, ...scoring }: v.InferOutput<typeof rewardModelSchema>, file?: Uint8Array): CarriedRewardModel {
  const { theta } = file ? readVectors(file) : {};
  if (!theta || theta.length === 0 || theta.some((value) => !Number.isFinite(value))) throw new RunFileError(m.runs_file_model());
  return { id, name, createdAt, body: { ...scoring, theta } };
}

/**
 * Reads a specification from JSON text: as it is, or within what {@link metricsJson} writes.
 * @throws RunFileError saying what is wrong with it
 */
export function readSpecText(text: string): RunSpec {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new RunFileError(m.runs_file_is_no_json());
  }
  return read(specSchema, typeof json === 'object' && json !== null && 'spec' in json ? json.spec : json);
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
  const { name, parent, spec, changes } = record;
  return JSON.stringify({ name, parent, spec, changes, updates }, null, 2) + '\n';
}
