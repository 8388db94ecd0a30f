/**
 * @file A shelf of which one thing is open: opening another, copying and deleting the open one, and taking the last deletion
 * back. Which was open is remembered for the next visit.
 */
import { m } from '../messages/messages';
import { Shelf, type Shelved, type Undo } from './shelf.svelte';
import type { EntryKind, Storage } from './storage.svelte';

/** Named things of one kind, and which of them is looked at. */
export class OpenShelf<Body> extends Shelf<Body> {
  /** Id of the open thing; empty when none is. */
  openId = $state('');
  open = $derived.by(() => this.items.find(({ id }) => id === this.openId) ?? null);
  /** The last deletion, while it can be taken back. */
  undoable = $state.raw<Undo | null>(null);

  /** @param mayBeClosed that nothing is open though there are things: something that has no name yet is looked at */
  constructor(
    storage: Storage,
    kind: EntryKind,
    parse: (body: unknown) => Body,
    readonly mayBeClosed = false,
  ) {
    super(storage, kind, parse);
  }

  /** Reads what is stored, and opens what was open last. */
  override async load(): Promise<void> {
    await super.load();
    const last = await this.storage.option(this.#option);
    this.openId = this.items.find(({ id }) => id === last)?.id ?? this.#other();
  }

  /** Opens a thing; an empty id opens none. */
  select(id: string): void {
    this.openId = id;
    void this.storage.setOption(this.#option, id);
  }

  /** Adds a thing and opens it. */
  async keep(name: string, body: Body): Promise<Shelved<Body>> {
    const item = await this.add(name, body);
    this.select(item.id);
    return item;
  }

  /** Puts another body in the open thing. */
  async replaceOpen(body: Body): Promise<void> {
    if (this.open) await this.put({ ...this.open, body });
  }

  /** Makes a copy of the open thing and opens it. */
  async duplicate(): Promise<void> {
    if (this.open) await this.keep(m.widgets_copy({ name: this.open.name }), this.open.body);
  }

  /** Deletes the open thing. */
  async removeOpen(): Promise<void> {
    const { openId } = this;
    const { what, undo } = await this.remove(openId);
    if (this.openId === openId) this.select(this.#other());
    this.undoable = {
      what,
      undo: async () => {
        await undo();
        this.select(openId);
      },
    };
  }

  /** Takes the last deletion back. */
  async undo(): Promise<void> {
    const { undoable } = this;
    this.undoable = null;
    await undoable?.undo();
  }

  get #option(): string {
    return `open-${this.kind}`;
  }

  #other(): string {
    return this.mayBeClosed ? '' : (this.items.at(-1)?.id ?? '');
  }
}
