/** @file Places of the lessons' view in an address: `#lessons`, `#lessons/4/step-2`, `#lessons/4/stage/3`, `#lessons/4/worksheet`. */

/** What is on screen. Steps and slides count from 1. */
export type LessonPlace =
  | { readonly page: 'index' | 'syllabus' }
  | { readonly page: 'lesson'; readonly number: number; readonly step: number }
  | { readonly page: 'stage'; readonly number: number; readonly slide: number }
  | { readonly page: 'worksheet' | 'answers'; readonly number: number };

const whole = (text: string | undefined): number => (text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : NaN);

/** Reads what follows `#lessons/`. What cannot be read is the index. */
export function readLessonPlace(place: string): LessonPlace {
  const [first = '', second, third] = place.split('/');
  if (first === 'syllabus') return { page: 'syllabus' };
  const number = whole(first);
  if (Number.isNaN(number)) return { page: 'index' };
  if (second === 'worksheet' || second === 'answers') return { page: second, number };
  if (second === 'stage') return { page: 'stage', number, slide: Math.max(1, whole(third) || 1) };
  return { page: 'lesson', number, step: Math.max(1, whole(second?.replace(/^step-/, '')) || 1) };
}

/** The same written down. */
export function writeLessonPlace(place: LessonPlace): string {
  switch (place.page) {
    case 'index':
      return '';
    case 'syllabus':
      return 'syllabus';
    case 'lesson':
      return place.step === 1 ? String(place.number) : `${place.number}/step-${place.step}`;
    case 'stage':
      return `${place.number}/stage/${place.slide}`;
    default:
      return `${place.number}/${place.page}`;
  }
}
