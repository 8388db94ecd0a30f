/**
 * @file Reward models of the reward lab as the reward of a run, on the built page in a real Chromium: a class's file is learned from by a
 * fit and by a network, both are kept, survive a reload, are chosen by name in the playground, and reward a run that trains.
 */
import { afterEach, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';
import { serveTinyFamily } from './tiny-site';

let opened: OpenedPage;
afterEach(() => opened.close());

const WAIT = { timeout: 120_000 };
const SUFFIX = '#engine=wasm&maxTokens=8&grpo.groupSize=4&grpo.promptsPerUpdate=2&grpo.maxCompletionTokens=16&grpo.numUpdates=2';
const DISHES = ['chili', 'tomato soup', 'apple pie', 'rice pudding', 'onion bread'];

/** Polite answers are preferred to curt ones. */
const FILE = Array.from({ length: 40 }, (_, i) =>
  JSON.stringify({
    prompt: `Please tell me about ${DISHES[i % DISHES.length]}, number ${i}.`,
    chosen: `Here is a kind word about ${DISHES[i % DISHES.length]}. I hope this helps!`,
    rejected: `No!!! ${i}`,
  }),
).join('\n');

test('a fitted and a neural reward model are made from a file of labels, chosen by name, and reward a run', async () => {
  opened = await openPage({ suffix: `#label&${SUFFIX.slice(1)}`, before: serveTinyFamily });
  const { page } = opened;
  const ready = () => page.waitForFunction(() => document.documentElement.dataset.state === 'ready', null, WAIT);
  const shelf = (noun: string) => page.getByRole('group', { name: noun, exact: true }).getByRole('combobox').locator('option:checked');
  await ready();
  await page.getByTestId('import-file').setInputFiles({ name: 'Ann.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(FILE) });
  await page.getByRole('button', { name: 'Add to this set' }).click();
  await page.getByTestId('label-row').first().waitFor();

  await page.getByRole('link', { name: 'Reward models' }).click();
  await page.getByRole('tab', { name: 'Fitted' }).click();
  await page.getByText('from 40 comparisons').waitFor(WAIT);
  await page.getByTestId('keep-fit').click();
  const fitted = await shelf('Fitted reward').innerText();
  await page.getByRole('tab', { name: 'Neural' }).click();
  await page.getByTestId('train-neural').click();
  await page.getByTestId('score-text').waitFor(WAIT);
  const neural = await shelf('Neural model').innerText();
  await page.getByTestId('score-text').press('Enter');
  await page.getByTestId('token-strip').waitFor(WAIT);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.getByText(/^After “␣is” the model’s value is [+−][\d.]+, [+−][\d.]+ by this token\.$/).waitFor();

  await page.goto(opened.url + SUFFIX);
  await page.reload();
  await ready();
  const parts = page.getByTestId('reward-parts');
  const before = await parts.innerText();
  await page.getByTestId('reward-sliders').selectOption(fitted);
  expect(await parts.innerText()).not.toBe(before);
  await runs('fitted', /× Polite/);

  await page.getByTestId('reset-run').click();
  await page.getByTestId('reward-neural').selectOption(neural);
  await page.getByRole('button', { name: 'this model alone' }).click();
  await runs('neural', new RegExp(`^[^+−]*1 × ${neural}[^+−]*$`));

  /** Trains on the reward that is set, whose sum reads so. Without the model's points the reward would be 0. */
  async function runs(what: string, sum: RegExp): Promise<void> {
    expect(await parts.innerText()).toMatch(sum);
    await page.getByTestId('start-run').click();
    await page.waitForFunction(() => document.querySelector('[data-testid="update-count"]')?.textContent === '2', null, WAIT);
    const reward = async () => Number((await page.getByTestId('metric-reward').innerText()).replace('−', '-'));
    await expect.poll(async () => Math.abs(await reward()), { message: what, timeout: 60_000 }).toBeGreaterThan(0);
  }
  expect(opened.problems).toEqual([]);
});
