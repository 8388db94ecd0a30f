/**
 * @file Importing and exporting labels: a file is read and shown before anything is kept, and nothing gives way unasked.
 */
import type { Comparison } from '../core/preferences/comparison';
import { MAX_FILE_BYTES, readCsv, readJsonl, writeCsv, writeJsonl, type FileProblem } from '../core/preferences/preference-files';
import { isoNow } from './iso-now';
import type { Labels } from './labels.svelte';

/** A file that was read and waits for a decision. */
export interface ImportPreview {
  readonly fileName: string;
  readonly labels: readonly Comparison[];
  readonly problems: readonly FileProblem[];
  readonly numProblems: number;
  /** Labels whose id is in the open set already, with other contents. */
  readonly numChanged: number;
  /** Labels that are in the open set as they are. */
  readonly numSame: number;
}

/** The kinds of file. */
export type FileFormat = 'jsonl' | 'csv';

/** Reads files into the open set and writes it to them. */
export class LabelFiles {
  preview = $state.raw<ImportPreview | null>(null);
  /** Why a file was refused, in a sentence. */
  refusal = $state<string | null>(null);
  reading = $state(false);

  #labels: Labels;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** Reads a file; nothing is kept yet. */
  async read(file: File): Promise<void> {
    this.preview = null;
    this.refusal = null;
    if (file.size > MAX_FILE_BYTES) {
      this.refusal = `“${file.name}” is larger than ${MAX_FILE_BYTES / 1e6} MB. Split it and import the parts.`;
      return;
    }
    this.reading = true;
    try {
      const defaults = {
        annotator: file.name.replace(/\.\w+$/, '').slice(0, 60) || 'file',
        source: `import:${file.name.slice(0, 150)}`,
        time: isoNow(),
      };
      const isCsv = /\.csv$/i.test(file.name) || file.type === 'text/csv';
      const found = await (isCsv ? readCsv : readJsonl)(textOf(file), defaults);
      const present = Object.fromEntries(this.#labels.list.map((label) => [label.id, label]));
      const known = found.comparisons.filter(({ id }) => Object.hasOwn(present, id));
      const numSame = known.filter((label) => isSame(label, present[label.id]!)).length;
      this.preview = {
        fileName: file.name,
        labels: found.comparisons,
        problems: found.problems,
        numProblems: found.numProblems,
        numChanged: known.length - numSame,
        numSame,
      };
    } catch (error) {
      this.refusal = `“${file.name}” could not be read: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.reading = false;
    }
  }

  /** Keeps what was read. Labels that differ from those in the set replace them only if told so. */
  async accept(replace: boolean): Promise<void> {
    const { preview } = this;
    this.preview = null;
    if (!preview) return;
    const present = Object.fromEntries(this.#labels.list.map((label) => [label.id, true]));
    await this.#labels.add(replace ? preview.labels : preview.labels.filter(({ id }) => !Object.hasOwn(present, id)));
  }

  /** Keeps what was read as a set of its own. */
  async acceptAsNewSet(): Promise<void> {
    const { preview } = this;
    this.preview = null;
    if (preview) await this.#labels.create(preview.fileName, preview.labels);
  }

  /** Forgets what was read. */
  dismiss(): void {
    this.preview = null;
    this.refusal = null;
  }

  /** The open set as a file. */
  write(format: FileFormat): File {
    const { open, list } = this.#labels;
    const name = (open?.name ?? 'labels').replace(/[^\p{L}\p{N} _-]/gu, '').trim() || 'labels';
    const text = format === 'csv' ? writeCsv(list) : writeJsonl(list);
    return new File([text], `${name}.${format}`, { type: format === 'csv' ? 'text/csv' : 'application/jsonl' });
  }
}

/** A file's text in pieces, so that a large one is never in memory twice. */
async function* textOf(file: File): AsyncGenerator<string> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** True when both say the same, whichever way round. */
function isSame(one: Comparison, other: Comparison): boolean {
  const [a, b] = [writeJsonl([one]), writeJsonl([{ ...other, source: one.source }])];
  return a === b;
}
