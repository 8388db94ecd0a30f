/** @file A page whose runs are kept in a real IndexedDB of its own, with a trainer that does what the test says; for tests of kept runs. */
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { AppState } from '../../src/state/app.svelte';
import type { RunRecord } from '../../src/state/runs-schema';
import { Storage } from '../../src/state/storage.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { runTo, TrainerDouble } from './trainer-double';

const opened: { storage: Storage; name: string }[] = [];

/** Closes and deletes every storage that a test opened. */
export async function closeStorages(): Promise<void> {
  for (const { storage } of opened) storage.close();
  for (const { name } of opened.splice(0)) {
    await new Promise((resolve) =>
      Object.assign(indexedDB.deleteDatabase(name), { onsuccess: resolve, onerror: resolve, onblocked: resolve }),
    );
  }
}

/** A storage that the test need not close. */
export function storageCalled(name: string): Storage {
  const storage = new Storage(name);
  opened.push({ storage, name });
  return storage;
}

/** Three updates, and done. */
export const COMPLETES: TrainerApi['run'] = runTo(3, () => Promise.resolve({ type: 'completed', update: 3 }));

/** A page whose runs are kept under a name, of three updates each, with everything loaded. */
export async function keptPage(overrides: Partial<TrainerApi> = { run: COMPLETES }, name = `test-${crypto.randomUUID()}`) {
  const trainer = new TrainerDouble(overrides);
  const storage = storageCalled(name);
  const app = new AppState(new TrainerClient(trainer.start), storage);
  const runs = await app.openRuns();
  app.run.set('numUpdates', 3);
  await app.load();
  return { trainer, app, runs, storage, name };
}

/** A specification of GRPO with its defaults, but for what is given. */
export const specOf = (changes: Partial<RunSpec> = {}): RunSpec =>
  ({ stage: 'grpo', seed: 1, start: 'sft', reward: { correctness: 1 }, config: GRPO_DEFAULTS, fixedPrompts: [], ...changes }) as RunSpec;

/** A finished run of three updates, but for what is given. */
export function recordOf(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    name: id,
    createdAt: `2026-01-01T00:00:00.00${id.length % 10}Z`,
    spec: specOf(),
    numUpdates: 3,
    update: 3,
    state: 'completed',
    parent: null,
    changes: [],
    last: {},
    snapshots: [3],
    checkpointBytes: 48,
    sweep: null,
    ...changes,
  };
}

/** A checkpoint whose every number is its update. */
export function checkpointOf(update: number, spec = specOf()): RunCheckpoint {
  const vector = () => new Float32Array(4).fill(update);
  return { spec, update, theta: vector(), m: vector(), v: vector() };
}
