/**
 * @file Files of comparisons: JSONL and CSV in TRL's columns (huggingface.co/docs/trl/dataset_formats#preference) with ours
 * beside them, read from anywhere and written so that nothing is lost.
 *
 * `prompt`, `chosen`, `rejected` are texts, or lists of chat messages; `margin` is Llama 2's. Whatever else a label has travels
 * in columns of its own, and a file without them is read as well. Malformed records are reported by number, and the others kept.
 */
import Papa from 'papaparse';
import * as v from 'valibot';
import { ComparisonSchema, marginOf, MAX_TEXT_LENGTH, swapSides, VERDICTS, type Comparison } from './comparison';
import { csvRecords, delimiterOf, type CsvRecord } from './csv-records';

/** Cells that a spreadsheet would compute, and those that only look marked already. */
const FORMULA = /^'*[=+\-@\t\r]/;
/** The apostrophe of such a cell. */
const FORMULA_MARK = /^'(?='*[=+\-@\t\r])/;

/** Largest file that is read. */
export const MAX_FILE_BYTES = 50e6;
/** Longest line of a JSONL file, in UTF-16 units. */
const MAX_LINE_LENGTH = 1e6;
/** CSV records handed to papaparse at once. */
const RECORDS_AT_ONCE = 256;
/** Problems told in words; beyond these they are only counted. */
const MAX_PROBLEMS = 100;
/** Beyond so many problems this is no file of comparisons, and reading it to the end would take minutes. */
const MAX_REFUSED = 100_000;

/** What a reader may not know better: who labelled, and where the labels come from. */
export interface FileDefaults {
  readonly annotator: string;
  readonly source: string;
  /** ISO 8601; for records without a time. */
  readonly time: string;
}

/** A record that could not be read. `number` is the line it begins on, from 1. */
export interface FileProblem {
  readonly number: number;
  readonly why: string;
}

/** What was found in a file. */
export interface ReadFile {
  readonly comparisons: readonly Comparison[];
  readonly problems: readonly FileProblem[];
  readonly numProblems: number;
}

const messages = v.pipe(v.array(v.object({ role: v.string(), content: v.string() })), v.minLength(1));
const textOrMessages = v.union([v.string(), messages]);
const emptyIsMissing = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(
    v.union([
      v.pipe(
        v.union([v.literal(''), v.null()]),
        v.transform(() => undefined),
      ),
      schema,
    ]),
  );
/** CSV holds numbers as text. */
const numeric = v.pipe(v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d+(\.\d+)?(e-?\d+)?$/i), v.transform(Number))]), v.finite());
const shortText = v.pipe(v.string(), v.maxLength(200));

const recordSchema = v.object({
  prompt: v.optional(textOrMessages, ''),
  chosen: textOrMessages,
  rejected: textOrMessages,
  margin: emptyIsMissing(numeric),
  verdict: emptyIsMissing(v.picklist(VERDICTS)),
  strength: emptyIsMissing(numeric),
  id: emptyIsMissing(shortText),
  annotator: emptyIsMissing(shortText),
  note: emptyIsMissing(v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH))),
  time: emptyIsMissing(v.pipe(v.string(), v.isoTimestamp())),
  durationMs: emptyIsMissing(numeric),
  source: emptyIsMissing(shortText),
  cost: emptyIsMissing(numeric),
  modelChosen: emptyIsMissing(shortText),
  modelRejected: emptyIsMissing(shortText),
  isRepeatOf: emptyIsMissing(shortText),
});

/** Columns of a written file, in order. */
const COLUMNS = Object.keys(recordSchema.entries);

const contentOf = (value: string | v.InferOutput<typeof messages>) => (typeof value === 'string' ? value : value.at(-1)!.content);

/** The prompt of a record: said outright, or the last user message before the answer. */
function promptOf({ prompt, chosen }: v.InferOutput<typeof recordSchema>): string {
  const said = contentOf(prompt);
  if (said !== '' || typeof chosen === 'string') return said;
  return chosen.findLast(({ role }) => role === 'user')?.content ?? '';
}

