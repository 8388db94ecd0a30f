/**
 * @file Runs that last, on the built page in a real Chromium with real training on wasm: interrupted by a reload and
 * continued to the same bytes, looked at in the past, branched, exported and imported, and swept.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

const NUM_UPDATES = 8;
const RUN = `engine=wasm&${TINY_RUN}&grpo.numUpdates=${NUM_UPDATES}`;

let opened: OpenedPage;
afterEach(() => opened.close());

async function open(suffix = `#${RUN}`): Promise<void> {
  opened = await openPage({ suffix, before: serveTinyFamily });
  await ready();
}

const ready = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
const updated = (update: number) =>
  opened.page.waitForFunction((wanted) => Number(document.querySelector('[data-testid="update-count"]')?.textContent) >= wanted, update, {
    timeout: 120_000,
  });
const finished = () => opened.page.locator('.controls', { hasText: 'finished' }).waitFor({ timeout: 120_000 });

/** What the browser has kept: of each run its state, updates and rows, and the digest of its last checkpoint. */
function kept() {
  return opened.page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('aftertrain');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('no database'));
    });
    const all = <T>(table: string) =>
      new Promise<T[]>((resolve) => {
        const request = database.transaction(table).objectStore(table).getAll();
        request.onsuccess = () => resolve(request.result as T[]);
      });
    interface Kept {
      state: string;
      update: number;
      snapshots: number[];
      parent: { update: number } | null;
    }
    const runs = await all<{ id: string; body: Kept }>('runs');
    const checkpoints = await all<{ runId: string; update: number; body: Record<'theta' | 'm' | 'v', Float32Array<ArrayBuffer>> }>(
      'runCheckpoints',
    );
    const rows = await all<{ runId: string; update: number; body: { metrics: { reward?: number } } }>('runRows');
    database.close();
    return Promise.all(
      runs.map(async ({ id, body: { state, update, snapshots, parent } }) => {
        const last = checkpoints.find((one) => one.runId === id && one.update === update)!;
        const bytes = new Blob([last.body.theta, last.body.m, last.body.v]);
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await bytes.arrayBuffer()));
        const own = rows.filter(({ runId }) => runId === id).sort((a, b) => a.update - b.update);
        return {
          state,
          update,
          snapshots,
          parent,
          digest: [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
          rewards: own.map((row) => row.body.metrics.reward),
          stored: checkpoints.filter(({ runId }) => runId === id).map((one) => one.update),
        };
      }),
    );
  });
}

/** Trains a run to its end. */
async function train(): Promise<void> {
  await opened.page.getByTestId('start-run').click();
  await finished();
}

describe('a run', () => {
  test('goes on after a reload where it was, when told to, and ends in the same bytes as one left alone', async () => {
    await open();
    await train();
    await expect.poll(async () => (await kept())[0]?.state, { timeout: 10_000 }).toBe('completed');
    const [whole] = await kept();
    expect(whole!.update).toBe(NUM_UPDATES);
    expect(whole!.stored).toEqual(whole!.snapshots);
    await opened.close();

    await open();
    await opened.page.getByTestId('start-run').click();
    await updated(3);
    const shown = Number(await opened.page.getByTestId('update-count').innerText());
    await opened.page.reload();
    await ready();
    const offer = opened.page.getByTestId('unfinished-run');
    await offer.waitFor();
    const [interrupted] = await kept();
    expect(interrupted!.state).toBe('open');
    expect(interrupted!.update).toBeGreaterThanOrEqual(shown - 1); // at most one update is lost
    expect(interrupted!.update).toBeLessThan(NUM_UPDATES);
    expect(await opened.page.getByTestId('update-count').innerText()).toBe('0'); // it does not go on by itself

    await opened.page.getByTestId('continue-unfinished').click();
    await finished();
    await expect.poll(async () => (await kept())[0]?.state, { timeout: 10_000 }).toBe('completed');
    const all = await kept();
    expect(all).toHaveLength(1);
    expect(all[0]!.digest).toBe(whole!.digest);
    expect(all[0]!.rewards).toEqual(whole!.rewards);
    expect(await offer.count()).toBe(0);
    expect(opened.problems).toEqual([]);
  });
});
