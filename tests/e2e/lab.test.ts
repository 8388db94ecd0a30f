/**
 * @file The RL lab on the built page in a real Chromium: every algorithm trains from the picker, its last update can be looked at
 * closely, charts are drawn along what the reader chooses, and axe finds nothing in any of its tabs.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, describe, expect, test } from 'vitest';
import { ALGORITHMS, learnsFromRewards, STAGES } from '../../src/core/algorithms/catalogue';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

const WAIT = { timeout: 120_000 };
const SIZES = 'promptsPerUpdate=2 groupSize=2 maxCompletionTokens=16 demonstrationsPerUpdate=2 numDocuments=0 pairsPerUpdate=2'.split(' ');
const ready = () => opened.page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, WAIT);
const tab = (name: string) => opened.page.getByRole('tab', { name });
const text = (id: string) => opened.page.getByTestId(id).innerText();
const reached = (update: number) =>
  opened.page.waitForFunction(
    (count) => document.querySelector('[data-testid="update-count"]')?.textContent === String(count),
    update,
    WAIT,
  );
const held = () => opened.page.getByRole('button', { name: 'Resume' }).waitFor(WAIT);

async function violations(): Promise<string[]> {
  const found = await new AxeBuilder({ page: opened.page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'])
    .analyze();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`);
}

describe('the lab', () => {
  test.each(STAGES)('takes one update of %s and shows it step by step and token by token, or says why not', async (stage) => {
    const { fields } = ALGORITHMS[stage];
    const sizes = SIZES.filter((size) => fields.some(({ key }) => size.startsWith(`${key}=`)));
    const settings = sizes.map((size) => `&${stage}.${size}`).join('');
    opened = await openPage({ suffix: `#lab&engine=wasm&stage=${stage}${settings}`, before: serveTinyFamily });
    const { page } = opened;
    await ready();
    expect(await page.getByTestId('algorithm').inputValue()).toBe(stage);
    await page.getByTestId('step-run').click();
    await reached(1);
    await held();
    await tab('One update, step by step').click();
    if (learnsFromRewards(stage)) {
      await page.getByTestId('step-by-step').waitFor();
      expect(await text('step-by-step')).toContain(ALGORITHMS[stage].label);
      expect(await text('step-reward-parts')).toMatch(/Correctness/);
      expect(await page.getByTestId('most-moved').locator('tbody tr').count()).toBe(12);
      await tab('Token by token').click();
      await page.getByTestId('token-view').waitFor();
      const numbers = await text('token-numbers');
      for (const name of ['log-probability', 'advantage', 'KL to the reference', 'ratio', 'change']) expect(numbers).toContain(name);
      expect(numbers.includes('value')).toBe(stage === 'ppo');
    } else {
      expect(await page.getByRole('tabpanel').innerText()).toContain(`${ALGORITHMS[stage].label} draws no answers`);
      await tab('Answers over time').click();
      expect(await page.getByRole('tabpanel').innerText()).toContain('before training');
    }
    expect(opened.problems).toEqual([]);
    expect(opened.foreignRequests).toEqual([]);
  });

  test('draws charts along updates, seconds or KL, smoothed, on a logarithmic axis, and reads any point by key', async () => {
    const suffix = '#lab&engine=wasm&grpo.groupSize=2&grpo.promptsPerUpdate=2&grpo.maxCompletionTokens=16&grpo.numUpdates=4';
    opened = await openPage({ suffix, before: serveTinyFamily });
    const { page } = opened;
    await ready();
    await page.getByTestId('start-run').click();
    await reached(4);
    const cursor = page.getByLabel('Read Entropy (nats per token)');
    await cursor.focus();
    await page.keyboard.press('Home');
    expect(await cursor.getAttribute('aria-valuetext')).toMatch(/^update 1: [\d.]+$/);
    await page.getByLabel('Along').selectOption('time');
    await cursor.focus();
    await page.keyboard.press('Home');
    expect(await cursor.getAttribute('aria-valuetext')).toMatch(/^update 1: [\d.]+ \(seconds [\d.]+\)$/);
    await page.getByLabel('Along').selectOption('kl');
    await cursor.focus();
    await page.keyboard.press('End');
    expect(await cursor.getAttribute('aria-valuetext')).toMatch(/^update \d: [\d.]+ \(KL in nats −?[\d.]+\)$/);
    await page.getByLabel('Smoothing').fill('0.5');
    await page.getByLabel('logarithmic').check();
    await page.getByLabel('Along').selectOption('update');
    await page.waitForTimeout(300);
    expect(await text('run-cost')).toMatch(/So far [\d,]+ tokens, [\d.]+ GFLOPs, .+ of training\./);
    expect(await page.getByRole('img', { name: /^Their lengths in tokens: \d+ from/ }).count()).toBe(1);
    expect(opened.problems).toEqual([]);
  });

  test.each([
    ['light, wide', { width: 1440, height: 900 }, 'light'],
    ['dark, phone', { width: 390, height: 844 }, 'dark'],
  ] as const)('axe finds nothing in any tab, and nothing overflows: %s', async (_, viewport, colorScheme) => {
    const suffix = '#lab&engine=wasm&grpo.groupSize=4&grpo.promptsPerUpdate=2&grpo.maxCompletionTokens=16&grpo.numUpdates=3';
    opened = await openPage({ suffix, before: serveTinyFamily, context: { viewport, colorScheme } });
    const { page } = opened;
    await ready();
    expect(await violations()).toEqual([]);
    await page.getByTestId('start-run').click();
    await reached(3);
    for (const name of ['What it measures', 'Answers over time', 'One update, step by step', 'Token by token']) {
      await tab(name).click();
      await page.waitForTimeout(500); // tab panels are fetched and fade
      expect(await violations(), name).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, name).toBeLessThanOrEqual(0);
    }
    expect(opened.problems).toEqual([]);
  });
});
