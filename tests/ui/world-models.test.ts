/** @file The models' card: figures with intervals, plain sentences for what is missing, nothing shown that was not checked. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { AppState } from '../../src/state/app.svelte';
import { ModelEvals } from '../../src/state/model-evals.svelte';
import type { RewardLab } from '../../src/state/reward-lab.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import ModelsView from '../../src/ui/models/ModelsView.svelte';
import { TrainerDouble } from './trainer-double';

const manifest = (await (await fetch('/models/manifest.json')).json()) as { models: { id: string; eval?: Record<string, number> }[] };

/** The site's own manifest, of models that were measured; one fewer than are shipped, to have a short table. */
const MEASURED = {
  ...manifest,
  models: manifest.models.filter(({ id }) => id !== 'dpo').map((model) => ({ ...model, eval: { format: 1, accuracy: 1 } })),
};
const figure = (value: number, low: number, high: number) => ({ value, low, high, n: 400 });
const evals = (figures: object, rest = {}) => ({
  version: 1,
  command: 'npm run -s aftertrain -- eval --model here',
  seed: 7,
  temperature: 0.8,
  numPrompts: 400,
  maxTokens: 112,
  figures,
  ...rest,
});
const FILES: Record<string, unknown> = {
  'manifest.json': MEASURED,
  's/base/evals.json': evals({ correct: figure(0.02, 0.01, 0.04) }),
  's/sft/evals.json': evals({
    correct: figure(0.86, 0.82, 0.89),
    'groups/gold': figure(-0.02, -0.08, 0.05),
    lexicon: figure(0.996, 0.992, 1),
  }),
  's/rlhf/evals.json': evals({ correct: figure(0.9, 0.95, 0.99) }), // outside its own interval
  's/reward-model/evals.json': evals({ accuracy: figure(0.74, 0.7, 0.78) }, { reliability: [{ confidence: 0.6, accuracy: 0.61, n: 90 }] }),
};

async function view(files: Record<string, unknown>) {
  const real = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const path = /\/models\/(.*)$/.exec(String(input instanceof Request ? input.url : input))?.[1];
    if (path === undefined) return real(input, init);
    const file = files[path];
    return Promise.resolve(file === undefined ? new Response('', { status: 404 }) : new Response(JSON.stringify(file)));
  });
  const app = new AppState(new TrainerClient(new TrainerDouble().start));
  const screen = await render(ModelsView, { app, lab: {} as RewardLab });
  await expect.element(screen.getByRole('heading', { name: /The models/ })).toBeVisible();
  return screen;
}
afterEach(() => vi.restoreAllMocks());

const cells = (name: string) =>
  [...document.querySelectorAll(`[data-figure="${name}"] td`)].map((cell) => cell.textContent.replaceAll(/\s+/g, ' ').trim());

describe('the card', () => {
  it('shows each figure with its interval, model by model, and how it was measured', async () => {
    const screen = await view(FILES);
    expect(cells('correct')).toEqual(['2.0 % 1.0 to 4.0', '86 % 82 to 89']);
    expect(cells('groups/gold')).toEqual(['−2.0 −8.0 to +5.0']);
    expect(cells('lexicon')).toEqual(['–', '99.6 % 99.2 to 100']);
    expect(cells('accuracy')).toEqual(['74 % 70 to 78']);
    await expect.element(screen.getByText('400 prompts, seed 7, temperature 0.8').first()).toBeVisible();
    await expect.element(screen.getByRole('heading', { name: 'As right as it is sure?' })).toBeVisible();
  });

  it('refuses figures that cannot be true and says which, and shows the others', async () => {
    const screen = await view(FILES);
    await expect.element(screen.getByTestId('model-rlhf')).toHaveTextContent('the value lies outside its interval');
    expect(document.querySelectorAll('[data-testid="eval-problem"]')).toHaveLength(1);
  });

  it('names the file that is missing', async () => {
    const screen = await view({ ...FILES, 's/sft/evals.json': undefined });
    await expect
      .element(screen.getByTestId('model-sft'))
      .toHaveTextContent('s/sft/evals.json could not be fetched (the server answered 404)');
  });

  it('asks for no file of models that nobody has measured, and says how to measure one', async () => {
    const unmeasured = { ...manifest, models: manifest.models.map((model) => ({ ...model, eval: { format_rate: 1 } })) };
    const screen = await view({ 'manifest.json': unmeasured });
    await expect.element(screen.getByTestId('no-evals')).toHaveTextContent('aftertrain -- eval');
    const asked = vi.mocked(fetch).mock.calls.map(([input]) => String(input instanceof Request ? input.url : input));
    expect(asked.filter((url) => url.includes('evals.json'))).toEqual([]);
  });
});

it('a list of models that cannot be read is said in a sentence, and may be tried again', async () => {
  let isThere = false;
  const card = new ModelEvals((path) =>
    isThere ? Promise.resolve(FILES[path]) : Promise.reject(new Error('The file manifest.json could not be fetched (no connection).')),
  );
  await card.load();
  expect([card.status, card.problem]).toEqual(['failed', 'The file manifest.json could not be fetched (no connection).']);
  isThere = true;
  await card.load();
  expect(card.status).toBe('ready');
  expect(card.models.map(({ id }) => id)).toEqual(['base', 'sft', 'rlhf', 'reward-model']);
});
