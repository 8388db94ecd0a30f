/**
 * @file Other people's models on the built page in a real Chromium: our own, exported, stand for theirs, and come from a folder or from
 * a server with the hub's addresses. transformers.js, ONNX Runtime, downloads, caches and failures are real.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exportFolder } from '../../tools/commands/export';
import { openPage, type OpenedPage } from './browser';
import { askingImitation, imitationHub, type ImitationHub } from './imitation-hub';

const PROMPT = 'How do I make tomato soup?';
let folder = '';
let hub: ImitationHub;
let opened: OpenedPage;
const part = (id: string) => opened.page.getByTestId(`others-${id}`);

function filesOf(path: string): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
  return new Map(names.map((name) => [name.split(sep).join('/'), readFileSync(join(path, name))]));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftertrain-others-'));
  for (const model of ['base', 'sft']) exportFolder(`public/models/s/${model}`, join(folder, model));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  hub = await imitationHub();
  hub.repos.set('makers/small', { files: filesOf(join(folder, 'base')) });
  hub.repos.set('makers/small-chat', { files: filesOf(join(folder, 'sft')) });
});
afterEach(async () => {
  await opened.close();
  await hub.close();
});

const ready = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });

async function open(context?: Parameters<typeof openPage>[0]): Promise<void> {
  opened = await openPage({ suffix: '#models&engine=wasm&maxTokens=16', reachesOut: true, before: askingImitation(hub), ...context });
  await ready();
}

/** The choice of a pair is folded away until it is wanted. */
const choose = async () => (await part('own').isVisible()) || part('choose').click();

async function look(base: string, instruct: string): Promise<void> {
  await choose();
  await part('own').check();
  await part('base-repo').fill(base);
  await part('instruct-repo').fill(instruct);
  await part('look').click();
}

const phase = (wanted: string) => opened.page.locator(`[data-testid=others][data-phase=${wanted}]`).waitFor({ timeout: 120_000 });
const note = (words: string) => part('note').getByText(words).waitFor({ timeout: 60_000 });

async function ask(): Promise<void> {
  await part('prompt').fill(PROMPT);
  await part('temperature').fill('0');
  await part('ask').click();
}

const done = (column: string) => opened.page.locator(`[data-testid=others-${column}][data-status=done]`).waitFor({ timeout: 120_000 });
const answer = async (column: string) => (await part(column).locator('.answer').innerText()).trim();
const fileRequests = () => hub.asked.filter((path) => path.startsWith('/stored/'));

/** Theirs are ours, exported: greedily, both say the same. */
async function answersAreOurs(): Promise<void> {
  await ask();
  for (const column of ['base', 'instruct', 'ours-base', 'ours-instruct']) await done(column);
  expect((await answer('base')).length).toBeGreaterThan(10);
  expect(await answer('base')).toBe(await answer('ours-base'));
  expect(await answer('instruct')).toContain('Ingredients');
}

