/** @file The answers on screen: tokens with shades and alternatives, reached by pointer and by keyboard. */
import { describe, expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import AnswerColumn from '../../src/ui/compare/AnswerColumn.svelte';
import ComparePanel from '../../src/ui/compare/ComparePanel.svelte';
import { surpriseLevel } from '../../src/ui/compare/surprise';
import { TokenTip } from '../../src/ui/compare/token-tip.svelte';
import type { SurveyOutcome } from '../../src/protocol/survey';
import { Answer } from '../../src/state/compare.svelte';
import { AppState } from '../../src/state/app.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { completion, token, TrainerDouble } from './trainer-double';

const TOKENS = [
  token('Add', 0.9),
  token(' beans', 0.05, [
    { text: ' rice', logprob: Math.log(0.6) },
    { text: '\n', logprob: Math.log(0.2) },
  ]),
  token('.', 0.001),
];

async function panel() {
  const trainer = new TrainerDouble({
    generate: async ({ model }, listener) => {
      if (model === 'sft') await listener({ type: 'tokens', tokens: TOKENS });
      return {
        type: 'completed',
        completion: completion('Add beans.', {}, { numTokens: 3, goldReward: model === 'base' ? null : 0.8 }),
        tokensPerSecond: 1,
      };
    },
  });
  const app = new AppState(new TrainerClient(trainer.start));
  await app.start('');
  const ontrain = vi.fn();
  const screen = await render(ComparePanel, {
    compare: app.compare,
    settings: app.settings,
    ready: true,
    training: false,
    onask: (prompt?: string) => void app.ask(prompt),
    ontrain,
  });
  return { app, screen, ontrain };
}

const option = (index: number) => document.querySelector<HTMLElement>(`[data-testid="text-sft"] [data-index="${index}"]`)!;

describe('surprise', () => {
  it('has levels that begin at 50, 14 and 2 percent', () => {
    expect([0.51, 0.49, 0.14, 0.13, 0.019, 0.018].map((p) => surpriseLevel(Math.log(p)))).toEqual([0, 1, 1, 2, 2, 3]);
  });
});

describe('an answer', () => {
  it('is shaded by surprise, or not at all when asked', async () => {
    const { app } = await panel();
    app.settings.shading = 'surprise';
    await vi.waitFor(() => expect([0, 1, 2].map((i) => option(i).dataset.surprise)).toEqual(['0', '2', '3']));
    app.settings.shading = 'nothing';
    await vi.waitFor(() => expect(option(2).dataset.surprise).toBeUndefined());
  });

  it('marks surprising tokens by an underline too, not by colour alone', async () => {
    const { app } = await panel();
    app.settings.shading = 'surprise';
    await vi.waitFor(() => expect(getComputedStyle(option(2)).textDecorationLine).toBe('underline'));
    expect(getComputedStyle(option(0)).textDecorationLine).toBe('none');
  });

  it('shows what else a token could have been, likeliest first, with the drawn one among them', async () => {
    const { screen } = await panel();
    await userEvent.hover(option(1));
    const tip = screen.getByRole('tooltip');
    await expect.element(tip).toBeVisible();
    const rows = [...tip.element().querySelectorAll('tr')].map((row) =>
      [...row.children]
        .map((cell) => cell.textContent!.trim())
        .filter(Boolean)
        .join(' '),
    );
    expect(rows).toEqual(['␣rice 60 %', '⏎ 20 %', '␣beans 5.0 % drawn']);
  });

  it('is walked through with arrow keys: one tab stop, the tooltip follows, Escape closes it', async () => {
    const { screen } = await panel();
    expect(document.querySelectorAll('[data-testid="text-sft"] [tabindex="0"]')).toHaveLength(1);
    option(0).focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(option(1));
    expect(option(1).tabIndex).toBe(0);
    await expect.element(screen.getByRole('tooltip')).toHaveTextContent('rice');
    await userEvent.keyboard('{End}');
    expect(document.activeElement).toBe(option(2));
    await userEvent.keyboard('{Escape}');
    expect(document.querySelector('[role="tooltip"]')).toBeNull();
  });

  it('says gold, length and ending, and that the world does not cover a prompt', async () => {
    await panel();
    const column = (id: string) => document.querySelector(`[data-testid="column-${id}"]`)!.textContent;
    expect(column('sft')).toMatch(/gold\s*0\.80/);
    expect(column('sft')).toContain('3 tokens · finished by itself');
    expect(column('base')).toContain('not covered by the world');
  });

  it('says in words that a model ended before its first word, and not while it may still speak', async () => {
    const answer = new Answer();
    answer.begin();
    const screen = await render(AnswerColumn, { model: 'base', answer, shading: 'surprise', tip: new TokenTip() });
    expect(screen.container.textContent).not.toContain('It said nothing');
    answer.add([token('')]);
    answer.end('done', completion('', {}, { numTokens: 1 }), null);
    await expect.element(screen.getByText(/It said nothing/)).toBeVisible();
  });

  it('names the failure in its own column and leaves what came before', async () => {
    const answer = new Answer();
    answer.begin();
    answer.add(TOKENS);
    answer.end('failed', null, { type: 'failed', code: 'bad-request', detail: 'too long' });
    const screen = await render(AnswerColumn, { model: 'base', answer, shading: 'surprise', tip: new TokenTip() });
    await expect.element(screen.getByTestId('text-base')).toHaveTextContent('Add beans.');
    await expect.element(screen.getByText(/refused what was asked/)).toBeVisible();
  });
});

describe('the empty fourth column', () => {
  it('says how it is filled and has the button for it', async () => {
    const { screen, ontrain } = await panel();
    await expect.element(screen.getByTestId('column-yours')).toHaveTextContent('Nobody has trained this one yet');
    await screen.getByRole('button', { name: 'Start training' }).click();
    expect(ontrain).toHaveBeenCalledOnce();
  });
});

describe('the prompt', () => {
  it('is asked with Enter', async () => {
    const { app, screen } = await panel();
    await screen.getByTestId('prompt-input').fill('Who is Ana Moreno?');
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(app.compare.asked).toBe('Who is Ana Moreno?'));
  });

  it('cannot be asked when empty', async () => {
    const { screen } = await panel();
    await screen.getByTestId('prompt-input').fill('   ');
    await expect.element(screen.getByTestId('run-compare')).toBeDisabled();
  });
});

