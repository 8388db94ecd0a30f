/**
 * @file What leaves the built page and what comes back, in a real Chromium: the zip for TRL, made by a click and looked into, and the
 * whole workspace in one file, wiped here and brought back; a damaged file is refused and changes nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, describe, expect, test } from 'vitest';
import { loadModel } from '../../src/core/model/loaded-model';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

let opened: OpenedPage;
let folder: string | undefined;
afterEach(async () => {
  await opened.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
});

const ready = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });

async function open(view: string): Promise<void> {
  opened = await openPage({ suffix: `#${view}&engine=wasm&${TINY_RUN}&grpo.numUpdates=2`, before: serveTinyFamily });
  await ready();
}

/** Trains the run of the link to its end and shows the kept runs. */
async function train(): Promise<void> {
  await opened.page.getByTestId('start-run').click();
  await opened.page.locator('.controls', { hasText: 'finished' }).waitFor({ timeout: 120_000 });
  await opened.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Runs' }).click();
  await opened.page.getByTestId('run-row').first().waitFor();
}

async function downloaded(click: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([opened.page.waitForEvent('download', { timeout: 120_000 }), click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('“take it further” gives a zip with a model that loads, Python that compiles, and data sets in TRL’s columns', async () => {
  await open('playground');
  await train();
  const { name, bytes } = await downloaded(() => opened.page.getByTestId('take-further-make').click());
  expect(name).toBe('aftertrain-take-further.zip');
  expect(await opened.page.getByTestId('take-further-note').innerText()).toContain(name);
  const files = unzipSync(bytes);
  const names = Object.keys(files);
  expect(names.every((path) => !path.startsWith('/') && !path.includes('..'))).toBe(true);

  const policy = new Map(
    names.filter((path) => path.startsWith('policy/')).map((path) => [path.slice('policy/'.length), files[path]!] as const),
  );
  expect([...policy.keys()]).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'onnx/model.onnx']));
  expect(loadModel(policy).theta.every(Number.isFinite)).toBe(true);

  const columns = {
    demonstrations: ['completion', 'prompt'],
    'world-preferences': ['chosen', 'margin', 'prompt', 'rejected'],
    prompts: ['prompt'],
  };
  for (const [set, wanted] of Object.entries(columns)) {
    const path = names.find((one) => one.endsWith(`${set}.jsonl`));
    expect(path, set).toBeDefined();
    const rows = strFromU8(files[path!]!).trimEnd().split('\n');
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) expect(Object.keys(JSON.parse(row) as object).sort()).toEqual(wanted);
  }

  const scripts = names.filter((path) => path.endsWith('.py'));
  expect(scripts.length).toBeGreaterThanOrEqual(5);
  folder = mkdtempSync(join(tmpdir(), 'aftertrain-way-out-'));
  for (const path of scripts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), files[path]!);
  }
  const { status, stderr, error } = spawnSync('python3', ['-m', 'compileall', '-q', folder], { encoding: 'utf8' });
  if (error) console.warn('There is no python3: that the scripts compile was not tested.');
  else expect(status, stderr).toBe(0);
  expect(opened.problems).toEqual([]);
});

describe('the whole workspace in one file', () => {
  const chip = () => opened.page.getByTestId('status-chip').click();
  const part = (id: string) => opened.page.getByTestId(`backup${id}`);
  const numRuns = () => opened.page.getByTestId('run-row').count();

  /** Forgets all that the page has kept, as a browser does that is told to. */
  async function wipe(): Promise<void> {
    await opened.page.goto('about:blank');
    await opened.page.goto(`${opened.url}serve.mjs`); // a file of the site, with none of its script running
    await opened.page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          localStorage.clear();
          const request = indexedDB.deleteDatabase('aftertrain');
          request.onsuccess = () => resolve();
          request.onblocked = () => reject(new Error('blocked'));
        }),
    );
    await opened.page.goto(`${opened.url}#runs&engine=wasm`);
    await ready();
  }

  test('is saved, wiped here, and brought back; what is damaged or cut short is refused and changes nothing', async () => {
    await open('playground');
    await train();
    await chip();
    const { name, bytes } = await downloaded(() => part('-save').click());
    const file = (buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

    await wipe();
    expect(await numRuns()).toBe(0);
    await chip();
    const flipped = Buffer.from(bytes);
    flipped[Math.floor(bytes.length / 2)]! ^= 1;
    for (const [broken, why] of [
      [flipped, /damaged/],
      [bytes.subarray(0, bytes.length - 40), /cut short/],
      [Buffer.from('{"hello": 1}\n'), /not a file of a whole workspace/],
    ] as const) {
      await part('-file').setInputFiles(file(broken));
      await expect.poll(() => part('').getByRole('alert').innerText()).toMatch(why);
      expect(await part('-merge').count()).toBe(0);
    }
    expect(await numRuns()).toBe(0);

    await part('-file').setInputFiles(file(bytes));
    await part('-found').waitFor();
    await part('-replace').click();
    await part('-taken').waitFor({ timeout: 60_000 });
    await part('-reload').click();
    await ready();
    await opened.page.getByTestId('run-row').first().waitFor({ timeout: 60_000 });
    expect(await numRuns()).toBe(1);
    expect(opened.problems).toEqual([]);
  });
});
