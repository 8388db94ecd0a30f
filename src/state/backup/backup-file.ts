/**
 * @file A whole workspace as one file: a line that says what it is, one record after the other, and a line at the end that says how
 * many there were. Each record carries its checksum, and the last line that of all of them, so what is damaged, cut short or
 * mixed up is noticed.
 *
 * A record is a line of JSON with the sizes of what follows, then JSON, then typed arrays (little-endian, as memory is). Sizes are
 * compared with what is left of the file before anything is read, so a file can make nobody allocate more than itself.
 */
import * as v from 'valibot';
import { crc32 } from './crc32';
import { arrayOf, bytesEach, packValue, unpackValue, type ArrayKind } from './records';

/** One thing that is kept: of which table, and what. */
export interface WorkspaceRecord {
  readonly table: string;
  readonly value: unknown;
}

/** What the first line says. */
export interface WorkspaceHead {
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Why a file was refused. `newer`: a newer page wrote it. */
export type BackupFault = 'not-a-workspace' | 'newer' | 'damaged' | 'cut-short' | 'too-large';

/** A file that is not taken, and why. */
export class BackupFileError extends Error {
  override readonly name = 'BackupFileError';
  constructor(readonly fault: BackupFault) {
    super(`The file is refused: ${fault}.`);
  }
}

/** Reads bytes of a file; fewer where it ends. */
export interface ByteSource {
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Largest file: what a browser can hold in memory while it is checked. */
const MAX_WORKSPACE_BYTES = 1.5e9;
const VERSION = 1;
const MAX_LINE = 2000;
const MAX_RECORDS = 2_000_000;
/** Bytes read from the file at once; records are mostly smaller. */
const WINDOW = 1 << 20;

const size = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_WORKSPACE_BYTES));
const crc = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));
const headSchema = v.object({
  format: v.literal('aftertrain-workspace'),
  version: v.number(),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
});
const recordSchema = v.object({
  table: v.pipe(v.string(), v.regex(/^[a-zA-Z]{1,20}$/)),
  json: size,
  arrays: v.pipe(v.array(v.tuple([v.picklist(['f32', 'f64', 'i32', 'u8']), size])), v.maxLength(64)),
  crc,
});
const endSchema = v.object({ end: v.literal(true), numRecords: size, crc });

const encoder = new TextEncoder();
const line = (value: unknown) => encoder.encode(`${JSON.stringify(value)}\n`);
/** A checksum's own bytes, for the checksum of all. */
const bytesOfCrc = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

/** Checksum of what a record's line says, with which that of what follows begins. */
const crcOfHead = (table: string, json: number, arrays: readonly (readonly [string, number])[]) => crc32(line([table, json, arrays]));

/** Writes a workspace, piece by piece. */
export class WorkspaceWriter {
  #numRecords = 0;
  #crc = 0;

  /** The first piece. */
  begin(head: WorkspaceHead): Uint8Array<ArrayBuffer> {
    return line({ format: 'aftertrain-workspace', version: VERSION, ...head });
  }

  /** One record's pieces. @throws TypeError for a value that cannot be written */
  record({ table, value }: WorkspaceRecord): Uint8Array<ArrayBuffer>[] {
    const packed = packValue(value);
    const json = encoder.encode(packed.json);
    const arrays = packed.arrays.map(({ data }) => new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
    const sizes = packed.arrays.map(({ kind, data }) => [kind, data.byteLength] as const);
    const sum = arrays.reduce((before, bytes) => crc32(bytes, before), crc32(json, crcOfHead(table, json.length, sizes)));
    this.#numRecords += 1;
    this.#crc = crc32(bytesOfCrc(sum), this.#crc);
    return [line({ table, json: json.length, arrays: sizes, crc: sum }), json, ...arrays];
  }

