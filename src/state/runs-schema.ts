/**
 * @file Runs as they are kept and as files carry them: types, and the schemas that everything from outside must pass.
 *
 * Storage may hold what another version of this page wrote, and a file anything at all. Sizes are bounded here; that a
 * checkpoint fits a model is for the worker to say, which has the models.
 */
import * as v from 'valibot';
import { ALGORITHMS, STAGES } from '../core/algorithms/catalogue';
import { fieldSchema } from '../core/algorithms/field-schema';
import { fromTrlNames } from '../core/algorithms/fields';
import { dataSchema } from '../core/data/run-data';
import { FEATURES, type FeatureName } from '../core/reward/features';
import { METRICS, type MetricName } from '../protocol/metrics';
import type { FixedSample, RunCheckpoint, RunSpec } from '../protocol/run';

/** Most updates that a run may have. */
export const MAX_UPDATES = 100_000;
/** Longest vector of a checkpoint, in numbers: 128 MB. */
const MAX_VECTOR = 32e6;
const MAX_TEXT = 20_000;
const MAX_FIXED_PROMPTS = 4;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
const shortText = v.pipe(v.string(), v.maxLength(200));
const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_UPDATES));
const seed = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const known = <Name extends string, Schema extends v.GenericSchema>(names: readonly Name[], schema: Schema) =>
  v.object(Object.fromEntries(names.map((name) => [name, v.optional(schema)])) as Record<Name, v.OptionalSchema<Schema, undefined>>);

const featureNames = FEATURES.map(({ name }) => name);
const weightsSchema = known<FeatureName, typeof finite>(featureNames, finite);

/**
 * Settings of one algorithm, by our names or TRL's (`num_generations`). A run that was continued may have more updates than can
 * be asked for at once.
 */
function configSchema(stage: (typeof STAGES)[number]) {
  const { fields } = ALGORITHMS[stage];
  const entries = fields.map((field) => [
    field.key,
    field.key === 'numUpdates' ? v.pipe(count, v.minValue(1)) : v.optional(fieldSchema(field), field.default),
  ]);
  return v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((values) => fromTrlNames(fields, values)),
    v.strictObject(
      Object.fromEntries(entries) as Record<string, v.GenericSchema>,
      (issue) => `${ALGORITHMS[stage].label} has no setting "${String(issue.path?.[0]?.key).slice(0, 40)}".`,
    ),
  );
}

const specs = STAGES.map((stage) =>
  v.object({
    stage: v.literal(stage),
    seed,
    family: v.optional(shortText),
    start: v.picklist(['base', 'sft', 'rlhf']),
    chat: v.optional(v.boolean()),
    data: v.optional(dataSchema(ALGORITHMS[stage].learnsFrom)),
    reward: weightsSchema,
    rewardModel: v.optional(v.object({ id: shortText, name: v.optional(shortText), weight: finite, symmetric: v.optional(v.boolean()) })),
    config: configSchema(stage),
    fixedPrompts: v.pipe(v.array(text), v.maxLength(MAX_FIXED_PROMPTS)),
  }),
);

/** A run's specification. */
export const specSchema = v.variant('stage', specs as never) as unknown as v.GenericSchema<unknown, RunSpec>;

const completionSchema = v.object({
  text,
  numTokens: count,
  finished: v.boolean(),
  features: v.object(Object.fromEntries(featureNames.map((name) => [name, v.optional(finite, 0)]))),
  goldReward: v.nullable(finite),
});
const samplesSchema = v.pipe(v.array(v.object({ prompt: text, completion: completionSchema })), v.maxLength(MAX_FIXED_PROMPTS));
/** A measurement may be no number at all, as a share of nothing is: what went wrong is kept too. */
const measured = v.custom<number>((value) => typeof value === 'number', 'must be a number');
const metricsSchema = known<MetricName, typeof measured>(Object.keys(METRICS) as MetricName[], measured);

