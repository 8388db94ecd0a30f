/**
 * @file The runs of this browser: the list, the one on the page, the one that was interrupted, deletion with undo, branches,
 * and the policy of any kept moment.
 *
 * Fetched while the models load; the first screen does without. What happens to a run while it trains is written down by
 * the keeper.
 */
import { m } from '../messages/messages';
import type { RunCheckpoint } from '../protocol/run';
import type { KeptRun } from './runs-observer';
import type { Run } from './run.svelte';
import { RunFiles, type RewardModelShelf } from './run-files.svelte';
import { RunsChat } from './runs-chat.svelte';
import { RunKeeper } from './runs-keeper.svelte';
import { heldRuns } from './runs-locks';
import type { HistoryEntry, RunRecord, RunRow } from './runs-schema';
import { RunStore, type RunPatch } from './runs-store';
import { Sweep } from './runs-sweep.svelte';
import { MAX_NAME_LENGTH, type Undo } from './shelf.svelte';
import type { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

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
  /** Deleted, and not yet for good. */
  #hidden: readonly RunRecord[] = [];

  private constructor(client: TrainerClient, run: Run, storage: Storage, rewardModels: () => Promise<RewardModelShelf>) {
    this.#run = run;
    this.storage = storage;
    this.store = new RunStore(storage);
    this.keeper = new RunKeeper(this.store, (record) => this.#put(record));
    this.files = new RunFiles(
      this.store,
      (record) => this.#put(record),
      (id) => this.#isKnown(id),
      rewardModels,
      (spec) => {
        if (!run.active) run.setUp(spec);
        return !run.active;
      },
    );
    this.sweep = new Sweep(run, this.keeper, storage, {
      records: () => this.records,
      goOn: async (record) => {
        if (!(await this.#opened(record))) return false;
        await run.continueRun();
        return true;
      },
    });
    this.chat = new RunsChat(client, run, this.store);
  }

  /** The runs that are stored. */
  static async open(client: TrainerClient, run: Run, storage: Storage, rewardModels: () => Promise<RewardModelShelf>): Promise<Runs> {
    const runs = new Runs(client, run, storage, rewardModels);
    await runs.load();
    await runs.sweep.load();
    return runs;
  }

  /** Reads what is stored, by this tab and others. */
  async load(): Promise<void> {
    const [{ records, numUnreadable }, held] = await Promise.all([this.store.records(), heldRuns()]);
    const { current } = this.keeper;
    const shown = records.filter(({ id }) => !this.#hidden.some((hidden) => hidden.id === id));
    // What happens to the run on the page is known here first, but for its name.
    this.records = shown.map((record) => (record.id === current?.id ? { ...current, name: record.name } : record)).reverse();
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
    if (this.#run.active) return this.#refuse(m.runs_busy());
    if ((await heldRuns()).has(record.id)) return this.#refuse(m.runs_other_tab());
    const now = (await this.store.record(record.id)) ?? record; // another tab may have trained it further
    const [rows, checkpoint] = await Promise.all([this.store.rows(now.id), this.store.checkpoint(now.id, now.update)]);
    if (!checkpoint) return this.#refuse(m.runs_no_checkpoint());
    if (this.#run.active) return this.#refuse(m.runs_busy()); // one has begun meanwhile
    this.keeper.adopt(now, rows, checkpoint.spec); // before anything can happen to it
    this.#put(now);
    return this.#run.open(keptRun(now, rows, checkpoint));
  }

  /** Lets a kept run go on exactly where it was. */
  async continue(record: RunRecord): Promise<boolean> {
    if (!(await this.#opened(record))) return false;
    void this.#run.continueRun();
    return true;
  }

  /** Sees to it that a run is on the page. */
  async #opened(record: RunRecord): Promise<boolean> {
    return record.id === this.currentId || this.show(record);
  }

  /** Offers an interrupted run no more; it stays in the list. */
  async putAside(record: RunRecord): Promise<void> {
    await this.#change(record, { state: 'stopped' });
  }

  /** Starts a run of its own from a kept moment of another, as the page is set up now. */
  async branch(record: RunRecord, update: number, numUpdates: number): Promise<boolean> {
    this.problem = null;
    const checkpoint = await this.store.checkpoint(record.id, update);
    if (!checkpoint) return this.#refuse(m.runs_no_checkpoint_at({ update }));
    if (this.#run.active) return this.#refuse(m.runs_busy());
    if (!this.#run.canBegin) return this.#refuse(m.runs_not_loaded());
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
    await this.#change(record, { name: name.trim().slice(0, MAX_NAME_LENGTH) });
  }

  /**
   * Deletes runs, but for those that go on. Their room is free when it can no longer be undone: at the next deletion, or
   * after the page is closed.
   * @param titleOf what a run is called
   */
  async remove(chosen: readonly RunRecord[], titleOf: (record: RunRecord) => string): Promise<void> {
    const records = chosen.filter((record) => !this.isGoingOn(record));
    if (records.length === 0) return;
    await this.clearDeleted();
    this.#hidden = records;
    this.records = this.records.filter(({ id }) => !records.some((one) => one.id === id));
    for (const record of records) await this.store.hide(record);
    this.undoable = {
      what: records.length === 1 ? m.runs_deleted_one({ name: titleOf(records[0]!) }) : m.runs_deleted_many({ count: records.length }),
      undo: async () => {
        const hidden = this.#hidden;
        this.#hidden = [];
        const back = await Promise.all(hidden.map((record) => this.store.restore(record)));
        await this.load();
        if (back.includes(false)) this.problem = m.runs_gone_for_good();
      },
    };
  }

  /** Gives back the room of what was deleted; it cannot be undone any more. */
  async clearDeleted(): Promise<void> {
    const hidden = this.#hidden;
    this.#hidden = [];
    this.undoable = null;
    for (const { id } of hidden) {
      if (id === this.currentId) this.keeper.purged();
      await this.store.purge(id);
    }
  }

  /** Throws away a run's kept moments but the last, from which it goes on. This cannot be undone. */
  async thin(record: RunRecord): Promise<void> {
    if (!this.isGoingOn(record)) await this.#change(record, { snapshots: record.snapshots.slice(-1) });
  }

  /** Takes the deletion back. */
  async undo(): Promise<void> {
    const { undoable } = this;
    this.undoable = null;
    await undoable?.undo();
  }

  async #change(record: RunRecord, patch: RunPatch): Promise<void> {
    if (record.id === this.currentId) return this.keeper.patch(patch);
    this.#put({ ...record, ...patch });
    const changed = await this.store.patch(record.id, patch);
    if (changed) this.#put(changed);
  }

  #isKnown(id: string): boolean {
    return [...this.records, ...this.#hidden].some((record) => record.id === id);
  }

  #put(record: RunRecord): void {
    if (this.#hidden.some(({ id }) => id === record.id)) {
      // A deleted run that goes on is deleted no more.
      this.#hidden = this.#hidden.filter(({ id }) => id !== record.id);
      this.undoable = null;
    }
    const isThere = this.records.some(({ id }) => id === record.id);
    this.records = isThere ? this.records.map((other) => (other.id === record.id ? record : other)) : [record, ...this.records];
  }

  #refuse(why: string): false {
    this.problem = why;
    return false;
  }
}