/** A strength on the side of the chosen answer, from a margin of thirds; null from any other. */
function strengthOf(margin: number | undefined): number | null {
  if (margin === undefined) return null;
  const thirds = Math.round(3 * margin);
  return Math.abs(3 * margin - thirds) < 0.02 && thirds >= 1 && thirds <= 3 ? 4 - thirds : null;
}

/** @throws Error saying in a sentence what is wrong with the record */
function readRecord(record: unknown, defaults: FileDefaults): Comparison {
  const parsed = v.safeParse(recordSchema, record);
  if (!parsed.success) throw new Error(sentence(parsed.issues[0]));
  const fields = parsed.output;
  const isDecided = fields.verdict !== 'tie' && fields.verdict !== 'both-bad';
  const comparison = v.safeParse(ComparisonSchema, {
    id: fields.id ?? contentId(fields),
    prompt: promptOf(fields),
    a: contentOf(fields.chosen),
    b: contentOf(fields.rejected),
    verdict: isDecided ? 'a' : fields.verdict,
    strength: fields.strength ?? (isDecided ? strengthOf(fields.margin) : null),
    annotator: fields.annotator ?? defaults.annotator,
    note: fields.note ?? '',
    time: fields.time ?? defaults.time,
    durationMs: fields.durationMs ?? null,
    source: fields.source && fields.source !== 'me' ? fields.source : defaults.source,
    cost: fields.cost ?? 1,
    ...(fields.modelChosen === undefined ? {} : { modelA: fields.modelChosen }),
    ...(fields.modelRejected === undefined ? {} : { modelB: fields.modelRejected }),
    ...(fields.isRepeatOf === undefined ? {} : { isRepeatOf: fields.isRepeatOf }),
  });
  if (!comparison.success) throw new Error(sentence(comparison.issues[0]));
  return comparison.output;
}

/** The same for the same label, so that a file imported twice is there once. */
function contentId({ prompt, chosen, rejected, verdict, annotator, time }: v.InferOutput<typeof recordSchema>): string {
  const content = JSON.stringify([prompt, chosen, rejected, verdict, annotator, time]);
  return `file-${hash(content, 1)}${hash(content, 2)}`;
}

/** FNV-1a, 32 bits in hexadecimal; `seed` gives another. Two together tell millions of labels apart. */
function hash(text: string, seed: number): string {
  let h = Math.imul(0x811c9dc5, seed) >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0).toString(16).padStart(8, '0');
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? 'the record';
  return issue.input === undefined ? `${name} is missing` : `${name} is not as it should be (${issue.message.slice(0, 120)})`;
}

/** This is not a file of comparisons at all. */
class HopelessFileError extends Error {
  override readonly name = 'HopelessFileError';
}

/** Collects what is read record by record. */
class Reader {
  readonly comparisons: Comparison[] = [];
  readonly problems: FileProblem[] = [];
  numProblems = 0;

  constructor(readonly defaults: FileDefaults) {}

  take(number: number, parse: () => unknown): void {
    try {
      this.comparisons.push(readRecord(parse(), this.defaults));
    } catch (error) {
      const why = error instanceof SyntaxError ? 'this is not JSON' : error instanceof Error ? error.message : String(error);
      this.refuse(number, why);
    }
  }

  refuse(number: number, why: string): void {
    this.numProblems += 1;
    if (this.numProblems > MAX_REFUSED) throw new HopelessFileError(`More than ${MAX_REFUSED} lines could not be read as comparisons.`);
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ number, why });
  }
}

/**
 * Reads JSONL that comes in pieces, cut anywhere. Empty lines count as lines and are passed over.
 * @throws HopelessFileError
 */