  /** The last piece. */
  end(): Uint8Array<ArrayBuffer> {
    return line({ end: true, numRecords: this.#numRecords, crc: this.#crc });
  }
}

/** Reads on through a file, a window at a time. */
class Reader {
  at = 0;
  #window = new Uint8Array();
  #windowAt = 0;

  constructor(readonly source: ByteSource) {}

  /** Exactly so many bytes. @throws BackupFileError where there are fewer */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    if (count > this.source.size - this.at) throw new BackupFileError('cut-short');
    const start = this.at - this.#windowAt;
    if (start < 0 || start + count > this.#window.length) {
      this.#window = await this.source.read(this.at, Math.min(this.source.size, this.at + Math.max(count, WINDOW)));
      this.#windowAt = this.at;
      if (this.#window.length < count) throw new BackupFileError('cut-short');
    }
    const from = this.at - this.#windowAt;
    this.at += count;
    return this.#window.subarray(from, from + count);
  }

  /** A line of JSON. @throws BackupFileError */
  async line(): Promise<unknown> {
    const rest = Math.min(MAX_LINE, this.source.size - this.at);
    const bytes = await this.take(rest);
    const length = bytes.indexOf(10);
    this.at -= rest;
    if (length < 0) throw new BackupFileError(rest < MAX_LINE ? 'cut-short' : 'damaged');
    this.at += length + 1;
    return parse(bytes.subarray(0, length));
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new BackupFileError('damaged');
  }
}

/** The first line. @throws BackupFileError */
async function readHead(reader: Reader): Promise<WorkspaceHead> {
  const head = await reader.line().catch(() => null);
  const parsed = v.safeParse(headSchema, head);
  if (!parsed.success) throw new BackupFileError('not-a-workspace');
  if (parsed.output.version > VERSION) throw new BackupFileError('newer');
  if (parsed.output.version !== VERSION) throw new BackupFileError('not-a-workspace');
  return parsed.output;
}

/**
 * Reads a workspace: its head, and all of its records. Nothing comes back from a file that is not whole.
 * @param heard told how many bytes have been read; what it throws ends the reading
 * @throws BackupFileError saying what is wrong with the file
 */
export async function readWorkspace(
  source: ByteSource,
  heard: (doneBytes: number) => void = () => undefined,
): Promise<WorkspaceHead & { readonly records: readonly WorkspaceRecord[] }> {
  if (source.size > MAX_WORKSPACE_BYTES) throw new BackupFileError('too-large');
  const reader = new Reader(source);
  const { createdAt } = await readHead(reader);
  const records: WorkspaceRecord[] = [];
  let all = 0;
  for (;;) {
    const told = await reader.line();
    const end = v.safeParse(endSchema, told);
    if (end.success) {
      const isWhole = end.output.numRecords === records.length && end.output.crc === all && reader.at === source.size;
      if (!isWhole) throw new BackupFileError('damaged');
      return { createdAt, records };
    }
    const parsed = v.safeParse(recordSchema, told);
    if (!parsed.success || records.length >= MAX_RECORDS) throw new BackupFileError('damaged');
    const { table, json, arrays, crc: wanted } = parsed.output;
    const total = arrays.reduce((sum, [, bytes]) => sum + bytes, json);
    if (total > source.size - reader.at) throw new BackupFileError('cut-short');
    if (arrays.some(([kind, bytes]) => bytes % bytesEach(kind)! !== 0)) throw new BackupFileError('damaged');
    const body = await reader.take(total);
    const sum = crc32(body, crcOfHead(table, json, arrays));
    if (sum !== wanted) throw new BackupFileError('damaged');
    all = crc32(bytesOfCrc(sum), all);
    let from = json;
    const typed = arrays.map(([kind, bytes]) => arrayOf(kind as ArrayKind, body.slice(from, (from += bytes))));
    try {
      records.push({ table, value: unpackValue(parse(body.subarray(0, json)), typed) });
    } catch (error) {
      throw error instanceof BackupFileError ? error : new BackupFileError('damaged');
    }
    heard(reader.at);
  }
}
