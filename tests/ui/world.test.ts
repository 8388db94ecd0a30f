/** @file The view of the world, with the real worker behind it: search by keyboard, entries and their links, things to read. */
import { describe, expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { AppState } from '../../src/state/app.svelte';
import type { RewardLab } from '../../src/state/reward-lab.svelte';
import { TrainerClient, type WorkerLike } from '../../src/state/trainer-client.svelte';
import { Reading, WorldState } from '../../src/state/world.svelte';
import WorldView from '../../src/ui/world/WorldView.svelte';
import { TrainerDouble } from './trainer-double';

async function view() {
  const app = new AppState(new TrainerClient(new TrainerDouble().start));
  await app.start('#world');
  const screen = await render(WorldView, { app, lab: {} as RewardLab });
  await expect.element(screen.getByTestId('world-entry'), { timeout: 20_000 }).toBeVisible();
  return { app, screen };
}

const entry = () => document.querySelector('[data-testid="world-entry"]')!.textContent;
const results = () => [...document.querySelectorAll('[data-testid="world-results"] .name')].map((node) => node.textContent.trim());

describe('looking up', () => {
  it('goes from words to an entry by keyboard alone, says how many are found, and moves the focus to the entry', async () => {
    const { screen } = await view();
    await screen.getByTestId('world-words').fill('ana moreno');
    await expect.element(screen.getByTestId('world-found')).toHaveTextContent('found for “ana moreno”');
    expect(results()[0]).toBe('Ana Moreno');
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement!.textContent).toContain('Ana Moreno');
    await userEvent.keyboard('{Escape}');
    expect(document.activeElement).toBe(screen.getByTestId('world-words').element());
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await vi.waitFor(() => expect(document.activeElement!.textContent).toBe('Ana Moreno'));
    expect(document.activeElement!.tagName).toBe('H3');
  });

  it('says so when nothing is found, and narrows by kind', async () => {
    const { screen } = await view();
    await screen.getByTestId('world-words').fill('zzzz');
    await expect.element(screen.getByTestId('world-found')).toHaveTextContent('Nothing found for “zzzz”');
    await screen.getByTestId('world-words').fill('pie');
    await screen.getByLabelText('of kind').selectOptions('dish');
    await vi.waitFor(() => expect(results()[0]).toMatch(/pie/));
  });

  it('follows the links of an entry, and marks what is held out', async () => {
    const { app, screen } = await view();
    const town = (await app.openWorld()).entries.find(({ id }) => id === 'person/Ana Moreno')!.facts.find(({ label }) => label === 'From')!;
    await screen.getByTestId('world-entry').getByRole('button', { name: town.lines[0]!.text }).click();
    await vi.waitFor(() => expect(entry()).toContain('Who is from here'));
    expect(entry()).toContain('Ana Moreno');
    const world = await app.openWorld();
    const heldOut = world.entries.find(({ kind, heldout }) => kind === 'town' && heldout)!;
    world.openId = heldOut.id;
    await vi.waitFor(() => expect(entry()).toContain('No demonstration asks about this'));
  });

  it('asks the models about an entry on the playground', async () => {
    const { app, screen } = await view();
    const [prompt] = (await app.openWorld()).open!.prompts;
    await screen.getByTestId('world-entry').getByRole('button', { name: prompt! }).click();
    await vi.waitFor(() => expect(app.compare.asked).toBe(prompt));
    expect(app.view.current).toBe('playground');
  });
});

describe('reading', () => {
  it('draws the next page, the same one for the same seed, and of the kind wished for', async () => {
    const { screen } = await view();
    const text = () => screen.getByTestId('document-text').element().textContent;
    const first = text();
    await screen.getByRole('button', { name: 'Next page' }).click();
    await vi.waitFor(() => expect(text()).not.toBe(first));
    await screen.getByRole('button', { name: 'Previous page' }).click();
    await vi.waitFor(() => expect(text()).toBe(first));
    await screen.getByTestId('read-document').getByLabelText('Kind').selectOptions('homework');
    await vi.waitFor(() => expect(screen.getByTestId('read-document').element().querySelector('.kind')!.textContent).toBe('homework'));
  });

  it('shows who speaks, and what gold says of the answer', async () => {
    const { screen } = await view();
    const dialogue = screen.getByTestId('read-dialogue');
    await dialogue.getByLabelText('Kind').selectOptions('recipe');
    await vi.waitFor(() => expect(dialogue.element().querySelector('.kind')!.textContent).toContain('recipe'));
    expect(dialogue.element().querySelector('li[data-role="user"] .speaker')!.textContent).toBe('User');
    expect(dialogue.element().querySelector('ol')!.lastElementChild!.getAttribute('data-role')).toBe('assistant');
  });

  it('shows the last wish when answers come in another order, and keeps seeds in their range', async () => {
    const answers: ((text: string) => void)[] = [];
    const reading = new Reading<string, string>(() => new Promise((resolve) => answers.push(resolve)));
    const [early, late] = [reading.change({ seed: 1 }), reading.change({ seed: 2 })];
    answers[1]!('late');
    answers[0]!('early');
    await Promise.all([early, late]);
    expect(reading.text).toBe('late');
    for (const [seed, kept] of [
      [-1, 999_999],
      [1_000_000, 0],
      [2.4, 2],
      [NaN, 0],
    ] as const) {
      void reading.change({ seed });
      expect(reading.wish.seed).toBe(kept);
    }
  });
});

describe('a world that cannot be had', () => {
  it('says so after its worker dies, and comes when tried again', async () => {
    const alive = () => new Worker(new URL('../../workers/world.worker.ts', import.meta.url), { type: 'module' });
    const dead = (): WorkerLike => {
      const { port1 } = new MessageChannel();
      setTimeout(() => port1.dispatchEvent(new Event('error')));
      return Object.assign(port1, { terminate: () => port1.close() });
    };
    let numStarted = 0;
    const world = new WorldState(() => (numStarted++ === 0 ? dead() : alive()));
    void world.load();
    await vi.waitFor(() => expect(world.status).toBe('failed'));
    await world.load();
    expect(world.status).toBe('ready');
    expect(world.countOf('town')).toBeGreaterThan(20);
  });
});
