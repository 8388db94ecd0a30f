/** @file axe on the built page: WCAG A and AA, light and dark, wide and narrow, with answers on screen. */
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';

let opened: OpenedPage;
afterEach(() => opened.close());

test.each([
  ['wide, light', { width: 1440, height: 900 }, 'light'],
  ['wide, dark', { width: 1440, height: 900 }, 'dark'],
  ['phone, light', { width: 390, height: 844 }, 'light'],
  ['phone, dark', { width: 390, height: 844 }, 'dark'],
] as const)('axe finds nothing: %s', async (_, viewport, colorScheme) => {
  opened = await openPage({ suffix: '#engine=wasm', context: { viewport, colorScheme } });
  const { page } = opened;
  await page.waitForFunction(() => document.querySelector<HTMLElement>('[data-testid="column-rlhf"]')?.dataset.status === 'done', null, {
    timeout: 120_000,
  });
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});
