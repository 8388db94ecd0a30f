/** @file Training on screen: settings, charts, then and now, one group, and how failures read. */
import { describe, expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { ALGORITHMS, STAGES } from '../../src/core/algorithms/catalogue';
import { numberFields, type Field } from '../../src/core/algorithms/fields';
import { GRPO_FIELDS } from '../../src/core/algorithms/grpo';
import type { FailureCode } from '../../src/protocol/load';
import { AppState } from '../../src/state/app.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import ErrorBanner from '../../src/ui/ErrorBanner.svelte';
import { ChartView } from '../../src/ui/train/chart-view.svelte';
import ChartOptions from '../../src/ui/train/ChartOptions.svelte';
import LineChart from '../../src/ui/train/LineChart.svelte';
import NumberControl from '../../src/ui/widgets/NumberControl.svelte';
import { dataFieldsOf } from '../../src/state/run-setup.svelte';
import RunSettings from '../../src/ui/train/RunSettings.svelte';
import ExampleGroup from '../../src/ui/train/ExampleGroup.svelte';
import ThenNow from '../../src/ui/train/ThenNow.svelte';
import { formatNumber, formatSigned } from '../../src/ui/format';
import { diffWords } from '../../src/ui/word-diff';
import { FAILURES } from '../../src/ui/words';
import { completion, TrainerDouble } from './trainer-double';

const chartProps = {
  metric: 'objective/kl',
  colour: '--yours',
  reading: 'How far.',
  rewardChanges: [],
  numUpdates: 10,
  theme: 'light',
} as const;

/** In a narrow strip of the plot around `update` of 10: pixels in the line's colour, and dark grey ones of a dashed mark. */
function strip(update: number): { line: number; mark: number } {
  const canvas = document.querySelector('canvas')!;
  const plot = document.querySelector('.u-over')!.getBoundingClientRect();
  const frame = canvas.getBoundingClientRect();
  const scale = canvas.width / frame.width;
  const middle = (plot.left - frame.left + (plot.width * update) / 10) * scale;
  const { data } = canvas.getContext('2d')!.getImageData(Math.round(middle) - 2, 0, 5, Math.round(plot.height * scale));
  const pixels = Array.from({ length: data.length / 4 }, (_, i) => data.subarray(4 * i, 4 * i + 4)).filter((pixel) => pixel[3]! > 120);
  const coloured = ([red, green]: Uint8ClampedArray) => Math.abs(red! - green!) > 40;
  return { line: pixels.filter(coloured).length, mark: pixels.filter((pixel) => !coloured(pixel) && pixel[0]! < 150).length };
}

describe('a chart', () => {
  it('says its last value as text, with its unit, and describes itself', async () => {
    const screen = await render(LineChart, { ...chartProps, updates: [0, 1, 2], values: [null, 0.5, 3.25] });
    await expect.element(screen.getByTestId('metric-objective-kl')).toHaveTextContent('3.25');
    await expect.element(screen.getByText('nats', { exact: true })).toBeVisible();
    await expect
      .element(screen.getByRole('img', { name: 'KL to the reference: from 0.50 at update 1 to 3.25 at update 2' }))
      .toBeInTheDocument();
  });

  it('draws a line when values come, and a further one where the reward was changed', async () => {
    const screen = await render(LineChart, { ...chartProps, updates: [], values: [] as number[] });
    await expect.element(screen.getByTestId('metric-objective-kl')).toHaveTextContent('–');
    await vi.waitFor(() => expect(document.querySelector('.u-over')).not.toBeNull());
    expect(strip(5)).toEqual({ line: 0, mark: 0 });
    const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    await screen.rerender({ updates: values, values });
    await vi.waitFor(() => expect(strip(5).line).toBeGreaterThan(5));
    expect(strip(4).mark).toBe(0);
    await screen.rerender({ rewardChanges: [4] });
    await vi.waitFor(() => expect(strip(4).mark).toBeGreaterThan(20));
    expect(strip(6).mark).toBe(0);
  });

  it('shows the exact value under the cursor', async () => {
    const screen = await render(LineChart, { ...chartProps, updates: [0, 5, 10], values: [1, 2.5, 4] });
    await vi.waitFor(() => expect(document.querySelector('.u-over')).not.toBeNull());
    await userEvent.hover(document.querySelector('.u-over')!);
    await expect.element(screen.getByText('update 5: 2.50')).toBeVisible();
    await screen.rerender({ values: [1, 0.123456, 4] });
    await userEvent.hover(document.querySelector('.u-over')!, { position: { x: 3, y: 30 } });
    await userEvent.hover(document.querySelector('.u-over')!);
    await expect.element(screen.getByText('update 5: 0.123456')).toBeVisible();
  });

  it('is drawn along time or KL, a change by hand where it was made', async () => {
    const along = { values: [0, 2, 7], name: 'seconds' };
    const screen = await render(LineChart, { ...chartProps, updates: [0, 5, 10], values: [1, 2.5, 4], along, rewardChanges: [5] });
    await vi.waitFor(() => expect(document.querySelector('.u-over')).not.toBeNull());
    const slider = screen.getByRole('slider');
    slider.element().focus();
    await userEvent.keyboard('{Home}{ArrowRight}');
    await expect.element(screen.getByText('update 5: 2.50 (seconds 2.00)')).toBeVisible();
  });

  it('of a run can be smoothed, logarithmic, and along time; the run says what it has cost', async () => {
    const view = new ChartView();
    const history = [1, 2, 3].map((update) => ({
      update,
      metrics: { 'update/seconds': 2, 'update/tokens': 8000, 'update/flops': 5e9, 'objective/kl': 4 - update } as const,
    }));
    const screen = await render(ChartOptions, { view, history });
    await expect.element(screen.getByTestId('run-cost')).toHaveTextContent('So far 24 k tokens, 15.0 GFLOPs, 6.0 s of training.');
    await screen.getByLabelText('Along').selectOptions('time');
    expect(view.along(history)).toEqual({ values: [2, 4, 6], name: 'seconds' });
    await screen.getByLabelText('Along').selectOptions('kl');
    expect(view.along(history)!.values).toEqual([3, 2, 1]);
    expect(view.smoothed([0, 1])).toBeNull();
    await screen.getByRole('slider').fill('0.5');
    expect(view.smoothed([0, 1])).toEqual([0, 2 / 3]);
    await screen.getByLabelText('logarithmic').click();
    expect(view.logarithmic).toBe(true);
  });
});

describe('a setting', () => {
  const learningRate = numberFields(GRPO_FIELDS).find(({ key }) => key === 'learningRate')!;

  it('moves evenly through powers of ten when its scale is logarithmic', async () => {
    const onchange = vi.fn<(value: number) => void>();
    const screen = await render(NumberControl, { field: learningRate, value: learningRate.min, onchange });
    const slider = screen.getByRole('slider', { name: learningRate.label });
    slider.element().focus();
    await userEvent.keyboard('{End}');
    expect(onchange).toHaveBeenLastCalledWith(learningRate.max);
    const middle = slider.element() as HTMLInputElement;
    middle.value = '50';
    middle.dispatchEvent(new Event('input', { bubbles: true }));
    const geometricMean = Math.sqrt(learningRate.min * learningRate.max);
    expect(onchange.mock.lastCall![0] / geometricMean).toBeCloseTo(1, 1);
  });

  it('is locked while a run goes on, unless it is live', async () => {
    const app = new AppState(new TrainerClient(new TrainerDouble().start));
    app.run.status = 'running';
    const screen = await render(RunSettings, { run: app.run });
    for (const more of screen.container.querySelectorAll('details')) more.open = true;
    for (const { label, live } of numberFields(GRPO_FIELDS)) {
      const slider = screen.getByRole('slider', { name: label, exact: true });
      if (live) await expect.element(slider).toBeEnabled();
      else await expect.element(slider).toBeDisabled();
    }
    const slider = screen.getByRole('slider', { name: 'KL weight' }).element() as HTMLInputElement;
    slider.value = '0.5';
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    expect(app.run.config).toMatchObject({ klCoef: 0.5 });
  });

  it('cannot be moved while a run holds it', async () => {
    const screen = await render(NumberControl, { field: learningRate, value: 0.001, disabled: true, onchange: () => {} });
    await expect.element(screen.getByRole('slider')).toBeDisabled();
  });
});

describe('the algorithm', () => {
  it.each(STAGES)('can be %s, with a sentence, a paper and all its settings', async (stage) => {
    const app = new AppState(new TrainerClient(new TrainerDouble().start));
    const screen = await render(RunSettings, { run: app.run });
    await userEvent.selectOptions(screen.getByTestId('algorithm'), stage);
    expect(app.run.setup.stage).toBe(stage);
    const { sentence, paper, fields } = ALGORITHMS[stage];
    await expect.element(screen.getByText(sentence)).toBeVisible();
    await expect.element(screen.getByRole('link', { name: paper.title })).toHaveAttribute('href', paper.url);
    for (const more of screen.container.querySelectorAll('details')) more.open = true;
    const roles = { number: 'slider', choice: 'combobox', switch: 'checkbox' } as const;
    for (const field of [...(fields as readonly Field[]), ...dataFieldsOf(stage)])
      await expect.element(screen.getByRole(roles[field.kind ?? 'number'], { name: field.label, exact: true })).toBeEnabled();
  });

  it('keeps its own settings while another is looked at, and cannot be changed under a run', async () => {
    const app = new AppState(new TrainerClient(new TrainerDouble().start));
    const screen = await render(RunSettings, { run: app.run });
    app.run.set('groupSize', 5);
    app.run.choose('ppo');
    app.run.set('klEstimator', 'k3');
    app.run.choose('grpo');
    expect(app.run.config).toMatchObject({ groupSize: 5 });
    app.run.choose('ppo');
    expect(app.run.config).toMatchObject({ klEstimator: 'k3' });
    app.run.status = 'running';
    app.run.choose('rloo');
    expect(app.run.setup.stage).toBe('ppo');
    await expect.element(screen.getByTestId('algorithm')).toBeDisabled();
  });
});

describe('then and now', () => {
  it('marks the words that changed and no others', () => {
    const { before, after } = diffWords('Add the beans and stir.', 'Add beans and then stir. Enjoy!');
    const marked = (words: readonly { text: string; changed: boolean }[]) =>
      words.filter(({ changed }) => changed).map(({ text }) => text.trim());
    expect(marked(before)).toEqual(['the']);
    expect(marked(after)).toEqual(['then', 'Enjoy!']);
    expect(after.map(({ text }) => text).join('')).toBe('Add beans and then stir. Enjoy!');
  });

  it('puts each prompt’s first answer beside its last', async () => {
    const sample = (prompt: string, text: string) => ({ prompt, completion: completion(text) });
    const screen = await render(ThenNow, {
      first: [sample('Hello!', 'Hi there.'), sample('Bye', 'Bye.')],
      last: [sample('Bye', 'Bye now!'), sample('Hello!', 'Hi there!')],
      update: 12,
    });
    const articles = [...screen.container.querySelectorAll('article')];
    expect(articles.map((article) => article.querySelector('h4')!.textContent)).toEqual(['Hello!', 'Bye']);
    expect([...articles[0]!.querySelectorAll('mark')].map((mark) => mark.textContent?.trim())).toEqual(['there.', 'there!']);
    expect(articles[0]!.textContent).toContain('after update 12');
  });
});

describe('one group seen close', () => {
  it('lists answers by advantage with an arrow for the direction', async () => {
    const screen = await render(ExampleGroup, {
      stage: 'grpo',
      prompts: ['Hello!', 'Hello!', 'Hello!'],
      completions: [completion('bad'), completion('good'), completion('average')],
      advantages: [-1.2, 1.2, 0],
      rewards: [0, 2, 0],
    });
    const rows = [...screen.container.querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent!.trim()),
    );
    expect(rows.map((row) => row[3])).toEqual(['good', 'average', 'bad']);
    expect(rows[0]).toEqual(['2.00', '▲ +1.20', '', 'good']);
    expect(rows[2]![1]).toBe('▼ −1.20');
  });
});

