/**
 * @file Label sets: named lists of comparisons, one of them open. Every change is stored at once, label by label, and the
 * last deletion or edit can be taken back.
 */
import { parseComparison, type Comparison } from '../core/preferences/comparison';
import { m } from '../messages/messages';
import { isoNow } from './iso-now';
import { addLabels, inOrder, withdrawLabels, withoutLabels } from './label-edits';
import { nextTask } from './next-task';
import { Shelf, type Undo } from './shelf.svelte';
import type { Storage } from './storage.svelte';

const OPEN_SET = 'open-label-set';
const NONE: readonly Comparison[] = [];
/** Labels read between two drawings of the page. */
const READ_AT_ONCE = 2000;

/** The labels of a set as they are in memory. */
interface LoadedSet {
  /** Oldest first. */
  readonly list: readonly Comparison[];
  /** Labels that are stored but could not be read; they stay where they are. */
  readonly numUnreadable: number;
}

/** All sets, and the labels of the one that is open. */
export class Labels {
  readonly shelf: Shelf<null>;
  /** Id of the open set; there always is one. */
  openId = $state('');
  /** What can be taken back; null when there is nothing. */
  undoable = $state.raw<Undo | null>(null);
  open = $derived.by(() => this.shelf.items.find(({ id }) => id === this.openId) ?? null);

  #storage: Storage;
  /** The sets opened on this visit, so that they are there even if storage is not. */
  #loaded = $state.raw<Readonly<Record<string, LoadedSet>>>({});
  /** Labels of the open set, oldest first. */
  list = $derived.by(() => this.#listOf(this.openId));
  /** Labels of the open set that are stored but could not be read. */
  numUnreadable = $derived.by(() => this.#loaded[this.openId]?.numUnreadable ?? 0);
  /** Number of the latest choice; an earlier one that takes longer to read is not shown. */
  #turn = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.shelf = new Shelf(storage, 'label-set', () => null);
  }

  /** Reads what is stored and opens the set that was open last. */
  async load(): Promise<void> {
    await this.shelf.load();
    for (const id of await this.#storage.strayLabelSets())
      await this.shelf.put({ id, name: m.label_found_again(), createdAt: isoNow(), body: null });
    if (this.shelf.items.length === 0) await this.shelf.add(m.label_first_set(), null);
    const last = await this.#storage.option(OPEN_SET);
    await this.select(this.shelf.items.find(({ id }) => id === last)?.id ?? this.shelf.items[0]!.id);
  }

  /** Opens a set. */
  async select(id: string): Promise<void> {
    const turn = ++this.#turn;
    if (!(id in this.#loaded)) {
      const read = await this.#read(id);
      if (!(id in this.#loaded)) this.#put(id, read);
    }
    if (turn !== this.#turn) return;
    this.openId = id;
    void this.#storage.setOption(OPEN_SET, id);
  }

  /** Makes a set and opens it. */
  async create(name: string, labels: readonly Comparison[] = []): Promise<void> {
    const { id } = await this.shelf.add(name, null);
    this.#put(id, { list: NONE, numUnreadable: 0 });
    await this.select(id);
    await this.add(labels, id);
    this.undoable = null;
  }

  /** Makes a copy of the open set and opens it. */
  async duplicate(): Promise<void> {
    await this.create(m.widgets_copy({ name: this.open?.name ?? m.label_first_set() }), this.list);
  }

  /** Deletes the open set; another one is opened. */
  async removeOpen(): Promise<void> {
    const { openId } = this;
    const { what, undo } = await this.shelf.remove(openId);
    const instead = this.shelf.items.length === 0 ? await this.shelf.add(m.label_first_set(), null) : null;
    await this.select(this.shelf.items.at(-1)!.id);
    this.undoable = {
      what,
      undo: async () => {
        await undo();
        await this.#comeBack(openId);
        await this.select(openId);
        if (instead && this.#loaded[instead.id]?.list.length === 0) await this.shelf.remove(instead.id);
      },
    };
  }

  /** Adds labels to a set, the open one unless told otherwise, in place of those of the same id. The undo takes them away again. */
  async add(labels: readonly Comparison[], setId = this.openId): Promise<void> {
    if (labels.length === 0) return;
    const added = addLabels(this.#listOf(setId), labels);
    const { replaced, newIds } = added;
    this.#change(setId, added.list);
    await this.#storage.putLabels(setId, labels);
    this.undoable = {
      what: newIds.length === 0 ? wasChanged(replaced.length) : wasAdded(labels.length),
      undo: async () => {
        this.#change(setId, withdrawLabels(this.#listOf(setId), added));
        await this.select(setId);
        await this.#storage.deleteLabels(setId, newIds);
        await this.#storage.putLabels(setId, replaced);
      },
    };
  }

  /** Deletes labels of a set, the open one unless told otherwise. */
  async remove(ids: readonly string[], setId = this.openId): Promise<void> {
    const list = this.#listOf(setId);
    const left = withoutLabels(list, ids);
    const removed = withoutLabels(
      list,
      left.map(({ id }) => id),
    );
    if (removed.length === 0) return;
    this.#change(setId, left);
    await this.#storage.deleteLabels(setId, ids);
    this.undoable = {
      what: wasDeleted(removed.length),
      undo: async () => {
        this.#change(setId, inOrder([...this.#listOf(setId), ...removed]));
        await this.select(setId);
        await this.#storage.putLabels(setId, removed);
      },
    };
  }

  /** Takes the last change back. */
  async undo(): Promise<void> {
    const { undoable } = this;
    this.undoable = null;
    await undoable?.undo();
  }

  #listOf(setId: string): readonly Comparison[] {
    return this.#loaded[setId]?.list ?? NONE;
  }

  #put(setId: string, set: LoadedSet): void {
    this.#loaded = { ...this.#loaded, [setId]: set };
  }

  #change(setId: string, list: readonly Comparison[]): void {
    this.#put(setId, { list, numUnreadable: this.#loaded[setId]?.numUnreadable ?? 0 });
  }

  /** After a deletion was undone: what is stored, another tab's labels among it, and what only memory still has. */
  async #comeBack(setId: string): Promise<void> {
    const stored = await this.#read(setId);
    const missing = withoutLabels(
      this.#listOf(setId),
      stored.list.map(({ id }) => id),
    );
    this.#put(setId, { ...stored, list: missing.length === 0 ? stored.list : inOrder([...stored.list, ...missing]) });
    if (missing.length > 0) await this.#storage.putLabels(setId, missing);
  }

  async #read(id: string): Promise<LoadedSet> {
    const labels: Comparison[] = [];
    let numUnreadable = 0;
    for (const [index, stored] of (await this.#storage.labels(id)).entries()) {
      if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await nextTask();
      try {
        labels.push(parseComparison(stored));
      } catch {
        numUnreadable += 1; // of another version of this page
      }
    }
    return { list: inOrder(labels), numUnreadable };
  }
}

const wasAdded = (count: number) => (count === 1 ? m.label_added_one() : m.label_added_many({ count }));
const wasChanged = (count: number) => (count === 1 ? m.label_changed_one() : m.label_changed_many({ count }));
const wasDeleted = (count: number) => (count === 1 ? m.label_deleted_one() : m.label_deleted_many({ count }));
