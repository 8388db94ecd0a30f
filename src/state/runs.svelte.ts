/**
 * @file The runs of this browser: the list, the one on the page, the one that was interrupted, deletion with undo, branches,
 * and the policy of any kept moment.
 *
 * Fetched while the models load; the first screen does without. What happens to a run while it trains is written down by
 * the keeper.
 */
import type { RunCheckpoint } from '../protocol/run';
import type { HistoryEntry, KeptRun } from './runs-observer';
import type { Run } from './run.svelte';
import { RunFiles } from './run-files.svelte';
import { RunsChat } from './runs-chat.svelte';
import { RunKeeper } from './runs-keeper.svelte';
import { heldRuns } from './runs-locks';
import { nameOf } from './runs-names';
import type { RunRecord, RunRow } from './runs-schema';
import { RunStore } from './runs-store';
import { Sweep } from './runs-sweep.svelte';
import { MAX_NAME_LENGTH, type Undo } from './shelf.svelte';
import type { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

/** What a run is called: by its reader, or by what differs from the defaults. */
export const titleOf = (record: RunRecord): string => record.name || nameOf(record.spec);

/** What the panels show of a run, from what was kept of it. */
function keptRun(record: RunRecord, rows: readonly RunRow[], checkpoint: RunCheckpoint): KeptRun {
  const upTo = rows.filter(({ update }) => update <= checkpoint.update);
  return {
    checkpoint,
    numUpdates: record.numUpdates,
    history: upTo.map(({ update, metrics }): HistoryEntry => ({ update, metrics })),
    rewardChanges: record.changes.map(({ update }) => update).filter((update) => update <= checkpoint.update),
    frames: upTo.flatMap(({ update, samples }) => (samples ? [{ update, samples }] : [])),
  };
}

/** The runs. */
export class Runs {
  readonly storage: Storage;
  readonly store: RunStore;
  readonly keeper: RunKeeper;
  readonly files: RunFiles;
  readonly sweep: Sweep;
  readonly chat: RunsChat;
  /** Newest first. */
  records = $state.raw<readonly RunRecord[]>([]);
  /** How many could not be read; they are left as they are. */
  numUnreadable = $state(0);
  undoable = $state.raw<Undo | null>(null);
  /** Why something could not be done, in a sentence. */
  problem = $state<string | null>(null);
  /** Runs that are called open but go on nowhere. */
  #interrupted = $state.raw<readonly string[]>([]);
  /** The last run that was interrupted, until it is continued or put aside. */
  unfinished = $derived.by(
    () =>
      this.records.find(({ id, state }) => state === 'open' && this.#interrupted.includes(id) && id !== this.keeper.current?.id) ?? null,
  );
  /** The run on the page. */
  currentId = $derived.by(() => this.keeper.current?.id ?? null);

  readonly #run: Run;
  #hidden: RunRecord | null = null;

  private constructor(client: TrainerClient, run: Run, storage: Storage) {
    this.#run = run;
    this.storage = storage;
    this.store = new RunStore(storage);
    this.keeper = new RunKeeper(this.store, (record) => this.#put(record));
    this.files = new RunFiles(
      this.store,
      (record) => this.#put(record),
      (id) => this.records.some((one) => one.id === id),
    );
    this.sweep = new Sweep(run, this.keeper);
    this.chat = new RunsChat(client, run, this.store);
  }

  /** The runs that are stored. */
  static async open(client: TrainerClient, run: Run, storage: Storage): Promise<Runs> {
    const runs = new Runs(client, run, storage);
    await runs.load();
    return runs;
  }

  /** Reads what is stored, by this tab and others. */
  async load(): Promise<void> {
    const [{ records, numUnreadable }, held] = await Promise.all([this.store.records(), heldRuns()]);
    const { current } = this.keeper;
    const shown = records.filter(({ id }) => id !== this.#hidden?.id);
    this.records = shown.map((record) => (record.id === current?.id ? current : record)).reverse();
    this.numUnreadable = numUnreadable;
    this.#interrupted = records.filter(({ id, state }) => state === 'open' && !held.has(id)).map(({ id }) => id);
  }

  /** True while a run goes on, here or in another tab. */
  isGoingOn({ id, state }: RunRecord): boolean {
    return id === this.currentId ? this.#run.active : state === 'open' && !this.#interrupted.includes(id);
  }

  /** Puts a kept run on the page as it was; it goes on when told to. False when that was not possible. */
  async show(record: RunRecord): Promise<boolean> {
    this.problem = null;
    if (this.#run.active) return this.#refuse('A run is going on. Stop it first; nothing of it is lost.');
    if ((await heldRuns()).has(record.id)) return this.#refuse('This run goes on in another tab. Stop it there first.');
    const [rows, checkpoint] = await Promise.all([this.store.rows(record.id), this.store.checkpoint(record.id, record.update)]);
    if (!checkpoint)
      return this.#refuse('The checkpoint of this run could not be read, so it cannot go on. Its measurements are still there.');
    await this.#run.open(keptRun(record, rows, checkpoint));
    this.keeper.adopt(record, rows, checkpoint.spec);
    return true;
  }

  /** Lets a kept run go on exactly where it was. */
  async continue(record: RunRecord): Promise<boolean> {
    if (record.id !== this.currentId && !(await this.show(record))) return false;
    void this.#run.continueRun();
    return true;
  }

  /** Offers an interrupted run no more; it stays in the list. */
  async putAside(record: RunRecord): Promise<void> {
    await this.#write({ ...record, state: 'stopped' });
  }

  /** Starts a run of its own from a kept moment of another, as the page is set up now. */
  async branch(record: RunRecord, update: number, numUpdates: number): Promise<boolean> {
    this.problem = null;
    if (this.#run.active) return this.#refuse('A run is going on. Stop it first; nothing of it is lost.');
    const checkpoint = await this.store.checkpoint(record.id, update);
    if (!checkpoint) return this.#refuse(`The checkpoint of update ${update} could not be read.`);
    this.keeper.origin = { name: '', parent: { id: record.id, update }, sweep: null };
    void this.#run.branch(checkpoint, numUpdates);
    return true;
  }

  /** Sets the page up as a run was at one of its moments, so that a branch or a new run begins from its settings. */
  async setUpAs(record: RunRecord, update?: number): Promise<void> {
    const checkpoint = update === undefined ? null : await this.store.checkpoint(record.id, update);
    this.#run.setUp(checkpoint?.spec ?? record.spec);
  }

  /** Gives a run a name; an empty one lets it be called by what differs from the defaults. */
  async rename(record: RunRecord, name: string): Promise<void> {
    await this.#write({ ...record, name: name.trim().slice(0, MAX_NAME_LENGTH) });
  }

  /** Deletes a run. Its room is free when it can no longer be undone: at the next deletion, or after the page is closed. */
  async remove(record: RunRecord): Promise<void> {
    if (this.isGoingOn(record)) return;
    if (this.#hidden) await this.store.purge(this.#hidden.id);
    this.#hidden = record;
    await this.store.hide(record);
    this.records = this.records.filter(({ id }) => id !== record.id);
    this.undoable = {
      what: `“${titleOf(record)}” was deleted`,
      undo: async () => {
        this.#hidden = null;
        if (await this.store.restore(record)) await this.load();
        else this.problem = 'This run has been cleared away for good.';
      },
    };
  }

  /** Takes the deletion back. */
  async undo(): Promise<void> {
    const { undoable } = this;
    this.undoable = null;
    await undoable?.undo();
  }

  async #write(record: RunRecord): Promise<void> {
    if (record.id === this.currentId) this.keeper.replace(record);
    this.#put(record);
    await this.store.write({ record });
  }

  #put(record: RunRecord): void {
    const isThere = this.records.some(({ id }) => id === record.id);
    this.records = isThere ? this.records.map((other) => (other.id === record.id ? record : other)) : [record, ...this.records];
  }

  #refuse(why: string): false {
    this.problem = why;
    return false;
  }
}
