/**
 * @file A Llama of the reader's own on the built page in a real Chromium: a folder with grouped-query heads, an untied head and bfloat16
 * weights in two shards is looked at, opened, answers, is trained, and leaves; folders that cannot be opened are refused in words.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { configJson, randomTensors, safetensorsFile, TINY_SHAPE as SHAPE, writeFolder, type FolderFiles } from '../helpers/llama-folder';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

const CONFIG = configJson(SHAPE, { max_position_embeddings: 128, bos_token_id: 0, eos_token_id: [5, 0] });

let folders = '';
let opened: OpenedPage;
const folder = (name: string) => join(folders, name);
const shipped = (name: string) => new Uint8Array(readFileSync(join('public/models/s/sft', name)));

beforeAll(() => {
  folders = mkdtempSync(join(tmpdir(), 'aftertrain-bring-'));
  const tensors = [...randomTensors(SHAPE, 5)];
  const half = Math.ceil(tensors.length / 2);
  const shards = { 'model-00001-of-00002.safetensors': tensors.slice(0, half), 'model-00002-of-00002.safetensors': tensors.slice(half) };
  const files: FolderFiles = {
    'config.json': CONFIG,
    'tokenizer.json': shipped('tokenizer.json'),
    'tokenizer_config.json': shipped('tokenizer_config.json'),
    ...Object.fromEntries(Object.entries(shards).map(([name, part]) => [name, safetensorsFile(new Map(part), 'BF16')])),
    'model.safetensors.index.json': {
      weight_map: Object.fromEntries(Object.entries(shards).flatMap(([name, part]) => part.map(([tensor]) => [tensor, name]))),
    },
  };
  writeFolder(folder('my-llama'), files);
  writeFolder(folder('half'), { ...files, 'model-00002-of-00002.safetensors': new Uint8Array(100) });
  writeFolder(folder('empty'), { 'README.md': 'nothing' });
  writeFolder(folder('huge'), {
    ...files,
    'config.json': { ...CONFIG, hidden_size: 2048, num_hidden_layers: 10, intermediate_size: 8192 },
  });
  writeFolder(folder('other'), { ...files, 'config.json': { ...CONFIG, architectures: ['MambaForCausalLM'], model_type: 'mamba' } });
});
afterAll(() => rmSync(folders, { recursive: true, force: true }));
afterEach(() => opened.close());

const part = (id: string) => opened.page.getByTestId(`bring-${id}`);
const ready = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
const column = (id: string) => opened.page.locator(`[data-testid=column-${id}][data-status=done]`).waitFor({ timeout: 120_000 });

async function open(): Promise<void> {
  opened = await openPage({ suffix: `#models&engine=wasm&maxTokens=8&${TINY_RUN}&grpo.numUpdates=1`, before: serveTinyFamily });
  await ready();
}

test('it is looked at before it is opened, answers, is trained, and the site’s models come back', async () => {
  await open();
  const { page } = opened;
  await part('folder').setInputFiles(folder('my-llama'));
  expect(await part('estimate').innerText()).toMatch(/^my-llama: .* parameters\. It takes about .* of memory to answer, .* to train\.$/);
  const { violations } = await new AxeBuilder({ page }).include('[data-testid=bring]').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await part('open').click();
  await part('estimate').waitFor({ state: 'detached', timeout: 120_000 });
  await ready();
  expect(await part('note').innerText()).toBe('');
  const views = page.getByRole('navigation', { name: 'Views' });
  await views.getByRole('link').first().click();
  await column('sft');
  expect(await page.getByTestId('column-base').count()).toBe(0);
  await page.getByTestId('start-run').click();
  await page.waitForFunction(() => document.querySelector('[data-testid="update-count"]')?.textContent === '1', null, { timeout: 120_000 });
  await column('yours');
  await page.getByTestId('families').getByRole('radio').first().click();
  await column('base');
  expect(opened.problems).toEqual([]);
});

test('folders that cannot be opened are refused in words, and the page goes on', async () => {
  await open();
  const refused = async (name: string, why: RegExp) => {
    await part('folder').setInputFiles(folder(name));
    await expect.poll(() => part('note').innerText(), { timeout: 60_000 }).toMatch(why);
    expect(await part('open').count()).toBe(0);
  };
  await refused('empty', /not opened.*no config\.json/);
  await refused('huge', /not opened.*GB/);
  await refused('other', /not opened.*only "llama"/);
  await part('folder').setInputFiles(folder('half'));
  await part('open').click();
  await expect.poll(() => part('note').innerText(), { timeout: 120_000 }).toMatch(/not opened/);
  await ready();
  await opened.page.getByRole('navigation', { name: 'Views' }).getByRole('link').first().click();
  await column('base');
});