describe('a pair of the hub', () => {
  test('nothing is asked before a click; it is fetched, answers as ours do, is kept, works offline, and is deleted', async () => {
    await open();
    await opened.page.getByTestId('others').waitFor();
    expect(hub.asked).toEqual([]);
    // The page's own script may ask nobody, the hub neither.
    const fetched = await opened.page.evaluate(
      (url) =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      hub.url,
    );
    expect(fetched).toBe(false);
    await look('makers/small', 'makers/small-chat');
    await phase('looked');
    expect(await part('plan').innerText()).toContain('licence: mit');
    expect(hub.asked.every((path) => path.startsWith('/api/'))).toBe(true);
    await part('load').click();
    await phase('loaded');
    await answersAreOurs();

    const kept = opened.page.getByTestId('others-kept');
    expect(await kept.getByRole('listitem').count()).toBe(2);
    await hub.close();
    await part('close').click();
    await look('makers/small', 'makers/small-chat');
    await phase('looked');
    expect(await part('load').innerText()).toBe('Load');
    await part('load').click();
    await phase('loaded');
    await ask();
    await done('instruct');
    await part('close').click();
    for (const name of ['makers/small', 'makers/small-chat'])
      await kept.getByRole('button', { name: `Delete ${name}`, exact: true }).click();
    await kept.waitFor({ state: 'detached' });
    expect(opened.foreignRequests.every((url) => url.startsWith('http://127.0.0.1:'))).toBe(true);
  });

  test('a download is cancelled, and goes on where it was', async () => {
    for (const repo of hub.repos.values()) repo.bytesPerSecond = 2_000_000;
    await open();
    await look('makers/small', '');
    await phase('looked');
    await part('load').click();
    await opened.page.waitForFunction(
      () => Number(document.querySelector('[data-testid=others] progress')?.getAttribute('value')) > 2.6e6,
      null,
      {
        timeout: 60_000,
      },
    );
    await part('cancel').click();
    await phase('none');
    for (const repo of hub.repos.values()) delete repo.bytesPerSecond;
    await look('makers/small', '');
    await phase('looked');
    expect(await part('plan').innerText()).toContain('of it here already');
    await part('load').click();
    await phase('loaded');
    expect(fileRequests().some((path) => / bytes=[1-9]\d+-$/.test(path))).toBe(true);
    await ask();
    await done('base');
  });

  test('half a download is said to be one, what came is kept, and fetching again goes on until it is whole', async () => {
    hub.repos.get('makers/small')!.breaksAfter = 2_500_000;
    await open();
    await look('makers/small', '');
    await phase('looked');
    await part('load').click();
    await note('broke off');
    await phase('looked');
    await part('load').click();
    await phase('loaded');
    await ask();
    await done('base');
    expect(await answer('base')).toBe(await answer('ours-base'));
  });

  test('a damaged file is told by its hash and thrown away, and fetching again brings it whole', async () => {
    hub.repos.get('makers/small')!.spoils = 'onnx/model.onnx';
    await open();
    await look('makers/small', '');
    await phase('looked');
    await part('load').click();
    await note('came damaged');
    await note('onnx/model.onnx: its hash is not');
    delete hub.repos.get('makers/small')!.spoils;
    await part('load').click();
    await phase('loaded');
    await ask();
    await done('base');
    expect(await answer('base')).toBe(await answer('ours-base'));
  });

  test('an answer is stopped, and the next one comes', async () => {
    await open();
    await look('', 'makers/small-chat');
    await phase('looked');
    await part('load').click();
    await phase('loaded');
    await part('with-ours').uncheck();
    await part('maxTokens').fill('128');
    // A model this small can have answered before a second click from outside arrives: both are made in the page, a frame apart.
    await opened.page.evaluate(async () => {
      const press = (id: string) => document.querySelector<HTMLButtonElement>(`[data-testid=others-${id}]`)!.click();
      press('ask');
      await new Promise(requestAnimationFrame);
      press('stop');
    });
    await opened.page.locator('[data-testid=others-instruct][data-status=stopped]').waitFor({ timeout: 30_000 });
    await ask();
    await done('instruct');
  });

  test('a gated, a missing and an empty repository, a wrong name, too little memory, and no network are said in words', async () => {
    hub.repos.set('makers/gated', { files: filesOf(join(folder, 'base')), gated: true });
    hub.repos.set('makers/empty', { files: new Map([['README.md', Buffer.from('nothing')]]) });
    await open({
      reachesOut: true,
      before: async (page) => {
        await askingImitation(hub)(page);
        await page.addInitScript(() =>
          Object.defineProperty(navigator, 'deviceMemory', { value: sessionStorage.getItem('small') ? 0.001 : 8 }),
        );
      },
    });
    await look('makers/gated', '');
    await phase('looked');
    await part('load').click();
    await note('is gated');
    await look('makers/nothing', '');
    await note('The hub has no makers/nothing');
    await look('makers/empty', '');
    await note('has nothing that this page could load');
    await look('../../etc', '');
    await note('cannot be asked for like this');
    expect(hub.asked.some((path) => path.includes('etc'))).toBe(false);
    await opened.page.evaluate(() => sessionStorage.setItem('small', 'yes'));
    await opened.page.reload();
    await ready();
    await look('makers/small', '');
    await note('more memory than this page can use');
    expect(await part('load').count()).toBe(0);
    await hub.close();
    await look('makers/small-chat', '');
    await note('could not be reached');
    // The rest of the page is not touched.
    expect(await opened.page.evaluate(() => document.documentElement.dataset.state)).toBe('ready');
    expect(opened.problems.filter((problem) => problem.startsWith('uncaught'))).toEqual([]);
  });
});

test('from folders, with nothing asked of anybody, and one folder is enough; without accessibility problems', async () => {
  await open();
  await part('folder-instruct').setInputFiles(join(folder, 'sft'));
  await phase('looked');
  await part('load').click();
  await phase('loaded');
  await ask();
  await done('instruct');
  await part('folder-base').setInputFiles(join(folder, 'base'));
  await phase('looked');
  await part('load').click();
  await phase('loaded');
  await answersAreOurs();
  const { violations } = await new AxeBuilder({ page: opened.page }).include('[data-testid=others]').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  expect(hub.asked).toEqual([]);
  expect(opened.foreignRequests).toEqual([]);
  expect(opened.problems).toEqual([]);
});

test('on WebGPU they answer as ours do', async () => {
  await open({ suffix: '#models&maxTokens=12' });
  await part('folder-base').setInputFiles(join(folder, 'base'));
  await phase('looked');
  expect(await opened.page.getByTestId('others').innerText()).toContain('Runs on WebGPU.');
  await part('load').click();
  await phase('loaded');
  await ask();
  for (const column of ['base', 'ours-base']) await done(column);
  expect(await answer('base')).toBe(await answer('ours-base'));
  expect(opened.problems).toEqual([]);
});
