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

/** The apostrophe of a cell that would otherwise be a formula. */
const FORMULA_MARK = /^'(?=[=+\-@\t\r])/;

/** Largest file that is read. */
export const MAX_FILE_BYTES = 50e6;
/** Problems told in words; beyond these they are only counted. */
const MAX_PROBLEMS = 100;

/** What a reader may not know better: who labelled, and where the labels come from. */
export interface FileDefaults {
  readonly annotator: string;
  readonly source: string;
  /** ISO 8601; for records without a time. */
  readonly time: string;
}

/** A record that could not be read. `number` is the line of a JSONL file, or the record of a CSV file, from 1. */
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
function readRecord(record: unknown, defaults: FileDefaults, newId: () => string): Comparison {
  const parsed = v.safeParse(recordSchema, record);
  if (!parsed.success) throw new Error(sentence(parsed.issues[0]));
  const fields = parsed.output;
  const isDecided = fields.verdict !== 'tie' && fields.verdict !== 'both-bad';
  const comparison = v.safeParse(ComparisonSchema, {
    id: fields.id ?? newId(),
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

function sentence(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? 'the record';
  return issue.input === undefined ? `${name} is missing` : `${name} is not as it should be (${issue.message.slice(0, 120)})`;
}

/** Collects what is read record by record. */
class Reader {
  readonly comparisons: Comparison[] = [];
  readonly problems: FileProblem[] = [];
  numProblems = 0;

  constructor(
    readonly defaults: FileDefaults,
    readonly newId: () => string,
  ) {}

  take(number: number, parse: () => unknown): void {
    try {
      this.comparisons.push(readRecord(parse(), this.defaults, this.newId));
    } catch (error) {
      this.numProblems += 1;
      const why = error instanceof SyntaxError ? 'this is not JSON' : error instanceof Error ? error.message : String(error);
      if (this.problems.length < MAX_PROBLEMS) this.problems.push({ number, why });
    }
  }
}

/** Reads JSONL that comes in pieces, cut anywhere. Empty lines count as lines and are passed over. */
export async function readJsonl(
  pieces: AsyncIterable<string> | Iterable<string>,
  defaults: FileDefaults,
  newId: () => string,
): Promise<ReadFile> {
  const reader = new Reader(defaults, newId);
  let [rest, number] = ['', 0];
  const takeLine = (line: string) => {
    number += 1;
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
    if (text.trim() !== '') reader.take(number, () => JSON.parse(text));
  };
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    lines.forEach(takeLine);
  }
  if (rest !== '') takeLine(rest);
  return reader;
}

/** Reads CSV with a header. A field that starts with `[` may be a list of messages in JSON. */
export function readCsv(text: string, defaults: FileDefaults, newId: () => string): ReadFile {
  const reader = new Reader(defaults, newId);
  let number = 0;
  Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy',
    transform: (field) => field.replace(FORMULA_MARK, ''),
    step: ({ data, errors }) => {
      number += 1;
      reader.take(number, () => {
        const broken = errors.find(({ type }) => type === 'Quotes' || type === 'FieldMismatch');
        if (broken) throw new Error(broken.message.toLowerCase());
        return { ...data, prompt: messagesIn(data.prompt), chosen: messagesIn(data.chosen), rejected: messagesIn(data.rejected) };
      });
    },
  });
  return reader;
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
  return Papa.unparse({ fields: COLUMNS, data }, { escapeFormulae: true }) + '\r\n';
}
