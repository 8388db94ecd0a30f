/**
 * @file Sweeps and what is made of runs, on the built page in a real Chromium with real training on wasm: a sweep that a
 * reload breaks off, the tree of checkpoints, room given back, measurements and charts as files, links that start nothing.
 */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, describe, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

const ready = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });

async function open(numUpdates: number, more = ''): Promise<void> {
  opened = await openPage({ suffix: `#runs&engine=wasm&${TINY_RUN}&grpo.numUpdates=${numUpdates}${more}`, before: serveTinyFamily });
  await ready();
}

const rows = () => opened.page.getByTestId('run-row');
const openFirst = () => rows().first().getByRole('button', { expanded: false }).first().click();

async function sweep(values: string, numRuns: number): Promise<void> {
  await opened.page.getByTestId('sweep-values').fill(values);
  await opened.page.getByTestId('start-sweep').click();
  await opened.page
    .getByTestId('sweep')
    .getByText(new RegExp(`${numRuns} of ${numRuns} runs? done`))
    .waitFor({ timeout: 90_000 });
}

async function saved(click: () => Promise<void>): Promise<{ name: string; text: string; bytes: Buffer }> {
  const [download] = await Promise.all([opened.page.waitForEvent('download'), click()]);
  const bytes = await readFile(await download.path());
  return { name: download.suggestedFilename(), text: bytes.toString('utf8'), bytes };
}

describe('a sweep', () => {
  test('goes on after a reload where it was, when told to, and trains each value once', async () => {
    await open(12);
    const { page } = opened;
    await page.getByTestId('sweep-values').fill('3, 4');
    await page.getByTestId('start-sweep').click();
    await page.getByTestId('sweep-items').getByText('Seed 4: training, update').waitFor({ timeout: 90_000 });
    await page.reload();
    await ready();
    await page.getByTestId('interrupted-sweep').filter({ hasText: 'after 1 of 2 runs' }).waitFor();
    await page.waitForTimeout(500);
    expect(await page.getByTestId('sweep').getByText('training').count()).toBe(0); // it does not go on by itself
    await page.getByTestId('resume-sweep').click();
    await page.getByTestId('sweep').getByText('2 of 2 runs done').waitFor({ timeout: 90_000 });
    expect(await rows().count()).toBe(2);
    for (const row of await rows().all()) expect(await row.innerText()).toContain('update 12 of 12, completed');
    expect((await rows().allInnerTexts()).join()).toMatch(/Seed 4.*Seed 3|Seed 3.*Seed 4/s);
    await page.reload();
    await ready();
    expect(await page.getByTestId('interrupted-sweep').count()).toBe(0);
    expect(opened.problems).toEqual([]);
  });
});

describe('the charts of the playground', () => {
  test.each([
    ['dark', 1024],
    ['light', 390],
  ] as const)('can be drawn along time, smoothed and logarithmic, and show nothing to axe: %s, %d wide', async (colorScheme, width) => {
    opened = await openPage({
      suffix: `#engine=wasm&${TINY_RUN}&grpo.numUpdates=3`,
      before: serveTinyFamily,
      context: { colorScheme, viewport: { width, height: 800 } },
    });
    await ready();
    const { page } = opened;
    await page.getByTestId('start-run').click();
    await page.locator('.controls', { hasText: 'finished' }).waitFor({ timeout: 60_000 });
    expect(await page.getByTestId('run-cost').innerText()).toMatch(/^So far \d+.* tokens, .* GFLOPs, .* s of training\.$/);
    const options = page.getByTestId('chart-options');
    await options.getByLabel('Along').selectOption('time');
    await options.getByLabel('logarithmic').check();
    await options.getByRole('slider').press('End');
    const cursor = page.getByRole('slider', { name: /^Read Length/ });
    await cursor.press('End');
    await expect.poll(() => cursor.getAttribute('aria-valuetext')).toMatch(/^update 3: [\d.]+ \(seconds [\d.]+\)$/);
    const { violations } = await new AxeBuilder({ page }).include('#train').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    expect(opened.problems).toEqual([]);
  });
});

