/**
 * @file A graphics device that goes away while a run trains on it: the page starts again by itself, and the second time in
 * a row on the processor. The device is destroyed from outside: the test's copy of the worker keeps it within reach.
 */
import { afterEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

/** Runs before the worker's own code. */
const KEEP_DEVICE = `
const requestDevice = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...wish) {
  return (globalThis.deviceOfTest = await requestDevice.apply(this, wish));
};
`;

async function keepDevice(page: Page): Promise<void> {
  await page.route('**/trainer.worker*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: KEEP_DEVICE + (await response.text()) });
  });
}

const count = async () => Number(await opened.page.getByTestId('update-count').innerText());
const updated = (update: number) =>
  opened.page.waitForFunction((wanted) => Number(document.querySelector('[data-testid="update-count"]')?.textContent) >= wanted, update, {
    timeout: 240_000,
  });

/** Destroys the device of the newest worker. @returns updates shown at that time */
async function loseDevice(): Promise<number> {
  const worker = opened.page
    .workers()
    .filter((each) => each.url().includes('trainer'))
    .at(-1)!;
  await worker.evaluate(() => (globalThis as unknown as { deviceOfTest: { destroy(): void } }).deviceOfTest.destroy());
  return count();
}

/** Waits for the sentence about the run. @returns the update it goes on from */
async function saidOfRun(text: string): Promise<number> {
  const note = opened.page.getByTestId('run-note').filter({ hasText: text });
  await note.waitFor({ timeout: 120_000 });
  return Number(/from update (\d+)/.exec(await note.innerText())?.[1]);
}

test('a run whose device is lost goes on by itself, and after a second loss in a row on the processor', async () => {
  opened = await openPage({
    suffix: `#engine=webgpu&grpo.numUpdates=12&${TINY_RUN}`,
    before: async (page) => {
      await serveTinyFamily(page);
      await keepDevice(page);
    },
  });
  const { page } = opened;
  await page.waitForFunction(() => document.querySelector<HTMLElement>('[data-testid="column-rlhf"]')?.dataset.status === 'done', null, {
    timeout: 120_000,
  });
  const answers = () => Promise.all(['base', 'sft', 'rlhf'].map((model) => page.getByTestId(`text-${model}`).innerText()));
  const before = await answers();
  await page.getByTestId('start-run').click();

  await updated(2);
  const reached = await loseDevice();
  expect(await saidOfRun('The graphics device was lost; the engine was started again')).toBeGreaterThanOrEqual(reached - 1);
  await updated(reached + 1);
  expect(await page.getByTestId('status-chip').innerText()).not.toContain('wasm');

  const reachedNow = await loseDevice();
  expect(await saidOfRun('failed twice in a row')).toBeGreaterThanOrEqual(reachedNow - 1);
  await updated(12);
  await page.getByText('finished', { exact: false }).first().waitFor();
  expect(await page.getByTestId('status-chip').innerText()).toContain('wasm');
  expect(await page.getByTestId('error-banner').count()).toBe(0);
  expect(await answers()).toEqual(before);
}, 600_000);
