/**
 * @file What `aftertrain run` is given: a specification as JSON, what the page exports of a run (`metrics.json`), or the run
 * itself (`.zip`); and rows of the reader's own, as JSON or one JSON object a line, in TRL's formats, or a plain text to pretrain on.
 */
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { ALGORITHMS } from '../../src/core/algorithms/catalogue';
import { readPlainText, readRowsText, rowsHash, textsIn, type DataRows } from '../../src/core/data/rows';
import { dataOf, type RunSpec } from '../../src/protocol/run';
import { readRunFile, readSpecText } from '../../src/state/run-files';
import { ClearError } from '../ensure-dependencies.mjs';
import { resolved } from '../model-folder';

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(resolved(file));
  } catch (error) {
    throw new ClearError(`${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)}).`);
  }
}

/** Reads a specification. @throws ClearError saying what is wrong with it */
export function readSpec(file: string): RunSpec {
  const bytes = readBytes(file);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  try {
    if (!isZip) return readSpecText(new TextDecoder().decode(bytes));
    const { record } = readRunFile(bytes);
    if (record.parent)
      throw new Error(`It began from a moment of another run. Copy it to run.zip in the folder given by --out: it goes on there.`);
    return record.spec;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClearError(isZip ? `${file}: ${why}` : `${file} is no specification of a run. ${why}`);
  }
}

/** Reads rows for a run. @throws ClearError naming the first that is wrong */
export function readRows(file: string, spec: RunSpec): DataRows {
  const text = new TextDecoder().decode(readBytes(file));
  try {
    const { learnsFrom } = ALGORITHMS[spec.stage];
    if (learnsFrom === 'demonstrations' && extname(file).toLowerCase() === '.txt') return readPlainText(text);
    return readRowsText(text, learnsFrom);
  } catch (error) {
    throw new ClearError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The specification with these rows as its data; one that names rows already keeps the name, and they must be those. */
export function withRows(spec: RunSpec, rows: DataRows, file: string): RunSpec {
  const data = dataOf(spec);
  if (data.rows) return spec;
  const plain = textsIn(rows) && spec.chat === undefined ? { chat: false } : {}; // a text is no conversation
  return { ...spec, ...plain, data: { ...data, rows: { id: basename(file).slice(0, 64), hash: rowsHash(rows) } } } as RunSpec;
}
