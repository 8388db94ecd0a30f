/**
 * @file What a run learns from, in full: settings (`fields.ts`), which kinds of request, and, where the reader brought data of
 * their own, which rows. A description fits in a link; rows do not, so it names them by id and hash.
 */
import * as v from 'valibot';
import { fieldSchema } from '../algorithms/field-schema';
import { REQUEST_KINDS, type RequestKind } from '../world/subjects';
import { DATA_FIELDS, type DemonstrationSettings, type PairSettings, type PromptSettings } from './fields';

/** How often each kind of request is asked, in proportion; kinds left out are never asked. */
export type KindWeights = Readonly<Partial<Record<RequestKind, number>>>;

/** Rows of the reader's own: under which id they were installed, and the hash they must have. */
export interface RowsName {
  readonly id: string;
  readonly hash: string;
}

/** What goes with the settings of any data. */
interface Source {
  /** Left out: as often as the world asks them. */
  readonly kinds?: KindWeights;
  /** Left out: the world's. */
  readonly rows?: RowsName;
}

/** What algorithms learn from, by `learnsFrom`. */
export interface RunDataOf {
  readonly demonstrations: DemonstrationSettings & Source;
  readonly pairs: PairSettings & Source;
  readonly rewards: PromptSettings & Source;
}

/** What an algorithm learns from: demonstrations, pairs of answers, or prompts to answer and be rewarded for. */
export type LearnsFrom = keyof RunDataOf;
/** What some run learns from. */
export type RunData = RunDataOf[LearnsFrom];

const kindsSchema = v.pipe(
  v.strictObject(
    Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)))])),
    (issue) => `"${String(issue.path?.[0]?.key).slice(0, 40)}" is no kind of request.`,
  ),
  v.check((kinds) => Object.values(kinds).some((weight) => (weight ?? 0) > 0), 'At least one kind of request must be asked.'),
) as unknown as v.GenericSchema<unknown, KindWeights>;

const rowsSchema = v.strictObject({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{14}$/, 'A hash is 14 hexadecimal digits.')),
});

/** Accepts a description of data; settings left out are as by default. */
export function dataSchema<L extends LearnsFrom>(learnsFrom: L): v.GenericSchema<unknown, RunDataOf[L]> {
  const settings = DATA_FIELDS[learnsFrom].map((field) => [field.key, v.optional(fieldSchema(field), field.default)] as const);
  return v.strictObject(
    { ...Object.fromEntries(settings), kinds: v.optional(kindsSchema), rows: v.optional(rowsSchema) },
    (issue) => `Data has no setting "${String(issue.path?.[0]?.key).slice(0, 40)}".`,
  ) as unknown as v.GenericSchema<unknown, RunDataOf[L]>;
}

/** Kinds as a link has them, `act:3,how-to`: a kind without a number is asked once. */
export const kindsToText = (kinds: KindWeights): string =>
  Object.entries(kinds)
    .map(([kind, weight]) => (weight === 1 ? kind : `${kind}:${weight}`))
    .join();

/** Reads what {@link kindsToText} writes. */
export const kindsFromText = v.pipe(
  v.string(),
  v.regex(/^[a-z-]{1,40}(:\d{1,3}(\.\d{1,6})?)?(,[a-z-]{1,40}(:\d{1,3}(\.\d{1,6})?)?){0,20}$/),
  v.transform(
    (text) => Object.fromEntries(text.split(',').map((part) => [part.split(':')[0]!, Number(part.split(':')[1] ?? 1)])) as unknown,
  ),
  kindsSchema,
);

/** Rows as a link names them, `hash.id`. */
export const rowsToText = ({ id, hash }: RowsName): string => `${hash}.${id}`;

/** Reads what {@link rowsToText} writes. */
export const rowsFromText = v.pipe(
  v.string(),
  v.transform((text): unknown => ({ hash: text.slice(0, 14), id: text[14] === '.' ? text.slice(15) : '' })),
  rowsSchema,
);
