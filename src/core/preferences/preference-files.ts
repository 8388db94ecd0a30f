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
/** Longest id, or name of anybody or anything, in UTF-16 units. */
const MAX_NAME_LENGTH = 200;
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

/**
 * What is wrong with a record: no JSON; a field that is missing, or not as it `must` be; a line that is too long to be a label; quotes
 * that do not match; fields that are more or fewer than the header's; a whole file that was given up.
 */
export type ProblemCode = 'not-json' | 'missing' | 'malformed' | 'too-long' | 'quotes' | 'columns' | 'file';

/** What a field must be; the record as a whole, an object with fields. Texts have at most so many UTF-16 units. */
export type Requirement =
  | { readonly is: 'record' }
  | { readonly is: 'text' | 'text-or-messages'; readonly longest: number }
  | { readonly is: 'number'; readonly least: number | null }
  | { readonly is: 'whole-number'; readonly least: number; readonly most: number }
  | { readonly is: 'one-of'; readonly words: readonly string[] }
  | { readonly is: 'time' };

/** Why a record could not be read. */
interface RecordProblem {
  readonly code: ProblemCode;
  /** The field's name in the file; empty for the record as a whole. */
  readonly field?: string;
  /** Of a malformed field. */
  readonly must?: Requirement;
}

/** A record that could not be read. `number` is the line it begins on, from 1. */
export interface FileProblem extends RecordProblem {
  readonly number: number;
}

/** What was found in a file. */
export interface ReadFile {
  /** Each with an id of its own. */
  readonly comparisons: readonly Comparison[];
  /** Records that say again what an earlier one said; they are left out. */
  readonly numTwice: number;
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
const shortText = v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH));

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

const name: Requirement = { is: 'text', longest: MAX_NAME_LENGTH };
const answer: Requirement = { is: 'text-or-messages', longest: MAX_TEXT_LENGTH };
const count: Requirement = { is: 'number', least: 0 };
/** What each field must be, as told to whoever wrote the file. */
const REQUIREMENTS: Readonly<Record<keyof typeof recordSchema.entries, Requirement>> = {
  prompt: answer,
  chosen: answer,
  rejected: answer,
  margin: { is: 'number', least: null },
  verdict: { is: 'one-of', words: VERDICTS },
  strength: { is: 'whole-number', least: 1, most: 7 },
  id: name,
  annotator: name,
  note: { is: 'text', longest: MAX_TEXT_LENGTH },
  time: { is: 'time' },
  durationMs: count,
  source: name,
  cost: count,
  modelChosen: name,
  modelRejected: name,
  isRepeatOf: name,
};
/** Fields that a label calls by other names than a file. */
const IN_FILES: Readonly<Record<string, string>> = { a: 'chosen', b: 'rejected', modelA: 'modelChosen', modelB: 'modelRejected' };

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

