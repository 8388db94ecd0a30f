/** @file Every lesson: what it must have, that its recording can be drawn, and that its measured effects are those it names. */
import { describe, expect, it } from 'vitest';
import { LESSONS } from '../../src/lessons/catalogue';
import { labelAndFit, type GradedPair } from '../../src/lessons/label-experiment';
import { PREDICT, type LessonFacts, type Recording, type StudyResult } from '../../src/lessons/lesson';
import { slidesOf } from '../../src/lessons/slides';
import { placesOf, varietyOf } from '../../src/lessons/variety';
import { DEFAULT_POOL } from '../../src/core/preferences/annotators';
import { Random } from '../../src/core/random';
import { FEATURES, type FeatureName } from '../../src/core/reward/features';

/** A student who has just opened the lesson. */
const NOTHING: LessonFacts = { prediction: null, shading: 'surprise', answered: null, weights: {}, run: null, made: {} };
const zeros = () => Object.fromEntries(FEATURES.map(({ name }) => [name, 0])) as Record<FeatureName, number>;

it('lessons are numbered once each, in order', () => {
  const numbers = LESSONS.map(({ number }) => number);
  expect(numbers.length).toBeGreaterThan(0);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
});

describe.each(LESSONS.map((lesson) => [lesson.number, lesson] as const))('lesson %i', (_, lesson) => {
  it('has three to six steps, one of them the prediction, none done at the start and each with a panel', () => {
    const { steps } = lesson;
    expect(steps.length).toBeGreaterThanOrEqual(3);
    expect(steps.length).toBeLessThanOrEqual(6);
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    expect(steps.filter(({ id }) => id === PREDICT)).toHaveLength(1);
    for (const { id, panel, done, says } of steps) {
      expect(panel === null, id).toBe(id === PREDICT);
      expect(done(NOTHING), id).toBe(false);
      expect(() => says?.(NOTHING), id).not.toThrow();
    }
    expect(lesson.figure.live(NOTHING)).toBeNull();
  });

  it('asks for the prediction before the step whose outcome it is of', () => {
    const predict = lesson.steps.findIndex(({ id }) => id === PREDICT);
    expect(predict).toBeLessThan(lesson.steps.length - 1);
    expect(lesson.prediction.choices.length).toBeGreaterThanOrEqual(2);
  });

  it.skipIf(lesson.recording === null)('has a recording that is labelled, can be drawn and settles the prediction', async () => {
    const { seed, date, command, data } = (await lesson.recording!()).default as Recording<unknown>;
    expect(Number.isInteger(seed)).toBe(true);
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(command).toContain(`study lesson-${lesson.number}`);
    const figure = lesson.figure.draw(data);
    expect(JSON.stringify(figure)).not.toMatch(/null|NaN/);
    expect(lesson.prediction.choices.map(({ id }) => id)).toContain(lesson.prediction.outcome(data));
  });

  it.skipIf(lesson.result === null)('shows exactly the effects that it names, each held or not as its interval says', async () => {
    const result = (await lesson.result!()).default as StudyResult;
    expect(result.lesson).toBe(lesson.number);
    expect(result.effects.map(({ name }) => name)).toEqual(lesson.targets.map(({ name }) => name));
    for (const [i, { low, high, mean, met, values }] of result.effects.entries()) {
      const { over = -Infinity, under = Infinity } = lesson.targets[i]!;
      expect(values).toHaveLength(result.seeds.length);
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
      expect(met).toBe(result.seeds.length > 1 && low > over && high < under);
    }
  });

  it('is one idea a slide, beginning with the question and showing every step', () => {
    const slides = slidesOf(lesson, { talk: () => 'talk', notice: () => 'notice', next: () => 'next' });
    expect(slides[0]!.kind).toBe('title');
    expect(slides.filter(({ kind }) => kind === 'step' || kind === 'predict')).toHaveLength(lesson.steps.length);
    for (const { text } of slides) expect(text.length).toBeLessThanOrEqual(3);
  });

  it('has a worksheet with an answer to every question, and notes for whoever teaches it', () => {
    expect(lesson.worksheet.length).toBeGreaterThanOrEqual(3);
    for (const { ask, answer } of lesson.worksheet) expect(ask() !== '' && answer() !== '').toBe(true);
    expect(lesson.notes.length).toBeGreaterThanOrEqual(3);
  });
});

describe('labelling and fitting', () => {
  /** Pairs that differ in one feature alone, by a lead in gold. */
  const pairs = (lead: number): GradedPair[] =>
    Array.from({ length: 400 }, () => ({
      chosen: { text: '', features: { ...zeros(), correctness: 1 }, goldReward: lead },
      rejected: { text: '', features: zeros(), goldReward: 0 },
    }));

  it('a perfect eye teaches what there is to learn: no held-out pair is wrong', () => {
    expect(labelAndFit(pairs(0.5), { ...DEFAULT_POOL, noise: 0 }, 64, new Random(1))).toEqual({ gold: 1, labels: 1, ceiling: 1 });
  });

  it('with noise the ceiling is σ(lead / noise), and a model that is right reaches it', () => {
    const { gold, labels, ceiling } = labelAndFit(pairs(0.5), { ...DEFAULT_POOL, noise: 0.5 }, 256, new Random(1));
    expect(gold).toBe(1);
    expect(ceiling).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(labels).toBeCloseTo(ceiling, 12);
  });

  it('without a single label the model knows nothing', () => {
    expect(labelAndFit(pairs(0.5), DEFAULT_POOL, 0, new Random(1)).gold).toBe(0.5);
  });
});

describe('variety', () => {
  const texts = (...list: string[]) => list.map((text) => ({ text, features: zeros() }));

  it('is 0 for one text said many times, and high for texts that share nothing', () => {
    const same = 'add the beans and stir the pot well';
    expect(varietyOf(texts(same, same, same))).toBeCloseTo(0, 12);
    const differing = texts('one two three four five six', 'red green blue white black grey', 'up down left right near far');
    expect(varietyOf(differing)).toBeGreaterThan(0.6);
  });

  it('answers that measure alike lie on one spot, others elsewhere', () => {
    const places = placesOf(texts('add beans', 'add beans', 'never ever at all', 'a list of things'));
    expect(places[0]).toEqual(places[1]);
    expect(Math.hypot(places[0]!.x - places[2]!.x, places[0]!.y - places[2]!.y)).toBeGreaterThan(0.5);
    for (const { x, y } of placesOf(texts('same', 'same'))) expect([x, y]).toEqual([0, 0]);
  });
});
