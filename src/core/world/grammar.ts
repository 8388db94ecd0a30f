/**
 * @file A small text grammar: `{symbol}` in a template is a value given by the caller, or else one random line of the
 * table of that name, expanded in turn. `{Symbol}` is the same with a capital first letter; `{symbol:tag}` draws once
 * per text and repeats what it drew. Templates are parsed once and cached, because documents are made by the megabyte.
 * A line marked `*` (and not `* `, which is a bullet) is held out: see {@link linesOf}.
 */
import type { Random } from '../random';
import { capitalise } from './words';

/** Tables of alternatives; a line may be repeated to make it likelier. */
export type Tables = Readonly<Record<string, readonly string[]>>;
/** Values given by the caller. */
export type Slots = Record<string, string>;

const isHeldOut = (line: string) => /^\*[^ *]/.test(line);

const chosen = new WeakMap<readonly string[], Record<'train' | 'heldout', readonly string[]>>();

/** The lines of a table that belong to a split, without the mark; remembered for each table. */
export function linesOf(table: readonly string[], split: 'train' | 'heldout'): readonly string[] {
  let lines = chosen.get(table);
  if (!lines) {
    lines = { train: table.filter((line) => !isHeldOut(line)), heldout: table.filter(isHeldOut).map((line) => line.slice(1)) };
    chosen.set(table, lines);
  }
  return lines[split];
}

/** The tables of a split: training never sees a held-out line; held-out text may use every line, so that it stays varied. */
export function tablesOf(tables: Tables, split: 'train' | 'heldout'): Tables {
  const all = (table: readonly string[]) => [...linesOf(table, 'train'), ...(split === 'heldout' ? linesOf(table, 'heldout') : [])];
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, all(table)]));
}

interface Part {
  readonly literal: string;
  readonly symbol: string;
  readonly key: string;
  readonly capital: boolean;
  readonly remember: boolean;
}

/** Expands templates over a set of tables. */
export class Grammar {
  readonly #tables: Tables;
  readonly #parsed = new Map<string, readonly Part[]>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  #parse(template: string): readonly Part[] {
    let parts = this.#parsed.get(template);
    if (parts) return parts;
    const found: Part[] = [];
    let from = 0;
    for (const match of template.matchAll(/\{([^}]+)\}/g)) {
      if (match.index > from)
        found.push({ literal: template.slice(from, match.index), symbol: '', key: '', capital: false, remember: false });
      const written = match[1]!;
      const key = written.charAt(0).toLowerCase() + written.slice(1);
      found.push({ literal: '', symbol: key.split(':')[0]!, key, capital: key !== written, remember: key.includes(':') });
      from = match.index + match[0].length;
    }
    if (from < template.length) found.push({ literal: template.slice(from), symbol: '', key: '', capital: false, remember: false });
    parts = found;
    this.#parsed.set(template, parts);
    return parts;
  }

  /**
   * The text of a template. `slots` is read first, and remembers tagged draws; lines in `used` are avoided and added.
   * @throws Error for an unknown symbol
   */
  expand(template: string, random: Random, slots: Slots = {}, used: Set<string> = new Set()): string {
    let text = '';
    for (const part of this.#parse(template)) {
      if (part.symbol === '') {
        text += part.literal;
        continue;
      }
      let value = slots[part.key];
      if (value === undefined) {
        const table = this.#tables[part.symbol];
        if (!table) throw new Error(`grammar: no table or slot called "${part.key}"`);
        let line = random.pick(table);
        for (let tries = 0; tries < 3 && line.length > 12 && used.has(line); tries++) line = random.pick(table);
        used.add(line);
        value = this.expand(line, random, slots, used);
        if (part.remember) slots[part.key] = value;
      }
      text += part.capital ? capitalise(value) : value;
    }
    return text;
  }
}
