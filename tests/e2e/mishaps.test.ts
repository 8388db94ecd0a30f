/** @file What goes wrong for real users: a file missing or damaged, a worker that dies, no isolation, no WebGPU. */
import { afterEach, describe, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';

const RUN = 'engine=wasm&grpo.numUpdates=40&grpo.groupSize=4&grpo.promptsPerUpdate=2&grpo.maxCompletionTokens=32';

let opened: OpenedPage;
afterEach(() => opened.close());

const state = (wanted: string) =>
  opened.page.waitForFunction((value) => document.documentElement.dataset.state === value, wanted, { timeout: 120_000 });
const updated = (update: number) =>
  opened.page.waitForFunction((wanted) => Number(document.querySelector('[data-testid="update-count"]')?.textContent) >= wanted, update, {
    timeout: 120_000,
  });

/** Throws in the trainer's worker, outside of any call. @returns updates shown at that time */
async function killWorker(): Promise<number> {
  const worker = opened.page
    .workers()
    .filter((each) => each.url().includes('trainer'))
    .at(-1)!;
  const throwSoon = () =>
    void setTimeout(() => {
      throw new Error('the test kills this worker');
    }, 0);
  await worker.evaluate(throwSoon).catch(() => undefined);
  return Number(await opened.page.getByTestId('update-count').innerText());
}

/** The update that the page says the run goes on from. */
const keptUpdate = async () => Number(/from update (\d+)/.exec(await opened.page.getByTestId('run-note').innerText())?.[1]);

describe('when something goes wrong', () => {
  test('a missing model file is named, and loading again goes on', async () => {
    opened = await openPage({
      suffix: '#engine=wasm',
      before: (page) => page.route('**/sft/model.safetensors', (route) => route.fulfill({ status: 404 })),
    });
    await state('failed');
    expect(await opened.page.getByTestId('error-banner').innerText()).toContain('sft/model.safetensors');
    await opened.page.unroute('**/sft/model.safetensors');
    await opened.page.getByTestId('retry-load').click();
    await state('ready');
  });

  test('a damaged model file is named, not run', async () => {
    opened = await openPage({
      suffix: '#engine=wasm',
      before: (page) => page.route('**/rlhf/model.safetensors', (route) => route.fulfill({ body: 'not a model' })),
    });
    await state('failed');
    const banner = opened.page.getByTestId('error-banner');
    expect(await banner.innerText()).toContain('rlhf/model.safetensors');
    expect(await banner.getAttribute('data-code')).toBe('corrupt-file');
  });

  test('a worker that dies mid-run is replaced without a click; one that dies again is replaced with one', async () => {
    opened = await openPage({ suffix: `#${RUN}` });
    await state('ready');
    await opened.page.getByTestId('start-run').click();
    await updated(3);
    const answer = await opened.page.getByTestId('text-sft').innerText();
    const reached = await killWorker();
    await opened.page.getByTestId('run-note').filter({ hasText: 'The engine stopped working' }).waitFor();
    expect(await keptUpdate()).toBeGreaterThanOrEqual(reached - 1);
    await updated(reached + 1);
    expect(await opened.page.getByTestId('text-sft').innerText()).toBe(answer);
    expect(await opened.page.getByTestId('error-banner').count()).toBe(0);

    const reachedNow = await killWorker();
    await state('failed');
    await opened.page.getByTestId('load-and-continue').click();
    await updated(reachedNow + 2);
  });

  test('without cross-origin isolation it runs on one thread', async () => {
    opened = await openPage({ suffix: '#engine=wasm', isolated: false });
    await state('ready');
    expect(await opened.page.getByTestId('status-chip').innerText()).toContain('1 thread');
    expect(opened.problems).toEqual([]);
  });

  test('without WebGPU it falls back to wasm and says so in one line', async () => {
    opened = await openPage({ withWebgpu: false });
    await state('ready');
    expect((await opened.page.getByTestId('status-chip').innerText()).toLowerCase()).toContain('wasm');
    expect(await opened.page.locator('body').innerText()).toContain('so the model runs on the processor (wasm)');
  });
});
