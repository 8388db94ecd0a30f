/**
 * @file Runs that last, on the built page in a real Chromium with real training on wasm: interrupted by a reload and
 * continued to the same bytes, looked at in the past, branched, exported and imported, and swept.
 */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, describe, expect, test } from 'vitest';
import { openPage, type OpenedPage, type OpenPageOptions } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

const NUM_UPDATES = 8;
const RUN = `engine=wasm&${TINY_RUN}&grpo.numUpdates=${NUM_UPDATES}`;

let opened: OpenedPage;
afterEach(() => opened.close());

async function open(suffix = `#${RUN}`, context?: OpenPageOptions['context']): Promise<void> {
  opened = await openPage({ suffix, before: serveTinyFamily, ...(context ? { context } : {}) });
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

const goTo = (name: string) => opened.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click();
const openFirst = () => opened.page.getByTestId('run-row').first().getByRole('button', { expanded: false }).first().click();

describe('the past of a run', () => {
  test('is looked at by keyboard, talks, and branches into a run of its own', async () => {
    await open();
    await train();
    await goTo('Runs');
    await openFirst();
    const { page } = opened;
    await page.getByTestId('timeline').focus();
    await page.keyboard.press('Home');
    expect(await page.getByTestId('moment').innerText()).toBe('1');
    await page.keyboard.press('ArrowRight');
    expect(await page.getByTestId('moment').innerText()).toBe('2');
    await page.getByTestId('moment-prompt').fill('Hello!');
    await page.keyboard.press('Enter');
    const said = page.getByTestId('moment-answer').locator('.text');
    await said.waitFor({ timeout: 30_000 });
    const early = await said.innerText();
    await page.getByTestId('timeline').focus();
    await page.keyboard.press('End');
    await page.getByTestId('moment-prompt').focus();
    await page.keyboard.press('Enter');
    await page
      .getByTestId('moment-answer')
      .filter({ hasText: `after update ${NUM_UPDATES}` })
      .locator('.text')
      .waitFor();
    expect(await said.innerText()).not.toBe(early); // other weights, another answer

    await page.getByTestId('timeline').focus();
    await page.keyboard.press('Home');
    await page.getByTestId('branch').click();
    await finished();
    await expect
      .poll(async () => (await kept()).map(({ update }) => update).sort(), { timeout: 10_000 })
      .toEqual([NUM_UPDATES, NUM_UPDATES + 1]);
    const branch = (await kept()).find(({ parent }) => parent !== null)!;
    expect(branch.parent!.update).toBe(1);
    // Nothing was changed, so the branch went the way of its parent, one update further.
    const parent = (await kept()).find((one) => one.parent === null)!;
    expect(branch.rewards.slice(-NUM_UPDATES, -1)).toEqual(parent.rewards.slice(-NUM_UPDATES + 1));
    expect(opened.problems).toEqual([]);
  });
});

describe('a run in a file', () => {
  test('goes on in another browser to the same bytes', async () => {
    await open();
    await train();
    await expect.poll(async () => (await kept())[0]?.state, { timeout: 10_000 }).toBe('completed');
    const whole = (await kept())[0]!;
    await opened.close();

    await open();
    await opened.page.getByTestId('start-run').click();
    await updated(3);
    await opened.page.getByTestId('stop-run').click();
    await opened.page.getByTestId('continue-run').waitFor();
    await goTo('Runs');
    await openFirst();
    const [download] = await Promise.all([opened.page.waitForEvent('download'), opened.page.getByTestId('save-run').click()]);
    const file = { name: download.suggestedFilename(), mimeType: 'application/zip', buffer: await readFile(await download.path()) };
    await opened.close();

    await open(`#runs&engine=wasm`);
    await opened.page.getByTestId('import-run').setInputFiles({ ...file, buffer: file.buffer.subarray(0, 3000) });
    await opened.page.getByTestId('import-note').filter({ hasText: 'was not imported' }).waitFor();
    await opened.page.getByTestId('import-run').setInputFiles(file);
    await opened.page.getByTestId('import-note').filter({ hasText: 'It goes on when you say so' }).waitFor();
    expect(await kept()).toHaveLength(1);
    await openFirst();
    await opened.page.getByTestId('continue-kept').click();
    await finished();
    await expect.poll(async () => (await kept())[0]?.state, { timeout: 10_000 }).toBe('completed');
    expect((await kept())[0]!.digest).toBe(whole.digest);
    expect(opened.problems).toEqual([]);
  });
});

describe.each([
  ['wide, light', { width: 1440, height: 900 }, 'light'],
  ['tablet, dark', { width: 1024, height: 768 }, 'dark'],
  ['phone, light', { width: 390, height: 844 }, 'light'],
] as const)('the runs view: %s', (_, viewport, colorScheme) => {
  async function check() {
    const { violations } = await new AxeBuilder({ page: opened.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual([]);
    const overflow = await opened.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }

  test('has nothing for axe, empty, with a run looked at, and with a sweep’s runs compared', async () => {
    await open(`#runs&engine=wasm&${TINY_RUN}&grpo.numUpdates=2`, { viewport, colorScheme });
    await check();
    const { page } = opened;
    await page.getByTestId('sweep-values').fill('1, 2');
    await page.getByTestId('start-sweep').click();
    await page.getByTestId('sweep').getByText('2 of 2 runs done').waitFor({ timeout: 60_000 });
    await openFirst();
    await page.getByTestId('run-detail').waitFor();
    await check();
    for (const box of await page.getByTestId('run-row').getByRole('checkbox').all()) await box.check();
    await page.getByTestId('compare-runs').waitFor();
    await check();
    expect(opened.problems).toEqual([]);
  });
});
