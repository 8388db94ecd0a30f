/**
 * @file A Llama of the hub in the page's own engine, on the built page in a real Chromium, against a server with the hub's addresses:
 * grouped-query heads, an untied head, bfloat16 weights in two shards. It is looked at, fetched, opened, answers, is trained, is kept,
 * and is deleted; downloads that are cancelled, break off or come damaged go on; what cannot be opened is refused in words.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configJson, fileBytes, randomTensors, safetensorsFile, TINY_SHAPE, type FolderFiles } from '../helpers/llama-folder';
import { openPage, type OpenedPage } from './browser';
import { askingImitation, imitationHub, type ImitationHub } from './imitation-hub';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

const SHAPE = { ...TINY_SHAPE, hidden_size: 256, intermediate_size: 384, head_dim: 64 };
const CONFIG = configJson(SHAPE, { max_position_embeddings: 128, bos_token_id: 0, eos_token_id: [5, 0] });
const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const REPO = 'makers/my-llama';
const shipped = (name: string) => new Uint8Array(readFileSync(join('public/models/s/sft', name)));
const tensors = [...randomTensors(SHAPE, 5)];
const parts = [tensors.slice(0, 19), tensors.slice(19)];
const files: FolderFiles = {
  'README.md': 'A model.',
  'config.json': CONFIG,
  'tokenizer.json': shipped('tokenizer.json'),
  'tokenizer_config.json': shipped('tokenizer_config.json'),
  ...Object.fromEntries(SHARDS.map((name, i) => [name, safetensorsFile(new Map(parts[i]), 'BF16')])),
  'model.safetensors.index.json': {
    weight_map: Object.fromEntries(SHARDS.flatMap((name, i) => parts[i]!.map(([tensor]) => [tensor, name]))),
  },
};

let hub: ImitationHub;
let opened: OpenedPage;
beforeEach(async () => {
  hub = await imitationHub();
  hub.repos.set(REPO, { files: fileBytes(files) });
});
afterEach(async () => {
  await opened.close();
  await hub.close();
});

const part = (id: string) => opened.page.getByTestId(`bring-${id}`);
const ready = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
const column = (id: string) => opened.page.locator(`[data-testid=column-${id}][data-status=done]`).waitFor({ timeout: 120_000 });
const phase = (wanted: string) => opened.page.locator(`[data-testid=bring-hub][data-phase=${wanted}]`).waitFor({ timeout: 120_000 });
const note = (words: string) => part('hub-note').getByText(words).waitFor({ timeout: 60_000 });
const stored = () => hub.asked.filter((path) => path.startsWith('/stored/'));
const views = () => opened.page.getByRole('navigation', { name: 'Views' }).getByRole('link');

async function open(changes: { readonly smallDevice?: boolean } = {}): Promise<void> {
  opened = await openPage({
    suffix: `#models&engine=wasm&maxTokens=8&${TINY_RUN}&grpo.numUpdates=1`,
    reachesOut: true,
    before: async (page) => {
      await serveTinyFamily(page);
      await askingImitation(hub)(page);
      if (changes.smallDevice) await page.addInitScript(() => Object.defineProperty(navigator, 'deviceMemory', { value: 0.01 }));
    },
  });
  await ready();
}

async function look(repo: string): Promise<void> {
  await part('repo').fill(repo);
  await part('look').click();
}

async function fetchAndOpen(): Promise<void> {
  await part('fetch').click();
  await phase('none');
  await ready();
}

test('nothing is asked before a click; it is looked at, fetched, answers, is trained, is kept for offline, and is deleted', async () => {
  await open();
  await part('repo').waitFor();
  expect(hub.asked).toEqual([]);
  await look(REPO);
  await phase('looked');
  expect(await part('plan').innerText()).toMatch(
    /^makers\/my-llama: 2\.\d M parameters\. It takes about .* to answer, .* to train\..*licence: mit/s,
  );
  expect(stored().some((path) => path.includes('.safetensors ') || path.endsWith('.safetensors'))).toBe(false);
  const { violations } = await new AxeBuilder({ page: opened.page }).include('[data-testid=bring]').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await fetchAndOpen();
  expect(stored().some((path) => path.endsWith('README.md'))).toBe(false);
  await views().first().click();
  await column('sft');
  expect(await opened.page.getByTestId('column-base').count()).toBe(0);
  await opened.page.getByTestId('start-run').click();
  const updates = () => document.querySelector('[data-testid="update-count"]')?.textContent === '1';
  await opened.page.waitForFunction(updates, null, { timeout: 120_000 });
  await column('yours');
  // Without the hub it is opened again from what is kept.
  await opened.page.getByTestId('families').getByRole('radio').first().click();
  await column('base');
  const numAsked = hub.asked.length;
  await hub.close();
  await views()
    .filter({ hasText: /^\s*Models\s*$/ })
    .click();
  await look(REPO);
  await phase('looked');
  expect(await part('fetch').innerText()).toBe('Open it');
  await fetchAndOpen();
  expect(hub.asked.length).toBe(numAsked);
  await opened.page
    .getByTestId('others-kept')
    .getByRole('button', { name: `Delete ${REPO}`, exact: true })
    .click();
  await opened.page.getByTestId('others-kept').waitFor({ state: 'detached' });
  expect(opened.foreignRequests.every((url) => url.startsWith('http://127.0.0.1:'))).toBe(true);
  expect(opened.problems.filter((problem) => problem.startsWith('uncaught'))).toEqual([]);
});

test('a download is cancelled, breaks off, comes damaged, and each time goes on until the model is whole', async () => {
  const repo = hub.repos.get(REPO)!;
  repo.bytesPerSecond = 1_000_000;
  await open();
  await look(REPO);
  await phase('looked');
  await part('fetch').click();
  const far = () => Number(document.querySelector('[data-testid=bring-hub] progress')?.getAttribute('value')) > 2.3e6;
  await opened.page.waitForFunction(far, null, { timeout: 60_000 });
  expect(await part('progress').innerText()).toMatch(/MB of .*MB.*left/s);
  await part('cancel').click();
  await phase('none');
  delete repo.bytesPerSecond;
  await look(REPO);
  await phase('looked');
  expect(await part('plan').innerText()).toContain('of it here already');
  repo.breaksAfter = 300_000;
  await part('fetch').click();
  await note('broke off');
  delete repo.breaksAfter;
  repo.spoils = SHARDS[1];
  await part('fetch').click();
  await note('came damaged');
  await note(`${SHARDS[1]}: its hash is not`);
  delete repo.spoils;
  await fetchAndOpen();
  expect(stored().some((path) => / bytes=[1-9]\d+-$/.test(path))).toBe(true);
  await views().first().click();
  await column('sft');
});

test('what is gated, missing, misnamed, of another architecture, without a shard, too large, or out of reach is said in words', async () => {
  const changed = (changes: FolderFiles) => ({ files: fileBytes({ ...files, ...changes }) });
  const { [SHARDS[1]]: _, ...half } = files;
  hub.repos.set('makers/gated', { ...changed({}), gated: true });
  hub.repos.set('makers/mamba', changed({ 'config.json': { ...CONFIG, architectures: ['MambaForCausalLM'], model_type: 'mamba' } }));
  hub.repos.set('makers/half', { files: fileBytes(half) });
  hub.repos.set('makers/odd', changed({ 'config.json': 'not JSON' }));
  hub.repos.set('makers/empty', { files: fileBytes({ 'README.md': 'nothing' }) });
  await open({ smallDevice: true });
  const refused = async (repo: string, ...words: string[]) => {
    await look(repo);
    for (const one of words) await note(one);
    expect(await part('fetch').count()).toBe(0);
  };
  await refused('makers/gated', 'is gated');
  await refused('makers/nothing', 'The hub has no makers/nothing');
  await refused('../../etc', 'cannot be asked for like this');
  await refused('makers/mamba', 'cannot run in this page’s own engine', 'only "llama"');
  await refused('makers/half', 'cannot run in', `no "${SHARDS[1]}"`);
  await refused('makers/odd', 'cannot run in', 'config.json is not valid JSON.');
  await refused('makers/empty', 'cannot run in', 'no config.json');
  await refused(REPO, 'more memory than this page can use', 'would take');
  expect(stored().some((path) => path.endsWith('.safetensors'))).toBe(false);
  await hub.close();
  await refused('makers/other', 'could not be reached');
  expect(await opened.page.evaluate(() => document.documentElement.dataset.state)).toBe('ready');
  expect(opened.problems.filter((problem) => problem.startsWith('uncaught'))).toEqual([]);
});