/** @throws RecordError */
function readRecord(record: unknown, defaults: FileDefaults): Comparison {
  const parsed = v.safeParse(recordSchema, record);
  if (!parsed.success) throw new RecordError(problemOf(parsed.issues[0]));
  const fields = parsed.output;
  const isDecided = fields.verdict !== 'tie' && fields.verdict !== 'both-bad';
  const comparison = v.safeParse(ComparisonSchema, {
    id: fields.id ?? 'none',
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
  if (!comparison.success) throw new RecordError(problemOf(comparison.issues[0]));
  return fields.id === undefined ? withContentId(comparison.output) : comparison.output;
}

/** The same for the same judgement of the same person, whenever it was read, so that a file imported twice is there once. */
function contentId({ prompt, a, b, verdict, strength, annotator, note, isRepeatOf }: Comparison): string {
  const content = JSON.stringify([prompt, a, b, verdict, strength, annotator, note, isRepeatOf]);
  return `file-${hash(content, 1)}${hash(content, 2)}`;
}

/** True when two labels are one: the same person on the same answers. An id alone says little, a spreadsheet's rows have ids too. */
export function isSameLabel(one: Comparison, other: Comparison): boolean {
  if (one.annotator !== other.annotator || one.prompt !== other.prompt) return false;
  return (one.a === other.a && one.b === other.b) || (one.a === other.b && one.b === other.a);
}

/** The same judgement under an id of its own, made of what it says. */
export const withContentId = (label: Comparison): Comparison => ({ ...label, id: contentId(label) });

/** FNV-1a, 32 bits in hexadecimal; `seed` gives another. Two together tell millions of labels apart. */
function hash(text: string, seed: number): string {
  let h = Math.imul(0x811c9dc5, seed) >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0).toString(16).padStart(8, '0');
}

/** One record is not a comparison. */
class RecordError extends Error {
  override readonly name = 'RecordError';
  constructor(readonly problem: RecordProblem) {
    super(problem.code);
  }
}

function problemOf(issue: v.BaseIssue<unknown>): RecordProblem {
  const key = String(issue.path?.[0]?.key ?? '');
  const field = IN_FILES[key] ?? key;
  if (issue.input === undefined) return { code: 'missing', field };
  const must = field in REQUIREMENTS ? REQUIREMENTS[field as keyof typeof REQUIREMENTS] : { is: 'record' as const };
  return { code: 'malformed', field, must };
}

/** This is not a file of comparisons at all: its header lacks a column, or more lines than `limit` could not be read. */
export class HopelessFileError extends Error {
  override readonly name = 'HopelessFileError';
  constructor(
    readonly reason: { readonly code: 'no-column'; readonly column: string } | { readonly code: 'too-many'; readonly limit: number },
  ) {
    super(reason.code);
  }
}

/** Collects what is read record by record. */
class Reader {
  readonly problems: FileProblem[] = [];
  numProblems = 0;
  numTwice = 0;
  /** By id. */
  readonly #found = new Map<string, Comparison>();

  constructor(readonly defaults: FileDefaults) {}

  take(number: number, parse: () => unknown): void {
    try {
      this.#keep(readRecord(parse(), this.defaults));
    } catch (error) {
      if (error instanceof RecordError) this.refuse(number, error.problem);
      else if (error instanceof SyntaxError) this.refuse(number, { code: 'not-json' });
      else this.refuse(number, { code: 'malformed', field: '', must: { is: 'record' } });
    }
  }

  /** What was read so far. */
  get result(): ReadFile {
    const { problems, numProblems, numTwice } = this;
    return { comparisons: [...this.#found.values()], problems, numProblems, numTwice };
  }

  /** Rows of one id may be different labels all the same: of several people, or on one prompt whose id it is. */
  #keep(label: Comparison): void {
    const other = this.#found.get(label.id);
    const own = other === undefined ? label : withContentId(label);
    if (other !== undefined && (this.#found.has(own.id) || withContentId(other).id === own.id)) this.numTwice += 1;
    else this.#found.set(own.id, own);
  }

  refuse(number: number, problem: RecordProblem): void {
    this.numProblems += 1;
    if (this.numProblems > MAX_REFUSED) throw new HopelessFileError({ code: 'too-many', limit: MAX_REFUSED });
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ number, ...problem });
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
    if (length > MAX_LINE_LENGTH) reader.refuse(number, { code: 'too-long' });
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
  return reader.result;
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
      for (const column of ['chosen', 'rejected']) if (!header.includes(column)) throw new HopelessFileError({ code: 'no-column', column });
      continue;
    }
    if (!record.isSound) {
      reader.refuse(record.line, { code: 'quotes' });
      continue;
    }
    if (waiting.push(record) === RECORDS_AT_ONCE) flush();
  }
  if (waiting.length > 0) flush();
  return reader.result;
}

/** Reads sound records under a header. */
function takeCsv(reader: Reader, header: string, records: readonly CsvRecord[]): void {
  const { data, errors } = Papa.parse<Record<string, string>>([header, ...records.map(({ text }) => text)].join('\n'), {
    header: true,
    delimiter: delimiterOf(header),
    newline: '\n',
    transform: (field) => field.replace(FORMULA_MARK, ''),
  });
  const broken = new Map(errors.map(({ row, type }) => [row, type === 'Quotes' ? ('quotes' as const) : ('columns' as const)]));
  data.forEach((fields, row) => {
    const line = records[row]?.line ?? 0;
    const code = broken.get(row);
    if (code !== undefined) return reader.refuse(line, { code });
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
export const writeJsonl = (labels: readonly Comparison[]): string => [...jsonlLines(labels)].join('');

/** The same line by line: a large file's labels are not written in a moment. */
export function* jsonlLines(labels: readonly Comparison[]): Generator<string, void> {
  for (const label of labels) yield JSON.stringify(toRecord(label), COLUMNS) + '\n';
}

/** Labels as CSV with a header. Cells that a spreadsheet would compute are marked as text by an apostrophe, which reading takes off. */
export const writeCsv = (labels: readonly Comparison[]): string => [...csvLines(labels)].join('');

/** The same record by record, the header first. */
export function* csvLines(labels: readonly Comparison[]): Generator<string, void> {
  const write = (row: readonly unknown[]) => Papa.unparse([row], { escapeFormulae: FORMULA }) + '\r\n';
  yield write(COLUMNS);
  for (const label of labels) {
    const record = toRecord(label);
    yield write(COLUMNS.map((column) => record[column] ?? ''));
  }
}
