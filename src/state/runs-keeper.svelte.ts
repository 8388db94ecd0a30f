/**
 * @file Writes down what happens to the run on the page, so that it goes on after a reload or a crash.
 *
 * How much can be lost? The worker tells of an update only after the checkpoint of the one before has been taken here, and
 * this waits until it is written: at most the one update under way. A disk that is slow or broken must not hold training
 * up for ever, so after a while the run goes on, and the storage says what is wrong.
 */
import type { RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../protocol/run';
import { isoNow } from './iso-now';
import { holdRun } from './runs-locks';
import { settingsDiff } from './runs-names';
import type { RunObserver } from './runs-observer';
import { PendingRows } from './runs-rows';
import type { RunRecord, RunRow } from './runs-schema';
import type { RunPatch, RunStore } from './runs-store';
import { fitting, superfluous } from './runs-thinning';

/** The run waits this long for the disk. */
const PATIENCE_MS = 10_000;

/** Where the next run comes from. */
export type Origin = Pick<RunRecord, 'parent' | 'sweep' | 'name'>;

const NO_ORIGIN: Origin = { parent: null, sweep: null, name: '' };

/** Bytes of a checkpoint's vectors. */
function checkpointBytes({ theta, m, v, critic, reference }: RunCheckpoint): number {
  const vectors = [theta, m, v, ...(reference ? [reference] : []), ...(critic ? [critic.theta, critic.m, critic.v] : [])];
  return vectors.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The keeper. */
export class RunKeeper implements RunObserver {
  /** The run on the page as it is kept; null before its first checkpoint. */
  current = $state.raw<RunRecord | null>(null);
  /** Where the next run to begin comes from. */
  origin: Origin = NO_ORIGIN;

  readonly #store: RunStore;
  readonly #changed: (record: RunRecord) => void;
  #fresh: RunRecord | null = null;
  #rows = new PendingRows();
  #spec: RunSpec | null = null;
  #budgetBytes = 0;
  #release: () => void = () => undefined;
  /** Writings, one after another. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(store: RunStore, changed: (record: RunRecord) => void) {
    this.#store = store;
    this.#changed = changed;
  }

  async begins(spec: RunSpec, branch: RunCheckpoint | null): Promise<void> {
    const { origin } = this;
    this.origin = NO_ORIGIN;
    const plain = JSON.parse(JSON.stringify(spec)) as RunSpec; // no proxies in storage
    this.#fresh = {
      id: crypto.randomUUID(),
      createdAt: isoNow(),
      spec: plain,
      numUpdates: spec.config.numUpdates,
      update: branch?.update ?? 0,
      state: 'open',
      changes: [],
      last: {},
      snapshots: [],
      checkpointBytes: 0,
      ...origin,
    };
    this.#rows = new PendingRows();
    this.current = null;
    this.#spec = plain;
    await this.#goesOn();
    if (branch) await this.#checkpoint({ ...branch, spec: plain });
  }

  /** Takes up a run that was kept: what happens next happens to it. */
  adopt(record: RunRecord, rows: readonly RunRow[], spec: RunSpec): void {
    this.#rows = new PendingRows();
    this.#fresh = null;
    this.current = record;
    this.#spec = spec;
    this.#rows.adopt(rows);
  }

  async goesOn(update: number, numUpdates: number): Promise<void> {
    this.#rows.rewind(update);
    await this.#goesOn();
    if (this.current) await this.#write({ ...this.current, numUpdates, state: 'open' });
    else if (this.#fresh) this.#fresh = { ...this.#fresh, numUpdates };
  }

  async heard(event: RunEvent): Promise<void> {
    switch (event.type) {
      case 'update': {
        const { update, metrics, updateMs } = event;
        // Before a run begins or goes on, the policy is measured without metrics: that takes nothing back.
        if (Object.keys(metrics).length > 0 || !this.#rows.has(update)) this.#rows.note({ ...this.#rows.get(update), metrics, updateMs });
        break;
      }
      case 'samples':
        this.#rows.note({ ...this.#rows.get(event.update), samples: event.samples });
        break;
      case 'checkpoint':
        await this.#checkpoint(event.checkpoint);
        break;
      case 'warming':
      case 'paused':
      case 'resumed':
        break;
      default:
        event satisfies never;
    }
  }

  ended(outcome: RunOutcome): void {
    if (this.current) void this.#write({ ...this.current, state: outcome.type });
    this.#release();
  }

  /** Changes a part of the run on the page, in its turn among the writings. */
  async patch(patch: RunPatch): Promise<void> {
    if (!this.current) return;
    const { id } = (this.current = { ...this.current, ...patch });
    this.#changed(this.current);
    this.#writing = this.#writing.then(() => this.#store.patch(id, patch)).catch(() => undefined);
    await this.#writing;
  }

  /** The run on the page is not kept any more: if it goes on, it is a run of its own, of what comes then. */
  purged(): void {
    if (!this.current) return;
    const { id, update } = this.current;
    this.#fresh = { ...this.current, id: crypto.randomUUID(), createdAt: isoNow(), snapshots: [], parent: { id, update } };
    this.current = null;
  }

  /** Gives the run up without a word about how it ended, as a closed tab does. */
  abandon(): void {
    this.#release();
  }

  /** Resolves when everything is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #goesOn(): Promise<void> {
    this.#release();
    const id = (this.current ?? this.#fresh)?.id;
    if (id !== undefined) this.#release = holdRun(id);
    this.#budgetBytes = await this.#store.budget();
  }

  async #checkpoint(checkpoint: RunCheckpoint): Promise<void> {
    const record = this.current ?? this.#fresh;
    if (!record) return;
    const { update, spec } = checkpoint;
    const what = this.#spec ? settingsDiff(this.#spec, spec) : [];
    this.#spec = spec;
    const bytes = checkpointBytes(checkpoint);
    const snapshots = [...record.snapshots.filter((one) => one < update), update];
    const drop = superfluous(snapshots, update, fitting(this.#budgetBytes, bytes));
    const later = record.snapshots.filter((one) => one > update); // of a future that was taken back
    await this.#write(
      {
        ...record,
        update,
        state: 'open',
        changes: what.length > 0 ? [...record.changes, { update: Math.max(0, update - 1), what }] : record.changes,
        last: this.#rows.has(update) ? this.#rows.get(update).metrics : record.last,
        snapshots: snapshots.filter((one) => !drop.includes(one)),
        checkpointBytes: bytes,
      },
      checkpoint,
      [...drop, ...later],
    );
  }

  async #write(record: RunRecord, checkpoint?: RunCheckpoint, drop: readonly number[] = []): Promise<void> {
    this.current = record;
    this.#fresh = null;
    this.#changed(record);
    const rows = this.#rows.take(record.update);
    const writing = this.#writing.then(() =>
      this.#store.write({ record, rows, drop, ...(checkpoint ? { checkpoints: [checkpoint] } : {}) }),
    );
    this.#writing = writing.catch(() => undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.#writing, new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))]);
    clearTimeout(timer);
  }
}
