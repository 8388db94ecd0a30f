/**
 * @file axe on the built page: WCAG A and AA, light and dark, wide and narrow, with answers on screen; the views that have no
 * tests of their own here; and charts in the theme's colours for whoever asks for less motion.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

/** Everything axe and the width of the page have to complain of. */
async function faults(): Promise<string[]> {
  const { page } = opened;
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']).analyze();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`);
  return overflow > 0 ? [...found, `wider than the window by ${overflow}`] : found;
}

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
  expect(await faults()).toEqual([]);
});

test.each(['en', 'pt-BR', 'zh-CN'])(
  'axe finds nothing in the world and on the models’ card, wide and narrow, light and dark: %s',
  async (locale) => {
    opened = await openPage({ suffix: `?lang=${locale}#world&engine=wasm` });
    const { page } = opened;
    await page.getByTestId('world-entry').waitFor();
    for (const view of ['world', 'models']) {
      await page.evaluate((hash) => (location.hash = hash), view);
      await page.getByTestId(view === 'world' ? 'world-entry' : 'model-sft').waitFor();
      for (const [width, colorScheme] of [
        [1280, 'light'],
        [390, 'dark'],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        expect(await faults(), `${view}, ${width} wide`).toEqual([]);
      }
    }
    expect(opened.problems).toEqual([]);
  },
);

test('charts have the colours of the theme where less motion is asked for', async () => {
  opened = await openPage({
    suffix: `#engine=wasm&${TINY_RUN}`,
    before: serveTinyFamily,
    context: { reducedMotion: 'reduce', colorScheme: 'dark' },
  });
  const { page } = opened;
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, { timeout: 120_000 });
  await page.getByTestId('step-run').click();
  const gold = page.locator('figure', { has: page.getByTestId('metric-gold_reward') });
  await expect.poll(() => gold.getByTestId('metric-gold_reward').innerText(), { timeout: 60_000 }).not.toBe('–');
  const painted = () =>
    gold.evaluate((figure) => {
      const wanted = getComputedStyle(figure.querySelector('b')!).color.match(/\d+/g)!.map(Number);
      const canvas = figure.querySelector('canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const isIt = (at: number) => data[at + 3]! > 200 && wanted.every((channel, i) => Math.abs(data[at + i]! - channel) < 8);
      return Array.from({ length: data.length / 4 }, (_, pixel) => 4 * pixel).filter(isIt).length;
    });
  await expect.poll(painted).toBeGreaterThan(4); // the dot of the first update
});
