/**
 * @file The page that is one file, opened from disk in a real Chromium: no server, nothing beside it, and no request but for what
 * it carries. Engine, models and training are real.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chromiumFlags, findBrowser } from '../../tools/ensure-browser.mjs';
import { exportFolder } from '../../tools/commands/export';
import { distFolder, ensureSingleFile, singleFile } from '../../tools/ensure-build.mjs';
import { tinyFamily } from '../helpers/tiny-family';

/** A run of a second or so an update. */
const RUN = 'maxTokens=16&grpo.numUpdates=2&grpo.groupSize=2&grpo.promptsPerUpdate=1&grpo.maxCompletionTokens=12';

/** A folder with nothing else in it, and with letters that addresses must encode. */
let folder = '';
let browser: Browser;
let page: Page;
let problems: string[] = [];
let asked: string[] = [];

beforeAll(async () => {
  ensureSingleFile();
  folder = mkdtempSync(join(tmpdir(), 'a class’s stick #1 '));
  const html = readFileSync(singleFile, 'utf8');
  writeFileSync(join(folder, 'aftertrain.html'), html);
  writeFileSync(join(folder, 'tiny-aftertrain.html'), await withTinyFamily(html));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => browser.close());

/** The same file with the tiny family in place of the shipped models: a software GPU trains it in seconds. */
async function withTinyFamily(html: string): Promise<string> {
  const site = await tinyFamily((path) => Promise.resolve(new Uint8Array(readFileSync(join(distFolder, 'models', path)))));
  const blocks = [...site].map(
    ([path, bytes]) => `<script type="application/gzip+base64" data-paths="models/${path}">${gzipSync(bytes).toString('base64')}</script>`,
  );
  return html
    .replace(/<script type="application\/gzip\+base64" data-paths="models\/[^<]*<\/script>/g, '')
    .replace('</body>', () => `${blocks.join('')}</body>`);
}

async function open(fragment: string, file = 'aftertrain.html'): Promise<void> {
  [problems, asked] = [[], []];
  browser = await chromium.launch({ executablePath: await findBrowser(), args: chromiumFlags });
  page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.context().on('request', (request) => asked.push(request.url()));
  await page.goto(`${pathToFileURL(join(folder, file)).href}#${fragment}`);
}

const answered = (model: string) =>
  page.waitForFunction((id) => document.querySelector<HTMLElement>(`[data-testid="column-${id}"]`)?.dataset.status === 'done', model, {
    timeout: 120_000,
  });

async function trained(): Promise<void> {
  await page.getByTestId('start-run').click();
  await page.waitForFunction(() => document.querySelector('[data-testid="update-count"]')?.textContent === '2', null, {
    timeout: 120_000,
  });
  await answered('yours');
}

/** Its own document, and blobs of its own making. */
const foreign = () => asked.filter((url) => !url.startsWith('blob:null/') && !url.includes('aftertrain.html'));

describe('opened from disk', () => {
  test('on the processor it answers, ranks, trains and shows what was measured', async () => {
    await open(`engine=wasm&${RUN}`);
    for (const model of ['base', 'sft', 'rlhf']) await answered(model);
    await page.getByTestId('ranking').locator('> li').first().waitFor();
    await trained();
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Models', exact: true }).click();
    await page.getByText('reward-model', { exact: false }).first().waitFor();
    await page.getByTestId('status-chip').click();
    expect(await page.getByTestId('offline').innerText()).toContain('on this device already');
    expect(problems).toEqual([]);
    expect(foreign()).toEqual([]);
  });

  test('it runs models from folders, and says that it asks no hub', async () => {
    const model = join(folder, 'sft');
    exportFolder('public/models/s/sft', model);
    await open('models&engine=wasm');
    await page.getByTestId('others-choose').click();
    await page.getByTestId('others-no-hub').waitFor();
    await page.getByTestId('others-folder-instruct').setInputFiles(model);
    await page.getByTestId('others-load').click();
    await page.getByTestId('others-ask').click({ timeout: 120_000 });
    await page.locator('[data-testid=others-instruct][data-status=done]').waitFor({ timeout: 120_000 });
    expect(await page.getByTestId('others-instruct').innerText()).toContain('Ingredients');
    expect(problems).toEqual([]);
    expect(foreign()).toEqual([]);
  });

  test('on WebGPU it answers and trains', async () => {
    await open(`engine=webgpu&${RUN}`, 'tiny-aftertrain.html');
    await answered('rlhf');
    expect(await page.getByTestId('status-chip').innerText()).toContain('WebGPU');
    await trained();
    expect(problems).toEqual([]);
    expect(foreign()).toEqual([]);
  });
});

test('its policy lets no script, style or connection in that the file does not carry', async () => {
  const [, policy = ''] = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(readFileSync(singleFile, 'utf8')) ?? [];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
  await open('engine=wasm&maxTokens=16');
  const refused = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.wasRun = true';
    document.head.append(script);
    // Of its own accord: what DevTools itself evaluates may evaluate.
    const evaluated = await new Promise<boolean>((resolve) =>
      setTimeout(() => {
        try {
          resolve(new Function('return true')() as boolean);
        } catch {
          resolve(false);
        }
      }),
    );
    const fetched = await fetch('http://127.0.0.1:9/x').then(
      () => true,
      () => false,
    );
    return { ran: 'wasRun' in globalThis, evaluated, fetched };
  });
  expect(refused).toEqual({ ran: false, evaluated: false, fetched: false });
});
