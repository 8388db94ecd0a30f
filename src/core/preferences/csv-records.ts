/**
 * @file Cutting a CSV file that comes in pieces into records, so that one bad quote spoils one line and not the rest of the file.
 *
 * A quote opens a field at its beginning only, is doubled inside, and may hold line breaks (RFC 4180). A record that breaks
 * these rules, or never ends, is given up and reading goes on at the next line. What is in a record is papaparse's to say.
 */

/** One record's text without its line break, and the line it begins on, from 1. */
export interface CsvRecord {
  readonly text: string;
  readonly line: number;
  /** False when its quotes make no sense: only its first line was taken. */
  readonly isSound: boolean;
}

/** Longest record, in UTF-16 units. */
const MAX_RECORD_LENGTH = 200_000;

/** The delimiter of a file by its header: the likeliest of comma, semicolon and tab. */
export function delimiterOf(header: string): string {
  const count = (delimiter: string) => header.split(delimiter).length;
  return [';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best), ',');
}

/** How a record ends. `open`: more text is needed to tell, or at the end of a file, a quote is never closed. */
interface RecordEnd {
  /** Index of the line break, or of the text's end. */
  readonly end: number;
  readonly state: 'sound' | 'open' | 'broken';
}

/** Where the record that begins at `start` ends. */
function endOfRecord(text: string, start: number, delimiter: string): RecordEnd {
  const found = (end: number, state: RecordEnd['state']): RecordEnd => ({ end, state: end - start > MAX_RECORD_LENGTH ? 'broken' : state });
  for (let at = start; ;) {
    if (text[at] === '"') {
      do at = text.indexOf('"', at + 1) + 1;
      while (at > 0 && text[at] === '"');
      if (at === 0) return found(text.length, 'open');
      if (text[at] === '\r') at++;
      if (at >= text.length || text[at] === '\n') return found(at, 'sound');
      if (text[at] !== delimiter) return found(at, 'broken');
      at++;
    } else {
      const lineBreak = text.indexOf('\n', at);
      const lineEnd = lineBreak < 0 ? text.length : lineBreak;
      const next = text.slice(at, lineEnd).indexOf(delimiter);
      if (next < 0) return found(lineEnd, 'sound');
      at += next + 1;
    }
  }
}

const withoutReturn = (text: string) => (text.endsWith('\r') ? text.slice(0, -1) : text);

/** The records of a file; the first is its header. Empty lines are passed over. */
export async function* csvRecords(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<CsvRecord> {
  let [rest, line, delimiter, isFirst] = ['', 1, '', true];
  /** Records that are whole; of the last piece, all. */
  function* take(isLast: boolean): Generator<CsvRecord> {
    let start = 0;
    while (start < rest.length) {
      const lineBreak = rest.indexOf('\n', start);
      if (delimiter === '' && (lineBreak >= 0 || isLast)) delimiter = delimiterOf(rest.slice(start, lineBreak < 0 ? undefined : lineBreak));
      const { end, state } = endOfRecord(rest, start, delimiter || ',');
      if (state !== 'broken' && end === rest.length && !isLast) break; // the rest of it is still to come
      const isSound = state === 'sound';
      const stop = isSound ? end : lineBreak < 0 ? rest.length : lineBreak;
      if (!isSound && lineBreak < 0 && !isLast) {
        // One endless line: keep what tells that it is too long, and wait for its end.
        rest = rest.slice(start, start + MAX_RECORD_LENGTH + 1);
        return;
      }
      const text = withoutReturn(rest.slice(start, stop));
      if (text.trim() !== '') yield { text, line, isSound };
      line += rest.slice(start, stop).split('\n').length;
      start = stop + 1;
    }
    rest = rest.slice(start);
  }
  for await (const piece of pieces) {
    rest += isFirst ? piece.replace(/^\uFEFF/, '') : piece;
    isFirst = false;
    yield* take(false);
  }
  yield* take(true);
}
