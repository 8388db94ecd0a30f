/**
 * @file Importing and exporting labels: a file is read and shown before anything is kept, and nothing gives way unasked.
 */
import { csvLines, jsonlLines } from '../core/preferences/preference-files';
import { m } from '../messages/messages';
import { withoutLabels } from './label-edits';
import { readForImport, type ImportPreview } from './label-import';
import type { Labels } from './labels.svelte';
import { breather, nextTask } from './next-task';

/** Lines of a file that are handed to the browser at once. */
const LINES_A_PART = 100;

/** The kinds of file. */
export type FileFormat = 'jsonl' | 'csv';

/** Reads files into the open set and writes it to them. */
export class LabelFiles {
  preview = $state.raw<ImportPreview | null>(null);
  /** Why a file was refused, in a sentence. */
  refusal = $state<string | null>(null);
  reading = $state(false);
  /** What share has been read, 0 to 1. */
  progress = $state(0);
  /** True while what was read is stored. */
  keeping = $state(false);

  #labels: Labels;
  /** Number of the latest wish; what was read for an earlier one is dropped. */
  #turn = 0;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** Reads files; nothing is kept yet. Files chosen meanwhile take their place. */
  async read(files: readonly File[]): Promise<void> {
    const turn = ++this.#turn;
    this.preview = null;
    this.refusal = null;
    this.reading = true;
    this.progress = 0;
    const found = await readForImport(
      files,
      this.#labels.list,
      () => turn !== this.#turn,
      (share) => {
        if (turn === this.#turn) this.progress = share;
      },
    );
    if (turn !== this.#turn) return;
    this.reading = false;
    if (typeof found === 'string') this.refusal = found;
    else this.preview = found;
  }

  /** Keeps what was read. Labels that differ from those in the set replace them only if told so. */
  async accept(replace: boolean): Promise<void> {
    await this.#keep(({ labels }) => {
      const present = this.#labels.list.map(({ id }) => id);
      return this.#labels.add(replace ? labels : withoutLabels(labels, present));
    });
  }

  /** Keeps what was read as a set of its own. */
  async acceptAsNewSet(): Promise<void> {
    await this.#keep(({ fileName, labels }) => this.#labels.create(fileName, labels));
  }

  /** Forgets what was read, or stops reading. */
  dismiss(): void {
    this.#turn += 1;
    this.reading = false;
    this.preview = null;
    this.refusal = null;
  }

  async #keep(store: (preview: ImportPreview) => Promise<void>): Promise<void> {
    const { preview } = this;
    this.preview = null;
    if (!preview) return;
    this.keeping = true;
    await nextTask(); // the page says so first
    await store(preview);
    this.keeping = false;
  }

  /** The open set as a file, written a little at a time. */
  async write(format: FileFormat): Promise<File> {
    const { open, list } = this.#labels;
    const name = (open?.name ?? m.label_file_name()).replace(/[^\p{L}\p{N} _-]/gu, '').trim() || m.label_file_name();
    const breathe = breather();
    const parts: Blob[] = [];
    let lines: string[] = [];
    for (const line of format === 'csv' ? csvLines(list) : jsonlLines(list)) {
      if (lines.push(line) < LINES_A_PART) continue;
      parts.push(new Blob(lines));
      lines = [];
      const pause = breathe();
      if (pause) await pause;
    }
    parts.push(new Blob(lines));
    return new File(parts, `${name}.${format}`, { type: format === 'csv' ? 'text/csv' : 'application/jsonl' });
  }
}
