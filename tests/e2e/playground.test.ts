/**
 * @file The main job on the built page in a real Chromium, once on wasm and once on WebGPU: answers of three models, a
 * reward tuned by hand, ten updates of RL on a fixed seed, the trained policy beside the others, and a reload.
 *
 * A browser without a WebGPU adapter fails the second half; it does not skip it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, type OpenedPage } from './browser';

/** Ten updates each; smaller ones, and shorter answers, for the software GPU of the tests, which takes a tenth of a second a token. */
const RUNS = {
  wasm: 'runSeed=3&grpo.numUpdates=10&grpo.groupSize=6&grpo.promptsPerUpdate=2&grpo.maxCompletionTokens=64&grpo.learningRate=0.001',
  webgpu:
    'maxTokens=32&runSeed=1&grpo.numUpdates=10&grpo.groupSize=4&grpo.promptsPerUpdate=1&grpo.maxCompletionTokens=32&grpo.learningRate=0.001',
};
/** A reward for short answers and nothing else. */
const ONLY_SHORT =
  'reward.length=-2&reward.correctness=0&reward.on_topic=0&reward.list_format=0&reward.politeness=0&reward.typos=0&reward.repetition=0&reward.exclamation=0&reward.honesty=0&reward.ending=0';

describe.each(['wasm', 'webgpu'] as const)('the page on %s', (backend) => {
  let opened: OpenedPage;
  const link = `engine=${backend}&${RUNS[backend]}`;
  const text = (testId: string) => opened.page.getByTestId(testId).innerText();
  const number = async (testId: string) => Number((await text(testId)).replace('−', '-').replace(/[^\d.e-]/g, ''));
  const settled = (state: string) =>
    opened.page.waitForFunction((wanted) => document.documentElement.dataset.state === wanted, state, { timeout: 120_000 });
  const answered = (model: string) =>
    opened.page.waitForFunction(
      (id) => document.querySelector<HTMLElement>(`[data-testid="column-${id}"]`)?.dataset.status === 'done',
      model,
      { timeout: 120_000 },
    );
  const updated = (update: number) =>
    opened.page.waitForFunction((wanted) => Number(document.querySelector('[data-testid="update-count"]')?.textContent) >= wanted, update, {
      timeout: 840_000,
    });

  beforeAll(async () => {
    opened = await openPage({ suffix: `#${link}` });
    await settled('ready');
  });

  afterAll(() => opened.close());

  test('names the engine that runs', async () => {
    const chip = await text('status-chip');
    expect(chip.toLowerCase()).toContain(backend);
  });

  test('answers with three models by itself', async () => {
    for (const model of ['base', 'sft', 'rlhf']) await answered(model);
    const answers = await Promise.all(['base', 'sft', 'rlhf'].map((model) => text(`text-${model}`)));
    for (const answer of answers) expect(answer.length).toBeGreaterThan(10);
    expect(answers[1]).toContain('Ingredients');
    expect(answers[0]).not.toContain('**Steps**');
  });

  test('ranks answers anew when a slider moves', async () => {
    const ranking = opened.page.getByTestId('ranking').locator('> li');
    await ranking.first().waitFor();
    const before = await ranking.allInnerTexts();
    await opened.page.getByTestId('feature-length').focus();
    await opened.page.keyboard.press('Home');
    await opened.page.waitForFunction(
      (first) => document.querySelector<HTMLElement>('[data-testid="ranking"] > li')?.innerText !== first,
      before[0],
      { timeout: 10_000 },
    );
    expect(await opened.page.getByTestId('feature-length').inputValue()).toBe('-2');
  });

  test('trains: ten updates, a reward that rises, a policy that answers', async () => {
    await opened.page.evaluate((hash) => (location.hash = hash), `${link}&${ONLY_SHORT}`);
    await opened.page.waitForFunction(() => document.querySelector<HTMLInputElement>('[data-testid="feature-correctness"]')?.value === '0');
    await opened.page.getByTestId('start-run').click();
    await updated(1);
    const first = await number('metric-reward');
    await updated(10);
    const last = await number('metric-reward');
    expect(last).toBeGreaterThan(first);
    // An estimate from a few answers: it may be negative, but it has left 0.
    expect(Math.abs(await number('metric-objective-kl'))).toBeGreaterThan(0);
    await answered('yours');
    expect((await text('text-yours')).length).toBeGreaterThan(0);
  }, 900_000);

  test('starts afresh after a reload, and trains only when told to', async () => {
    await opened.page.reload();
    await settled('ready');
    await answered('sft');
    expect(await number('update-count')).toBe(0);
  });

  test('never leaves its origin and has nothing on the console', () => {
    expect(opened.foreignRequests).toEqual([]);
    expect(opened.problems).toEqual([]);
  });
});
