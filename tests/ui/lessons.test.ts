/** @file A lesson as a student goes through it: presets, the prediction before the run, steps that see what was done, what is kept. */
import { afterEach, describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { LESSONS } from '../../src/lessons/catalogue';
import type { Lesson } from '../../src/lessons/lesson';
import { AppState } from '../../src/state/app.svelte';
import { readLink } from '../../src/state/link';
import { LessonSession } from '../../src/state/lessons.svelte';
import { Storage } from '../../src/state/storage.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import PageHeader from '../../src/ui/PageHeader.svelte';
import PredictionForm from '../../src/ui/lessons/PredictionForm.svelte';
import { completion, runTo, token, TrainerDouble } from './trainer-double';

const lessonOf = (number: number): Lesson => LESSONS.find((lesson) => lesson.number === number)!;
const databases: string[] = [];

afterEach(() => {
  for (const name of databases.splice(0)) indexedDB.deleteDatabase(name);
});

async function open(number: number, trainer = new TrainerDouble(), name = `lessons-${crypto.randomUUID()}`) {
  databases.push(name);
  const storage = new Storage(name);
  const app = new AppState(new TrainerClient(trainer.start), storage);
  await app.client.load('wasm');
  const session = new LessonSession(lessonOf(number), app, storage);
  await session.open();
  session.setUp();
  return { app, session, storage, name };
}

it.each(LESSONS.map(({ number }) => number))('the preset of lesson %i is read without a remark, and starts nothing', async (number) => {
  expect(readLink(`#${lessonOf(number).preset.link}`).notes).toEqual([]);
  const { app, session } = await open(number);
  expect(app.run.active).toBe(false);
  expect(app.linkNotes).toEqual([]);
  expect(app.run.setup.rewardModel).toEqual(lessonOf(number).preset.rewardModel ?? null);
  expect(session.done).toEqual([]);
});

describe('the prediction', () => {
  it('comes first: steps after it wait, whatever is done', async () => {
    const { app, session } = await open(1);
    expect(session.isLocked(0)).toBe(false);
    expect(session.isLocked(1)).toBe(true);
    app.settings.shading = 'disagreement';
    session.note();
    expect(session.done).toEqual([]);
    session.predict('continues');
    expect(session.done).toContain('predict');
    expect(session.done).toContain('disagree'); // it was done; now it counts
    session.predict('worse');
    expect(session.prediction).toBe('continues');
    app.settings.shading = 'surprise';
  });

  it('is compared with what happened, in words, once something has', async () => {
    const trainer = new TrainerDouble({
      generate: async ({ model }, listener) => {
        await listener({ type: 'tokens', tokens: [token('Hello', 0.5)] });
        return {
          type: 'completed',
          completion: completion('Hello', {}, { goldReward: model === 'base' ? 0.02 : 0.8 }),
          tokensPerSecond: 1,
        };
      },
    });
    const { app, session } = await open(1, trainer);
    await render(PredictionForm, { session });
    await page.getByRole('radio').nth(0).click();
    await page.getByRole('button').click();
    await expect.element(page.getByTestId('prediction')).toHaveTextContent('once you have run it');
    await app.compare.ask('Who is Ana Moreno?');
    session.note();
    expect(session.outcome).toBe('continues');
    await expect.element(page.getByTestId('prediction')).toHaveTextContent('It came otherwise: Go on with the page');
    expect(session.done).toContain('ask');
    expect(session.data).toEqual({ rows: [{ prompt: 'Who is Ana Moreno?', base: 0.02, sft: 0.8, rlhf: 0.8 }] });
  });
});

it('a run of before the lesson is none of its own; one started in it is followed', async () => {
  const trainer = new TrainerDouble({ run: runTo(12, () => Promise.resolve({ type: 'completed', update: 12 })) });
  const { app, session } = await open(4, trainer);
  expect(session.facts.run).toBeNull();
  session.predict('rises');
  await app.run.begin();
  session.note();
  expect(session.facts.run).toMatchObject({ update: 12, ended: true });
  expect(session.done).toEqual(['predict', 'start', 'watch', 'pause', 'end']);
  app.weigh(() => app.reward.setWeight('exclamation', 2));
  session.note();
  expect(session.isFinished).toBe(true);
});

it('what was predicted and done is there on the next visit, and gone when the lesson is started over', async () => {
  const first = await open(3);
  first.session.make('labels', { own: [true, true, false, true, true, true], experiment: null, noises: [] });
  first.session.note();
  first.session.predict('better');
  await expect.poll(() => first.storage.option('lesson/3')).toMatchObject({ prediction: 'better' });
  first.storage.close();

  const second = await open(3, new TrainerDouble(), first.name);
  expect(second.session.prediction).toBe('better');
  expect(second.session.done).toEqual(['label', 'predict']);
  await second.session.startOver();
  expect(second.session.prediction).toBeNull();
  second.storage.close();

  const third = await open(3, new TrainerDouble(), first.name);
  expect(third.session.done).toEqual([]);
});

it('storage may hold anything: what is not a lesson’s is passed over', async () => {
  const first = await open(3);
  await first.storage.setOption('lesson/3', { prediction: 7, done: 'all' });
  first.storage.close();
  const second = await open(3, new TrainerDouble(), first.name);
  expect(second.session.prediction).toBeNull();
  expect(second.session.done).toEqual([]);
});

it('words follow the language where they stand, and the address carries it', async () => {
  const { app } = await open(1);
  app.language.install();
  await render(PageHeader, { app, ongo: () => undefined });
  const before = location.search;
  await page.getByTestId('language').selectOptions('pt-BR');
  await expect.element(page.getByRole('link', { name: 'Lições' })).toBeVisible();
  expect(location.search).toContain('lang=pt-BR');
  await page.getByTestId('language').selectOptions('zh-CN');
  await expect.element(page.getByRole('link', { name: '课程' })).toBeVisible();
  await page.getByTestId('language').selectOptions('en');
  history.replaceState(null, '', location.pathname + before);
  localStorage.removeItem('aftertrain.language');
});
