/**
 * @file Rows that a reader brings: demonstrations, pairs of answers, or prompts. What may they look like, and how is one set
 * told from another? They come from files, so all of them pass a schema, and their number and length are bounded.
 *
 * Demonstrations are answers to prompts, whole conversations, or plain texts to go on with, as TRL's SFT takes them.
 */
import * as v from 'valibot';
import { MAX_TEXT_LENGTH } from '../preferences/comparison';
import type { LearnsFrom } from './run-data';

/** Largest file of rows. */
export const MAX_ROWS_BYTES = 50e6;
/** Most rows of a set. */
const MAX_ROWS = 20_000;
/** Longest texts of a set together, in characters; and shortest, so that a part can be held out. */
export const MAX_PLAIN_LENGTH = 5e6;
const MIN_PLAIN_LENGTH = 200;
/** Most messages of a conversation. */
const MAX_MESSAGES = 64;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT_LENGTH));
const plainText = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PLAIN_LENGTH));
const turn = v.object({ role: v.picklist(['system', 'user', 'assistant']), content: text });

/** The user and the assistant in turns, the assistant last; before them the system, if it says anything. */
function takesTurns(messages: readonly { readonly role: string }[]): boolean {
  const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  return turns.length > 0 && turns.length % 2 === 0 && turns.every(({ role }, i) => role === (i % 2 === 0 ? 'user' : 'assistant'));
}

/** TRL's prompt-completion format. */
const answered = v.object({ prompt: text, completion: text });
/** TRL's conversational format. */
const conversation = v.object({
  messages: v.pipe(
    v.array(turn),
    v.maxLength(MAX_MESSAGES, `“messages” are at most ${MAX_MESSAGES}.`),
    v.check(
      (messages) => takesTurns(messages),
      '“messages” must be of the user and the assistant in turns, the assistant last; before them one of the system, if any.',
    ),
  ),
});
/** TRL's language-modelling format. */
const plain = v.object({ text: plainText });
type Demonstration = v.InferOutput<typeof answered> | v.InferOutput<typeof conversation> | v.InferOutput<typeof plain>;

const has = (row: unknown, key: string) => typeof row === 'object' && row !== null && key in row;

const rowSchemas = {
  demonstrations: v.lazy(
    (row) => (has(row, 'messages') ? conversation : has(row, 'text') ? plain : answered) as v.GenericSchema<unknown, Demonstration>,
  ),
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
  if (parsed.success) return checkTexts(parsed.output);
  const [issue] = parsed.issues;
  const [, place, field] = issue.path ?? [];
  const where = typeof place?.key === 'number' ? `Row ${place.key + 1}${field ? `, ${String(field.key).slice(0, 40)}` : ''}: ` : '';
  throw new RangeError(`${where}${issue.message.slice(0, 200)}`);
}

/** The texts of a set that is plain text; null when it is of another kind. */
export function textsIn({ rows }: DataRows): readonly string[] | null {
  const texts = rows.flatMap((row) => ('text' in row ? [row.text] : []));
  return texts.length > 0 ? texts : null;
}

/** @throws RangeError for texts among other rows, and for too much or too little of them */
function checkTexts(set: DataRows): DataRows {
  const texts = textsIn(set);
  if (!texts) return set;
  if (texts.length < set.rows.length) throw new RangeError('Plain texts and answers do not go into one set.');
  const length = texts.reduce((sum, { length: own }) => sum + own, 0);
  if (length > MAX_PLAIN_LENGTH) throw new RangeError(`There are more than ${MAX_PLAIN_LENGTH / 1e6} million characters.`);
  if (length < MIN_PLAIN_LENGTH) throw new RangeError(`There must be at least ${MIN_PLAIN_LENGTH} characters of text.`);
  return set;
}

/** A plain text as a set to learn from. @throws RangeError when it is too long, too short, or no text */
export function readPlainText(text: string): DataRows {
  if (text.includes('\0')) throw new RangeError('It is not plain text.');
  const whole = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trim();
  if (whole.length > MAX_PLAIN_LENGTH) throw new RangeError(`There are more than ${MAX_PLAIN_LENGTH / 1e6} million characters.`);
  return parseRows({ learnsFrom: 'demonstrations', rows: whole === '' ? [] : [{ text: whole }] });
}

const messageSchema = v.object({ role: v.string(), content: v.string() });

/** What a prompt or an answer says: a text, or a list of one message, as TRL's conversational formats have it. */
function saidIn(value: unknown): unknown {
  const messages = v.safeParse(v.array(messageSchema), value);
  if (!messages.success) return value;
  if (messages.output.length !== 1) throw new RangeError('A prompt or an answer must be one message.');
  return messages.output[0]!.content;
}

/**
 * The messages of a prompt and its completion where they are lists of more than one each: a conversation, of which the
 * assistant's turns are learned. @throws RangeError when the assistant speaks in the prompt, for TRL would not learn that
 */
function turnsOf(row: object): unknown {
  const { prompt, completion } = row as Record<string, unknown>;
  if (!Array.isArray(prompt) || !Array.isArray(completion) || prompt.length + completion.length <= 2) return undefined;
  if (prompt.some((turn) => has(turn, 'role') && (turn as { role: unknown }).role === 'assistant'))
    throw new RangeError('The assistant speaks in the prompt. To learn all its turns, put the conversation under “messages”.');
  return [...(prompt as unknown[]), ...(completion as unknown[])];
}

/** A row as our schemas want it: a conversation of one question and its answer is a prompt and its completion. @throws RangeError */
function plainRow(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const { messages = turnsOf(row), ...rest } = row as Record<string, unknown>;
  if (messages === undefined) return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, saidIn(value)]));
  const parsed = v.safeParse(v.array(messageSchema), messages);
  if (!parsed.success) throw new RangeError('“messages” must be a list of messages, each with a role and a content.');
  const [question, answer] = parsed.output;
  const isOne = parsed.output.length === 2 && question?.role === 'user' && answer?.role === 'assistant';
  return isOne ? { prompt: question.content, completion: answer.content } : { messages: parsed.output };
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
  const wordsOf = (row: DataRows['rows'][number]) => {
    if ('messages' in row) return row.messages.map(({ role, content }) => [role, content]);
    return 'text' in row ? [row.text] : keys.map((key) => (row as Record<string, string>)[key]);
  };
  const words = JSON.stringify([learnsFrom, rows.map(wordsOf)]);
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
