/**
 * @file Reading files of labels for an import: what is in them, what is new beside a set, and what could not be read. Nothing is
 * kept here. Long files are read a little at a time, so that the page goes on answering.
 */
import type { Comparison } from '../core/preferences/comparison';
import {
  HopelessFileError,
  isSameLabel,
  MAX_FILE_BYTES,
  readCsv,
  readJsonl,
  withContentId,
  writeJsonl,
  type FileProblem,
  type ReadFile,
} from '../core/preferences/preference-files';
import { m } from '../messages/messages';
import { isoNow } from './iso-now';
import { breather } from './next-task';

/** A line of a file that could not be read. */
export interface ImportProblem extends FileProblem {
  /** The file's name. */
  readonly file: string;
  /** Why the whole file was given up, in a sentence. */
  readonly detail?: string;
}

/** Files that were read and wait for a decision. */
export interface ImportPreview {
  readonly fileName: string;
  readonly numFiles: number;
  readonly labels: readonly Comparison[];
  readonly problems: readonly ImportProblem[];
  readonly numProblems: number;
  /** Lines that say again what another says; they are left out. */
  readonly numTwice: number;
  /** Labels whose id is in the open set already, by the same person on the same answers, with other contents. */
  readonly numChanged: number;
  /** Labels that are in the open set as they are. */
  readonly numSame: number;
}

/** Most files at once, and how much they may hold together: all of it is in memory before it is kept. */
const MAX_FILES = 40;
const MAX_ALL_BYTES = 4 * MAX_FILE_BYTES;
/** Text read between two looks at the clock, in UTF-16 units: a few milliseconds' worth. */
const PIECE = 65_536;

/**
 * @param hear told now and then what share has been read, 0 to 1
 * @returns the preview; a sentence where there is nothing to preview; null when `isLate` says that nobody waits for it
 */
export async function readForImport(
  files: readonly File[],
  present: readonly Comparison[],
  isLate: () => boolean,
  hear: (share: number) => void = () => undefined,
): Promise<ImportPreview | string | null> {
  const refusal = tooMuch(files);
  if (refusal !== null) return refusal;
  const breathe = breather();
  const found = new Map<string, Comparison>();
  const problems: ImportProblem[] = [];
  let [numProblems, numTwice, bytesBefore] = [0, 0, 0];
  const allBytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const file of files) {
    try {
      const read = await readFile(file, breathe, isLate, (bytes) => hear((bytesBefore + bytes) / allBytes));
      problems.push(...read.problems.map((problem) => ({ ...problem, file: file.name })));
      numProblems += read.numProblems;
      numTwice += read.numTwice;
      for (const label of read.comparisons) {
        await breathe();
        const own = found.has(label.id) ? withContentId(label) : label;
        if (own !== label && (found.has(own.id) || isSame(label, found.get(label.id)!))) numTwice += 1;
        else found.set(own.id, own);
      }
    } catch (error) {
      const detail = reasonOf(error);
      if (files.length === 1) return m.label_file_unreadable({ name: file.name, why: detail });
      problems.push({ file: file.name, number: 1, code: 'file', detail }); // the others may be sound
      numProblems += 1;
    }
    if (isLate()) return null;
    bytesBefore += file.size;
  }
  const beside = await besideThose(present, [...found.values()], breathe);
  const fileName = files.length === 1 ? files[0]!.name : m.label_files_and_more({ name: files[0]!.name, count: files.length - 1 });
  return isLate() ? null : { fileName, numFiles: files.length, problems, numProblems, numTwice, ...beside };
}

/** What is new in labels that were read. Another person's label keeps its place beside one that happens to have its id. */
async function besideThose(
  present: readonly Comparison[],
  read: readonly Comparison[],
  breathe: () => Promise<void> | void,
): Promise<Pick<ImportPreview, 'labels' | 'numChanged' | 'numSame'>> {
  const byId = new Map(present.map((label) => [label.id, label]));
  const labels: Comparison[] = [];
  let [numChanged, numSame] = [0, 0];
  for (const one of read) {
    await breathe();
    const label = addressed(one, byId.get(one.id));
    const there = byId.get(label.id);
    if (there && isSame(label, there)) numSame++;
    else if (there) numChanged++;
    labels.push(label);
  }
  return { labels, numChanged, numSame };
}

/** Why files are not read at all, in a sentence; null when they are. */
function tooMuch(files: readonly File[]): string | null {
  const large = files.find(({ size }) => size > MAX_FILE_BYTES);
  if (large) return m.label_file_too_large({ name: large.name, size: MAX_FILE_BYTES / 1e6 });
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length <= MAX_FILES && bytes <= MAX_ALL_BYTES) return null;
  return m.label_files_too_many({ count: MAX_FILES, size: MAX_ALL_BYTES / 1e6 });
}

/** Why a whole file was given up, in a sentence. */
function reasonOf(error: unknown): string {
  if (!(error instanceof HopelessFileError)) return m.label_file_not_read();
  const { reason } = error;
  return reason.code === 'no-column'
    ? m.label_file_no_column({ column: reason.column })
    : m.label_file_too_many_bad({ limit: reason.limit });
}

function readFile(
  file: File,
  breathe: () => Promise<void> | void,
  isLate: () => boolean,
  hear: (bytes: number) => void,
): Promise<ReadFile> {
  const defaults = {
    annotator: file.name.replace(/\.\w+$/, '').slice(0, 60) || 'file',
    source: `import:${file.name.slice(0, 150)}`,
    time: isoNow(),
  };
  const isCsv = /\.csv$/i.test(file.name) || file.type === 'text/csv';
  return (isCsv ? readCsv : readJsonl)(textOf(file, breathe, isLate, hear), defaults);
}

/** A file's text in pieces, so that a large one is never in memory twice, and never holds the page up. */
async function* textOf(
  file: File,
  breathe: () => Promise<void> | void,
  isLate: () => boolean,
  hear: (bytes: number) => void,
): AsyncGenerator<string> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let numRead = 0; // characters, few of which take more than a byte
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    // The browser hands out megabytes at a time.
    for (let start = 0; start < value.length; start += PIECE) {
      if (isLate()) return;
      await breathe();
      yield value.slice(start, start + PIECE);
      hear(Math.min(file.size, (numRead += Math.min(PIECE, value.length - start))));
    }
  }
}

/** A label by its own id, unless that id is another label's. */
const addressed = (label: Comparison, there: Comparison | undefined): Comparison =>
  there === undefined || isSameLabel(label, there) ? label : withContentId(label);

/** True when both say the same, whichever way round. */
function isSame(one: Comparison, other: Comparison): boolean {
  const [a, b] = [writeJsonl([one]), writeJsonl([{ ...other, source: one.source }])];
  return a === b;
}