export async function readJsonl(pieces: AsyncIterable<string> | Iterable<string>, defaults: FileDefaults): Promise<ReadFile> {
  const reader = new Reader(defaults);
  /** The line so far, in parts: joining at every piece would take for ever on a file that is one line. */
  let parts: string[] = [];
  let [length, number] = [0, 0];
  const takeLine = () => {
    number += 1;
    const line = parts.join('');
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
    if (length > MAX_LINE_LENGTH) reader.refuse(number, 'the line is too long to be a label');
    else if (text.trim() !== '') reader.take(number, () => JSON.parse(text));
    [parts, length] = [[], 0];
  };
  const grow = (part: string) => {
    length += part.length;
    if (length <= MAX_LINE_LENGTH) parts.push(part);
  };
  for await (const piece of pieces) {
    const lines = piece.split('\n');
    lines.forEach((part, i) => {
      grow(part);
      if (i < lines.length - 1) takeLine();
    });
  }
  if (length > 0) takeLine();
  return reader;
}

/**
 * Reads CSV with a header, in pieces cut anywhere. A field that starts with `[` may be a list of messages in JSON.
 * @throws HopelessFileError when the header is not that of comparisons, or next to nothing can be read
 */
export async function readCsv(pieces: AsyncIterable<string> | Iterable<string>, defaults: FileDefaults): Promise<ReadFile> {
  const reader = new Reader(defaults);
  let header: string | null = null;
  let waiting: CsvRecord[] = [];
  const flush = () => {
    takeCsv(reader, header!, waiting);
    waiting = [];
  };
  for await (const record of csvRecords(pieces)) {
    if (header === null) {
      header = record.text;
      for (const column of ['chosen', 'rejected'])
        if (!header.includes(column)) throw new HopelessFileError(`The first line names no column “${column}”.`);
      continue;
    }
    if (!record.isSound) {
      reader.refuse(record.line, 'its quotes do not match');
      continue;
    }
    if (waiting.push(record) === RECORDS_AT_ONCE) flush();
  }
  if (waiting.length > 0) flush();
  return reader;
}

/** Reads sound records under a header. */
function takeCsv(reader: Reader, header: string, records: readonly CsvRecord[]): void {
  const { data, errors } = Papa.parse<Record<string, string>>([header, ...records.map(({ text }) => text)].join('\n'), {
    header: true,
    delimiter: delimiterOf(header),
    newline: '\n',
    transform: (field) => field.replace(FORMULA_MARK, ''),
  });
  const broken = new Map(errors.map(({ row, message }) => [row, message.toLowerCase()]));
  data.forEach((fields, row) => {
    const line = records[row]?.line ?? 0;
    const why = broken.get(row);
    if (why !== undefined) return reader.refuse(line, why);
    const [prompt, chosen, rejected] = [fields.prompt, fields.chosen, fields.rejected].map(messagesIn);
    reader.take(line, () => ({ ...fields, prompt, chosen, rejected }));
  });
}

function messagesIn(field: string | undefined): unknown {
  if (!field?.startsWith('[')) return field;
  try {
    return v.parse(messages, JSON.parse(field));
  } catch {
    return field; // a text that happens to start so
  }
}

/** A label as a record: the winner as `chosen`; of a label without a winner, the first answer. */
function toRecord(label: Comparison): Record<string, unknown> {
  const { a, b, modelA, modelB, strength, verdict, ...rest } = label.verdict === 'b' ? swapSides(label) : label;
  return {
    ...rest,
    chosen: a,
    rejected: b,
    verdict,
    strength,
    margin: verdict === 'a' ? marginOf(strength) : 0,
    modelChosen: modelA,
    modelRejected: modelB,
  };
}

/** Labels as JSONL, a line each. */
export function writeJsonl(labels: readonly Comparison[]): string {
  return labels.map((label) => JSON.stringify(toRecord(label), COLUMNS) + '\n').join('');
}

/** Labels as CSV with a header. Cells that a spreadsheet would compute are marked as text by an apostrophe, which reading takes off. */
export function writeCsv(labels: readonly Comparison[]): string {
  const data = labels.map(toRecord).map((record) => COLUMNS.map((column) => record[column] ?? ''));
  return Papa.unparse({ fields: COLUMNS, data }, { escapeFormulae: FORMULA }) + '\r\n';
}
