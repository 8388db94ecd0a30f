/**
 * @file The page as an installed site in a real Chromium: with the network off, on hosts without headers, and when a new
 * version comes. The server is really gone, or really another's; the engine, the models and the training are real.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { distFolder } from '../../tools/ensure-build.mjs';
import { parseLargeFiles, type LargePart } from '../../src/protocol/offline';
import { openPage, type OpenedPage } from './browser';

/** The processor's engine, and a run of a second or so an update. */
const LINK = '#engine=wasm&maxTokens=12&grpo.numUpdates=2&grpo.groupSize=2&grpo.promptsPerUpdate=1&grpo.maxCompletionTokens=12';
const largeFiles = () => parseLargeFiles(JSON.parse(readFileSync(join(distFolder, 'large-files.json'), 'utf8')));

let opened: OpenedPage | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

const ready = (page: Page) => page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 60_000 });

/** The bytes of each part that are kept, by the file names in the cache itself. */
async function keptParts(page: Page): Promise<Set<LargePart>> {
  const urls = await page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.includes('-large-'));
    const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return keys.flat().map(({ url }) => url);
  });
  const isKept = (path: string) => urls.some((url) => url.includes(`/${path}?sha256=`));
  const parts = new Set(largeFiles().map(({ part }) => part));
  for (const { path, part } of largeFiles()) if (!isKept(path)) parts.delete(part);
  return parts;
}

const keeps = (page: Page, part: LargePart) => expect.poll(async () => (await keptParts(page)).has(part), { timeout: 60_000 }).toBe(true);

/** The page, its service worker in charge, with what this visit used on this device. */
async function visited(page: Page): Promise<void> {
  await ready(page);
  await keeps(page, 'wasm');
  for (const { part } of largeFiles()) if (part.startsWith('models/s')) await keeps(page, part);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

async function answered(page: Page, model: string): Promise<void> {
  const column = `[data-testid="column-${model}"]`;
  await page.waitForFunction((selector) => document.querySelector<HTMLElement>(selector)?.dataset.status === 'done', column, {
    timeout: 60_000,
  });
}

describe('with the network off after one visit', () => {
  test('the page answers, ranks, trains and shows its other views', async () => {
    opened = await openPage({ serviceWorker: true, suffix: LINK });
    const { page } = opened;
    await visited(page);
    await opened.stopServer();
    await page.reload();
    await ready(page);
    for (const model of ['base', 'sft', 'rlhf']) await answered(page, model);
    await page.getByTestId('ranking').locator('> li').first().waitFor({ timeout: 30_000 });
    await page.getByTestId('start-run').click();
    await page.waitForFunction(() => document.querySelector('[data-testid="update-count"]')?.textContent === '2', null, {
      timeout: 60_000,
    });
    await answered(page, 'yours');
    for (const view of ['Label', 'Reward models', 'Lab', 'Runs', 'World', 'Models']) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view, exact: true }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    expect(await page.getByText('could not be fetched').count()).toBe(0);
    expect(opened.problems).toEqual([]);
  });

  test('what is kept is told, completed when asked, and deleted when asked', async () => {
    opened = await openPage({ serviceWorker: true, suffix: LINK });
    const { page } = opened;
    await visited(page);
    await page.getByTestId('status-chip').click();
    const section = page.getByTestId('offline');
    await expect.poll(() => section.getByTestId('offline-wasm').innerText()).toBe('14.3 MB, kept');
    expect(await section.getByTestId('offline-webgpu').innerText()).toBe('26.8 MB, not kept');
    await section.getByTestId('make-available').click();
    await section.getByText('Everything is kept on this device').waitFor({ timeout: 60_000 });
    expect(await keptParts(page)).toEqual(new Set(largeFiles().map(({ part }) => part)));
    await section.getByTestId('delete-kept').click();
    await expect.poll(() => section.getByTestId('offline-webgpu').innerText()).toBe('26.8 MB, not kept');
    expect(await keptParts(page)).toEqual(new Set());
    expect(opened.problems).toEqual([]);
  });
});

