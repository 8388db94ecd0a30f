/**
 * @file A shelf: the named things of one kind (label sets, sample sets, reward models) that can be renamed, duplicated
 * and deleted, with the last deletion undone at will. Everything is in memory too, so that a browser that keeps nothing
 * takes nothing away before the page is closed.
 */
import { m } from '../messages/messages';
import { isoNow } from './iso-now';
import type { EntryKind, Storage, StoredEntry } from './storage.svelte';

/** A named thing with what it holds. */
export interface Shelved<Body> {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly body: Body;
}

/** Something that can be taken back: what it was, and how. */
export interface Undo {
  readonly what: string;
  readonly undo: () => void | Promise<void>;
}

/** Longest name of a thing. */
export const MAX_NAME_LENGTH = 80;

/** `name`, or `name 2`, `name 3`… if others have it. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name} ${count}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

/** The things of one kind, oldest first. */
export class Shelf<Body> {
  items = $state.raw<readonly Shelved<Body>[]>([]);
  /** How many stored entries could not be read; they are left as they are. */
  numUnreadable = $state(0);

  constructor(
    readonly storage: Storage,
    readonly kind: EntryKind,
    /** Reads a stored body; throws when it is not one. */
    readonly parse: (body: unknown) => Body,
  ) {}

  /** Reads what is stored. */
  async load(): Promise<void> {
    const items: Shelved<Body>[] = [];
    let numUnreadable = 0;
    for (const { id, name, createdAt, body } of await this.storage.entries(this.kind)) {
      try {
        items.push({ id, name, createdAt, body: this.parse(body) });
      } catch {
        numUnreadable += 1; // of another version of this page
      }
    }
    this.items = items;
    this.numUnreadable = numUnreadable;
  }

  /** Adds a thing under a name of its own. */
  async add(name: string, body: Body): Promise<Shelved<Body>> {
    const taken = this.items.map((item) => item.name);
    const item = { id: crypto.randomUUID(), name: freeName(cleanName(name), taken), createdAt: isoNow(), body };
    await this.put(item);
    return item;
  }

  /** Stores a thing, in place of one of the same id. */
  async put(item: Shelved<Body>): Promise<void> {
    const isThere = this.items.some(({ id }) => id === item.id);
    this.items = isThere ? this.items.map((other) => (other.id === item.id ? item : other)) : [...this.items, item];
    await this.storage.putEntry(toEntry(this.kind, item));
  }

  /** Gives a thing another name; an empty one changes nothing. */
  async rename(id: string, name: string): Promise<void> {
    const item = this.items.find((other) => other.id === id);
    if (item && name.trim() !== '') await this.put({ ...item, name: cleanName(name) });
  }

  /** Takes a thing away. The undo puts it back where it was. */
  async remove(id: string): Promise<Undo> {
    const place = this.items.findIndex((item) => item.id === id);
    const item = this.items[place];
    if (!item) return { what: m.widgets_nothing_deleted(), undo: () => undefined };
    this.items = this.items.filter((other) => other !== item);
    await this.storage.deleteEntry(id);
    return {
      what: m.widgets_was_deleted({ name: item.name }),
      undo: async () => {
        this.items = this.items.toSpliced(place, 0, item);
        await this.storage.putEntry(toEntry(this.kind, item));
      },
    };
  }
}

const cleanName = (name: string) => name.trim().slice(0, MAX_NAME_LENGTH) || m.widgets_no_name();

function toEntry<Body>(kind: EntryKind, { id, name, createdAt, body }: Shelved<Body>): StoredEntry {
  return { id, kind, name, createdAt, body };
}
