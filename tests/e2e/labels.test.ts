/**
 * @file A labeller's day on the built page in a real Chromium: labels by keys that survive a crash, are changed, found and
 * exported; files of a class merged with their agreement; sets deleted and brought back; answers ranked by mouse and by finger.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { openPage, type OpenedPage, type OpenPageOptions } from './browser';
import { serveTinyFamily } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

const asked = (page: Page) => page.waitForSelector('[data-testid="label-task"][data-status="asked"]', { timeout: 120_000 });

async function openLabels(options: OpenPageOptions = {}): Promise<Page> {
  opened = await openPage({ suffix: '#label&engine=wasm', before: serveTinyFamily, ...options });
  await asked(opened.page);
  return opened.page;
}

const rows = (page: Page) => page.getByTestId('label-row');
const facts = (page: Page) => page.getByRole('group', { name: 'Label set' }).getByTestId('shelf-facts');

/** Says something by keys and waits until it is in the list and something else is asked. */
async function labelWith(page: Page, ...keys: string[]): Promise<void> {
  const before = await rows(page).count();
  await page.getByTestId('label-task').focus();
  for (const key of keys) await page.keyboard.press(key);
  await page.waitForFunction((count) => document.querySelectorAll('[data-testid="label-row"]').length > count, before);
  await asked(page);
}

async function exported(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return readFile(await download.path(), 'utf8');
}

const line = (fields: object) => JSON.stringify({ prompt: 'Who bakes?', chosen: 'Ana.', rejected: 'Nobody.', ...fields });
const fileOf = (name: string, lines: readonly string[]) => ({
  name,
  mimeType: 'application/jsonl',
  buffer: Buffer.from(lines.join('\n')),
});

async function rankFour(page: Page): Promise<void> {
  await page.getByTestId('label-options').locator('summary').click();
  await page.getByLabel('How many at once').selectOption('four: rank them');
  await page.getByTestId('ranked-answers').waitFor({ timeout: 120_000 });
}

const middle = async (locator: Locator) => {
  const { x, y, width, height } = (await locator.boundingBox())!;
  return { x: x + width / 2, y: y + height / 2 };
};
const handle = (page: Page, letter: string) => page.getByRole('button', { name: `Move answer ${letter}` });
const order = (page: Page) => page.getByTestId('ranking-order');

describe('labels', () => {
  test('given by keys survive a crash, and are changed, found, exported and taken back', async () => {
    const page = await openLabels();
    await labelWith(page, 'ArrowLeft', 'Enter');
    await labelWith(page, '6', 'Enter');
    await labelWith(page, 'ArrowUp', 'n', 'x', 'Enter');
    const before = await rows(page).allInnerTexts();
    expect(before[0]).toContain('both bad');
    expect(before[1]).toContain('B is better');

    const again = await page.context().newPage();
    await page.goto('chrome://crash').catch(() => undefined);
    await again.goto(`${opened.url}#label&engine=wasm`);
    await rows(again).first().waitFor();
    expect(await rows(again).allInnerTexts()).toEqual(before);

    await rows(again).nth(1).getByRole('button', { name: 'change' }).click();
    await rows(again).nth(1).getByLabel('How much').selectOption('1: A is much better');
    await rows(again).nth(1).getByLabel('Note').fill('zebra');
    await rows(again).nth(1).getByLabel('Note').press('Tab');
    await again.getByTestId('label-search').fill('ZEBRA');
    await again.getByText('1 label found').waitFor();
    expect(await rows(again).innerText()).toContain('A is much better');
    await again.getByTestId('label-search').fill('');

    const records = (await exported(again, 'Export JSONL'))
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(records).toHaveLength(3);
    expect(records[1]).toMatchObject({ margin: 1, note: 'zebra', annotator: 'me', source: 'me', cost: 1 });
    for (const column of ['prompt', 'chosen', 'rejected', 'time']) expect(records[0]).toHaveProperty(column);
    expect((await exported(again, 'Export CSV')).split('\r\n')[0]).toMatch(/^prompt,chosen,rejected,margin,/);

    await again.getByRole('group', { name: 'Label set' }).getByRole('button', { name: 'delete' }).click();
    await again.getByText('was deleted').waitFor();
    expect(await rows(again).count()).toBe(0);
    await again.getByTestId('undo-line').first().getByRole('button', { name: 'Undo' }).click();
    await rows(again).nth(2).waitFor();
    expect(await facts(again).innerText()).toBe('3 labels');
    expect(opened.problems).toEqual([]);
  });

  test('of a class come from files, bad lines named; agreement is told and one label a pair kept', async () => {
    const page = await openLabels();
    // Four pairs; Ann and Bo agree on three. Verdicts a a a b against a a b b: kappa (3/4 − 1/2) / (1/2) = 0.5.
    const ann = ['a', 'a', 'a', 'b'].map((verdict, i) => line({ prompt: `q${i}`, ...turned(verdict) }));
    const bo = ['a', 'a', 'b', 'b'].map((verdict, i) => line({ prompt: `q${i}`, ...turned(verdict) }));
    await page.getByTestId('import-file').setInputFiles([fileOf('Ann.jsonl', ann), fileOf('Bo.jsonl', [...bo, '{"prompt": oops', '7'])]);
    const preview = page.getByTestId('import-preview');
    await preview.getByText('8 labels').waitFor();
    expect(await page.getByTestId('import-problems').innerText()).toMatch(/“Bo.jsonl”, line 5: this is not JSON\s+“Bo.jsonl”, line 6:/);
    expect(await rows(page).count()).toBe(0);
    await preview.getByRole('button', { name: 'Add to this set' }).click();
    await rows(page).nth(7).waitFor();
    const agreement = page.getByTestId('annotator-agreement');
    expect(await agreement.getByRole('row').nth(1).innerText()).toMatch(/Ann and Bo\s+4\s+0\.50\s+moderate/);
    await agreement.getByRole('button', { name: 'one label a pair' }).click();
    await page.getByText('4 labels', { exact: true }).waitFor();
    expect(await rows(page).filter({ hasText: 'tie' }).count()).toBe(1);
    expect(opened.problems).toEqual([]);
  });

  test('and files of ten thousand bad lines or none at all break nothing', async () => {
    const page = await openLabels();
    await page.getByTestId('import-file').setInputFiles(fileOf('bad.jsonl', Array<string>(10_000).fill('no')));
    await page.getByText(/10\D?000 lines could not be read/).waitFor();
    expect(await page.getByTestId('import-preview').getByRole('button', { name: 'Add to this set' }).isDisabled()).toBe(true);
    await page.getByTestId('import-file').setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2') });
    await page.getByText('names no column “chosen”').waitFor();
    expect(opened.problems).toEqual([]);
  });
});

