/**
 * @file The lessons on the built page in a real Chromium: the index, a lesson by keyboard alone, its recording, the presentation, the
 * worksheet, three languages, and axe at three sizes. With the tiny family, so that steps which run the models take seconds.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

const open = (suffix: string, context = {}) => openPage({ suffix, context, before: serveTinyFamily });
const heading = (page: Page) => page.locator('h1').innerText();

/** Everything axe and the width of the page have to complain of. */
async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']).analyze();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`);
  return overflow > 0 ? [...found, `wider than the window by ${overflow}`] : found;
}

test.each([
  ['wide', { viewport: { width: 1440, height: 900 } }],
  ['projector, dark', { viewport: { width: 1024, height: 768 }, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 } }],
])(
  'nothing is amiss in index, lesson, recording, presentation and worksheet: %s',
  async (_, context) => {
    opened = await open('#lessons&engine=wasm', context);
    const { page } = opened;
    await page.getByTestId('lessons').waitFor();
    expect(await faults(page)).toEqual([]);
    for (const place of ['3', '12', 'syllabus', '4/worksheet', '4/answers', '4/stage/1', '4/stage/9']) {
      await page.evaluate((hash) => (location.hash = hash), `lessons/${place}`);
      await page.locator('h1').first().waitFor();
      const replay = page.getByTestId('replay');
      if (await replay.count()) {
        await replay.click();
        await page.getByTestId('recording-label').waitFor();
        expect(await page.getByTestId('recording-label').innerText()).toMatch(/recording, seed \d+, \d+ \w+ \d{4}/);
        // Drawn too: a session that the list of lessons had made once stood still when the list was gone.
        await expect.poll(() => page.locator('figure svg').count(), { message: place }).toBeGreaterThan(0);
      }
      expect(await faults(page), place).toEqual([]);
    }
    expect(opened.problems).toEqual([]);
    expect(opened.foreignRequests).toEqual([]);
  },
  300_000,
);

test('lesson 3 by keyboard alone: labels, prediction, fit, noise; all steps marked, and still so after a reload', async () => {
  opened = await open('#lessons/3&engine=wasm');
  const { page } = opened;
  const { keyboard } = page;
  const press = async (testId: string, key: string) => {
    await page.getByTestId(testId).focus();
    await keyboard.press(key);
  };
  const doneSteps = () => page.locator('[data-testid="steps"] [data-done="true"]').count();
  const step = async (number: number) => {
    await page
      .getByTestId('steps')
      .getByRole('link')
      .nth(number - 1)
      .focus();
    await keyboard.press('Enter');
    await page.waitForFunction((wanted) => location.hash.startsWith(`#lessons/3${wanted === 1 ? '' : `/step-${wanted}`}`), number);
  };

  await page.getByTestId('choose-left').waitFor({ timeout: 120_000 });
  for (let i = 0; i < 6; i++) await press('choose-left', 'ArrowRight');
  await expect.poll(doneSteps).toBe(1);

  await step(2);
  await page.getByRole('radio').first().focus();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await page.getByTestId('prediction').waitFor();
  await expect.poll(doneSteps).toBe(2);

  await step(3);
  await press('fit', 'Enter');
  await expect.poll(doneSteps, { timeout: 60_000 }).toBe(3);
  expect(await page.getByTestId('key-figure').locator('svg').count()).toBeGreaterThan(1);
  expect(await page.getByTestId('key-figure').getAttribute('data-source')).toBe('own');

  await step(4);
  await press('noise', 'End');
  await press('fit', 'Enter');
  await expect.poll(doneSteps, { timeout: 60_000 }).toBe(4);

  await step(2);
  expect(await page.getByTestId('prediction').innerText()).toMatch(/You predicted: .*\n+(It came true|It came otherwise)/);
  await page.reload();
  await expect.poll(doneSteps, { timeout: 60_000 }).toBe(4);
  expect(opened.problems).toEqual([]);
}, 300_000);

test('lesson 4 runs live on the tiny family: started in the lesson, followed on its figure, and its steps see it', async () => {
  opened = await open('#lessons/4&engine=wasm');
  const { page } = opened;
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
  await page.getByRole('radio').first().check();
  await page.getByRole('button', { name: 'Keep this prediction' }).click();
  await page.getByTestId('steps').getByRole('link').nth(1).click();
  // The tiny family has no reward model; the sliders reward its run.
  await page.evaluate(
    () => (location.hash = 'lessons/4/step-2&grpo.numUpdates=3&grpo.groupSize=2&grpo.promptsPerUpdate=1&grpo.maxCompletionTokens=16'),
  );
  await page.getByTestId('start-run').click();
  await page.waitForFunction(() => Number(document.querySelector('[data-testid="update-count"]')?.textContent) >= 2, null, {
    timeout: 180_000,
  });
  await expect.poll(() => page.locator('[data-testid="steps"] [data-done="true"]').count()).toBeGreaterThanOrEqual(2);
  await expect.poll(() => page.getByTestId('key-figure').locator('svg').count()).toBeGreaterThan(2);
}, 300_000);

