/**
 * @file The folder of a run: `run.zip`, which the page imports and from which a run that was interrupted goes on;
 * `metrics.jsonl`, one line an update in TRL's names; and at the end `policy/`, a Hugging Face folder.
 *
 * A file is written beside its place and then moved there: whatever happens, the one before it or the new one is whole.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thetaToSafetensors } from '../../src/core/model/checkpoint';
import { toHuggingFaceConfig } from '../../src/core/model/config';
import type { FixedSample, RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import { readRunFile, writeRunFile } from '../../src/state/run-files';
import type { RunRecord, RunRow, RunState } from '../../src/state/runs-schema';
import { ClearError } from '../ensure-dependencies.mjs';
import { loadModelFolder, readModelFiles } from '../model-folder';

/** The run as one file. */
const RUN_FILE = 'run.zip';

/** What two specifications have in common that may go on from one another: all but how long, and how the run was set under way. */
const identityOf = ({ config, reward: _, ...rest }: RunSpec): string => JSON.stringify([rest, { ...config, numUpdates: 0 }]);

/** A run being written down. */
export class RunFolder {
  readonly #rows = new Map<number, RunRow>();
  readonly #samples = new Map<number, readonly FixedSample[]>();
  readonly #identity: Pick<RunRecord, 'id' | 'createdAt'>;
  checkpoint: RunCheckpoint | null = null;

  /** Opens a folder, with what an interrupted run left there. @throws ClearError when that was another run */
  constructor(
    readonly folder: string,
    readonly spec: RunSpec,
    readonly sweep: RunRecord['sweep'],
  ) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, RUN_FILE);
    this.#identity = { id: randomUUID(), createdAt: new Date().toISOString() };
    if (!existsSync(file)) return;
    const { record, rows, checkpoints } = readRunFile(readFileSync(file));
    if (identityOf(record.spec) !== identityOf(spec))
      throw new ClearError(`${folder} has another run: choose another folder, or remove it.`);
    this.#identity = { id: record.id, createdAt: record.createdAt };
    this.checkpoint = checkpoints.at(-1)!;
    for (const row of rows) this.#note(row);
  }

  #note(row: RunRow): void {
    this.#rows.set(row.update, row);
    if (row.samples) this.#samples.set(row.update, row.samples);
  }

  /** Metrics by update, from the beginning. */
  get rows(): readonly RunRow[] {
    const rows = [...this.#rows.values()].sort((a, b) => a.update - b.update);
    return rows.map((row) => ({ ...row, samples: this.#samples.get(row.update) ?? row.samples }));
  }

  /** Notes what the run says. */
  heard(event: RunEvent): void {
    if (event.type === 'samples') this.#samples.set(event.update, event.samples);
    if (event.type === 'checkpoint') this.checkpoint = event.checkpoint;
    // A run that goes on tells once more where it stands.
    if (event.type === 'update' && !this.#rows.has(event.update))
      this.#note({ update: event.update, metrics: event.metrics, updateMs: event.updateMs, samples: null });
  }

  /** Writes down everything up to the last checkpoint. */
  save(state: RunState): void {
    const { checkpoint, spec, sweep } = this;
    if (!checkpoint) return;
    const rows = this.rows.filter(({ update }) => update <= checkpoint.update);
    const vectors = [checkpoint, ...(checkpoint.critic ? [checkpoint.critic] : [])];
    const record: RunRecord = {
      ...this.#identity,
      name: '',
      spec,
      numUpdates: spec.config.numUpdates,
      update: checkpoint.update,
      state,
      parent: null,
      changes: [],
      last: rows.at(-1)?.metrics ?? {},
      snapshots: [checkpoint.update],
      checkpointBytes: vectors.reduce((sum, { theta }) => sum + 3 * theta.byteLength, 0),
      sweep,
    };
    this.#write(RUN_FILE, writeRunFile({ record, rows, checkpoints: [checkpoint] }));
    const lines = rows.map(({ update, updateMs, metrics }) => JSON.stringify({ update, update_ms: updateMs, ...metrics }));
    this.#write('metrics.jsonl', `${lines.join('\n')}\n`);
  }

  /** Writes the policy with the tokenizer of the model in `startFolder`, whose shape it has. */
  savePolicy(startFolder: string): void {
    const { config } = loadModelFolder(startFolder);
    mkdirSync(join(this.folder, 'policy'), { recursive: true });
    const files = new Map(readModelFiles(startFolder));
    files.set('config.json', new TextEncoder().encode(`${JSON.stringify(toHuggingFaceConfig(config, 'float32'), null, 1)}\n`));
    files.set('model.safetensors', thetaToSafetensors(config, this.checkpoint!.theta, 'float32'));
    for (const [name, bytes] of files) this.#write(join('policy', name), bytes);
  }

  #write(name: string, data: Uint8Array | string): void {
    const file = join(this.folder, name);
    writeFileSync(`${file}.part`, data);
    renameSync(`${file}.part`, file);
  }
}
