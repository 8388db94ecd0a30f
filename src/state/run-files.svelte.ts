/**
 * @file Runs into files and out of them: what is offered to the reader. A file is read whole and checked before anything is
 * kept; an imported run never starts by itself.
 */
import { m } from '../messages/messages';
import type { RunCheckpoint, RunSpec } from '../protocol/run';
import { SHIPPED_REWARD_MODEL } from '../protocol/reward-lab';
import { MAX_RUN_FILE_BYTES, metricsCsv, metricsJson, readRunFile, readSpecText, writeRunFile, type CarriedRewardModel } from './run-files';
import type { RunRecord } from './runs-schema';
import type { RunStore } from './runs-store';

/** With this byte JSON begins, and no zip. */
const BRACE = 0x7b;

/** `checkpoint`: the run with where it goes on. `all`: with every kept moment besides. */
export type RunExport = 'csv' | 'json' | 'checkpoint' | 'all';

/** A name that every file system takes. */
const safeName = (text: string) =>
  text
    .replace(/[^\p{L}\p{N}. _-]+/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 80) || 'run';

/** Where neural reward models are kept. */
export interface RewardModelShelf {
  readonly items: readonly CarriedRewardModel[];
  readonly put: (model: CarriedRewardModel) => Promise<void>;
}

/** What runs are called, in the page's language. */
export interface RunTitles {
  readonly titleOf: (record: RunRecord) => string;
  readonly nameOf: (spec: RunSpec) => string;
}

/** Import and export. */
export class RunFiles {
  /** Why a file was refused, or what was imported; null when nothing is to be said. */
  note = $state<string | null>(null);
  refused = $state(false);
  reading = $state(false);

  #turn = 0;
  readonly #store: RunStore;
  readonly #imported: (record: RunRecord) => void;
  readonly #isKnown: (id: string) => boolean;
  readonly #rewardModels: () => Promise<RewardModelShelf>;
  readonly #setUp: (spec: RunSpec) => boolean;

  /** @param setUp sets the page up as a specification says; false while a run goes on */
  constructor(
    store: RunStore,
    imported: (record: RunRecord) => void,
    isKnown: (id: string) => boolean,
    rewardModels: () => Promise<RewardModelShelf>,
    setUp: (spec: RunSpec) => boolean,
  ) {
    this.#setUp = setUp;
    this.#rewardModels = rewardModels;
    this.#store = store;
    this.#imported = imported;
    this.#isKnown = isKnown;
  }

  /** Keeps the run of a file as a run of its own; a specification (JSON) sets the page up instead. Nothing starts. */
  async import(file: File, { titleOf, nameOf }: RunTitles): Promise<void> {
    const turn = ++this.#turn; // what is said is of the file chosen last
    this.reading = true;
    this.refused = false;
    this.note = null;
    const say = (note: string, refused: boolean) => {
      if (turn === this.#turn) [this.note, this.refused, this.reading] = [note, refused, false];
    };
    try {
      if (file.size > MAX_RUN_FILE_BYTES) throw new Error(m.runs_too_large_file({ gigabytes: MAX_RUN_FILE_BYTES / 1e9 }));
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (bytes[0] === BRACE) {
        const spec = readSpecText(new TextDecoder().decode(bytes));
        if (!this.#setUp(spec)) throw new Error(m.runs_busy());
        return say(m.runs_set_up({ file: file.name, name: nameOf(spec) }), false);
      }
      const { record, rows, checkpoints, rewardModel } = readRunFile(bytes);
      const id = this.#isKnown(record.id) ? crypto.randomUUID() : record.id;
      const state = record.update < record.numUpdates ? 'stopped' : 'completed';
      const kept: RunRecord = { ...record, id, state };
      await this.#store.write({ record: kept, rows, checkpoints });
      this.#imported(kept);
      const name = titleOf(kept);
      switch (await this.#keepRewardModel(kept, rewardModel)) {
        case 'there':
          return say(m.runs_imported({ name }), false);
        case 'came':
          return say(m.runs_imported_with_model({ name, model: rewardModel?.name ?? '' }), false);
        case 'lacking':
          return say(m.runs_imported_lacking({ name, model: kept.spec.rewardModel?.name ?? m.runs_a_neural_model() }), false);
      }
    } catch (error) {
      say(m.runs_not_imported({ file: file.name, why: error instanceof Error ? error.message : String(error) }), true);
    }
  }

  /** Puts the reward model that came with a run on the shelf, unless it is there. */
  async #keepRewardModel({ spec: { rewardModel: part } }: RunRecord, carried?: CarriedRewardModel): Promise<'there' | 'came' | 'lacking'> {
    if (!part || part.id === SHIPPED_REWARD_MODEL) return 'there';
    const shelf = await this.#rewardModels();
    if (shelf.items.some(({ id }) => id === part.id)) return 'there';
    if (carried?.id !== part.id) return 'lacking';
    await shelf.put(carried);
    return 'came';
  }

  /** Writes a run into a file of its title. @throws RangeError when there is nothing to write */
  async export(record: RunRecord, what: RunExport, title: string): Promise<File> {
    const name = safeName(title);
    const rows = await this.#store.rows(record.id);
    if (what === 'csv') return new File([metricsCsv(rows)], `${name}.csv`, { type: 'text/csv' });
    if (what === 'json') return new File([metricsJson({ record, rows })], `${name}.json`, { type: 'application/json' });
    const wanted = what === 'all' ? record.snapshots : [record.update];
    const checkpoints: RunCheckpoint[] = [];
    for (const update of wanted) {
      const checkpoint = await this.#store.checkpoint(record.id, update);
      if (checkpoint) checkpoints.push(checkpoint);
    }
    if (checkpoints.length === 0) throw new RangeError(m.runs_chat_unread());
    const upTo = rows.filter(({ update }) => update <= checkpoints.at(-1)!.update);
    const { rewardModel: part } = record.spec;
    const rewardModel = part && (await this.#rewardModels()).items.find(({ id }) => id === part.id);
    return new File(
      [writeRunFile({ record, rows: upTo, checkpoints, ...(rewardModel ? { rewardModel } : {}) })],
      `${name}.aftertrain-run.zip`,
      { type: 'application/zip' },
    );
  }
}