describe('the error banner', () => {
  it.each(Object.keys(FAILURES) as FailureCode[])('says what happened and what to do for %s', async (code) => {
    const onretry = vi.fn();
    const screen = await render(ErrorBanner, {
      failure: { type: 'failed', code, detail: 'some detail', file: 'sft/model.safetensors' },
      keptUpdate: 7,
      onretry,
    });
    const text = screen.getByRole('alert').element().textContent!;
    for (const part of [FAILURES[code].happened, FAILURES[code].remedy, 'sft/model.safetensors: some detail', 'update 7'])
      expect(text).toContain(part);
    await screen.getByTestId('retry-load').click();
    expect(onretry).toHaveBeenCalledOnce();
  });

  it('offers to go on with the run that was interrupted', async () => {
    const oncontinue = vi.fn();
    const failure = { type: 'failed', code: 'worker-crashed', detail: 'twice' } as const;
    const screen = await render(ErrorBanner, { failure, keptUpdate: 7, onretry: () => {}, oncontinue });
    await screen.getByRole('button', { name: 'Load again and continue from update 7' }).click();
    expect(oncontinue).toHaveBeenCalledOnce();
  });

  it('offers the processor where there is no WebGPU', async () => {
    const onretry = vi.fn();
    const screen = await render(ErrorBanner, { failure: { type: 'failed', code: 'no-webgpu', detail: 'none' }, keptUpdate: null, onretry });
    await screen.getByRole('button', { name: 'Use the processor' }).click();
    expect(onretry).toHaveBeenCalledWith('wasm');
  });
});

describe('numbers', () => {
  it('have a true minus sign and as many digits as they deserve', () => {
    expect([0.0005, 0.25, 12.34, 1234.5, -3.2, 0, Number.NaN].map(formatNumber)).toEqual([
      '0.0005',
      '0.25',
      '12.3',
      '1,235',
      '−3.20',
      '0.00',
      'not a number',
    ]);
    expect([0.4, -0.001, -1.2].map((value) => formatSigned(value))).toEqual(['+0.40', '0.00', '−1.20']);
  });
});