/** A record whose winner is one or the other of the same two answers. */
const turned = (verdict: string) => (verdict === 'a' ? {} : { chosen: 'Nobody.', rejected: 'Ana.' });

describe('a ranking', () => {
  test('is made with the mouse, and gives six labels', async () => {
    const page = await openLabels({ context: { viewport: { width: 1440, height: 900 } } });
    await rankFour(page);
    await handle(page, 'A').scrollIntoViewIfNeeded();
    const [from, to] = [await middle(handle(page, 'A')), await middle(handle(page, 'D'))];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    for (let step = 1; step <= 20; step++) await page.mouse.move(from.x + ((to.x - from.x) * step) / 20, from.y + 3);
    await page.waitForTimeout(500); // the others make room
    await page.mouse.up();
    await order(page).getByText('Best first: B, C, D, A.').waitFor();
    await labelWith(page, 'Enter');
    expect(await rows(page).count()).toBe(6);
    expect(opened.problems).toEqual([]);
  });

  test('is made with a finger, and the page does not scroll away under it', async () => {
    const page = await openLabels({ context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
    await rankFour(page);
    await handle(page, 'B').evaluate((node) => node.scrollIntoView({ block: 'end' })); // and A above it
    const [from, to] = [await middle(handle(page, 'B')), await middle(handle(page, 'A'))];
    const touch = await page.context().newCDPSession(page);
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x: from.x, y }] });
    const scrolled = await page.evaluate(() => scrollY);
    await send('touchStart', from.y);
    for (let step = 1; step <= 20; step++) await send('touchMove', from.y + ((to.y - 20 - from.y) * step) / 20);
    await page.waitForTimeout(800);
    await send('touchEnd');
    await order(page).getByText('Best first: B, A, C, D.').waitFor();
    expect(await page.evaluate(() => scrollY)).toBe(scrolled);
    expect(opened.problems).toEqual([]);
  });
});

test.each([
  ['wide, light', { width: 1440, height: 900 }, 'light'],
  ['phone, dark', { width: 390, height: 844 }, 'dark'],
] as const)('axe finds nothing while four are ranked and files wait: %s', async (_, viewport, colorScheme) => {
  const page = await openLabels({ context: { viewport, colorScheme } });
  await rankFour(page);
  await page.getByTestId('annotators').locator('summary').click();
  await page.getByTestId('import-file').setInputFiles([fileOf('Ann.jsonl', [line({})]), fileOf('Bo.jsonl', [line({}), 'oops'])]);
  await page.getByRole('button', { name: 'Add to this set' }).click();
  await page.getByTestId('annotator-agreement').waitFor();
  await page.getByTestId('import-file').setInputFiles(fileOf('Cy.jsonl', [line({}), 'oops']));
  await page.getByTestId('import-preview').waitFor();
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
});
