/** @file A run that is steered while it goes on, and given more updates when it has ended. */
import { afterEach, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily, TINY_RUN } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

const updated = (update: number) =>
  opened.page.waitForFunction((wanted) => Number(document.querySelector('[data-testid="update-count"]')?.textContent) >= wanted, update, {
    timeout: 60_000,
  });

test('sliders marked live can be moved while a run goes on, and an ended run takes more updates', async () => {
  opened = await openPage({ suffix: `#engine=wasm&grpo.numUpdates=20&${TINY_RUN}`, before: serveTinyFamily });
  const { page } = opened;
  await page.getByTestId('start-run').click();
  await updated(1);
  const slider = (name: string) => page.getByRole('slider', { name, exact: true });
  expect(await slider('Group size').isDisabled()).toBe(true);
  await slider('KL weight').focus();
  await page.keyboard.press('ArrowRight');
  await updated(20);
  const extend = page.getByTestId('extend-run');
  expect(await extend.innerText()).toBe('20 more updates');
  await extend.click();
  await updated(40);
  expect(await page.locator('.progress').innerText()).toContain('40/40');
  expect(opened.problems).toEqual([]);
});
