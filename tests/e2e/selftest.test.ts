/**
 * @file The self-test on the built page in a real Chromium: every check passes on wasm, and the first dozen (a software
 * GPU takes its time) on WebGPU, where a browser without an adapter fails. The debug panel shows an update's work.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';

let opened: OpenedPage;
afterEach(() => opened.close());

/** What the page's report says of each check. */
async function report(): Promise<{ check: string; result: string; found: string }[]> {
  const text = await opened.page.evaluate(() => document.querySelector('[data-testid="selftest-report"]')?.textContent ?? '');
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| check'));
  return rows.map((row) => {
    const [, check, result, found] = row.split('|').map((part) => part.trim());
    return { check: check!, result: result!, found: found! };
  });
}

/** Waits until so many checks are done, or all. */
const done = (numChecks: number) =>
  opened.page.waitForFunction(
    (wanted) =>
      document.documentElement.dataset.state === 'done' ||
      document.querySelectorAll('[data-state="passed"], [data-state="failed"]').length >= wanted,
    numChecks,
    { timeout: 170_000 },
  );

test('on wasm every check passes, from the link in the page’s footer', async () => {
  opened = await openPage({ withWebgpu: false, suffix: '#engine=wasm', context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  await opened.page.getByRole('link', { name: /compute correctly on this device/ }).click();
  await done(Infinity);
  expect(await opened.page.getByTestId('selftest-summary').innerText()).toMatch(/^All \d+ checks passed\.$/);
  const rows = await report();
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter(({ result }) => result !== 'passed')).toEqual([]);
  await opened.page.getByRole('button', { name: 'Copy report' }).click();
  await opened.page.getByText('Copied.').waitFor();
  const copied = await opened.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^### Aftertrain self-test: All \d+ checks passed/);
  expect(copied).toContain('- engine: wasm, ');
  expect(copied).toMatch(/Matrix product \| passed \| .*GFLOP\/s/);
  const { violations } = await new AxeBuilder({ page: opened.page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual([]);
  expect(opened.problems).toEqual([]);
  expect(opened.foreignRequests).toEqual([]);
});

test('on WebGPU the first dozen checks pass: memory, training, texts, and agreement with wasm', async () => {
  opened = await openPage({ suffix: '?selftest' });
  await done(12);
  const rows = (await report()).slice(0, 12);
  expect(rows.map(({ check, result, found }) => (result === 'passed' ? result : `${check}: ${result}, ${found}`))).toEqual(
    Array(12).fill('passed'),
  );
  expect(rows.filter(({ check }) => check.startsWith('webgpu and wasm agree')).length).toBeGreaterThan(0);
  expect(opened.problems).toEqual([]);
});

test('with ?debug a panel shows what an update did, and can be closed from the keyboard', async () => {
  const settings = 'engine=wasm&grpo.promptsPerUpdate=1&grpo.groupSize=2&grpo.maxCompletionTokens=16&grpo.numUpdates=2';
  opened = await openPage({ suffix: `?debug#${settings}` });
  const { page } = opened;
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
  await page.getByTestId('start-run').click();
  const panel = page.getByTestId('debug-panel');
  await panel.getByText('update 2').waitFor({ timeout: 120_000 });
  expect(await panel.innerText()).toMatch(/train \d+×\d+/);
  expect(await page.getByTestId('debug-memory').innerText()).toMatch(/wasm heap \d/);
  await panel.getByRole('button', { name: 'Close' }).focus();
  await page.keyboard.press('Enter');
  await panel.waitFor({ state: 'detached' });
  expect(opened.problems).toEqual([]);
});