describe('a prompt off the map', () => {
  const OFF = { type: 'completed', verdict: 'unrecognised', near: ['Who is Ana Moreno?', 'Where is Millbrook?'] } as const;

  it('is looked up only after all answers are there; it is said kindly, and a near prompt can be asked', async () => {
    const order: string[] = [];
    const trainer = new TrainerDouble({
      generate: ({ model }) => {
        order.push(model);
        return Promise.resolve({ type: 'completed', completion: completion('…'), tokensPerSecond: 1 });
      },
      survey: (prompt) => {
        order.push(`survey ${prompt}`);
        return Promise.resolve(prompt === 'Explain rockets' ? OFF : { type: 'completed', verdict: 'on-map', near: [] });
      },
    });
    const app = new AppState(new TrainerClient(trainer.start));
    await app.start('#prompt=Explain+rockets');
    const screen = await render(ComparePanel, {
      compare: app.compare,
      settings: app.settings,
      ready: true,
      training: false,
      onask: (prompt?: string) => void app.ask(prompt),
      ontrain: vi.fn(),
    });
    const note = screen.getByTestId('off-map');
    await expect.element(note).toHaveTextContent('off the map');
    expect(order).toEqual(['base', 'sft', 'rlhf', 'survey Explain rockets']);
    await screen.getByRole('button', { name: 'Where is Millbrook?' }).click();
    await vi.waitFor(() => expect(app.compare.asked).toBe('Where is Millbrook?'));
    await vi.waitFor(() => expect(order.at(-1)).toBe('survey Where is Millbrook?'));
    await expect.element(note).toHaveTextContent(/^$/);
  });

  it('is not said of a newer prompt, nor when the survey fails', async () => {
    const surveys: ((outcome: SurveyOutcome) => void)[] = [];
    const trainer = new TrainerDouble({ survey: () => new Promise((resolve) => surveys.push(resolve)) });
    const app = new AppState(new TrainerClient(trainer.start));
    await app.start('#prompt=first');
    await app.ask('second');
    await vi.waitFor(() => expect(surveys).toHaveLength(2));
    surveys[0]!(OFF);
    surveys[1]!({ type: 'failed', code: 'internal', detail: 'oh' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(app.compare.offMap).toBeNull();
  });
});
