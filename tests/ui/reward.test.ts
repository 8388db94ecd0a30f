/** @file The reward panel: sliders, ready-made rewards, and answers that change places. */
import { describe, expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { FEATURES } from '../../src/core/reward/features';
import { AppState } from '../../src/state/app.svelte';
import { PRESETS } from '../../src/state/presets';
import { completeWeights } from '../../src/state/reward.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import RewardPanel from '../../src/ui/reward/RewardPanel.svelte';
import { completion, TrainerDouble } from './trainer-double';

const GROUP = [
  completion('a short right answer', { correctness: 1, length: 0.2, typos: 0 }),
  completion('a long answer with tpyos', { correctness: 0.5, length: 1.4, typos: 1 }, { finished: false, numTokens: 96 }),
];

async function panel() {
  const trainer = new TrainerDouble({ sampleGroup: () => Promise.resolve({ type: 'completed', completions: GROUP }) });
  const app = new AppState(new TrainerClient(trainer.start));
  await app.start('');
  const screen = await render(RewardPanel, {
    reward: app.reward,
    settings: app.settings,
    ready: true,
    hasYours: false,
    prompt: 'p',
    rewards: null,
    setup: app.run.setup,
    training: false,
    onweigh: (change: () => void) => app.weigh(change),
    ondraw: () => void app.reward.draw('p', app.compare.sampling),
  });
  return { app, screen };
}

const ranked = () =>
  [...document.querySelectorAll('[data-testid="ranking"] li')].map((item) => item.querySelector('.answer p')!.textContent);

describe('the sliders', () => {
  it('are one for each feature, labelled, explained, and at their weights', async () => {
    const { screen } = await panel();
    await screen.getByText('More to weigh').click();
    for (const { name, label, sentence } of FEATURES) {
      const slider = screen.getByRole('slider', { name: label, exact: true }).element() as HTMLInputElement;
      expect(slider.dataset.testid).toBe(`feature-${name}`);
      expect(document.getElementById(slider.getAttribute('aria-describedby')!)?.textContent).toBe(sentence);
    }
    expect(screen.getByTestId('feature-typos').element()).toHaveProperty('value', '-1');
  });

  it('rank the answers again as they move', async () => {
    await panel();
    expect(ranked()[0]).toBe('a short right answer');
    const slider = document.querySelector<HTMLInputElement>('[data-testid="feature-length"]')!;
    slider.focus();
    await userEvent.keyboard('{End}');
    expect(slider.value).toBe('2');
    document.querySelector<HTMLInputElement>('[data-testid="feature-typos"]')!.focus();
    await userEvent.keyboard('{End}');
    await vi.waitFor(() => expect(ranked()[0]).toBe('a long answer with tpyos'));
  });

  it('say in words what they ask for', async () => {
    const { screen, app } = await panel();
    app.reward.setWeight('typos', 1.5);
    await expect.element(screen.getByTestId('feature-typos')).toHaveAttribute('aria-valuetext', '+1.5: more typos');
    app.reward.setWeight('typos', 0);
    await expect.element(screen.getByTestId('feature-typos')).toHaveAttribute('aria-valuetext', '0.0: does not count');
  });
});

describe('a ranked answer', () => {
  it('shows points, what they come from with their sign, and gold', async () => {
    const { app } = await panel();
    app.reward.setWeights({ correctness: 1, typos: -2 });
    await vi.waitFor(() => {
      const last = document.querySelector('[data-testid="ranking"] li:last-child')!;
      expect(last.querySelector('.total')!.textContent).toContain('−1.50');
      expect([...last.querySelectorAll('dt')].map((label) => label.textContent)).toEqual(['Typos', 'Correctness']);
      expect([...last.querySelectorAll('dd.value')].map((value) => value.textContent)).toEqual(['−2.00', '+0.50']);
      expect(last.querySelector('.negative')).not.toBeNull();
      expect(last.textContent).toContain('96 tokens, cut off');
    });
  });
});

describe('ready-made rewards', () => {
  it('set every slider, those they do not name to zero', async () => {
    const { app, screen } = await panel();
    for (const { name, weights } of PRESETS) {
      await screen.getByRole('button', { name: name(), exact: true }).click();
      expect(app.reward.weights).toEqual(completeWeights(weights));
      await expect.element(screen.getByRole('button', { name: name(), exact: true })).toHaveAttribute('aria-pressed', 'true');
    }
  });
});
