/** @file Studies of lessons: intervals over seeds, and when a target holds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../src/engine/ort-node';
import { createWorld } from '../../src/core/world/world';
import type { Lesson, Target } from '../../src/lessons/lesson';
import { effectOf, effectsTable, intervalOf, studyLesson, type LessonMeasure } from '../../tools/study/lesson-study';

const target = (bounds: Partial<Target>): Target => ({ name: 'effect', words: () => 'an effect', unit: 'number', ...bounds });

describe('an interval over seeds', () => {
  it('is Student’s t: 1, 2, 3 gives 2 ± 4.303 / √3', () => {
    const { mean, low, high } = intervalOf([1, 2, 3]);
    expect(mean).toBe(2);
    expect(high - mean).toBeCloseTo(4.303 / Math.sqrt(3), 6);
    expect(mean - low).toBeCloseTo(4.303 / Math.sqrt(3), 6);
  });

  it('of one seed has no width', () => expect(intervalOf([0.4])).toEqual({ mean: 0.4, low: 0.4, high: 0.4 }));
});

describe('a target', () => {
  it.each([
    [[1.2, 1.3, 1.25], { over: 1 }, true],
    [[1.2, 0.9, 1.25], { over: 1 }, false], // the mean is over it, the interval not wholly
    [[0.05, 0.06, 0.05], { under: 0.1 }, true],
    [[0.05, 0.2, 0.05], { under: 0.1 }, false],
    [[5], { over: 1 }, false], // one seed shows nothing
  ])('%j against %j: %j', (values, bounds, met) => expect(effectOf(target(bounds), values).met).toBe(met));
});

it('a study runs every seed once, records the one asked for, and fails when a target is not measured', async () => {
  const lesson = { number: 99, targets: [target({ over: 0 })] } as unknown as Lesson;
  const asked: number[] = [];
  const measureOf = (name: string): LessonMeasure => ({
    lesson,
    open: () =>
      Promise.resolve({
        close: () => Promise.resolve(),
        run: (seed) => {
          asked.push(seed);
          return Promise.resolve({ values: { [name]: seed }, data: { seed: seed / 3 }, answers: [] });
        },
      }),
  });
  const bench = {
    engine: createNodeEngine({ numThreads: 1 }),
    world: createWorld(),
    models: 'public/models/s',
    numThreads: 1,
    say: () => undefined,
  };
  const about = { seeds: [1, 2, 3], recordSeed: 2, command: 'study', date: '2026-01-01' };
  const { result, recording } = await studyLesson(measureOf('effect'), bench, about);
  expect(asked).toEqual([1, 2, 3]);
  expect(result.effects[0]).toMatchObject({ name: 'effect', values: [1, 2, 3], mean: 2 });
  expect(recording).toMatchObject({ seed: 2, data: { seed: 0.6667 } });
  expect(effectsTable(lesson, result)).toContain('| an effect | over 0 | 2 (');
  const parts = mkdtempSync(join(tmpdir(), 'study-'));
  await studyLesson(measureOf('effect'), { ...bench, parts }, { ...about, seeds: [1] });
  await studyLesson(measureOf('effect'), { ...bench, parts }, { ...about, seeds: [1, 2] });
  expect(asked).toEqual([1, 2, 3, 1, 2]); // seed 1 was taken from where it was kept
  rmSync(parts, { recursive: true });
  await expect(studyLesson(measureOf('another'), bench, about)).rejects.toThrow('does not measure effect');
});
