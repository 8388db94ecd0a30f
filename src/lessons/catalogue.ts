/** @file All lessons, in order: whatever files `lesson-<number>.ts` there are. */
import type { Lesson } from './lesson';

const files = import.meta.glob<{ readonly lesson: Lesson }>('./lesson-*.ts', { eager: true });

/** The lessons by number. */
export const LESSONS: readonly Lesson[] = Object.values(files)
  .map(({ lesson }) => lesson)
  .sort((a, b) => a.number - b.number);
