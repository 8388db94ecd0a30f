/**
 * @file The reward lab on the built page in a real Chromium: views and the Back button, labelling by keyboard alone, labels
 * that survive a reload, and axe on every view.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, describe, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';

let opened: OpenedPage;
afterEach(() => opened.close());

const heading = () => opened.page.locator('h1');
const settled = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
const asked = () => opened.page.waitForSelector('[data-testid="label-task"][data-status="asked"]', { timeout: 60_000 });
const count = (selector: string) => opened.page.locator(selector).count();

/** Labels once by keys, and waits for the next comparison. */
async function labelWith(...keys: string[]): Promise<void> {
  const before = await count('[data-testid="label-row"]');
  for (const key of keys) await opened.page.keyboard.press(key);
  await opened.page.waitForFunction((rows) => document.querySelectorAll('[data-testid="label-row"]').length > rows, before);
  await asked();
}

describe('views', () => {
  test('have addresses, a way back, and a heading that takes the focus', async () => {
    opened = await openPage({ suffix: '#engine=wasm&temperature=0.5' });
    const { page } = opened;
    await settled();
    await page.getByRole('link', { name: 'Label' }).click();
    await heading().filter({ hasText: 'Which answer is better?' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#label&engine=wasm&temperature=0.5');
    expect(await heading().evaluate((node) => node === document.activeElement)).toBe(true);
    expect(await page.title()).toBe('Label · Aftertrain');
    await page.getByRole('link', { name: 'Reward models' }).click();
    await heading().filter({ hasText: 'teach a machine' }).waitFor();
    await page.goBack();
    await heading().filter({ hasText: 'Which answer is better?' }).waitFor();
    await page.goBack();
    await heading().filter({ hasText: 'Watch a language model' }).waitFor();
    expect(await page.title()).toBe('Aftertrain');
    expect(await heading().evaluate((node) => node === document.activeElement)).toBe(true);
    expect(new URL(page.url()).hash).toBe('#engine=wasm&temperature=0.5');
    await page.goForward();
    await heading().filter({ hasText: 'Which answer is better?' }).waitFor();
    expect(opened.problems).toEqual([]);
  });

  test('open from a link, which may set the page up too, and the playground asks when it is first shown', async () => {
    opened = await openPage({ suffix: '#label&engine=wasm&prompt=Hello!' });
    const { page } = opened;
    await heading().filter({ hasText: 'Which answer is better?' }).waitFor();
    await settled();
    expect(await count('[data-testid="prompt-input"]')).toBe(0);
    await page.getByRole('link', { name: 'Playground' }).click();
    await page.waitForSelector('[data-testid="column-rlhf"][data-status="done"]', { timeout: 60_000 });
    expect(await page.getByTestId('prompt-input').inputValue()).toBe('Hello!');
    // A link followed inside the page still sets it up.
    await page.evaluate(() => (location.hash = 'engine=wasm&prompt=Who+are+you?'));
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[data-testid="prompt-input"]')?.value === 'Who are you?');
    expect(opened.foreignRequests).toEqual([]);
  });
});

describe('labelling', () => {
  test('by keyboard alone; labels survive a reload, in their set', async () => {
    opened = await openPage({ suffix: '#label&engine=wasm' });
    const { page } = opened;
    await settled();
    await asked();
    await page.keyboard.press('ArrowLeft'); // from the page itself: the comparison takes the focus
    await labelWith('Enter');
    await labelWith('6', 'Enter');
    await labelWith('ArrowDown', 'n', 'x', 'Enter');
    const rows = () => page.getByTestId('label-row').allInnerTexts();
    const before = await rows();
    expect(before).toHaveLength(3);
    expect(before[0]).toContain('tie');
    expect(before[0]).toContain('“x”');
    expect(before[1]).toContain('B is better');
    await page.reload();
    await page.waitForSelector('[data-testid="label-row"]');
    expect(await rows()).toEqual(before);
    expect(await page.getByTestId('shelf-facts').first().innerText()).toBe('3 labels');
    expect(opened.problems).toEqual([]);
    expect(opened.foreignRequests).toEqual([]);
  });

  test('goes on in memory, and says so, where the browser keeps nothing', async () => {
    opened = await openPage({
      suffix: '#label&engine=wasm',
      before: (page) =>
        page.addInitScript(() => {
          IDBFactory.prototype.open = () => {
            throw new DOMException('denied', 'SecurityError');
          };
        }),
    });
    await settled();
    await asked();
    expect(await opened.page.getByTestId('storage-problem').innerText()).toContain('gone when the page is closed');
    await opened.page.getByTestId('label-task').focus();
    await labelWith('ArrowRight', 'Enter');
    expect(await count('[data-testid="label-row"]')).toBe(1);
    expect(opened.problems).toEqual([]);
  });
});

describe.each([
  ['wide, light', { width: 1440, height: 900 }, 'light'],
  ['tablet, dark', { width: 1024, height: 768 }, 'dark'],
  ['phone, light', { width: 390, height: 844 }, 'light'],
] as const)('axe finds nothing: %s', (_, viewport, colorScheme) => {
  async function check() {
    const { violations } = await new AxeBuilder({ page: opened.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual([]);
    const overflow = await opened.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }

  test('while labelling', async () => {
    opened = await openPage({ suffix: '#label&engine=wasm', context: { viewport, colorScheme } });
    await settled();
    await asked();
    await opened.page.getByTestId('label-options').locator('summary').click();
    await opened.page.getByTestId('label-task').focus();
    await labelWith('2', 'Enter');
    await opened.page.getByRole('button', { name: 'change' }).click();
    await check();
  });

  test('on reward models', async () => {
    opened = await openPage({ suffix: '#reward-models&engine=wasm', context: { viewport, colorScheme } });
    await settled();
    await opened.page.getByTestId('draw-samples').click();
    await opened.page.getByTestId('ranking').waitFor({ timeout: 90_000 });
    await opened.page.getByTestId('grade').click();
    await opened.page.getByTestId('report-card').waitFor({ timeout: 90_000 });
    await opened.page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    await check();
  });
});