describe('on a host that sends no headers, under a path', () => {
  /** Documents loaded in the page. */
  function countLoads(page: Page): { loads: number } {
    const count = { loads: 0 };
    page.on('domcontentloaded', () => (count.loads += 1));
    return count;
  }
  const HOST = { isolated: false, basePath: '/some/project/', serviceWorker: true, suffix: LINK };

  test('the page is cross-origin isolated after one reload of its own, and wasm has threads', async () => {
    let count = { loads: 0 };
    opened = await openPage({ ...HOST, before: async (page) => void (count = countLoads(page)) });
    const { page } = opened;
    // Nothing is asked of the page before: to the browser, what DevTools evaluates in it is a touch.
    await expect.poll(() => count.loads, { timeout: 60_000 }).toBe(2);
    await page.waitForFunction(() => crossOriginIsolated, null, { timeout: 60_000 });
    await ready(page);
    expect(await page.getByTestId('status-chip').innerText()).toMatch(/[2-4] threads/);
    await answered(page, 'rlhf');
    expect(count.loads).toBe(2);
    expect(new URL(page.url()).hash).toContain('engine=wasm');
    expect(opened.problems).toEqual([]);
  });

  test('a browser that will not be isolated is reloaded once, not again and again', async () => {
    let count = { loads: 0 };
    opened = await openPage({
      ...HOST,
      before: async (page) => {
        count = countLoads(page);
        await page.addInitScript(() => Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false }));
      },
    });
    const { page } = opened;
    await expect.poll(() => count.loads, { timeout: 60_000 }).toBe(2);
    await ready(page);
    await answered(page, 'rlhf');
    expect(count.loads).toBe(2);
  });

  test('a page that has been touched is not reloaded', async () => {
    let count = { loads: 0 };
    opened = await openPage({ ...HOST, before: async (page) => void (count = countLoads(page)) });
    const { page } = opened;
    await page.mouse.click(5, 5);
    await visited(page);
    await answered(page, 'rlhf');
    expect(count.loads).toBe(1);
    await page.reload();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });
});

describe('when a new version comes', () => {
  let folder: string | undefined;
  afterEach(() => folder !== undefined && rmSync(folder, { recursive: true, force: true }));

  /** Puts another build on the host: another page, and a service worker that lists it. */
  function deploy(into: string, build: number): void {
    const file = (name: string) => join(into, name);
    writeFileSync(
      file('index.html'),
      readFileSync(join(distFolder, 'index.html'), 'utf8').replace('<title>', `<meta name="build" content="${build}"><title>`),
    );
    const worker = readFileSync(join(distFolder, 'service.worker.js'), 'utf8');
    const listed = worker.replace(
      /("revision":")[0-9a-f]{32}(","url":"index\.html")/,
      (_, before: string, after: string) => before + String(build).padStart(32, '0') + after,
    );
    expect(listed).not.toBe(worker);
    writeFileSync(file('service.worker.js'), listed);
  }
  const build = (page: Page) => page.evaluate(() => document.querySelector<HTMLMetaElement>('meta[name=build]')?.content ?? null);

  test('the page asks, again after a plain reload, never reloads a run, and takes it when told to', async () => {
    folder = mkdtempSync(join(tmpdir(), 'aftertrain-site-'));
    cpSync(distFolder, folder, { recursive: true });
    opened = await openPage({ serviceWorker: true, folder, suffix: LINK.replace('numUpdates=2', 'numUpdates=200') });
    const { page } = opened;
    await visited(page);
    deploy(folder, 2);
    await page.reload();
    await ready(page);
    expect(await build(page)).toBe(null);
    const notice = page.getByTestId('update-notice');
    await notice.waitFor({ timeout: 30_000 });

    await answered(page, 'rlhf');
    await page.getByTestId('start-run').click();
    await notice.getByRole('button', { name: 'Load it when the run has ended' }).click();
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="update-count"]')?.textContent) >= 1, null, {
      timeout: 60_000,
    });
    expect(await build(page)).toBe(null);
    await page.getByTestId('stop-run').click();
    await expect.poll(() => build(page).catch(() => null), { timeout: 30_000 }).toBe('2');

    await ready(page);
    deploy(folder, 3);
    await page.reload();
    await notice.waitFor({ timeout: 30_000 });
    expect(await build(page)).toBe('2');
    await page.reload();
    await notice.waitFor({ timeout: 30_000 });
    expect(await build(page)).toBe('2');
    await page.getByTestId('take-update').click();
    await expect.poll(() => build(page).catch(() => null), { timeout: 30_000 }).toBe('3');
    await ready(page);
    expect(await notice.count()).toBe(0);
    expect(opened.problems).toEqual([]);
  });
});

test('the page can be installed', async () => {
  opened = await openPage({ serviceWorker: true, suffix: LINK });
  const { page } = opened;
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
  const devtools = await page.context().newCDPSession(page);
  const { errors, data } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(JSON.parse(data!)).toMatchObject({ name: 'Aftertrain', start_url: './', display: 'standalone' });
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  // The one thing that stands in the way is the test's own browser window, which keeps nothing.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
});