/** What one update measured. */
export interface HistoryEntry {
  readonly update: number;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

/** What was kept of one update. */
export interface RunRow extends HistoryEntry {
  /** Duration; 0 for the measurement before the first. */
  readonly updateMs: number;
  /** What the policy of this update answered to the fixed prompts; null where it was not asked. */
  readonly samples: readonly FixedSample[] | null;
}

/** One update's row. */
export const rowSchema = v.object({
  update: count,
  metrics: metricsSchema,
  updateMs: v.pipe(finite, v.minValue(0)),
  samples: v.nullable(samplesSchema),
}) as unknown as v.GenericSchema<unknown, RunRow>;

/** A change of the reward or of a setting by hand while the run went on. */
export interface RunChange {
  /** The last update before it took effect. */
  readonly update: number;
  /** What was changed, as `settingsDiff` says it: "klCoef: 0.05 → 0.1". Older files have words. */
  readonly what: readonly string[];
}

/** How a run stands. `open`: it went on when last heard of. */
export type RunState = 'open' | 'completed' | 'stopped' | 'failed';

/** A kept run, without its rows and checkpoints. */
export interface RunRecord {
  readonly id: string;
  /** Given by the reader; empty: named by what differs from the defaults. */
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** As it began. */
  readonly spec: RunSpec;
  readonly numUpdates: number;
  /** The update of the last checkpoint. */
  readonly update: number;
  readonly state: RunState;
  /** What it was trained from, where that was another run. */
  readonly parent: { readonly id: string; readonly update: number } | null;
  readonly changes: readonly RunChange[];
  /** What the last update measured. */
  readonly last: HistoryEntry['metrics'];
  /** Updates whose checkpoints are kept, ascending; the last is where it goes on. */
  readonly snapshots: readonly number[];
  /** Size of one checkpoint. */
  readonly checkpointBytes: number;
  /** The sweep it belongs to; null outside of one. */
  readonly sweep: { readonly id: string; readonly name: string } | null;
}

/** What a run may be called. */
export const runNameSchema = v.pipe(v.string(), v.maxLength(80));

/** A run's record. */
export const recordSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: runNameSchema,
  createdAt: v.pipe(v.string(), v.maxLength(40), v.isoTimestamp()),
  spec: specSchema,
  numUpdates: count,
  update: count,
  state: v.picklist(['open', 'completed', 'stopped', 'failed']),
  parent: v.nullable(v.object({ id: v.pipe(v.string(), v.maxLength(64)), update: count })),
  changes: v.pipe(v.array(v.object({ update: count, what: v.pipe(v.array(shortText), v.maxLength(100)) })), v.maxLength(10_000)),
  last: metricsSchema,
  snapshots: v.pipe(v.array(count), v.maxLength(1000)),
  checkpointBytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sweep: v.nullable(v.object({ id: v.pipe(v.string(), v.maxLength(64)), name: shortText })),
}) as unknown as v.GenericSchema<unknown, RunRecord>;

const vector = v.pipe(
  v.instance(Float32Array),
  v.check(({ length }) => length > 0 && length <= MAX_VECTOR, 'A vector is empty or too long.'),
);
const vectors = { theta: vector, m: vector, v: vector };
type Vectors = Record<keyof typeof vectors, Float32Array<ArrayBuffer>>;
const alike = ({ theta, m, v: squares }: Vectors) => theta.length === m.length && theta.length === squares.length;
const UNLIKE = 'The weights and the optimiser’s moments differ in length.';

/** A checkpoint. */
export const checkpointSchema = v.pipe(
  v.object({
    spec: specSchema,
    update: count,
    memory: v.optional(v.record(shortText, finite)),
    reference: v.optional(vector),
    critic: v.optional(v.pipe(v.object(vectors), v.check(alike, UNLIKE))),
    ...vectors,
  }),
  v.check((checkpoint) => alike(checkpoint), UNLIKE),
  v.check(({ theta, reference }) => !reference || reference.length === theta.length, UNLIKE),
) as unknown as v.GenericSchema<unknown, RunCheckpoint>;