test('lesson 7 runs live on the tiny family: taught once, its map is drawn, and it is asked about the past', async () => {
  opened = await open('#lessons/7/step-2&engine=wasm');
  const { page } = opened;
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
  await page.evaluate(() => (location.hash = 'lessons/7'));
  await page.getByRole('radio').first().check();
  await page.getByRole('button', { name: 'Keep this prediction' }).click();
  await page.getByTestId('steps').getByRole('link').nth(1).click();
  await page.getByTestId('teach-naive').click();
  await page.getByTestId('map-0').waitFor({ timeout: 240_000 });
  expect(await page.getByTestId('map-0').locator('circle').count()).toBeGreaterThan(50);
  await page.getByTestId('tense-past').check();
  await page.getByTestId('ask-act').click();
  await page.getByTestId('act-answer').waitFor({ timeout: 60_000 });
  await expect.poll(() => page.locator('[data-testid="steps"] [data-done="true"]').count()).toBeGreaterThanOrEqual(2);
  // What was made in a step is still drawn, and drawn on, in the next.
  await page.getByTestId('steps').getByRole('link').nth(2).click();
  await page.getByTestId('teach-paired').click();
  await page.getByTestId('map-2').waitFor({ timeout: 240_000 });
}, 500_000);

test('presenter mode: arrow keys turn slides, B blacks out, N shows notes, Esc leaves; each slide has an address', async () => {
  opened = await open('#lessons/1/stage/1&engine=wasm', { viewport: { width: 1024, height: 768 } });
  const { page } = opened;
  const { keyboard } = page;
  const stage = page.getByTestId('stage');
  await stage.waitFor();
  const first = await heading(page);
  await keyboard.press('ArrowRight');
  await expect.poll(() => stage.getAttribute('data-slide')).toBe('2');
  expect(page.url()).toContain('#lessons/1/stage/2');
  expect(await heading(page)).not.toBe(first);
  await keyboard.press('ArrowLeft');
  await expect.poll(() => heading(page)).toBe(first);
  await keyboard.press('n');
  await page.getByTestId('notes').waitFor();
  await keyboard.press('b');
  await expect.poll(() => page.locator('h1').isVisible()).toBe(false);
  await keyboard.press('b');
  await expect.poll(() => page.locator('h1').isVisible()).toBe(true);
  // Large type on a projector: no line of a title slide is small, and nothing is cut off.
  const size = await page.locator('.slide').evaluate((node) => parseFloat(getComputedStyle(node).fontSize));
  expect(size).toBeGreaterThanOrEqual(22);
  await keyboard.press('Escape');
  await page.getByTestId('steps').waitFor();
  expect(await stage.count()).toBe(0);
}, 120_000);

test.each([
  ['pt-BR', 'Lições', 'gravação', /24 de novembro de 2026|\d+ de \w+ de \d{4}/],
  ['zh-CN', '课程', '录制', /\d{4}年\d+月\d+日/],
])(
  'in %s the lessons are translated, the language is declared, and the models are said to speak English',
  async (locale, title, word, date) => {
    opened = await open(`?lang=${locale}#lessons/4&engine=wasm`);
    const { page } = opened;
    await page.getByTestId('steps').waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale);
    expect(await page.title()).toContain(title);
    await page.getByTestId('replay').click();
    const label = await page.getByTestId('recording-label').innerText();
    expect(label).toContain(word);
    expect(label).toMatch(date);
    await page.reload();
    await page.getByTestId('steps').waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale);
    await page.evaluate(() => (location.hash = 'world'));
    await page.getByTestId('language-note').waitFor();
    await page.getByTestId('world-entry').waitFor();
    expect(await page.getByRole('main').innerText()).not.toContain('Look it up');
  },
  120_000,
);

test('the worksheet is one printed page, and its answers are apart', async () => {
  opened = await open('#lessons/3/worksheet&engine=wasm');
  const { page } = opened;
  const sheet = page.getByTestId('sheet');
  await sheet.waitFor();
  const answer = 'p² + (1 − p)²';
  expect(await sheet.innerText()).not.toContain(answer);
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('nav').first().isVisible()).toBe(false);
  for (const path of ['worksheet', 'answers']) {
    await page.evaluate((place) => (location.hash = `lessons/3/${place}`), path);
    await page.waitForTimeout(300);
    const pdf = await page.pdf({ format: 'A4' });
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? [];
    expect(pages.length, path).toBe(1);
  }
  await page.emulateMedia({ media: 'screen' });
  expect(await sheet.innerText()).toContain(answer);
}, 120_000);
