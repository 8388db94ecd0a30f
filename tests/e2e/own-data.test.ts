/**
 * @file Data of the reader's own on the built page in a real Chromium: a file is dropped on the panel, its faults are told by line, its rows
 * are shown before anything is learned, and a run learns from them.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

const ROWS = [
  { prompt: 'What is the colour of the sky?', completion: '<b>Blue</b>, on most days.' },
  {
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello! How can I help?' },
    ],
  },
  ...Array.from({ length: 14 }, (_, i) => ({ prompt: `Question ${i}?`, completion: `Answer ${i}.` })),
];

test('a file is dropped, faults are told by line, rows are shown as text, and a run learns from them', async () => {
  opened = await openPage({
    suffix: '#engine=wasm&stage=sft&sft.numUpdates=2&sft.demonstrationsPerUpdate=2&sft.maxTokens=64&sft.numDocuments=0&maxTokens=8',
    before: serveTinyFamily,
  });
  const { page } = opened;
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
  await page.getByTestId('data-settings').locator('> summary').click();
  const group = page.getByTestId('data-settings').getByRole('group', { name: 'Data of your own' });

  /** Lets go of a file over the panel, as a desktop does. */
  async function drop(name: string, text: string): Promise<void> {
    const data = await page.evaluateHandle(
      ([fileName, contents]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([contents], fileName, { type: 'application/json' }));
        return transfer;
      },
      [name, text] as const,
    );
    await group.dispatchEvent('drop', { dataTransfer: data });
  }

  const lines = ROWS.map((row) => JSON.stringify(row));
  await drop('broken.jsonl', [...lines.slice(0, 2), '', '{"prompt": "no answer"}'].join('\n'));
  await group.getByRole('status').filter({ hasText: 'Line 4' }).waitFor();
  await drop('cut.jsonl', lines.join('\n').slice(0, -9));
  await group.getByRole('status').filter({ hasText: 'Line 16' }).waitFor();
  expect(await page.getByTestId('rows').inputValue()).toBe('');

  await drop('mine.jsonl', lines.join('\n'));
  const preview = page.getByTestId('rows-preview');
  await preview.locator('> summary').click();
  expect(await preview.innerText()).toContain('<b>Blue</b>, on most days.'); // as text, not as HTML
  expect(await preview.locator('b').count()).toBe(0);
  expect(await page.getByTestId('rows').locator('option:checked').innerText()).toBe('mine.jsonl (16)');
  const { violations } = await new AxeBuilder({ page }).include('[data-testid=data-settings]').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  await page.getByTestId('start-run').click();
  await page.waitForFunction(() => document.querySelector('[data-testid="update-count"]')?.textContent === '2', null, { timeout: 120_000 });
  expect(opened.problems).toEqual([]);
  expect(opened.foreignRequests).toEqual([]);
});

test('a plain text is dropped, its tokens are counted, and the base model is pretrained on it: bits per byte of the part held out fall', async () => {
  opened = await openPage({
    suffix:
      '#engine=wasm&stage=sft&start=base&sft.numUpdates=5&sft.demonstrationsPerUpdate=2&sft.maxTokens=64&sft.numDocuments=0&sft.learningRate=0.01&sft.numWarmupUpdates=0&maxTokens=8',
    before: serveTinyFamily,
  });
  const { page } = opened;
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
  await page.getByTestId('data-settings').locator('> summary').click();
  const group = page.getByTestId('data-settings').getByRole('group', { name: 'Data of your own' });
  const load = (name: string, contents: string | Buffer) =>
    group.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(contents) });
  await load('short.txt', 'A word.');
  await group.getByRole('status').filter({ hasText: 'at least 200 characters' }).waitFor();
  await load('latin.txt', Buffer.from([...Buffer.from('a'.repeat(300)), 0xe9]));
  await group.getByRole('status').filter({ hasText: 'not a text in UTF-8' }).waitFor();
  await load(
    'doors.txt',
    Array.from({ length: 90 }, (_, i) => `The <i>${['red', 'blue'][i % 2]!}</i> door is number ${i % 7}.`).join('\n'),
  );
  await page
    .getByTestId('rows-text')
    .filter({ hasText: /\d tokens\.\s+Every token is learned/ })
    .waitFor({ timeout: 60_000 });
  await page.getByTestId('rows-preview').locator('> summary').click();
  expect(await page.getByTestId('rows-preview').innerText()).toContain('The <i>red</i> door is number 0.');
  const { violations } = await new AxeBuilder({ page }).include('[data-testid=data-settings]').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.getByTestId('start-run').click();
  await page.waitForFunction(() => document.querySelector('[data-testid="update-count"]')?.textContent === '5', null, { timeout: 120_000 });
  const chart = page.getByRole('slider', { name: /bits per byte/ });
  const readAt = async (key: 'Home' | 'End', update: number): Promise<number> => {
    await chart.press(key);
    return Number(new RegExp(`^update ${update}: (\\d+\\.\\d+)$`).exec((await chart.getAttribute('aria-valuetext')) ?? '')?.[1]);
  };
  const before = await readAt('Home', 0);
  expect(await readAt('End', 5)).toBeLessThan(0.95 * before); // 0.88 of it when this was written
  expect(opened.problems).toEqual([]);
  expect(opened.foreignRequests).toEqual([]);
});
