/**
 * @file Rows that a reader brings: demonstrations, pairs of answers, or prompts. What may they look like, and how is one set
 * told from another? They come from files, so all of them pass a schema, and their number and length are bounded.
 */
import * as v from 'valibot';
import { MAX_TEXT_LENGTH } from '../preferences/comparison';
import type { LearnsFrom } from './run-data';

/** Largest file of rows. */
export const MAX_ROWS_BYTES = 50e6;
/** Most rows of a set. */
const MAX_ROWS = 20_000;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT_LENGTH));
const rowSchemas = {
  /** TRL's prompt-completion format. */
  demonstrations: v.object({ prompt: text, completion: text }),
  /** TRL's preference format. */
  pairs: v.object({ prompt: text, chosen: text, rejected: text }),
  /** TRL's prompt-only format. */
  rewards: v.object({ prompt: text }),
} as const;

/** One row of each kind of data. */
export type RowOf<L extends LearnsFrom> = Readonly<v.InferOutput<(typeof rowSchemas)[L]>>;

/** Rows for one kind of learning. */
export type DataRows = { [L in LearnsFrom]: { readonly learnsFrom: L; readonly rows: readonly RowOf<L>[] } }[LearnsFrom];

const setSchema = v.variant(
  'learnsFrom',
  (Object.keys(rowSchemas) as LearnsFrom[]).map((learnsFrom) =>
    v.object({
      learnsFrom: v.literal(learnsFrom),
      rows: v.pipe(
        v.array(rowSchemas[learnsFrom] as v.GenericSchema),
        v.minLength(1, 'There are no rows.'),
        v.maxLength(MAX_ROWS, `There are more than ${MAX_ROWS} rows.`),
      ),
    }),
  ) as never,
) as unknown as v.GenericSchema<unknown, DataRows>;

/** Rows from outside. @throws RangeError naming the first row that is wrong */
export function parseRows(value: unknown): DataRows {
  const parsed = v.safeParse(setSchema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const [, place, field] = issue.path ?? [];
  const where = typeof place?.key === 'number' ? `Row ${place.key + 1}${field ? `, ${String(field.key).slice(0, 40)}` : ''}: ` : '';
  throw new RangeError(`${where}${issue.message.slice(0, 200)}`);
}

const messageSchema = v.object({ role: v.string(), content: v.string() });

/** What a prompt or an answer says: a text, or a list of one message, as TRL's conversational formats have it. */
function saidIn(value: unknown): unknown {
  const messages = v.safeParse(v.array(messageSchema), value);
  if (!messages.success) return value;
  if (messages.output.length !== 1) throw new RangeError('A prompt or an answer must be one message.');
  return messages.output[0]!.content;
}

/** A row as our schemas want it. TRL's `messages` are a question and its answer. @throws RangeError */
function plainRow(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const { messages, ...rest } = row as Record<string, unknown>;
  if (messages === undefined) return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, saidIn(value)]));
  const parsed = v.safeParse(v.array(messageSchema), messages);
  const [question, answer, ...others] = parsed.success ? parsed.output : [];
  if (question?.role !== 'user' || answer?.role !== 'assistant' || others.length > 0)
    throw new RangeError('“messages” must be one message of the user and one of the assistant.');
  return { prompt: question.content, completion: answer.content };
}

/**
 * Rows of a file in TRL's formats, standard or conversational: a JSON array, or one JSON object a line.
 * @throws RangeError naming the first line or row that is wrong
 */
export function readRowsText(text: string, learnsFrom: LearnsFrom): DataRows {
  const at = <T>(what: string, job: () => T): T => {
    try {
      return job();
    } catch (error) {
      throw new RangeError(error instanceof RangeError ? `${what}: ${error.message}` : `${what} is not JSON.`);
    }
  };
  const whole = text.replace(/^\uFEFF/, '').trimEnd();
  if (whole.trimStart().startsWith('[')) {
    const rows = at('It', () => JSON.parse(whole) as unknown);
    return parseRows({ learnsFrom, rows: Array.isArray(rows) ? rows.map((row, i) => at(`Row ${i + 1}`, () => plainRow(row))) : rows });
  }
  const lines = whole.split(/\r?\n/).map((line, i) => ({ line, number: i + 1 }));
  const filled = lines.filter(({ line }) => line.trim() !== '');
  const rows = filled.map(({ line, number }) => at(`Line ${number}`, () => plainRow(JSON.parse(line) as unknown)));
  try {
    return parseRows({ learnsFrom, rows });
  } catch (error) {
    // Empty lines are no rows: what is wrong is named by the line it is on.
    const row = error instanceof RangeError ? /^Row (\d+)/.exec(error.message) : null;
    if (!row) throw error;
    throw new RangeError((error as RangeError).message.replace(row[0], `Line ${filled[Number(row[1]) - 1]!.number}`));
  }
}

/**
 * Tells sets of rows apart: 53 bits as 14 hexadecimal digits (cyrb53, a public-domain mix in the manner of MurmurHash). Not
 * for secrets: it says whether rows are those a run was made with, as long as nobody wants to deceive themselves.
 */
export function rowsHash({ learnsFrom, rows }: DataRows): string {
  const keys = { demonstrations: ['prompt', 'completion'], pairs: ['prompt', 'chosen', 'rejected'], rewards: ['prompt'] }[learnsFrom];
  const words = JSON.stringify([learnsFrom, rows.map((row) => keys.map((key) => (row as Record<string, string>)[key]))]);
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < words.length; i++) {
    const unit = words.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  const high = ((b >>> 0) & 0x1fffff).toString(16).padStart(6, '0');
  return high + (a >>> 0).toString(16).padStart(8, '0');
}