describe('what was trained', () => {
  test('is a tree of checkpoints, its moments open from it, and its room is given back', async () => {
    await open(4);
    await sweep('1, 2', 2);
    const { page } = opened;
    await page.getByTestId('lineage').locator('.moment').first().click();
    await page.getByTestId('run-detail').waitFor();
    expect(await page.getByTestId('moment').innerText()).toBe('1');
    await page.getByTestId('branch').click(); // from update 1; the playground shows it
    await page.locator('.controls', { hasText: 'finished' }).waitFor({ timeout: 60_000 });
    await page.getByRole('navigation').first().getByRole('link', { name: 'Runs' }).click();
    await page.getByTestId('lineage').locator('path.branch').waitFor({ state: 'attached' });
    expect(await rows().count()).toBe(3);

    const thin = page.getByTestId('thin-runs');
    expect(await thin.innerText()).toContain('all runs');
    await thin.click();
    expect(await thin.innerText()).toContain('cannot be undone');
    await thin.click();
    await expect.poll(() => thin.count()).toBe(0);
    expect(await page.getByTestId('lineage').locator('.moment').count()).toBe(3);

    await rows().first().getByRole('checkbox').check();
    await page.getByTestId('delete-ticked').click();
    await expect.poll(() => rows().count()).toBe(2);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Undo');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows().count()).toBe(3);
    expect(opened.problems).toEqual([]);
  });

  test('is named by keyboard, and the focus comes back', async () => {
    await open(2);
    await sweep('1', 1);
    const { page } = opened;
    const rename = rows()
      .first()
      .getByRole('button', { name: /^Rename/ });
    await rename.press('Enter');
    await page.keyboard.type('My first run');
    await page.keyboard.press('Enter');
    await rows().first().getByRole('button', { name: 'My first run', exact: true }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Rename My first run');
    await page.reload();
    await ready();
    await rows().first().getByRole('button', { name: 'My first run', exact: true }).waitFor();
  });

  test('goes into files: measurements as CSV and JSON, any chart as SVG and PNG', async () => {
    await open(3);
    await sweep('1', 1);
    await openFirst();
    const { page } = opened;
    const csv = await saved(() => page.getByRole('button', { name: 'Metrics, CSV' }).click());
    expect(csv.name).toMatch(/\.csv$/);
    expect(csv.text.split('\n')[0]).toMatch(/^update,update_ms,.*reward/);
    expect(csv.text.trim().split('\n')).toHaveLength(5); // the header, the policy before, three updates
    const json = JSON.parse((await saved(() => page.getByRole('button', { name: 'Metrics and settings, JSON' }).click())).text) as {
      updates: unknown[];
    };
    expect(json.updates).toHaveLength(4);

    await page.getByTestId('chart-metric').selectOption({ label: 'Gradient norm' });
    const svg = await saved(() => page.getByRole('button', { name: 'Save the chart Gradient norm as SVG' }).click());
    expect(svg.name).toMatch(/\.svg$/);
    expect(svg.text).toMatch(/^<svg[^>]*>.*<path/s);
    expect(svg.text).not.toContain('var(--');
    const png = await saved(() => page.getByRole('button', { name: 'Save the chart Gradient norm as PNG' }).click());
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(opened.problems).toEqual([]);
  });

  test('has a link that sets another page up alike and starts nothing', async () => {
    await open(3, '&grpo.klCoef=0.2');
    await sweep('7', 1);
    await openFirst();
    const link = await opened.page.getByTestId('run-link').getAttribute('href');
    expect(link).toContain('grpo.klCoef=0.2');
    expect(link).toContain('runSeed=7');
    await opened.page.goto(opened.url + link);
    await opened.page.reload();
    await ready();
    await opened.page.waitForTimeout(500);
    expect(await opened.page.getByTestId('update-count').innerText()).toBe('0');
    expect(opened.page.url()).toContain('runSeed=7');
    await opened.page.goto(`${opened.url}#engine=wasm&grpo.klCoef=javascript:alert(1)&runSeed=1e99`);
    await opened.page.getByText('KL weight in the link could not be read').waitFor();
  });

  test('shows nothing to axe with a tree, a moment and its files on screen', async () => {
    await open(2);
    await sweep('1, 2', 2);
    await opened.page.getByTestId('lineage').locator('.moment').first().click();
    await opened.page.getByTestId('run-detail').waitFor();
    const { violations } = await new AxeBuilder({ page: opened.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual([]);
  });
});
