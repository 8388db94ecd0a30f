/**
 * @file Label sets: named lists of comparisons, one of them open. Every change is stored at once, label by label, and the
 * last deletion or edit can be taken back.
 */
import { parseComparison, type Comparison } from '../core/preferences/comparison';
import { addLabels, inOrder, withdrawLabels, withoutLabels } from './label-edits';
import { Shelf, type Undo } from './shelf.svelte';
import type { Storage } from './storage.svelte';

const FIRST_NAME = 'My labels';
const OPEN_SET = 'open-label-set';

/** All sets, and the labels of the one that is open. */
export class Labels {
  readonly shelf: Shelf<null>;
  /** Id of the open set; there always is one. */
  openId = $state('');
  /** Labels of the open set, oldest first. */
  list = $state.raw<readonly Comparison[]>([]);
  /** What can be taken back; null when there is nothing. */
  undoable = $state.raw<Undo | null>(null);
  /** Labels of the open set that are stored but could not be read. */
  numUnreadable = $state(0);
  open = $derived.by(() => this.shelf.items.find(({ id }) => id === this.openId) ?? null);

  #storage: Storage;
  /** Labels of the sets opened on this visit, so that they are there even if storage is not. */
  #loaded: Record<string, readonly Comparison[]> = {};

  constructor(storage: Storage) {
    this.#storage = storage;
    this.shelf = new Shelf(storage, 'label-set', () => null);
  }

  /** Reads what is stored and opens the set that was open last. */
  async load(): Promise<void> {
    await this.shelf.load();
    if (this.shelf.items.length === 0) await this.shelf.add(FIRST_NAME, null);
    const last = await this.#storage.option(OPEN_SET);
    await this.select(this.shelf.items.find(({ id }) => id === last)?.id ?? this.shelf.items[0]!.id);
  }

  /** Opens a set. */
  async select(id: string): Promise<void> {
    const list = this.#loaded[id] ?? (await this.#read(id));
    this.openId = id;
    this.#show(list);
    void this.#storage.setOption(OPEN_SET, id);
  }

  /** Makes a set and opens it. */
  async create(name: string, labels: readonly Comparison[] = []): Promise<void> {
    const set = await this.shelf.add(name, null);
    this.#loaded[set.id] = [];
    await this.select(set.id);
    await this.add(labels);
    this.undoable = null;
  }

  /** Makes a copy of the open set and opens it. */
  async duplicate(): Promise<void> {
    await this.create(`${this.open?.name ?? FIRST_NAME} (copy)`, this.list);
  }

  /** Deletes the open set; another one is opened. */
  async removeOpen(): Promise<void> {
    const { openId, list } = this;
    const { what, undo } = await this.shelf.remove(openId);
    if (this.shelf.items.length === 0) await this.shelf.add(FIRST_NAME, null);
    await this.select(this.shelf.items.at(-1)!.id);
    this.undoable = {
      what,
      undo: async () => {
        await undo();
        await this.#storage.putLabels(openId, list);
        this.#loaded[openId] = list;
        await this.select(openId);
      },
    };
  }

  /** Adds labels to the open set, in place of those of the same id. The undo takes them away again. */
  async add(labels: readonly Comparison[]): Promise<void> {
    if (labels.length === 0) return;
    const { openId } = this;
    const added = addLabels(this.list, labels);
    const { replaced, newIds } = added;
    this.#show(added.list);
    await this.#storage.putLabels(openId, labels);
    this.undoable = {
      what: newIds.length === 0 ? words(replaced.length, 'changed') : words(labels.length, 'added'),
      undo: async () => {
        await this.select(openId);
        this.#show(withdrawLabels(this.list, added));
        await this.#storage.deleteLabels(openId, newIds);
        await this.#storage.putLabels(openId, replaced);
      },
    };
  }

  /** Deletes labels of the open set. */
  async remove(ids: readonly string[]): Promise<void> {
    const { openId, list } = this;
    const left = withoutLabels(list, ids);
    const removed = withoutLabels(
      list,
      left.map(({ id }) => id),
    );
    if (removed.length === 0) return;
    this.#show(left);
    await this.#storage.deleteLabels(openId, ids);
    this.undoable = {
      what: words(removed.length, 'deleted'),
      undo: async () => {
        await this.select(openId);
        this.#show(inOrder([...this.list, ...removed]));
        await this.#storage.putLabels(openId, removed);
      },
    };
  }

  /** Takes the last change back. */
  async undo(): Promise<void> {
    const { undoable } = this;
    this.undoable = null;
    await undoable?.undo();
  }

  #show(list: readonly Comparison[]): void {
    this.list = list;
    this.#loaded[this.openId] = list;
  }

  async #read(id: string): Promise<readonly Comparison[]> {
    const labels: Comparison[] = [];
    this.numUnreadable = 0;
    for (const stored of await this.#storage.labels(id)) {
      try {
        labels.push(parseComparison(stored));
      } catch {
        this.numUnreadable += 1; // of another version of this page; it stays where it is
      }
    }
    return inOrder(labels);
  }
}

const words = (count: number, done: string) => (count === 1 ? `1 label was ${done}` : `${count} labels were ${done}`);
